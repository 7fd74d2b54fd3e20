from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def images_have_their_form(load_digits):
    assert load_digits is not None, 'load_digits is not defined yet: run the cell with your answer first'
    images, labels = load_digits()
    assert images.shape == (len(images), 32, 32, 1), f'(N, 32, 32, 1) is asked for, not {images.shape}'
    assert str(images.dtype) == 'float32', f'images are {images.dtype}, asked for is float32'
    assert str(labels.dtype) == 'int64', f'labels are {labels.dtype}, asked for is int64'
    assert labels.shape == (len(images),), f'{len(images)} images have labels of shape {labels.shape}'
    low, high = (float(images.min()), float(images.max()))
    assert low >= 0, f'numbers from 0 to 1 are asked for, yours begin at {low:.3g}'
    assert 0.5 < high <= 1, f'numbers from 0 to 1 are asked for, yours go from {low:.3g} to {high:.3g}'
    assert sorted(set(labels.tolist())) == list(range(10)), 'labels are the digits 0 to 9'
