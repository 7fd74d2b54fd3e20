from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def sixteen_filters_make_sixteen_feature_maps(conv2d_output_shape):
    assert conv2d_output_shape is not None, 'conv2d_output_shape is not defined yet: run the cell with your answer first'
    answer = conv2d_output_shape((8, 3, 64, 48), out_channels=16, kernel_size=3, padding=1)
    assert tuple(answer) == (8, 16, 64, 48), f'Padding 1 keeps 64 x 48 here, and 16 filters give 16 channels: (8, 16, 64, 48), not {answer!r}.'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def channels_last_stays_channels_last(conv2d_output_shape):
    assert conv2d_output_shape is not None, 'conv2d_output_shape is not defined yet: run the cell with your answer first'
    answer = conv2d_output_shape((8, 64, 48, 3), out_channels=16, kernel_size=(3, 5), layout='NHWC')
    assert tuple(answer) == (8, 62, 44, 16), f'Height loses 3 - 1 pixels, width 5 - 1, channels stay last: (8, 62, 44, 16), not {answer!r}.'
