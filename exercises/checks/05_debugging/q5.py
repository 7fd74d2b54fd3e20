from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def fine_textures_are_told_apart(fix_pooling, accuracy_after_training):
    assert fix_pooling is not None, 'fix_pooling is not defined yet: run the cell with your answer first'
    import torch
    torch.manual_seed(0)
    got = accuracy_after_training(fix_pooling())
    assert got > 0.85, f'a network that sees detail gets nearly all textures right, yours {got:.0%}'
