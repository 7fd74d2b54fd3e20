from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def true_classes_are_in_rows(evaluate):
    assert evaluate is not None, 'evaluate is not defined yet: run the cell with your answer first'
    import numpy as np
    import torch
    from torch import nn
    always_three = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    always_three[1].weight.data.zero_()
    always_three[1].bias.data[:] = torch.eye(10)[3]
    labels = torch.tensor([3, 3, 3, 5, 0, 1, 2, 4, 6, 7, 8, 9])
    got = evaluate(always_three, torch.zeros(12, 1, 28, 28), labels)
    assert abs(float(got['accuracy']) - 0.25) < 1e-06, f"3 of 12 images are right, that is 0.25, not {got['accuracy']}"
    matrix = np.array(got['confusion_matrix']).tolist()
    assert matrix[5][3] == 1, 'the image of class 5 is taken for a 3, so row 5 has a 1 in column 3'
    shares = np.array(got['per_class_accuracy']).tolist()
    assert (shares[3], shares[5]) == (1, 0), 'all of class 3 are right and none of class 5'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def two_measurements_agree_and_the_mode_stays(evaluate):
    assert evaluate is not None, 'evaluate is not defined yet: run the cell with your answer first'
    import torch
    from torch import nn
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10))
    images, labels = (torch.randn(200, 1, 28, 28), torch.arange(200) % 10)
    model.train()
    first, again = [float(evaluate(model, images, labels)['accuracy']) for _ in range(2)]
    assert first == again, f'two measurements of one model differ, {first} and {again}: is dropout still on?'
    assert model.training, 'the model was in training mode, and has to be in it again'
