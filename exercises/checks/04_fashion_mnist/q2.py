from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def nothing_is_lost_and_nothing_is_there_twice(split):
    assert split is not None, 'split is not defined yet: run the cell with your answer first'
    import numpy as np
    numbers = np.arange(50)
    images = np.repeat(numbers, 28 * 28).reshape(50, 28, 28).astype(np.uint8)
    train_images, train_labels, validation_images, validation_labels = split(images, numbers, 0.2, seed=1)
    sizes = (len(train_images), len(validation_images))
    assert sizes == (40, 10), f'a fifth of 50 images are 10 to check with, 40 remain: your parts have {sizes}'
    together = sorted([*map(int, train_labels), *map(int, validation_labels)])
    assert together == list(range(50)), 'each image has to be in exactly one of the parts'
    for part, labels in ((train_images, train_labels), (validation_images, validation_labels)):
        assert [int(image[0, 0]) for image in part] == [int(label) for label in labels], 'images and labels have to stay together: draw one order, and use it for both'

@test_case(points=None, hidden=False,
    success_message="Your answer holds on these public examples. Hidden cases will try many others, edge cases too.")
def a_seed_gives_its_split_again(split):
    assert split is not None, 'split is not defined yet: run the cell with your answer first'
    import numpy as np
    images, labels = (np.zeros((100, 28, 28), dtype=np.uint8), np.arange(100))
    first, again, other = [sorted((int(label) for label in split(images, labels, 0.3, seed=seed)[3])) for seed in (5, 5, 6)]
    assert first == again, 'twice the same seed has to give twice the same split'
    assert first != other, 'another seed has to give another split'
