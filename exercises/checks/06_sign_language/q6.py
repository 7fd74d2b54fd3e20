from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def four_curves_show_the_history(plot_history):
    assert plot_history is not None, 'plot_history is not defined yet: run the cell with your answer first'
    history = {'loss': [2.1, 0.9, 0.4], 'accuracy': [0.2, 0.68, 0.85], 'val_loss': [2.2, 0.95, 0.5], 'val_accuracy': [0.15, 0.66, 0.81]}
    figure = plot_history(history)
    assert hasattr(figure, 'axes'), f'a matplotlib Figure is asked for, not a {type(figure).__name__}'
    drawn = [list(line.get_ydata()) for axes in figure.axes for line in axes.get_lines()]
    for key, numbers in history.items():
        assert numbers in drawn, f'no curve shows the numbers of history[{key!r}]'
