from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_layer_of_the_lecture_has_448_parameters(conv2d_parameters):
    assert conv2d_parameters is not None, 'conv2d_parameters is not defined yet: run the cell with your answer first'
    got = conv2d_parameters(3, 16, kernel_size=3)
    assert got == 448, f'16 filters of 3*3*3 = 27 weights and one bias each are 16 * 28 = 448, you got {got}'
    got = conv2d_parameters(3, 16, kernel_size=3, bias=False)
    assert got == 432, f'bias=False takes 16 biases away, 432 weights remain, you got {got}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def both_sides_of_a_kernel_count(conv2d_parameters):
    assert conv2d_parameters is not None, 'conv2d_parameters is not defined yet: run the cell with your answer first'
    got = conv2d_parameters(8, 10, kernel_size=(1, 7), bias=False)
    assert got == 560, f'ten filters, 1 pixel high and 7 wide, 8 channels deep: 10 * 56 = 560, you got {got}'
    refused = False
    try:
        conv2d_parameters(-3, 16, kernel_size=3)
    except ValueError:
        refused = True
    assert refused, '-3 input channels make no sense: raise a ValueError'
