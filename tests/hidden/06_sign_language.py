"""Hidden cases of exercise 6: sign-language digits, in PyTorch or in Keras, up to a Grad-CAM."""

import functools
import re

import numpy as np

from autograder import curves, expect, measuring
from autograder.cases import case
from autograder.cnn import network, references, shown
from autograder.cnn.planted import planted
from autograder.datasets import sign_language_digits
from autograder.messages import Name
from autograder.student import StudentRaised
from autograder.wire import TorchArray

CLASSES = 10
SIDE = 32
SAME = 0.97  # correlation, over cells of 2 x 2 pixels, of one picture that was made grey and small in two ways


def _draw(rng, low, high):
    """A plain integer from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _array(got, shape, what):
    """`got` as float64, once it is a NumPy array of that shape with finite numbers."""
    expect.true(isinstance(got, np.ndarray), f"{what}: a NumPy array is asked for, got {expect.show(got)}")
    expect.true(not isinstance(got, TorchArray), f"{what}: a NumPy array is asked for, this is a torch tensor")
    expect.shape(got, shape)
    finite = got.dtype.kind in "fiu" and bool(np.isfinite(got).all())
    expect.true(finite, f"{what}: not all of it are finite numbers")
    return np.asarray(got, dtype=np.float64)


# Question 1: the pictures of this machine, made grey and small in our way, to hold the student's against


@functools.lru_cache(maxsize=1)
def _prepared():
    return sign_language_digits.prepare(download=False, tfds=False)


def _small(pictures):
    """Bytes (N, 100, 100, 3) as grey pictures (N, 32, 32, 1) in [0, 1]: each new pixel is the mean of its square."""
    weights = _overlaps(pictures.shape[1], SIDE)
    grey = pictures @ np.array([0.299, 0.587, 0.114]) / 255
    return np.einsum("ai,nij,bj->nab", weights, grey, weights, optimize=True)[..., None].astype(np.float32)


def _overlaps(old, new):
    """How much of each of `old` pixels lies in each of `new` ones: (new, old), rows add up to 1."""
    edges = np.arange(new + 1) * old / new
    starts = np.arange(old)
    shared = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    return shared.clip(0) * new / old


@functools.lru_cache(maxsize=1)
def _known():
    """All pictures of this machine with their labels, and the places of those that a graded notebook is given."""
    pictures, labels = sign_language_digits.load(source=_prepared().path, download=False, quiet=True)
    return _small(pictures), labels, sign_language_digits.shown_while_grading(labels)


def _unit(pictures):
    """Pictures as vectors of length 1 and mean 0, so that products of two are correlations.

    Over cells of 2 x 2 pixels: single pixels of a picture that was made small without smoothing are another's.
    """
    cells = pictures.reshape(len(pictures), SIDE // 2, 2, SIDE // 2, 2).astype(np.float64).mean(axis=(2, 4))
    flat = cells.reshape(len(pictures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def _loaded(student):
    """What `load_digits` gave, once it has the right form, and our pictures and labels for it."""
    got = student.load_digits()
    pair = isinstance(got, (tuple, list)) and len(got) == 2
    expect.true(pair, f"the pair (images, labels) is asked for, got {expect.show(got)}")
    pictures, labels, given = _known()
    images = got[0]
    expect.true(isinstance(images, np.ndarray), f"images: a NumPy array is asked for, got {expect.show(images)}")
    if len(images) != len(labels) if images.ndim else True:
        pictures, labels = pictures[given], labels[given]
    images = _array(images, (len(labels), SIDE, SIDE, 1), "images")
    return got, images, pictures, labels


@case("q1", points=4, hint="Make them grey, resize them to 32 x 32, divide by 255, and keep an axis for the channel.")
def pictures_are_small_grey_and_between_0_and_1(student, rng):
    """Images are float32 (N, 32, 32, 1) in [0, 1], labels int64 (N,)"""
    got, images, _, known = _loaded(student)
    expect.true(got[0].dtype == np.float32, f"images of type float32 are asked for, got {got[0].dtype}")
    low, high = float(images.min()), float(images.max())
    expect.true(low >= 0 and high <= 1, f"images go from {low:.3g} to {high:.3g}, asked for are numbers in [0, 1]")
    expect.true(high >= 0.5, f"the brightest pixel of all images is {high:.3g}: divide by 255, once")
    _array(got[1], (len(known),), "labels")
    expect.true(got[1].dtype == np.int64, f"labels of type int64 are asked for, got {got[1].dtype}")


@case("q1", points=3, hint="Grey is a weighted mean of red, green and blue; resize height and width, not the colours.")
def the_pictures_are_those_of_the_data_set(student, rng):
    """Each image is a picture of the data set, only grey and smaller"""
    _, images, pictures, _ = _loaded(student)
    found = np.sum(_unit(images) * _unit(pictures), axis=1)
    if np.median(found) < SAME:  # in another order, perhaps
        found = (_unit(images) @ _unit(pictures).T).max(axis=1)
    alike = float(np.median(found))
    expect.true(alike >= SAME, f"your images and the data set's correlate by {alike:.2f} only (the median of all)")
    strange = int((found < 0.8).sum())
    expect.true(strange <= 0.01 * len(found), f"{strange} of {len(found)} images are no picture of the data set")


@case("q1", points=3, hint="Keep images and labels in one order; labels are the digits 0 to 9 as they come.")
def labels_are_those_of_their_pictures(student, rng):
    """Each image has its own label"""
    got, images, pictures, labels = _loaded(student)
    same = np.sum(_unit(images) * _unit(pictures), axis=1) > 0.9
    if same.mean() < 0.9:
        products = _unit(images) @ _unit(pictures).T
        same, labels = products.max(axis=1) > 0.9, labels[products.argmax(axis=1)]
    expect.true(bool(same.mean() > 0.9), "your images are not the data set's, so that no label can be told")
    wrong = int((_array(got[1], (len(labels),), "labels") != labels)[same].sum())
    expect.true(wrong <= 0.01 * len(labels), f"{wrong} of {len(labels)} images have another image's label")


# Question 2: a bar through the middle, whose angle can be measured

BACKGROUND, BRIGHT = 0.3, 0.9
TURN = 15
INACCURACY = 1.5  # degrees: of an angle that is measured on a bar of three pixels, turned by whatever interpolation


def _places():
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return rows, columns


def _bar(angle):
    """A bar through the middle at an angle in degrees, (32, 32, 1)."""
    rows, columns = _places()
    radians = np.deg2rad(angle)
    away = np.abs(rows * np.cos(radians) - columns * np.sin(radians))
    return (BACKGROUND + (BRIGHT - BACKGROUND) * (2.5 - away).clip(0, 1)).astype(np.float32)[..., None]


def _middle():
    """Where no turn about the middle brings in anything from outside."""
    rows, columns = _places()
    return np.hypot(rows, columns) <= 12


def _angles(images):
    """The angles of bars, in degrees: the axis of what is brighter than the background, near the middle."""
    rows, columns = _places()
    weights = np.where(_middle(), images[..., 0] - BACKGROUND, 0).clip(0)
    moments = [(weights * one * other).sum(axis=(1, 2)) for one, other in ((columns, columns), (rows, rows))]
    mixed = (weights * rows * columns).sum(axis=(1, 2))
    return np.rad2deg(0.5 * np.arctan2(2 * mixed, moments[0] - moments[1]))


def _turned(student, images, seed, *, kept=None, others=0):
    """The student's images; `others` seeds the generators that belong to nobody, `kept` are the images over there."""
    student.probe("networks.seed", others)
    got = student.rotate(images if kept is None else kept, seed)
    turned = _array(got, images.shape, "the rotated images")
    expect.true(got.dtype == np.float32, f"float32 images became {got.dtype}")
    return turned


