from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def every_image_gets_ten_scores(build_model):
    assert build_model is not None, 'build_model is not defined yet: run the cell with your answer first'
    import torch
    model = build_model().eval()
    for count in (1, 5):
        got = model(torch.zeros(count, 1, 28, 28))
        assert tuple(got.shape) == (count, 10), f'{count} images have to give ({count}, 10), not {tuple(got.shape)}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def scores_are_not_squeezed(build_model):
    assert build_model is not None, 'build_model is not defined yet: run the cell with your answer first'
    import torch
    got = build_model().eval()(torch.randn(8, 1, 28, 28))
    sums = (got.exp().sum(dim=1), got.sum(dim=1))
    for total in sums:
        assert not torch.allclose(total, torch.ones(8), atol=0.0001), 'these scores are probabilities, or their logarithms: give logits, the loss applies the softmax itself'
