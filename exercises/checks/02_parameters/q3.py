from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_small_network_has_its_sum(count_parameters):
    assert count_parameters is not None, 'count_parameters is not defined yet: run the cell with your answer first'
    from torch import nn
    head = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), head)
    got = count_parameters(model)
    assert got == 448 + 32 + 170, f'convolution 448, batch norm 32, linear 170: 650 together, you got {got}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def what_is_frozen_does_not_count(count_parameters):
    assert count_parameters is not None, 'count_parameters is not defined yet: run the cell with your answer first'
    from torch import nn
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 4, 1))
    model[0].requires_grad_(False)
    got = count_parameters(model)
    assert got == 68, f'the first convolution is frozen, the second has 4 * 17 = 68 parameters, you got {got}'
    shared = nn.Linear(4, 4)
    got = count_parameters(nn.Sequential(shared, nn.ReLU(), shared))
    assert got == 20, f'one layer of 4 * 5 = 20 parameters, used twice, counts once: 20, you got {got}'