def _turns(before, turned):
    """By how many degrees each bar was turned, from -90 to 90."""
    return (_angles(turned) - _angles(before) + 90) % 180 - 90


@case(
    "q2", points=4, hint="15 degrees, drawn anew for each image. Mind the unit: degrees, radians, or shares of a turn."
)
def angles_are_within_fifteen_degrees(student, rng):
    """Each image is turned by an angle of its own between -15 and 15 degrees"""
    images = np.stack([_bar(angle) for angle in rng.uniform(0, 180, size=40)])
    turns = _turns(images, _turned(student, images, _draw(rng, 0, 10_000)))
    low, high = float(turns.min()), float(turns.max())
    inside = max(-low, high) <= TURN + INACCURACY
    expect.true(inside, f"the turns go from {low:.0f} to {high:.0f} degrees, asked for is -15 to 15")
    expect.true(
        high - low > 5, f"all of 40 images are turned by about {turns.mean():.0f} degrees: each has its own angle"
    )
    expect.true(low < -1 and high > 1, f"the turns go from {low:.0f} to {high:.0f} degrees: turn both ways")


@case("q2", points=3, hint="Turn about the middle of the image, with interpolation, and change nothing else.")
def images_are_turned_and_nothing_else(student, rng):
    """Shape, type and range stay, and so does what is in the picture"""
    images = np.stack([_bar(angle) for angle in rng.uniform(0, 180, size=12)])
    kept = student.keep(images)
    turned = _turned(student, images, _draw(rng, 0, 10_000), kept=kept)
    after = student.fetch(kept)
    low, high = float(turned.min()), float(turned.max())
    expect.true(low >= -1e-3 and high <= 1 + 1e-3, f"the images go from {low:.3g} to {high:.3g} now, not from 0 to 1")
    expect.true(bool(np.abs(_turns(images, turned)).max() > 1), "no image is turned")
    middle = _middle()
    for place, (image, angle) in enumerate(zip(turned, _angles(turned), strict=True)):
        found = np.corrcoef(image[..., 0][middle], _bar(angle)[..., 0][middle])[0, 1]
        expect.true(bool(found > 0.9), f"image {place} is more than turned: r = {found:.2f} with the turned one")
        brightness = abs(float(image[..., 0][middle].mean()) - float(_bar(angle)[..., 0][middle].mean()))
        expect.true(brightness < 0.05, f"image {place} is not as bright as it was")
    same = isinstance(after, np.ndarray) and np.array_equal(after, images)
    expect.true(same, "the images that were given to rotate have been changed")


@case("q2", points=3, hint="Make a generator from the seed, as in np.random.default_rng(seed), and let it draw.")
def the_seed_decides(student, rng):
    """The same seed turns alike, another one otherwise"""
    images = np.stack([_bar(angle) for angle in rng.uniform(0, 180, size=16)])
    seeds = [_draw(rng, 0, 1_000), _draw(rng, 1_001, 2_000)]
    found = []
    for number, seed in enumerate((seeds[0], *seeds)):
        found.append(_turns(images, _turned(student, images, seed, others=number)))
    expect.true(bool(np.allclose(found[0], found[1], atol=0.1)), "one seed gave two different results")
    expect.true(not np.allclose(found[1], found[2], atol=0.1), "two seeds gave one and the same result")


# Question 3: networks are looked at from outside, on noise, however they are written


def _network(student, seed):
    """A fresh network of the student's, the same each time for a seed."""
    student.probe("networks.seed", seed)
    model = student.build_model.keep()
    expect.true(model.type_name != "NoneType", "build_model returned None (is a return missing?)")
    return model


def _noise(rng, count):
    return rng.uniform(0, 1, size=(count, SIDE, SIDE, 1)).astype(np.float32)


def _operations(student, model, images):
    """What ran, in running order: kind, what went in and what came out."""
    entries = student.probe("networks.record", model, images)
    listed = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    expect.true(listed, "the network could not be watched")
    return entries


def _arrays(entries, axes):
    """All arrays that were seen, in order, with so many axes."""
    seen = [entry.get(key) for entry in entries for key in ("input", "output")]
    return [one for one in seen if isinstance(one, np.ndarray) and one.ndim == axes and one.size]


