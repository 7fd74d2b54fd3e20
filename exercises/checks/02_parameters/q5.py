from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def every_output_value_costs_one_filter(conv2d_macs):
    assert conv2d_macs is not None, 'conv2d_macs is not defined yet: run the cell with your answer first'
    got = conv2d_macs((3, 64, 64), out_channels=16, kernel_size=3, padding=1)
    assert got == 1769472, f'16 * 64 * 64 values with 27 MACs each are 1,769,472, you got {got}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_stride_of_two_saves_three_quarters(conv2d_macs):
    assert conv2d_macs is not None, 'conv2d_macs is not defined yet: run the cell with your answer first'
    got = conv2d_macs((3, 64, 48), out_channels=16, kernel_size=3, stride=2, padding=1)
    assert got == 331776, f'stride 2 leaves 32 * 24 places, so 16 * 32 * 24 * 27 = 331,776, you got {got}'
    refused = False
    try:
        conv2d_macs((3, 4, 4), out_channels=16, kernel_size=7)
    except ValueError:
        refused = True
    assert refused, 'a 7x7 kernel does not fit into a 4x4 image without padding: raise a ValueError'
