from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def doubling_and_blurring_move_along(shift_test):
    assert shift_test is not None, 'shift_test is not defined yet: run the cell with your answer first'
    import numpy as np

    def blurred(picture):
        return sum((np.pad(picture, ((0, 0), (4, 4)))[:, start:start + picture.shape[1]] for start in range(9))) / 9
    image = np.random.default_rng(3).random((40, 44))
    difference = shift_test(lambda picture: 2 * picture, image, (2, -3))
    assert abs(difference) < 1e-09, f'doubling treats all places alike: about 0.0, you gave {difference}'
    difference = shift_test(blurred, image, (2, -3))
    assert abs(difference) < 1e-09, f'blurring treats all places alike: about 0.0 away from the borders, you gave {difference}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def brightening_only_one_half_does_not_move_along(shift_test):
    assert shift_test is not None, 'shift_test is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.zeros((40, 40))
    image[18, 17] = 5.0
    right_half = np.where(np.arange(40) < 20, 1.0, 3.0)
    upper_half = right_half[::-1].reshape(40, 1)
    difference = shift_test(lambda picture: picture * right_half, image, (2, 3))
    assert abs(difference - 10) < 1e-09, f'the pixel of 5 crosses into the half that is tripled: moved first 15, moved last 5, so the largest difference is 10; you returned {difference}'
    difference = shift_test(lambda picture: picture * upper_half, image, (2, 3))
    assert abs(difference - 10) < 1e-09, f'the pixel of 5 leaves the half that is tripled: moved first 5, moved last 15, so the largest difference is 10; you returned {difference}'