def _blocks(entries):
    """The maps of each block, from a convolution's output to the next convolution; and of which width they are."""
    starts = [place for place, entry in enumerate(entries) if entry.get("kind") == "conv"]
    count = len(starts)
    expect.true(count == 2, f"two convolutions are asked for, {count} ran")
    heads = [place for place, entry in enumerate(entries) if entry.get("kind") == "dense"]
    end = next((place for place in heads if place > starts[1]), len(entries))
    found = []
    for start, stop in zip(starts, (starts[1], end), strict=True):
        maps = _arrays([{"output": entries[start].get("output")}, *entries[start + 1 : stop + 1]], axes=4)
        expect.true(bool(maps), "a convolution gave no maps")
        found.append([one for one in maps if one.shape[1] == maps[0].shape[1]])
    found[1] += _unseen(found[1][-1], entries[end].get("input") if end < len(entries) else None)
    return found


def _unseen(last, given):
    """ReLU and max pooling of the last maps that were seen, where the dense layer gets the averages of those.

    Plain functions in a Keras model leave no trace but their result.
    """
    pooled = _halved(last.clip(0)).max(axis=(3, 5))
    known = isinstance(given, np.ndarray) and given.shape == pooled.shape[:2] and min(pooled.shape[2:]) > 1
    return [last.clip(0), pooled] if known and _close(pooled.mean(axis=(2, 3)), given) else []


