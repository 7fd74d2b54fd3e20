from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def two_3x3_convolutions_see_as_much_as_one_5x5(receptive_field):
    assert receptive_field is not None, 'receptive_field is not defined yet: run the cell with your answer first'
    conv = {'type': 'conv2d', 'out_channels': 16, 'kernel_size': 3, 'padding': 1}
    answer = receptive_field([conv, conv])
    assert answer == 5, f'The second layer adds a pixel at each side of the 3: 5, not {answer!r}.'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_pool_between_two_convolutions_spreads_the_second_one(receptive_field):
    assert receptive_field is not None, 'receptive_field is not defined yet: run the cell with your answer first'
    conv = {'type': 'conv2d', 'out_channels': 16, 'kernel_size': 3}
    answer = receptive_field([conv, {'type': 'maxpool2d', 'kernel_size': 2}, conv])
    assert answer == 8, f'This is the network in the picture: one output sees 8 pixels, not {answer!r}.'
    layers = [conv, {'type': 'maxpool2d', 'kernel_size': 2}, conv, {'type': 'batchnorm2d'}]
    answer = receptive_field([*layers, {'type': 'maxpool2d', 'kernel_size': 3}, conv])
    assert answer == 24, f'A pool of 3 adds 2 * 2 to those 8, a convolution 2 * 6 more: 24, not {answer!r}.'
