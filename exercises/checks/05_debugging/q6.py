from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_training_that_learned_its_images_by_heart(diagnose):
    assert diagnose is not None, 'diagnose is not defined yet: run the cell with your answer first'
    history = {'loss': [2.1, 1.2, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05], 'accuracy': [0.25, 0.6, 0.73, 0.83, 0.91, 0.95, 0.98, 0.99], 'val_loss': [2.1, 1.4, 1.2, 1.2, 1.3, 1.5, 1.7, 1.9], 'val_accuracy': [0.24, 0.52, 0.6, 0.62, 0.63, 0.63, 0.62, 0.62]}
    got = diagnose(history)
    assert got == 'overfitting', f'0.99 on the training images and 0.62 on others is overfitting, you say {got!r}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_training_that_ends_in_nan(diagnose):
    assert diagnose is not None, 'diagnose is not defined yet: run the cell with your answer first'
    nan = float('nan')
    history = {'loss': [2.2, 1.9, 1.7, nan, nan, nan, nan, nan], 'accuracy': [0.2, 0.3, 0.36, 0.1, 0.1, 0.1, 0.1, 0.1], 'val_loss': [2.2, 1.9, 1.8, nan, nan, nan, nan, nan], 'val_accuracy': [0.2, 0.3, 0.35, 0.1, 0.1, 0.1, 0.1, 0.1]}
    got = diagnose(history)
    assert got == 'exploding', f'a loss of nan is an explosion, you say {got!r}'
