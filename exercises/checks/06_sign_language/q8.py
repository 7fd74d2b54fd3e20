from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_map_has_the_images_size_and_range(build_model, grad_cam):
    assert grad_cam is not None, 'grad_cam is not defined yet: run the cell with your answer first'
    import numpy as np
    image = np.random.default_rng(0).uniform(0, 1, size=(32, 32, 1)).astype(np.float32)
    model = build_model()
    found = [grad_cam(model, image, digit) for digit in range(10)]
    for heat in found:
        assert isinstance(heat, np.ndarray), f'a NumPy array is asked for, not a {type(heat).__name__}'
        assert heat.shape == (32, 32), f'the map of a 32x32 image has shape {heat.shape}'
        low, high = (float(heat.min()), float(heat.max()))
        assert 0 <= low <= high <= 1.001, f'the map has to go from 0 to 1, yours goes from {low:.3g} to {high:.3g}'
    assert any((not np.allclose(found[0], heat) for heat in found)), 'all ten digits have one and the same map'
