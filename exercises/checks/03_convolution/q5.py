from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def doubling_the_brightness_moves_along(shift_test):
    assert shift_test is not None, 'shift_test is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.random.default_rng(3).random((40, 44))
    difference = shift_test(lambda picture: 2 * picture, image, (2, -3))
    assert abs(difference) < 1e-09, f'doubling treats all places alike: about 0.0, you gave {difference}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def brightening_only_the_right_half_does_not_move_along(shift_test):
    assert shift_test is not None, 'shift_test is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.zeros((40, 40))
    image[20, 19] = 5.0
    gain = np.where(np.arange(40) < 20, 1.0, 3.0)
    difference = shift_test(lambda picture: picture * gain, image, (0, 1))
    assert abs(difference - 10) < 1e-09, f'the pixel of 5 crosses into the half that is tripled: moved first 15, moved last 5, so the largest difference is 10; you returned {difference}'