def _halved(maps):
    """Maps (N, C, H, W) as windows: (N, C, H / 2, 2, W / 2, 2); an odd last row or column is left out."""
    count, channels, height, width = maps.shape
    even = maps[:, :, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, channels, height // 2, 2, width // 2, 2)


def _close(one, other):
    return bool(np.allclose(one, other, rtol=1e-3, atol=1e-4))  # float32, some hundred terms in another order


@case(
    "q3", points=3, hint="32 filters in the first convolution, 64 in the second, no third: as the lecture's hint says."
)
def two_convolutions_with_32_and_64_filters(student, rng):
    """There are two convolutions, with 32 and 64 filters"""
    entries = _operations(student, _network(student, _draw(rng, 0, 10_000)), _noise(rng, 2))
    filters = [maps[0].shape[1] for maps in _blocks(entries)]
    expect.true(filters == [32, 64], f"the convolutions have {filters[0]} and {filters[1]} filters, not 32 and 64")


def _is_max_pooled(before, after):
    """Whether maps are others of twice the size, each value the largest of its window."""
    fits = before.shape[:2] == after.shape[:2] and all(
        abs(2 * small - large) <= 1 for small, large in zip(after.shape[2:], before.shape[2:], strict=True)
    )
    if not fits:
        return False
    largest = _halved(before).max(axis=(3, 5))
    height, width = (min(sides) for sides in zip(largest.shape[2:], after.shape[2:], strict=True))
    above = bool((after[:, :, :height, :width] >= largest[:, :, :height, :width]).all())
    return above and bool(np.isin(after, before).all())


@case("q3", points=3, hint="Each block is a convolution, a ReLU and a max pooling that halves height and width.")
def each_block_has_a_relu_and_a_max_pooling(student, rng):
    """In each block negative values become zero, and of each window the largest stays"""
    entries = _operations(student, _network(student, _draw(rng, 0, 10_000)), _noise(rng, 2))
    for number, maps in enumerate(_blocks(entries), start=1):
        rectified = any(one.min() == 0 and one.max() > 0 for one in maps)
        expect.true(rectified, f"nothing in block {number} sets negative values to zero")
        pairs = [(before, after) for place, before in enumerate(maps) for after in maps[place + 1 :]]
        pooled = any(_is_max_pooled(one, after) for before, after in pairs for one in (before, before.clip(0)))
        expect.true(pooled, f"nothing in block {number} keeps the largest value of each 2 x 2 window")


@case("q3", points=2, hint="Average each map over height and width, 64 numbers, and give those to one dense layer.")
def averages_of_the_maps_go_into_one_dense_layer(student, rng):
    """Each map is averaged, and one dense layer makes ten scores of the averages"""
    entries = _operations(student, _network(student, _draw(rng, 0, 10_000)), _noise(rng, 2))
    heads = [entry for entry in entries if entry.get("kind") == "dense"]
    expect.true(len(heads) == 1, f"one dense layer is asked for, {len(heads)} ran")
    given = heads[0].get("input")
    expect.true(isinstance(given, np.ndarray) and given.ndim == 2, "the dense layer does not get one vector an image")
    averages = [one.mean(axis=(2, 3)) for one in _blocks(entries)[1] if min(one.shape[2:]) > 1]
    right = any(one.shape == given.shape and _close(one, given) for one in averages)
    expect.true(right, f"the dense layer gets {given.shape[1]} numbers, not the average of each of the 64 maps")


@case("q3", points=2, hint="Make the layers inside the function, so that each call gives a network of its own.")
def each_call_gives_a_network_for_ten_digits(student, rng):
    """Each image gets ten scores, a single one too, and each call makes a new network"""
    images = _noise(rng, 5)
    first, other = (_network(student, seed) for seed in (_draw(rng, 0, 1_000), _draw(rng, 1_001, 2_000)))
    found = [student.probe("networks.scores", model, images) for model in (first, other)]
    one = student.probe("networks.scores", first, images[:1])
    for got, count in ((found[0], 5), (found[1], 5), (one, 1)):
        _array(got, (count, CLASSES), "the scores")
    expect.true(not np.allclose(found[0], found[1]), "two calls of build_model gave one and the same network")


# Question 4: an easy task of ours, and the student's own network


def _task(rng, count):
    """Images of ten patterns under noise, and their labels, in mixed order."""
    patterns = np.random.default_rng(7).uniform(0, 1, size=(CLASSES, SIDE // 4, SIDE // 4)).repeat(4, 1).repeat(4, 2)
    labels = rng.permutation(np.arange(count) % CLASSES)
    images = 0.8 * patterns[labels] + rng.uniform(0, 0.2, size=(count, SIDE, SIDE))
    return images.astype(np.float32)[..., None], labels.astype(np.int64)


# Twenty images, again and again: whatever the batches of a validation, averages over them agree.
VALIDATION_IMAGES, VALIDATION_TURNS = 20, 16


def _sets(student, rng, count):
    """A training set and a validation set, some labels of which are wrong: kept beside the student's code, and here."""
    few, few_labels = _task(rng, VALIDATION_IMAGES)
    few_labels[::3] = (few_labels[::3] + 1) % CLASSES  # so that accuracy stays away from 1
    validation = np.concatenate([few] * VALIDATION_TURNS), np.concatenate([few_labels] * VALIDATION_TURNS)
    sets = _task(rng, count), validation
    return [student.keep(one) for one in sets], sets


@case("q4", points=4, hint="Train the model that you are given; append to each of the four lists once an epoch.")
def the_history_has_one_number_an_epoch(student, rng):
    """The given model is trained, and four lists have one number for each epoch"""
    kept, sets = _sets(student, rng, 48)
    model = _network(student, _draw(rng, 0, 10_000))
    student.probe("networks.scores", model, sets[1][0][:2])  # so that a network which is built late has weights
    before = student.probe("networks.state", model)
    got = student.train(model, *kept, 2)
    after = student.probe("networks.state", model)
    history = curves.read(got, 2)
    for key in ("accuracy", "val_accuracy"):
        inside = bool(((history[key] >= 0) & (history[key] <= 1)).all())
        expect.true(inside, f"{key!r} is a share from 0 to 1, got {history[key].tolist()}")
    expect.true(all(isinstance(one, list) for one in (before, after)), "the weights could not be read")
    expect.true(_moved(before, after), "after train the given model has the weights that it had before")
    given = [student.fetch(handle) for handle in kept]
    same = all(
        isinstance(one, tuple) and len(one) == 2 and all(map(np.array_equal, one, other))
        for one, other in zip(given, sets, strict=True)
    )
    expect.true(same, "the sets that were given to train have been changed")


def _moved(before, after):
    pairs = zip(before, after, strict=False)
    arrays = [(one, other) for one, other in pairs if isinstance(one, np.ndarray) and isinstance(other, np.ndarray)]
    return any(one.shape == other.shape and not np.array_equal(one, other) for one, other in arrays)


def _probabilities(scores):
    """Scores as probabilities, whether the network ends in a softmax or not."""
    sums = scores.sum(axis=1)
    if scores.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
        return scores
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@case(
    "q4", points=4, hint="Measure on the validation set, after the epoch, in evaluation mode: cross-entropy, accuracy."
)
def validation_numbers_are_those_of_the_model(student, rng):
    """val_loss and val_accuracy are what the trained model gives"""
    kept, (_, (images, labels)) = _sets(student, rng, 160)
    model = _network(student, _draw(rng, 0, 10_000))
    history = curves.read(student.train(model, *kept, 2), 2)
    scores = student.probe("networks.scores", model, images[:VALIDATION_IMAGES])
    found = _probabilities(_array(scores, (VALIDATION_IMAGES, CLASSES), "the scores"))
    labels = labels[:VALIDATION_IMAGES]
    loss = float(-np.log(found[np.arange(len(labels)), labels].clip(1e-7)).mean())
    accuracy = float((found.argmax(axis=1) == labels).mean())
    # a model that ends with the weights of its best epoch is right, too
    fits = [
        abs(one - loss) <= 0.03 * loss + 0.01 and abs(other - accuracy) <= 1.01 / VALIDATION_IMAGES
        for one, other in zip(history["val_loss"], history["val_accuracy"], strict=True)
    ]
    ours = f"val_loss {loss:.3f} and val_accuracy {accuracy:.3f}"
    theirs = f"{history['val_loss'][-1]:.3f} and {history['val_accuracy'][-1]:.3f}"
    expect.true(any(fits), f"the trained model has {ours} on the validation set, the history says {theirs}")


MOST_EPOCHS = 10


@case("q4", points=4, hint="epochs = min(epochs, 10), or a ValueError where more are asked for.")
def at_most_ten_epochs_are_trained(student, rng):
    """More than ten epochs are never trained, and the history tells how many were"""
    kept, _ = _sets(student, rng, 32)
    amounts = {}
    for asked in (1, _draw(rng, 12, 14)):
        model = _network(student, _draw(rng, 0, 10_000))
        counts = student.probe("networks.count", model, keep=True)
        try:
            got = student.train(model, *kept, asked)
        except StudentRaised as raised:
            if asked > MOST_EPOCHS and "ValueError" in raised.answer.type_names:
                return
            raise
        amount = student.probe("networks.trained", model, counts)
        expect.true(type(amount) is int and abs(amount) < 10**9, "how much was trained could not be told")
        epochs = len(curves.numbers(got.get("loss") if isinstance(got, dict) else None, "loss"))
        within = epochs <= MOST_EPOCHS
        expect.true(within, f"asked for {asked} epochs, the history has {epochs}: ten are the most")
        curves.read(got, epochs)
        expect.true(asked > 1 or epochs == 1, f"one epoch was asked for, the history has {epochs}")
        amounts[epochs] = amount
    if min(amounts.values()) >= 0 and 1 in amounts:
        most, once = amounts[max(amounts)], amounts[1]
        expect.true(once > 0, "the model was never trained in training mode")
        expect.true(
            most == max(amounts) * once, f"the history has {max(amounts)} epochs, trained was {most / once:.3g}"
        )


# Question 5


def _rows(got, count):
    """Predictions as an array of probabilities."""
    rows = _array(got, (count, CLASSES), "the predictions")
    positive = rows.min() >= -1e-6 and rows.max() <= 1 + 1e-6
    expect.true(bool(positive), f"predictions go from {rows.min():.3g} to {rows.max():.3g}: no probabilities")
    sums = bool(np.allclose(rows.sum(axis=1), 1, atol=1e-3))
    expect.true(sums, f"the ten probabilities of an image add up to {rows.sum(axis=1)[0]:.3g}, not to 1")
    return rows


@case("q5", points=3, hint="Apply the softmax if the network does not: ten numbers from 0 to 1 that add up to 1.")
def each_image_gets_ten_probabilities(student, rng):
    """Ten probabilities for each image, for one image and for many"""
    model = _network(student, _draw(rng, 0, 10_000))
    for count in (1, _draw(rng, 2, 9), 70):
        _rows(student.predict(model, _noise(rng, count)), count)


@case("q5", points=3, hint="The given model in evaluation mode, image by image in their order.")
def predictions_are_those_of_the_given_model(student, rng):
    """What is predicted is what the given model says, in evaluation mode"""
    images = np.concatenate([_noise(rng, 20), _task(rng, 20)[0]])
    for training in (True, False):
        model = _network(student, _draw(rng, 0, 10_000))
        scores = student.probe("networks.scores", model, images)
        student.probe("networks.set_training", model, training)
        got = student.predict(model, images)
        expected = _probabilities(_array(scores, (len(images), CLASSES), "the scores"))
        expect.close(_rows(got, len(images)), expected, rtol=1e-3, atol=1e-3)


HELD_OUT_IMAGES = 400
VALIDATION = 200  # of the training images: whoever keeps the best epoch needs some


@functools.lru_cache(maxsize=1)
def _held_out(seed):
    """Pictures that nobody has trained on, and their labels: only this process has them."""
    pictures, labels = sign_language_digits.held_out(seed, HELD_OUT_IMAGES, source=_prepared().path)
    return _small(pictures), labels


@case(
    "q5",
    points=8,
    hint="Centre what goes into the first convolution, or use batch norm; let the learning rate rise and fall.",
)
def held_out_digits_are_recognised(student, rng, training):
    """The trained network recognises hands that nobody has trained on"""
    pictures, labels, given = _known()
    order = rng.permutation(given)[: training.images + VALIDATION]
    parts = order[VALIDATION:], order[:VALIDATION]
    unseen, digits = _held_out(training.seed)

    def train_and_test(seed):
        sets = [student.keep((pictures[part], labels[part])) for part in parts]
        model = _network(student, seed)
        student.train.keep(model, *sets, training.epochs)
        return accuracy(model)

    def accuracy(model):
        rows = _array(student.predict(model, unseen), (len(digits), CLASSES), "the predictions")
        return float((rows.argmax(axis=1) == digits).mean())

    def test_submitted():
        raise expect.Wrong("this exercise takes no trained weights")

    measured = measuring.measure(training, train_and_test, test_submitted, images=len(digits))
    expect.banded(
        measured.accuracy, full=training.full, none=training.none, images=len(digits), trainings=measured.trainings
    )


# Question 6


@case(
    "q6", points=2, hint="Four curves: loss and val_loss, accuracy and val_accuracy, with the numbers of the history."
)
def the_four_curves_show_the_history(student, rng):
    """Training and validation curves of loss and accuracy hold the history's numbers"""
    history = curves.made_up(rng, _draw(rng, 5, 9))
    curves.check_numbers(curves.figure(curves.drawn(student, history)[1]), history)


@case("q6", points=2, hint="Name both axes, say which picture is the loss, and give each curve a label and a legend.")
def curves_and_axes_are_labelled(student, rng):
    """The reader sees what is loss and accuracy, what is training and validation, and what the epochs are"""
    history = curves.made_up(rng, _draw(rng, 5, 9))
    curves.check_labels(curves.figure(curves.drawn(student, history)[1]), history)


@case("q6", points=2, hint="Make a new figure in each call, with plt.subplots() say, and return that one.")
def each_call_makes_a_figure_of_its_own(student, rng):
    """A second history is drawn alone, and the histories stay as they are"""
    curves.check_each_call_has_its_own(student, rng)


# Question 7


def _guesses(rng, count, classes=tuple(range(CLASSES))):
    """Labels, unevenly many of each class, and predictions of which some 60 % are right."""
    shares = rng.uniform(1, 4, size=len(classes))
    labels = rng.choice(classes, size=count, p=shares / shares.sum())
    predictions = np.where(rng.random(count) < 0.6, labels, rng.choice(classes, size=count))
    return labels.astype(np.int64), predictions.astype(np.int64)


def _table(labels, predictions):
    """The oracle: precision, recall and support of each digit, 0 where there is nothing to divide by."""
    matrix = np.zeros((CLASSES, CLASSES))
    np.add.at(matrix, (labels, predictions), 1)
    hits, support, called = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return {"precision": hits / called.clip(1), "recall": hits / support.clip(1), "support": support}


def _report(student, labels, predictions):
    """The student's table as arrays of ten numbers."""
    got = student.per_class_report(labels, predictions)
    expect.true(isinstance(got, dict), f"a dict is asked for, got {expect.show(got)}")
    found = {key: np.zeros(CLASSES) for key in ("precision", "recall", "support")}
    for digit in range(CLASSES):
        expect.true(digit in got, f"the table has no {digit}, its keys are {expect.show(list(got)[:12])}")
        row = got[digit]
        expect.true(isinstance(row, dict), f"row {digit}: a dict is asked for, got {expect.show(row)}")
        for key, column in found.items():
            expect.true(key in row, f"row {digit} has no {key!r}, its keys are {expect.show(list(row)[:12])}")
            column[digit] = _number(row[key], f"{key} of {digit}")
    return found


def _number(value, what):
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(()).item()
    right = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12
    expect.true(right, f"{what}: a finite number is asked for, got {expect.show(value)}")
    return float(value)


def _check_table(found, expected, keys):
    for key in keys:
        for digit in range(CLASSES):
            got, right = found[key][digit], expected[key][digit]
            expect.true(abs(got - right) <= 0.0051, f"{key} of {digit}: expected {right:.3f}, got {got:.3f}")


@case("q7", points=3, hint="Precision divides by how often a digit was predicted, recall by how often it was there.")
def precision_and_recall_are_right(student, rng):
    """Precision and recall of each digit are right"""
    for count in (_draw(rng, 150, 250), 411):
        labels, predictions = _guesses(rng, count)
        _check_table(_report(student, labels, predictions), _table(labels, predictions), ("precision", "recall"))


@case("q7", points=2, hint="Support is the number of images that truly are of the digit.")
def support_counts_the_true_images(student, rng):
    """Support is how many images of each digit there are"""
    labels, predictions = _guesses(rng, _draw(rng, 100, 300))
    _check_table(_report(student, labels, predictions), _table(labels, predictions), ("support",))


@case("q7", points=3, hint="A digit that is absent, or never predicted, has 0.0 there: do not divide by zero.")
def digits_without_images_have_zeros(student, rng):
    """Where there is nothing to divide by, the number is 0, and the other digits are right"""
    present = sorted(rng.choice(CLASSES, size=6, replace=False).tolist())
    labels, predictions = _guesses(rng, 120, classes=present)
    predictions[predictions == present[0]] = present[1]  # there, but never predicted
    expected = _table(labels, predictions)
    _check_table(_report(student, labels, predictions), expected, ("precision", "recall", "support"))


# Question 8: maps are held against right ones that are computed here, in NumPy, from the weights that were sent

AGREES = 0.95  # the mean correlation of ten maps: right variants have .985 or more, wrong ones .94 or less
AGREES_PLANTED = 0.90  # right variants have .997 or more; for both classes no map without the ReLU has over .80
COLD = 0.05  # where the planted image is empty: right variants have .012 or less, without the ReLU it is .5
HOTTEST = 0.5  # of a map that was divided by its largest value and stretched afterwards; most have 1
ROUNDING = 0.01
PICTURES = 10


def _framework(student):
    """Whose models the student's function takes: those that build_model makes or, failing that, those it can answer."""
    try:
        kind = student.probe("gradcam.framework", student.build_model.keep())
    except StudentRaised:
        return _framework_by_trial(student)
    known = isinstance(kind, str) and kind in ("torch", "keras", "")
    expect.true(known, "whether build_model gives a model of PyTorch or of Keras could not be told")
    return kind or _framework_by_trial(student)


def _framework_by_trial(student):
    one = planted(np.random.default_rng(0))
    for kind in ("torch", "keras"):
        try:
            model = student.probe("gradcam.build", kind, one.network.arrays(), one.image.shape[:2], keep=True)
            student.grad_cam(model, one.image, one.bright_class)
        except StudentRaised as raised:
            if "NotImplementedError" in raised.answer.type_names:
                break
            continue
        return kind
    return "torch"


def _beside(student, kind, of, size, **how):
    """A network of the judge's, built beside the student's code for images of that size."""
    student.probe("networks.seed", 0)  # where dropout is on, by mistake, it draws
    return student.probe("gradcam.build", kind, of.arrays(), size, keep=True, **how)


def _heat(got, size):
    """The student's map, once it is one: an array of the image's size without NaN."""
    expect.shape(got, size)
    expect.true(not isinstance(got, TorchArray), "a NumPy array is asked for, this is a torch tensor")
    expect.true(got.dtype.kind in "fiu", f"numbers from 0 to 1 are asked for, got {got.dtype}")
    heat = np.asarray(got, dtype=np.float64)
    expect.true(bool(np.isfinite(heat).all()), "the map holds NaN or infinity")
    return heat


def _pictures(rng, count):
    """Images (32, 32, 1) in [0, 1]: a bright palm with some fingers before a background that shades off."""
    return [_picture(rng) for _ in range(count)]


def _picture(rng, side=32):
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    slope, angle = rng.uniform(-0.3, 0.3, size=2), rng.uniform(-0.3, 0.3)
    image = rng.uniform(0.4, 0.6) + slope[0] * rows + slope[1] * columns
    down = rows * np.cos(angle) + columns * np.sin(angle) - rng.uniform(0.1, 0.2)
    across = columns * np.cos(angle) - rows * np.sin(angle) - rng.uniform(-0.1, 0.1)
    hand = (down / 0.22) ** 2 + (across / 0.18) ** 2 < 1
    for place in rng.permutation([-0.15, -0.05, 0.05, 0.15])[: rng.integers(1, 5)]:
        length = rng.uniform(0.2, 0.45)
        hand |= (np.abs(across - place * (1 - down)) < 0.035) & (down < 0) & (down > -length)
    image = np.where(hand, rng.uniform(0.65, 0.95) - 0.4 * np.abs(across), image)
    return (image + rng.normal(0, 0.02, size=image.shape)).clip(0, 1).astype(np.float32)[..., None]


def _check_agreement(student, model, known, asked):
    """Ask for a map of each (image, class), and hold them against the right ones."""
    maps = [_heat(student.grad_cam(model, image, index), image.shape[:2]) for image, index in asked]
    found = references.agreement(maps, [references.references(known, image, index) for image, index in asked])
    right = found.correlation >= AGREES
    expect.true(right, f"{len(maps)} maps agree with the right ones to r = {found.correlation:.2f} on average")
    return maps


def _ranked(known, image):
    """The classes, most likely first."""
    return [int(index) for index in np.argsort(-known.logits(image))]


@case("q8", points=2, hint="ReLU, stretch to image.shape[:2], divide by the largest value: then 0 <= map <= 1.")
def a_map_has_the_images_size_and_range(student, rng):
    """The map has the image's height and width, and goes from 0 to 1"""
    kind = _framework(student)
    for factor in (1, float(rng.uniform(50, 90))):
        one = planted(rng)
        size = one.image.shape[:2]
        model = _beside(student, kind, one.network.with_logits_times(factor), size, fused=factor == 1)
        for index in (one.bright_class, one.dark_class):
            heat = _heat(student.grad_cam(model, one.image, index), size)
            low, high = float(heat.min()), float(heat.max())
            inside = low >= -ROUNDING and HOTTEST <= high <= 1 + ROUNDING
            expect.true(inside, f"the map goes from {low:.3g} to {high:.3g}, it should go from 0 to 1")


@case("q8", points=3, hint="Weights keep their sign, the ReLU drops what speaks against the class, then normalise.")
def evidence_against_the_class_stays_cold(student, rng):
    """On a drawn image only what speaks for the class is hot"""
    kind = _framework(student)
    for fused in (True, False):
        one = planted(rng)
        size = one.image.shape[:2]
        model = _beside(student, kind, one.network, size, fused=fused)
        for index, what in ((one.bright_class, "bright"), (one.dark_class, "dark")):
            heat = _heat(student.grad_cam(model, one.image, index), size)
            warm = float(heat[one.background].max())
            expect.true(warm <= COLD, f"the map is {warm:.2f} where the image is empty: nothing is there")
            found = references.agreement([heat], [references.references(one.network, one.image, index)])
            right = found.correlation >= AGREES_PLANTED
            problem = f"only the {what} spot speaks for class {index}, the map agrees to r = {found.correlation:.2f}"
            expect.true(right, problem)


@case("q8", points=2, hint="Where the largest value is 0, the map is all zero: do not divide 0 by 0.")
def a_class_without_evidence_gets_a_blank_map(student, rng):
    """Where nothing speaks for the class, the map is all zero"""
    one = planted(rng)
    size = one.image.shape[:2]
    model = _beside(student, _framework(student), one.network, size)
    empty = np.full_like(one.image, 0.5)
    for image, index in ((one.image, one.blank_class), (empty, one.bright_class)):
        warm = float(np.abs(_heat(student.grad_cam(model, image, index), size)).max())
        expect.true(warm <= COLD, f"nothing speaks for class {index}, and the map goes up to {warm:.2g}")
    hot = float(_heat(student.grad_cam(model, one.image, one.bright_class), size).max())
    expect.true(hot >= HOTTEST, f"something speaks for class {one.bright_class}, and the map goes up to {hot:.2g} only")


@case("q8", points=4, hint="Mean gradient of each channel of the last convolution, weighted sum, ReLU, stretch.")
def maps_agree_with_the_formula(student, rng):
    """Ten maps of a trained network are those of the formula"""
    known = network.trained()
    images = _pictures(rng, PICTURES)
    model = _beside(student, _framework(student), known, (32, 32))
    asked = [(image, _ranked(known, image)[int(rng.integers(0, 3))]) for image in images]
    _check_agreement(student, model, known, asked)


@case("q8", points=3, hint="Differentiate the score at class_index, whatever class the model would predict.")
def the_class_that_is_asked_for_decides(student, rng):
    """Another class gives another map, also where the model predicts something else"""
    known = network.trained()
    images = _pictures(rng, PICTURES // 2)
    model = _beside(student, _framework(student), known, (32, 32), fused=True)
    asked = [(image, _ranked(known, image)[place]) for image in images for place in (1, 2)]
    maps = _check_agreement(student, model, known, asked)
    same = all(np.allclose(one, other, atol=ROUNDING) for one, other in zip(maps[::2], maps[1::2], strict=True))
    expect.true(not same, "two classes have one and the same map")


@case("q8", points=1, hint="The map comes from the model that is given: from its weights as they are now.")
def other_weights_give_another_map(student, rng):
    """A network with other weights gets its own maps"""
    known = network.trained().with_other_weights(rng)
    images = _pictures(rng, PICTURES // 2)
    model = _beside(student, _framework(student), known, (32, 32))
    _check_agreement(student, model, known, [(image, _ranked(known, image)[0]) for image in images])


@case("q8", points=2, hint="Take the class score before the softmax, as the model gives it.")
def the_score_is_taken_before_the_softmax(student, rng):
    """A network that is very sure has the same maps"""
    known = network.trained().with_logits_times(200)
    images = _pictures(rng, PICTURES)
    model = _beside(student, _framework(student), known, (32, 32))
    asked = [(image, _ranked(known, image)[number % 2]) for number, image in enumerate(images)]
    _check_agreement(student, model, known, asked)


@case("q8", points=1, hint="Compute the map in evaluation mode, whatever mode the model comes in: no dropout then.")
def a_model_in_training_mode_gets_the_same_map(student, rng):
    """Two calls agree, also where the model comes in training mode"""
    known = network.trained()
    images = _pictures(rng, PICTURES // 2)
    model = _beside(student, _framework(student), known, (32, 32), training=True)
    asked = [(image, _ranked(known, image)[0]) for image in images]
    maps = _check_agreement(student, model, known, asked)
    again = [_heat(student.grad_cam(model, image, index), image.shape[:2]) for image, index in asked]
    same = all(np.allclose(one, other, atol=ROUNDING) for one, other in zip(maps, again, strict=True))
    expect.true(same, "the same call twice gave two maps")


PARTS = {
    "modes": "whether it is in training mode",
    "hooks": "the hooks in it",
    "weights": "its weights",
    "trainable": "which of its weights are trained",
    "layers": "its layers",
}


@case("q8", points=2, hint="Put back what you change: remove hooks, restore the mode, leave weights and layers alone.")
def the_model_stays_as_it_was(student, rng):
    """Mode, hooks, weights and layers of the model stay as they were"""
    kind, one = _framework(student), planted(rng)
    for training in (True, False):
        model = _beside(student, kind, one.network, one.image.shape[:2], training=training, fused=training)
        before = student.probe("gradcam.state", model)
        heat = student.grad_cam(model, one.image, one.bright_class)
        after = student.probe("gradcam.state", model)
        for part, what in PARTS.items():
            expect.true(_same(before, after, part), f"grad_cam has changed the model: {what}")
        _heat(heat, one.image.shape[:2])


def _same(before, after, part):
    """Whether a part of two descriptions is the same: a list of plain values or arrays."""
    found = [one.get(part) if isinstance(one, dict) else None for one in (before, after)]
    if not all(isinstance(one, list) for one in found) or len(found[0]) != len(found[1]):
        return False
    return all(np.array_equal(*pair) for pair in zip(*found, strict=True))


# Question 9: the function on the judge's network, then what the executed notebook shows


def _explained(student, rng, right=1):
    """A trained network beside the student's code, pictures, and labels: at `right` places what it predicts."""
    known = network.trained()
    model = _beside(student, _framework(student), known, (SIDE, SIDE))
    images = np.stack(_pictures(rng, PICTURES // 2))
    predicted = np.array([_ranked(known, image)[0] for image in images])
    labels = (predicted + rng.integers(1, CLASSES, size=len(images))) % CLASSES
    places = rng.permutation(len(images))[:right]
    labels[places] = predicted[places]
    return model, images, labels.astype(np.int64), [int(place) for place in places]


def _pictures_in(student, figure):
    """What a figure shows, as arrays; the description of the figure comes last, since it closes the figure."""
    found = student.probe("figures.pictures", figure)
    listed = isinstance(found, list) and all(isinstance(one, np.ndarray) for one in found)
    expect.true(listed, "what the figure shows could not be read")
    return found[:8], curves.figure(student.probe("figures.describe", figure))


def _grey(picture):
    """A picture of a figure as (32, 32) numbers; None where it is none."""
    if picture.dtype.kind not in "fiub" or picture.ndim not in (2, 3) or 0 in picture.shape:
        return None
    rows, columns = (((np.arange(SIDE) + 0.5) * old / SIDE).astype(int) for old in picture.shape[:2])
    small = np.asarray(picture[rows][:, columns], dtype=np.float64)
    small = small if small.ndim == 2 else small[..., :3].mean(axis=2)
    return small if np.isfinite(small).all() and small.std() > 1e-6 else None


def _place_of(picture, pictures):
    """Which of the pictures (N, 32, 32, 1) a figure's picture is; None where it is none of them."""
    grey = _grey(picture)
    if grey is None:
        return None
    found = (_unit(pictures) @ _unit(grey[None]).T)[:, 0]
    return int(found.argmax()) if found.max() >= SAME else None


def _picture_shown(found, pictures):
    """Where in the figure a picture of these stands, and which it is."""
    for place, picture in enumerate(found):
        which = _place_of(picture, pictures)
        if which is not None:
            return place, which
    raise expect.Wrong(f"of {len(found)} pictures in the figure, none is the hand: show it with imshow, as it is")


def _check_map(found, place, heat, image):
    """Another picture of the figure shows the map."""
    others = [picture for number, picture in enumerate(found) if number != place]
    expect.true(bool(others), "the figure shows the hand and nothing else: the map is missing")
    best = max(shown.agreement(picture, heat, image) for picture in others)
    expect.true(best >= shown.SHOWS, f"no picture in the figure shows your grad_cam of it (r = {best:.2f})")


def _written(description):
    """All that is written in a figure."""
    parts = [description["title"], *description["texts"]]
    for axes in description["axes"]:
        parts += [axes["title"], axes["xlabel"], axes["ylabel"], *axes["texts"], *axes["legend"]]
    return " ".join(map(str, parts))


def _check_says(description, digit):
    text = _written(description)
    said = re.search(rf"(?<![0-9.]){digit}(?![0-9]|[.][0-9])", text) is not None
    expect.true(said, f"the figure shows a {digit} that is taken for a {digit}, and says {expect.show(text)}")


@case("q9", points=2, hint="Predict all images, and take one for which the prediction is the label; refuse if none is.")
def a_right_prediction_is_chosen(student, rng):
    """The picture in the figure is one that the network gets right"""
    model, images, labels, (right,) = _explained(student, rng)
    found, _ = _pictures_in(student, student.explanation.keep(model, images, labels))
    _, which = _picture_shown(found, images)
    expect.true(which == right, f"the figure shows image {which}, and of {len(images)} only {right} is predicted right")
    model, images, labels, _ = _explained(student, rng, right=0)
    with expect.raises(ValueError):
        student.explanation.keep(model, images, labels)


@case("q9", points=2, hint="Show the result of your grad_cam for the predicted digit, alone or over the picture.")
def the_figure_shows_the_map(student, rng):
    """The figure shows the Grad-CAM map of its picture"""
    for _ in range(2):
        model, images, labels, (right,) = _explained(student, rng)
        found, _ = _pictures_in(student, student.explanation.keep(model, images, labels))
        place, _ = _picture_shown(found, images)
        heat = _heat(student.grad_cam(model, images[right], int(labels[right])), (SIDE, SIDE))
        _check_map(found, place, heat, images[right])


@case("q9", points=2, hint="Write the predicted digit into the title, as in f'predicted {digit}'.")
def the_figure_says_the_digit(student, rng):
    """The predicted digit stands in the figure's title or text"""
    for _ in range(2):
        model, images, labels, (right,) = _explained(student, rng)
        _, description = _pictures_in(student, student.explanation.keep(model, images, labels))
        _check_says(description, int(labels[right]))


def _from_notebook(student):
    """The last figure that the cells showed in which a hand of the data set stands: its parts, and the hand's place."""
    count = student.probe("figures.count_shown")
    expect.true(type(count) is int and 0 <= count <= 16, "the notebook's figures could not be counted")
    expect.true(count > 0, "the notebook's cells have shown no figure")
    pictures = _known()[0]
    for number in reversed(range(count)):
        figure = student.probe("figures.shown", number, keep=True)
        found, description = _pictures_in(student, figure)
        for place, picture in enumerate(found):
            which = _place_of(picture, pictures)
            if which is not None and len(found) > 1:
                return figure, found, description, place, which
    raise expect.Wrong(f"none of the {count} figures that the notebook shows has a hand of the data set and a map")


def _model_input(picture, which):
    """The picture as the network had it: what is shown, where that has its form, else our own version."""
    plain = picture.dtype.kind == "f" and picture.size == SIDE * SIDE and picture.shape[:2] == (SIDE, SIDE)
    if plain and picture.min() >= 0 and picture.max() <= 1:
        return picture.reshape(SIDE, SIDE, 1).astype(np.float32)
    return _known()[0][which]


@case(
    "q9",
    points=2,
    hint="Run the last cell to its end: it trains, keeps the network as `trained`, and shows your explanation.",
    of_notebook=True,
)
def the_notebook_shows_a_map_of_its_own_network(student, rng):
    """A figure in the executed notebook shows a hand and the map that `grad_cam` gives for `trained`"""
    figure, found, _, place, which = _from_notebook(student)
    student.show("Grad-CAM in the notebook", student.probe("figures.png", figure))
    model = student.probe("basic.identity", Name("trained"), keep=True)
    image = _model_input(found[place], which)
    digit = int(_known()[1][which])
    heat = _heat(student.grad_cam(model, image, digit), (SIDE, SIDE))
    _check_map(found, place, heat, image)


@case(
    "q9",
    points=2,
    hint="Show a hand that your network gets right, and say so: the digit belongs into the title.",
    of_notebook=True,
)
def the_notebooks_prediction_is_right_and_says_so(student, rng):
    """The hand shown is predicted right by `trained`, and the figure says which digit it is"""
    _, found, description, place, which = _from_notebook(student)
    model = student.probe("basic.identity", Name("trained"), keep=True)
    digit = int(_known()[1][which])
    rows = _array(student.predict(model, _model_input(found[place], which)[None]), (1, CLASSES), "the predictions")
    guess = int(rows[0].argmax())
    expect.true(guess == digit, f"the hand shown is a {digit}, and your network takes it for a {guess}")
    _check_says(description, digit)
