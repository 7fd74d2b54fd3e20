from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_map_of_the_figure_is_pooled(max_pool2d, average_pool2d):
    assert max_pool2d is not None, 'max_pool2d is not defined yet: run the cell with your answer first'
    assert average_pool2d is not None, 'average_pool2d is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.array([[[[1.0, 3, 0, 0], [2, 6, 0, 4], [5, 5, 7, 1], [5, 5, 2, 2]]]])
    strongest, smooth = (np.asarray(max_pool2d(images)), np.asarray(average_pool2d(images)))
    assert strongest.shape == (1, 1, 2, 2), f'2x2 windows side by side: (1, 1, 2, 2), not {strongest.shape}'
    assert strongest[0, 0].tolist() == [[6, 4], [5, 7]], f'max pooling gave you {strongest[0, 0].tolist()}'
    assert smooth.shape == (1, 1, 2, 2), f'2x2 windows side by side: (1, 1, 2, 2), not {smooth.shape}'
    assert smooth[0, 0].tolist() == [[3, 1], [5, 3]], f'average pooling gave you {smooth[0, 0].tolist()}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_window_of_three_leaves_out_what_does_not_fill_it(max_pool2d, average_pool2d):
    assert max_pool2d is not None, 'max_pool2d is not defined yet: run the cell with your answer first'
    assert average_pool2d is not None, 'average_pool2d is not defined yet: run the cell with your answer first'
    import numpy as np
    images = -np.arange(1, 36).reshape(1, 1, 5, 7)
    strongest, smooth = (np.asarray(max_pool2d(images, 3)), np.asarray(average_pool2d(images, 3)))
    assert strongest.tolist() == [[[[-1, -4]]]], f'two windows of 3x3 fit, the largest are -1 and -4: not {strongest}'
    assert np.allclose(smooth, [[[[-9, -12]]]]), f'two windows of 3x3 fit, their means are -9 and -12: not {smooth}'
    moved = np.asarray(max_pool2d(images, 3, stride=2)).tolist()
    assert moved == [[[[-1, -3, -5], [-15, -17, -19]]]], f'moved by 2, windows begin on -1, -3, -5 ...: not {moved}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def global_pooling_leaves_one_number_for_each_channel(global_average_pool):
    assert global_average_pool is not None, 'global_average_pool is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.stack([np.zeros((3, 5)), np.ones((3, 5))])[np.newaxis]
    pooled = np.asarray(global_average_pool(images))
    assert pooled.shape == (1, 2), f'one picture with two channels leaves (1, 2), you gave {pooled.shape}'
    assert pooled.tolist() == [[0, 1]], f'a black and a white channel average 0 and 1, not {pooled.tolist()}'
