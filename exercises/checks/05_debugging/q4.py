from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_perfect_answer_has_hardly_any_loss(fix_loss):
    assert fix_loss is not None, 'fix_loss is not defined yet: run the cell with your answer first'
    import torch
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 4, bias=False))
    with torch.no_grad():
        model[1].weight.copy_(20 * torch.eye(4))
    images, labels = (torch.eye(4).reshape(4, 1, 2, 2), torch.arange(4))
    loss = float(fix_loss(model, torch.optim.SGD(model.parameters(), lr=0.1), images, labels))
    assert loss < 0.01, f'the logit of the right class is ahead by 20: the loss is about 0, you got {loss:.3f}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_second_step_forgets_the_first_gradient(fix_loss):
    assert fix_loss is not None, 'fix_loss is not defined yet: run the cell with your answer first'
    import torch
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 2, bias=False))
    torch.nn.init.zeros_(model[1].weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    image, label = (torch.ones(1, 1, 1, 1), torch.tensor([0]))
    fix_loss(model, optimizer, image, label)
    first = float(model[1].weight[0, 0].detach())
    fix_loss(model, optimizer, image, label)
    second = float(model[1].weight[0, 0].detach()) - first
    assert abs(first - 0.5) < 0.0001, f'the first step moves this weight by 0.5, yours by {first:.3f}'
    assert abs(second - 0.2689) < 0.001, f'the second step moves it by 0.269, yours by {second:.3f}'
