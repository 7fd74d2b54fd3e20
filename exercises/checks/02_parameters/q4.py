from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def flattening_pays_for_every_place(head_parameters):
    assert head_parameters is not None, 'head_parameters is not defined yet: run the cell with your answer first'
    got = head_parameters(64, 7, 7, 10, 'flatten')
    assert got == 31370, f'ten scores with 64*7*7 weights and a bias each: 10 * 3137 = 31370, you got {got}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def pooling_pays_for_channels_only(head_parameters):
    assert head_parameters is not None, 'head_parameters is not defined yet: run the cell with your answer first'
    got = head_parameters(64, 7, 7, 10, 'global_average_pool')
    assert got == 650, f'each map becomes one number, so 10 * (64 + 1) = 650, you got {got}'
    refused = False
    try:
        head_parameters(64, 7, 7, 10, 'max_pool')
    except ValueError:
        refused = True
    assert refused, 'there are two heads, and max_pool is none of them: raise a ValueError'
