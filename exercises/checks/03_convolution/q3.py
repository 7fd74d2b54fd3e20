from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def negative_numbers_are_silenced_and_positive_ones_pass(relu):
    assert relu is not None, 'relu is not defined yet: run the cell with your answer first'
    import numpy as np
    x = np.array([[-2.0, 0.0], [0.5, 3.0]])
    bent = np.asarray(relu(x))
    assert bent.tolist() == [[0, 0], [0.5, 3]], f'expected [[0, 0], [0.5, 3]], you returned {bent.tolist()}'
    assert x[0, 0] == -2, 'your function wrote into the array it was given: make a new one'
