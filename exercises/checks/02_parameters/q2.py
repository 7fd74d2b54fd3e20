from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def each_output_has_a_weight_per_input_and_a_bias(linear_parameters):
    assert linear_parameters is not None, 'linear_parameters is not defined yet: run the cell with your answer first'
    got = linear_parameters(128, 10)
    assert got == 1290, f'ten outputs with 128 weights and one bias each are 10 * 129 = 1290, you got {got}'
    got = linear_parameters(128, 10, bias=False)
    assert got == 1280, f'without biases 10 * 128 = 1280 weights remain, you got {got}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def batch_norm_learns_two_numbers_per_channel(batchnorm2d_parameters):
    assert batchnorm2d_parameters is not None, 'batchnorm2d_parameters is not defined yet: run the cell with your answer first'
    got = batchnorm2d_parameters(32)
    assert got == 64, f'32 scales and 32 shifts are learned, nothing else: 64, you got {got}'
