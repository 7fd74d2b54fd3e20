from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def the_history_has_a_number_for_each_epoch(build_model, train):
    assert train is not None, 'train is not defined yet: run the cell with your answer first'
    import numpy as np
    rng = np.random.default_rng(0)
    images, labels = (rng.uniform(0, 1, size=(40, 32, 32, 1)).astype(np.float32), np.arange(40) % 10)
    history = train(build_model(), (images, labels), (images[:20], labels[:20]), 2)
    for key in ('loss', 'accuracy', 'val_loss', 'val_accuracy'):
        assert key in history, f'the history has no {key!r}'
        assert len(history[key]) == 2, f'two epochs are two numbers, history[{key!r}] has {len(history[key])}'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def ten_epochs_are_the_most(build_model, train):
    assert train is not None, 'train is not defined yet: run the cell with your answer first'
    import numpy as np
    images, labels = (np.full((10, 32, 32, 1), 0.5, dtype=np.float32), np.arange(10))
    try:
        history = train(build_model(), (images, labels), (images, labels), 11)
    except ValueError:
        history = {'loss': []}
    assert len(history['loss']) <= 10, f"eleven epochs were asked for and {len(history['loss'])} trained: ten are the most"
