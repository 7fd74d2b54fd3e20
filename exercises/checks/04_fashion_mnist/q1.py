from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def black_becomes_minus_one_and_white_one(prepare):
    assert prepare is not None, 'prepare is not defined yet: run the cell with your answer first'
    import numpy as np
    half_white = np.zeros((2, 28, 28), dtype=np.uint8)
    half_white[:, :, 14:] = 255
    got = prepare(half_white)
    assert tuple(got.shape) == (2, 1, 28, 28), f'two images have to become (2, 1, 28, 28), not {tuple(got.shape)}'
    values = sorted(set(got.flatten().tolist()))
    assert values == [-1, 1], f'black and white have to become -1 and 1, you got {values[:4]}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def it_is_a_tensor_of_float32(prepare):
    assert prepare is not None, 'prepare is not defined yet: run the cell with your answer first'
    import numpy as np
    import torch
    got = prepare(np.full((1, 28, 28), 51, dtype=np.uint8))
    assert isinstance(got, torch.Tensor), f'a torch.Tensor is asked for, not a {type(got).__name__}'
    assert got.dtype == torch.float32, f'float32 is asked for, not {got.dtype}'
    value = got[0, 0, 0, 0].item()
    assert abs(value + 0.6) < 1e-05, f'51 is a fifth of the way from black to white: -0.6, not {value:.4f}'
