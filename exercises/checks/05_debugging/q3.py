from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def two_calls_agree(fix_evaluation, network_with_dropout, striped_images):
    assert fix_evaluation is not None, 'fix_evaluation is not defined yet: run the cell with your answer first'
    import torch
    torch.manual_seed(0)
    model, (images, labels) = (network_with_dropout(), striped_images(200, seed=5))
    first, second = (fix_evaluation(model, images, labels), fix_evaluation(model, images, labels))
    assert first == second, f'nothing has happened between two calls, but they give {first:.3f} and {second:.3f}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_network_in_training_goes_on_in_training_mode(fix_evaluation, network_with_dropout, striped_images):
    assert fix_evaluation is not None, 'fix_evaluation is not defined yet: run the cell with your answer first'
    model = network_with_dropout().train()
    fix_evaluation(model, *striped_images(20, seed=5))
    assert model.training, 'the model came in training mode, and has to be back in it afterwards'
