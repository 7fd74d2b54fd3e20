from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_small_task_is_learned(build_model, train):
    assert build_model is not None, 'build_model is not defined yet: run the cell with your answer first'
    assert train is not None, 'train is not defined yet: run the cell with your answer first'
    import torch
    torch.manual_seed(0)
    patterns = torch.randn(10, 1, 28, 28)
    labels = torch.arange(200) % 10
    images = (0.5 * patterns[labels] + 0.2 * torch.randn(200, 1, 28, 28)).clamp(-1, 1)
    history = train(build_model(), (images, labels), (images[:100], labels[:100]), 6, torch.device('cpu'))
    first, last = (float(history['loss'][0]), float(history['loss'][-1]))
    assert last < 0.9 * first, f'ten easy patterns, six epochs, and the loss went from {first:.3f} to {last:.3f} only'
