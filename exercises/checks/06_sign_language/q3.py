from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def ten_numbers_come_out(build_model):
    assert build_model is not None, 'build_model is not defined yet: run the cell with your answer first'
    import numpy as np
    model = build_model()
    assert model is not None, 'build_model returned None (is a return missing?)'
    images = np.random.default_rng(0).uniform(0, 1, size=(3, 32, 32, 1)).astype(np.float32)
    if hasattr(model, 'parameters'):
        import torch
        shape = tuple(model(torch.as_tensor(images).permute(0, 3, 1, 2)).shape)
    else:
        shape = tuple(model(images).shape)
    assert shape == (3, 10), f'three images have to give (3, 10), not {shape}'
