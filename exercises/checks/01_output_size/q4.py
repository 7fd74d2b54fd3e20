from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def two_by_two_pooling_halves_and_rounds_down(pool2d_output_shape):
    assert pool2d_output_shape is not None, 'pool2d_output_shape is not defined yet: run the cell with your answer first'
    answer = pool2d_output_shape((8, 16, 28, 15))
    assert tuple(answer) == (8, 16, 14, 7), f'14 tiles fit on 28 pixels and 7 on 15, the channels stay: (8, 16, 14, 7), not {answer!r}.'
    answer = pool2d_output_shape((8, 16, 28, 15), kernel_size=3, padding=1)
    assert tuple(answer) == (8, 16, 10, 5), f'10 tiles of 3 fit on 1 + 28 + 1 pixels, 5 on 1 + 15 + 1: (8, 16, 10, 5), not {answer!r}.'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_global_pool_leaves_one_number_a_channel(global_average_pool_shape):
    assert global_average_pool_shape is not None, 'global_average_pool_shape is not defined yet: run the cell with your answer first'
    answer = global_average_pool_shape((8, 64, 7, 5))
    assert tuple(answer) == (8, 64), f'8 images with 64 channels each give (8, 64), not {answer!r}.'
