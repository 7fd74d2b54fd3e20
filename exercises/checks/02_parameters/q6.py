from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_block_halves_rounding_down_and_keeps_its_budget(design_block):
    assert design_block is not None, 'design_block is not defined yet: run the cell with your answer first'
    import torch
    block = design_block(8, 12, max_parameters=1000)
    with torch.no_grad():
        got = tuple(block.eval()(torch.zeros(2, 8, 19, 32)).shape)
    assert got == (2, 12, 9, 16), f'19 x 32 pixels become 9 x 16 (rounding down), 12 channels, you got {got}'
    used = sum((tensor.numel() for tensor in block.parameters()))
    assert used <= 1000, f'the budget is 1000 parameters, your block has {used}'
    kinds = {type(module).__name__ for module in block.modules()}
    assert {'Conv2d', 'ReLU'} <= kinds, f'an nn.Conv2d and an nn.ReLU are asked for, your block has {sorted(kinds)}'
    images = torch.randn(256, 8, 19, 32, generator=torch.Generator().manual_seed(1)).requires_grad_()
    block(images)[:, :, 4, 8].sum().backward()
    rows = images.grad.abs().sum(dim=(0, 1, 3)).nonzero()
    seen = int(rows.max() - rows.min()) + 1 if len(rows) else 0
    assert seen >= 5, f'one output depends on {seen} rows of pixels, and at least 5 are asked for'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def nine_channels_cannot_be_made_of_eight_weights(design_block):
    assert design_block is not None, 'design_block is not defined yet: run the cell with your answer first'
    refused = False
    try:
        design_block(4, 9, max_parameters=8)
    except ValueError:
        refused = True
    assert refused, '9 output channels need a weight each, 8 parameters cannot do: raise a ValueError'
