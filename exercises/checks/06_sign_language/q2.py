from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_bar_is_turned_a_little(rotate):
    assert rotate is not None, 'rotate is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.zeros((30, 32, 32, 1), dtype=np.float32)
    images[:, 15:17] = 1
    got = np.asarray(rotate(images, 1))
    assert got.shape == images.shape, f'the shape has to stay {images.shape}, it became {got.shape}'
    low, high = (float(got.min()), float(got.max()))
    assert -0.001 <= low <= high <= 1.001, f'the range has to stay 0 to 1, it became {low:.3g} to {high:.3g}'
    rows = np.arange(32)[:, np.newaxis]
    left, right = [(got[:, :, x, 0] * rows.T).sum(axis=1) / got[:, :, x, 0].sum(axis=1).clip(1e-06) for x in (6, 25)]
    degrees = np.degrees(np.arctan2(right - left, 19))
    worst = float(np.abs(degrees).max())
    assert worst < 17, f'a level bar is turned by up to {worst:.0f} degrees, asked for is 15 at most'
    spread = float(degrees.max() - degrees.min())
    assert spread > 5, f'30 images are turned by nearly one angle (within {spread:.1f} degrees): each has its own'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_same_seed_turns_alike(rotate):
    assert rotate is not None, 'rotate is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.linspace(0, 1, 8 * 1024, dtype=np.float32).reshape(8, 32, 32, 1)
    first, again, other = [np.asarray(rotate(images, seed)) for seed in (3, 3, 4)]
    assert np.array_equal(first, again), 'the same seed has to give the same images'
    assert not np.array_equal(first, other), 'another seed has to give other ones'
