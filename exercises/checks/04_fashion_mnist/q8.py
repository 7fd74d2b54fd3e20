from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def there_are_four_curves_with_names(plot_history):
    assert plot_history is not None, 'plot_history is not defined yet: run the cell with your answer first'
    history = {'loss': [1.5, 0.9, 0.7], 'accuracy': [0.5, 0.68, 0.75], 'val_loss': [1.2, 0.95, 0.8], 'val_accuracy': [0.55, 0.66, 0.71]}
    figure = plot_history(history)
    assert hasattr(figure, 'axes'), f'a matplotlib Figure is asked for, not a {type(figure).__name__}'
    curves = [list(line.get_ydata()) for axes in figure.axes for line in axes.get_lines()]
    for key, numbers in history.items():
        assert numbers in curves, f'no curve shows the numbers of history[{key!r}]'
    words = [axes.get_xlabel() + axes.get_ylabel() + axes.get_title() for axes in figure.axes]
    assert any((word.strip() for word in words)), 'give the axes names, with set_xlabel and set_ylabel say'
