from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def one_step_goes_down_the_gradient(training_step):
    assert training_step is not None, 'training_step is not defined yet: run the cell with your answer first'
    import torch
    from torch import nn
    model = nn.Linear(1, 2, bias=False)
    model.weight.data[:] = torch.tensor([[0.0], [0.0]])
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    images, labels = (torch.ones(1, 1), torch.tensor([1]))
    losses = [training_step(model, optimizer, nn.CrossEntropyLoss(), images, labels) for _ in range(2)]
    assert abs(losses[0] - 0.6931) < 0.001, f'two equal scores have a loss of log 2 = 0.6931, you return {losses[0]}'
    difference = (model.weight[1] - model.weight[0]).item()
    assert abs(difference - 1.5379) < 0.001, f'after two steps the weights should differ by 1.538, yours do by {difference:.3f}: are gradients emptied, computed and applied, once each?'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_history_has_a_number_for_each_epoch(train):
    assert train is not None, 'train is not defined yet: run the cell with your answer first'
    import torch
    from torch import nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    before = model[1].weight.detach().clone()
    images, labels = (torch.rand(60, 1, 28, 28), torch.arange(60) % 10)
    history = train(model, (images, labels), (images[:20], labels[:20]), 2, torch.device('cpu'))
    for key in ('loss', 'accuracy', 'val_loss', 'val_accuracy'):
        assert key in history, f'the history has no {key!r}'
        assert len(history[key]) == 2, f'two epochs are two numbers, history[{key!r}] has {len(history[key])}'
    assert not torch.equal(before, model[1].weight.detach().cpu()), 'the model that was given has not been changed'
