from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def rows_add_up_to_one(build_model, predict):
    assert predict is not None, 'predict is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.random.default_rng(0).uniform(0, 1, size=(7, 32, 32, 1)).astype(np.float32)
    got = predict(build_model(), images)
    assert isinstance(got, np.ndarray), f'a NumPy array is asked for, not a {type(got).__name__}'
    assert got.shape == (7, 10), f'seven images give (7, 10), not {got.shape}'
    assert got.min() >= 0, 'probabilities are never negative: apply the softmax to logits'
    assert abs(got.sum(axis=1) - 1).max() < 0.001, 'the ten numbers of an image have to add up to 1'
