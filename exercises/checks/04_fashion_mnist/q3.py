from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def images_come_back_as_they_were_or_mirrored(augment):
    assert augment is not None, 'augment is not defined yet: run the cell with your answer first'
    import torch
    images = torch.linspace(-1, 1, 40 * 28 * 28).reshape(40, 1, 28, 28)
    got = augment(images, torch.Generator().manual_seed(3))
    assert got.shape == images.shape, f'the shape has to stay {tuple(images.shape)}, it became {tuple(got.shape)}'
    same = (got == images).all(dim=3).all(dim=2).flatten()
    turned = (got == images.flip(3)).all(dim=3).all(dim=2).flatten()
    assert bool((same | turned).all()), 'each image has to be itself or its own mirror image, left and right exchanged'
    assert 5 <= int(turned.sum()) <= 35, f'about half of 40 images have to be mirrored, not {int(turned.sum())}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_generator_decides(augment):
    assert augment is not None, 'augment is not defined yet: run the cell with your answer first'
    import torch
    images = torch.linspace(-1, 1, 40 * 28 * 28).reshape(40, 1, 28, 28)
    first, again, other = [augment(images, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(first, again), 'two generators with the same seed have to mirror the same images'
    assert not torch.equal(first, other), 'generators with different seeds should mirror different images'
