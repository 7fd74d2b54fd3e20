from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def one_weight_picks_one_pixel_of_each_window(conv2d):
    assert conv2d is not None, 'conv2d is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.arange(12.0).reshape(1, 1, 3, 4)
    kernel = np.array([[[[1.0, 0.0], [0.0, 0.0]]]])
    maps = np.asarray(conv2d(image, kernel))
    assert maps.shape == (1, 1, 2, 3), f'a 2x2 kernel leaves (1, 1, 2, 3) of 3x4 pixels, not {maps.shape}'
    assert maps[0, 0].tolist() == [[0, 1, 2], [4, 5, 6]], f'the only weight lies top left in the kernel, so each output is the top left pixel of its window: [[0, 1, 2], [4, 5, 6]], you returned {maps[0, 0].tolist()} (the kernel is not turned round)'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def channels_bias_stride_and_padding_on_an_image_of_ones(conv2d):
    assert conv2d is not None, 'conv2d is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.ones((1, 2, 4, 5))
    kernels = np.ones((3, 2, 3, 3)) * np.array([1.0, 1.0, 2.0]).reshape(3, 1, 1, 1)
    maps = np.asarray(conv2d(image, kernels, np.array([0.0, 10.0, 20.0]), stride=2, padding=1))
    assert maps.shape == (1, 3, 2, 3), f'floor((4 - 3 + 2)/2) + 1 is 2 and floor((5 - 3 + 2)/2) + 1 is 3, not as in {maps.shape}'
    assert maps[0, 0, 1, 1] == 18, f'9 pixels in each of 2 channels are 18 ones, you gave {maps[0, 0, 1, 1]}'
    assert maps[0, 0, 0, 0] == 8, f'4 pixels, the rest is padding: 2 x 4, you gave {maps[0, 0, 0, 0]}'
    assert maps[0, 2, 1, 1] == 56, f'twos in the third kernel, and its bias is 20: 36 + 20, not {maps[0, 2, 1, 1]}'
    wide = np.asarray(conv2d(image, kernels, stride=(2, 1))).shape
    assert wide == (1, 3, 1, 3), f'stride (2, 1) is 2 down and 1 to the right: (1, 3, 1, 3), not {wide}'
