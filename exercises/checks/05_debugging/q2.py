from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_deep_network_learns(fix_gradients, striped_images):
    assert fix_gradients is not None, 'fix_gradients is not defined yet: run the cell with your answer first'
    import torch
    torch.manual_seed(0)
    images, labels = striped_images(48, seed=3)
    model = fix_gradients(images, labels).eval()
    with torch.no_grad():
        loss = float(torch.nn.functional.cross_entropy(model(images), labels))
    assert loss < 0.8, f'guessing has a loss of 1.386, a good repair gets below 0.8 here, yours ends at {loss:.3f}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def images_a_hundred_times_as_bright_do_no_harm(fix_gradients, striped_images):
    assert fix_gradients is not None, 'fix_gradients is not defined yet: run the cell with your answer first'
    import torch
    torch.manual_seed(0)
    images, labels = striped_images(48, seed=4)
    model = fix_gradients(100 * images, labels)
    for name, tensor in model.state_dict().items():
        assert torch.isfinite(tensor).all(), f'after badly scaled images there are inf or nan in {name}'
