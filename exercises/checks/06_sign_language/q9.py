from otter.test_files import test_case

OK_FORMAT = False

name = "q9"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def picture_map_and_digit_are_there(build_model, predict, explanation):
    assert explanation is not None, 'explanation is not defined yet: run the cell with your answer first'
    import numpy as np
    images = np.random.default_rng(0).uniform(0, 1, size=(6, 32, 32, 1)).astype(np.float32)
    model = build_model()
    labels = predict(model, images).argmax(axis=1)
    figure = explanation(model, images, labels)
    assert hasattr(figure, 'axes'), f'a matplotlib Figure is asked for, not a {type(figure).__name__}'
    pictures = [picture for axes in figure.axes for picture in axes.get_images()]
    assert len(pictures) >= 2, f'the figure shows {len(pictures)} pictures: the hand and its map are asked for'
    texts = [figure.get_suptitle()] + [axes.get_title() for axes in figure.axes]
    assert any((character.isdigit() for character in ' '.join(texts))), 'the predicted digit is asked for in the title'
