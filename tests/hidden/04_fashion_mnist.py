"""Hidden cases of exercise 4: the training pipeline on Fashion-MNIST."""

import functools

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from autograder import curves, expect, measuring
from autograder.cases import case
from autograder.datasets import fashion_mnist
from autograder.wire import TorchArray

CLASSES = 10


def _draw(rng, low, high):
    """A plain integer from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _check_tensor(got, what):
    expect.true(isinstance(got, np.ndarray), f"{what} is asked for, got {expect.show(got)}")
    expect.true(isinstance(got, TorchArray), f"{what} is asked for, this is a NumPy array")


def _finite(got, shape, what):
    """`got` as an array of that shape, all finite."""
    expect.shape(got, shape)
    expect.true(got.dtype.kind == "f" and bool(np.isfinite(got).all()), f"{what} are not all finite numbers")
    return np.asarray(got, dtype=np.float64)


def _listed(got, kind):
    """Whether `got` is a list of values of that type: what a probe answers is the student's process's word, too."""
    return isinstance(got, list) and all(isinstance(item, kind) for item in got)


# Question 1


@case("q1", points=4, hint="Divide by 255 for numbers from 0 to 1, then stretch those: 0 has to become -1, 1 stays 1.")
def black_is_minus_one_and_white_is_one(student, rng):
    """0 becomes -1, 255 becomes 1, what lies between goes in step"""
    images = rng.integers(0, 256, size=(5, 28, 28), dtype=np.uint8)
    images[0].flat[:256] = rng.permutation(256)
    got = student.prepare(images)
    expect.true(isinstance(got, np.ndarray), f"a tensor of numbers is asked for, got {expect.show(got)}")
    expect.true(got.size == images.size, f"{images.size} pixels went in, {got.size} came out")
    # float32: some write 2 x / 255 - 1, some (x / 255 - 0.5) / 0.5
    expect.close(got.reshape(images.shape), images / 127.5 - 1, rtol=0, atol=1e-5)


@case("q1", points=3, hint="One grey channel stands at axis 1: (N, 1, 28, 28), a torch tensor of type float32.")
def a_float32_tensor_with_one_channel_comes_out(student, rng):
    """A float32 tensor of shape (N, 1, 28, 28) comes out"""
    for count in (1, _draw(rng, 2, 9)):
        handle = student.prepare.keep(rng.integers(0, 256, size=(count, 28, 28), dtype=np.uint8))
        kind = student.probe("training.kind", handle)
        got = student.fetch(handle)
        _check_tensor(got, "a torch.Tensor")
        expect.shape(got, (count, 1, 28, 28))
        right = got.dtype == np.float32 and isinstance(kind, str) and kind == "torch.float32 tensor"
        expect.true(right, f"a float32 tensor is asked for, got a {kind!s:.60}")


@case("q1", points=3, hint="The same pixel has to become the same number in every batch: use constants, not the data.")
def an_image_becomes_the_same_in_every_batch(student, rng):
    """Dark batches, bright batches and single images are prepared alike"""
    dark = rng.integers(0, 90, size=(4, 28, 28), dtype=np.uint8)
    dark[1::2] //= 2  # no two neighbours have one range
    bright = rng.integers(120, 250, size=(3, 28, 28), dtype=np.uint8)
    for images in (dark, bright, dark[:1], np.concatenate([bright, dark])):
        got = student.prepare(images)
        expect.true(isinstance(got, np.ndarray) and got.size == images.size, "one number for each pixel is asked for")
        expect.close(got.reshape(images.shape), images / 127.5 - 1, rtol=0, atol=1e-5)


# Question 2: each image carries its number in its first pixels, and its label follows from the number


def _numbered(rng, count):
    """Images that can be told apart, and their labels: as many of each class, sorted by class."""
    images = rng.integers(0, 256, size=(count, 28, 28), dtype=np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(count) // 256, np.arange(count) % 256
    return images, np.arange(count) * CLASSES // count


def _parts(answer):
    """What `split` returned: four arrays that fit together."""
    listed = isinstance(answer, (tuple, list)) and len(answer) == 4
    expect.true(listed, f"four arrays are asked for, got {expect.show(answer)}")
    expect.true(all(isinstance(part, np.ndarray) for part in answer), "the four are not all arrays")
    for name, images, labels in (("training", *answer[:2]), ("validation", *answer[2:])):
        order = "train_images, train_labels, validation_images, validation_labels"
        pictures = images.ndim >= 3 and images.shape[1:] in ((28, 28), (1, 28, 28))
        expect.true(pictures, f"{name} images of shape {images.shape} (the order is {order})")
        fits = labels.shape == (len(images),)
        expect.true(fits, f"{len(images)} {name} images, but labels of shape {labels.shape} (the order is {order})")
    return answer


def _split(student, images, labels, fraction, seed, others=0):
    """The student's parts; `others` seeds the generators that belong to nobody."""
    student.probe("training.seed", others)
    return student.split(images, labels, fraction, seed)


def _numbers(images):
    """The numbers that images carry."""
    corner = images[..., 0, :2].reshape(-1, 2).astype(np.float64)
    corner = np.nan_to_num(corner, nan=-1).clip(-1, 255).astype(np.int64)
    return corner[:, 0] * 256 + corner[:, 1]


@case("q2", points=3, hint="Draw one order of all images, cut it in two: then nothing is in both parts, or in none.")
def each_image_is_in_exactly_one_part(student, rng):
    """The two parts are disjoint, and complete together"""
    for count, fraction in ((200, 0.25), (100, 0.1), (300, 0.5)):
        images, labels = _numbered(rng, count)
        parts = _parts(_split(student, images, labels, fraction, _draw(rng, 0, 10_000)))
        train, validation = _numbers(parts[0]), _numbers(parts[2])
        both = len(np.intersect1d(train, validation))
        expect.true(both == 0, f"{both} of {count} images are in both parts")
        missing = count - len(np.union1d(train, validation))
        expect.true(missing == 0, f"{missing} of {count} images are in neither part")
        extra = len(train) + len(validation) - count
        expect.true(extra == 0, f"{count} images went in, {extra} more came out: some are there twice")


@case(
    "q2", points=2, hint="Whatever order you draw, use the same for images and labels, and leave the arguments alone."
)
def labels_stay_with_their_images(student, rng):
    """Each image keeps its label, and the arrays that were given stay as they were"""
    images, labels = _numbered(rng, 200)
    kept = student.keep(images), student.keep(labels)
    parts = _parts(_split(student, *kept, 0.2, _draw(rng, 0, 10_000)))
    after = [student.fetch(handle) for handle in kept]
    for part, given in ((parts[:2], "training"), (parts[2:], "validation")):
        numbers = _numbers(part[0])
        known = bool(((numbers >= 0) & (numbers < 200)).all())
        expect.true(known, f"{given} images have changed")
        wrong = int((labels[numbers] != part[1]).sum())
        expect.true(wrong == 0, f"{wrong} of {len(numbers)} {given} images have come to another image's label")
    for before, now in zip((images, labels), after, strict=True):
        expect.true(np.array_equal(before, now), "the arrays that were given to split have been changed")


@case("q2", points=2, hint="validation_fraction is the share of the second part: 0.2 of 200 images are 40.")
def the_validation_part_has_the_size_asked(student, rng):
    """The validation part is the share asked for"""
    for count, fraction in ((200, 0.1), (200, 0.25), (300, 0.4)):
        images, labels = _numbered(rng, count)
        got = len(_parts(_split(student, images, labels, fraction, _draw(rng, 0, 10_000)))[2])
        right = abs(got - count * fraction) <= 1
        expect.true(right, f"{fraction} of {count} images are {count * fraction:g}, the validation part has {got}")


@case("q2", points=3, hint="Make a generator from the seed and let it draw the order. Data may come sorted by class.")
def the_seed_decides_which_images(student, rng):
    """The same seed splits alike, another one otherwise, and sorted data are mixed"""
    images, labels = _numbered(rng, 200)
    seeds = [_draw(rng, 0, 1_000), _draw(rng, 1_001, 2_000), _draw(rng, 2_001, 3_000)]
    runs = enumerate((seeds[0], *seeds))
    found = [_split(student, images, labels, 0.25, seed, others=number) for number, seed in runs]
    found = [_parts(answer) for answer in found]
    numbers = [set(_numbers(parts[2]).tolist()) for parts in found]
    expect.true(numbers[0] == numbers[1], f"seed={seeds[0]} gave two different splits")
    expect.true(numbers[1] != numbers[2] != numbers[3], "three seeds gave one and the same split")
    classes = len(set(labels[sorted(numbers[0] & set(range(200)))].tolist()))
    expect.true(classes >= 6, f"the images came sorted by class: the validation part has {classes} of 10 classes")


# Question 3


def _pictures(rng, count, side=28):
    """A prepared batch in which no image is its own mirror image."""
    return torch.from_numpy(rng.uniform(-1, 1, size=(count, 1, side, side)).astype(np.float32))


def _mirrored(got, images):
    """Which images were mirrored; each has to be itself or its mirror image, exactly."""
    _check_tensor(got, "a torch.Tensor")
    expect.shape(got, tuple(images.shape))
    expect.true(got.dtype == np.float32, f"float32 images became {got.dtype}")
    before = images.numpy()
    same = (got == before).all(axis=(1, 2, 3))
    mirrored = (got == before[..., ::-1]).all(axis=(1, 2, 3))
    other = np.flatnonzero(~same & ~mirrored)
    if len(other):
        problem = f"{len(other)} of {len(before)} images are neither themselves nor their mirror image"
        expect.true(False, f"{problem} (the first is number {other[0]})")
    return mirrored


def _augment(student, images, seed):
    generator = student.probe("training.generator", seed, keep=True)
    student.probe("training.seed", 0)  # of the generators that belong to nobody
    return student.augment(images, generator)


@case("q3", points=4, hint="Left and right are the last axis. Each image stays at its place, with its own values.")
def an_image_is_itself_or_its_mirror_image(student, rng):
    """Each image is itself or mirrored left-right, at its own place"""
    for count in (64, _draw(rng, 33, 60)):
        images = _pictures(rng, count)
        mirrored = _mirrored(_augment(student, images, _draw(rng, 0, 10_000)), images)
        expect.true(bool(mirrored.any()), f"none of {count} images is mirrored")


@case("q3", points=3, hint="Draw one number for each image; where it is below 0.5 that image is mirrored.")
def about_half_of_the_images_are_mirrored(student, rng):
    """Of several hundred images about half are mirrored"""
    images = _pictures(rng, 600)
    share = float(_mirrored(_augment(student, images, _draw(rng, 0, 10_000)), images).mean())
    # five standard deviations of 600 fair coins are .10
    expect.true(0.4 <= share <= 0.6, f"{share:.0%} of 600 images are mirrored, about half are asked for")


@case(
    "q3", points=3, hint="Let the generator that you are given draw, each time anew; make a new tensor for the result."
)
def the_generator_draws(student, rng):
    """The generator decides, its next draw is another one, and the batch that was given stays"""
    images = _pictures(rng, 64)
    kept, seed = student.keep(images), _draw(rng, 0, 10_000)
    first, again, other = (
        student.probe("training.generator", number, keep=True) for number in (seed, seed, seed + _draw(rng, 1, 100))
    )
    found = []
    for number, generator in enumerate((first, again, other, first)):
        student.probe("training.seed", number)  # of the generators that belong to nobody
        found.append(student.augment(kept, generator))
    after = student.fetch(kept)
    for got in found:
        expect.shape(got, tuple(images.shape))
    expect.true(np.array_equal(after, images.numpy()), "the batch that was given to augment has been changed")
    masks = [_mirrored(got, images) for got in found]
    expect.true(np.array_equal(masks[0], masks[1]), "two generators with one seed mirrored different images")
    expect.true(not np.array_equal(masks[0], masks[2]), "generators with different seeds mirrored the same images")
    expect.true(not np.array_equal(masks[0], masks[3]), "the same generator mirrored the same images twice in a row")


# Question 4: networks are looked at from outside, on noise, however they are written


def _network(student, seed):
    """A fresh network of the student's, the same each time for a seed."""
    student.probe("training.seed", seed)
    model = student.build_model.keep()
    expect.true(model.type_name != "NoneType", "build_model returned None (is a return missing?)")
    return model


def _noise(rng, count):
    return torch.from_numpy(rng.normal(0, 0.7, size=(count, 1, 28, 28)).clip(-1, 1).astype(np.float32))


@case(
    "q4", points=3, hint="Ten scores for each image: keep the batch axis, flatten from axis 1 on, also for one image."
)
def each_image_gets_ten_scores(student, rng):
    """Each image gets ten scores, a single one too"""
    model = _network(student, _draw(rng, 0, 10_000))
    batches = [_noise(rng, count) for count in (1, _draw(rng, 2, 6), _draw(rng, 7, 12))]
    found = [student.probe("training.predict", model, images) for images in batches]
    for images, got in zip(batches, found, strict=True):
        _finite(got, (len(images), CLASSES), "the scores")


@case(
    "q4",
    points=3,
    hint="End with the linear layer. Cross-entropy applies the softmax itself; twice blurs the gradient.",
)
def scores_are_logits(student, rng):
    """The scores are logits: no softmax, no other squeezing at the end"""
    models = [_network(student, _draw(rng, 0, 10_000)) for _ in range(2)]
    images = _noise(rng, 32)
    found = [student.probe("training.predict", model, images) for model in models]
    scores = np.concatenate([_finite(got, (len(images), CLASSES), "the scores") for got in found])
    sums, logarithms = scores.sum(axis=1), torch.from_numpy(scores).logsumexp(dim=1).numpy()
    softmax = scores.min() >= 0 and np.allclose(sums, 1, atol=1e-3)
    expect.true(not softmax, "the ten scores of an image add up to 1: the network ends in a softmax")
    expect.true(not np.allclose(logarithms, 0, atol=1e-3), "the network ends in a log-softmax")
    rectified = scores.min() == 0 and scores.max() > 0
    expect.true(not rectified, "no score is ever negative: a ReLU stands behind the last layer")
    squeezed = scores.min() > 0 and scores.max() < 1
    expect.true(not squeezed, "all scores lie between 0 and 1: the last layer is squeezed")


def _operations(student, model, images):
    """What ran, in running order: names, shapes and four-axis values."""
    entries = student.probe("training.record", model, images)
    named = _listed(entries, dict) and all(isinstance(entry.get("name"), str) for entry in entries)
    expect.true(named, "the network could not be watched")
    return entries


def _is_map(entry):
    """Whether an operation gave feature maps: four axes, and values to look at."""
    values = entry.get("values")
    return isinstance(values, np.ndarray) and values.ndim == 4 and values.size > 0


def _convolutions(entries):
    return [place for place, entry in enumerate(entries) if entry["name"] == "conv2d" and _is_map(entry)]


def _halvings(entries):
    """Places of the operations from which maps come out about half as high and wide."""
    places, side = [], 28
    convolved = False
    for place, entry in enumerate(entries):
        if not _is_map(entry):
            continue
        convolved = convolved or entry["name"] == "conv2d"
        height, width = entry["values"].shape[2:]
        # 3 -> 1 is a halving rounded down, 7 -> 1 is a global pooling
        if convolved and height == width and 0.3 <= height / side <= 0.6:
            places.append(place)
            convolved = False
        side = max(height, 1)
    return places


@case("q4", points=3, hint="Two or three blocks, each with a convolution and a halving; later ones have more filters.")
def two_or_three_blocks_with_growing_filters(student, rng):
    """At least two blocks of convolution and halving, and the filters grow"""
    model = _network(student, _draw(rng, 0, 10_000))
    entries = _operations(student, model, _noise(rng, 2))
    convolutions, halvings = _convolutions(entries), _halvings(entries)
    expect.true(len(convolutions) >= 2, f"{len(convolutions)} convolutions ran, two or three blocks have as many")
    blocks = len(halvings)
    expect.true(blocks >= 2, f"{blocks} blocks of a convolution and a halving were found, two or three are asked for")
    first, last = (entries[convolutions[place]]["values"].shape[1] for place in (0, -1))
    # where the head is a convolution, too, it gives the ten classes
    if last == CLASSES and len(convolutions) > 2:
        last = entries[convolutions[-2]]["values"].shape[1]
    expect.true(last > first, f"the first block has {first} filters, the last one {last}: they have to grow")


@case(
    "q4", points=3, hint="A ReLU in every block: without it, convolutions in a row are no more than one linear filter."
)
def every_block_has_a_relu(student, rng):
    """In every block negative values become zero"""
    model = _network(student, _draw(rng, 0, 10_000))
    entries = _operations(student, model, _noise(rng, 2))
    convolutions, halvings = _convolutions(entries), _halvings(entries)
    expect.true(bool(convolutions) and bool(halvings), "no block of a convolution and a halving was found")
    starts = [max(place for place in convolutions if place <= halving) for halving in halvings]
    head = next((place for place, entry in enumerate(entries) if entry["name"] == "linear"), len(entries))
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], max(head, starts[-1] + 1)], strict=True), start=1):
        maps = [entry["values"] for entry in entries[start:end] if _is_map(entry)]
        rectified = any(values.min() == 0 and values.max() > 0 for values in maps)
        expect.true(rectified, f"nothing in block {number} sets negative values to zero")


@case(
    "q4", points=2, hint="nn.BatchNorm2d normalises over the batch while training, over running statistics afterwards."
)
def batch_norm_looks_at_the_batch_in_training_only(student, rng):
    """In training an image's scores depend on its batch, in evaluation not"""
    model = _network(student, _draw(rng, 0, 10_000))
    images, others = _noise(rng, 16), _noise(rng, 16) * 0.2 + 0.7
    others[0] = images[0]
    found = [
        student.probe("training.forward", model, batch, training=training, seed_of_draws=1)
        for training in (True, False)
        for batch in (images, others)
    ]
    scores = [_finite(got, (16, CLASSES), "the scores")[0] for got in found]
    coupled = not np.allclose(scores[0], scores[1], rtol=1e-3, atol=1e-4)
    expect.true(coupled, "in training mode an image's scores do not depend on its batch: there is no batch norm")
    steady = np.allclose(scores[2], scores[3], rtol=1e-3, atol=1e-4)
    expect.true(steady, "in evaluation mode an image's scores depend on the other images of its batch")


@case("q4", points=2, hint="Dropout before the head; nn.Dropout is off in evaluation mode, F.dropout has to be told.")
def dropout_is_on_in_training_only(student, rng):
    """Two runs differ in training and agree in evaluation"""
    model = _network(student, _draw(rng, 0, 10_000))
    images = _noise(rng, 16)
    found = [
        student.probe("training.forward", model, images, training=training, seed_of_draws=seed)
        for training, seed in ((False, 1), (False, 2), (True, 1), (True, 2))
    ]
    steady, again, one, other = (_finite(got, (16, CLASSES), "the scores") for got in found)
    expect.true(np.allclose(steady, again, atol=1e-5), "in evaluation mode two runs differ: something is still dropped")
    expect.true(not np.allclose(one, other, atol=1e-5), "in training mode two runs agree: there is no dropout")


# Question 5: small models and data of ours, so that what has to come out can be computed here


def _toy(rng, features=12):
    """A linear model on small images and three batches, all small enough that no gradient's norm reaches 1."""
    weights = {
        "1.weight": rng.normal(0, 0.1, size=(CLASSES, features)).astype(np.float32),
        "1.bias": rng.normal(0, 0.1, size=CLASSES).astype(np.float32),
    }
    layers = [
        {"type": "Flatten", "settings": {}},
        {"type": "Linear", "settings": {"in_features": features, "out_features": CLASSES}},
    ]
    batches = [
        (
            torch.from_numpy(rng.uniform(-0.6, 0.6, size=(8, 1, 3, features // 3)).astype(np.float32)),
            torch.from_numpy(rng.integers(0, CLASSES, size=8)),
        )
        for _ in range(3)
    ]
    return layers, weights, batches


def _expected_steps(layers, weights, batches, optimiser, criterion):
    """The oracle: weights after one plain step on each batch, and each batch's loss before its step."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(layers[1]["settings"]["in_features"], CLASSES)).double()
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    stepping = torch.optim.SGD(model.parameters(), **optimiser)
    losses = []
    for images, labels in batches:
        stepping.zero_grad()
        loss = criterion(model(images.double()), labels)
        loss.backward()
        stepping.step()
        losses.append(loss.item())
    return {name: value.numpy() for name, value in model.state_dict().items()}, losses


def _take_steps(student, layers, weights, batches, optimiser, criterion):
    """Have the student step on each batch: returns the losses, the model, and what was called of it, a handle."""
    model = student.probe("training.build", layers, weights, keep=True)
    stepping = student.probe("training.optimiser", model, "SGD", keep=True, **optimiser)
    student.probe("training.set_mode", model, True)
    counts = student.probe("training.watch", model, stepping, keep=True)
    losses = [student.training_step(model, stepping, criterion, images, labels) for images, labels in batches]
    return losses, model, counts


def _state(student, model, *names):
    """A model's weights and buffers, those of these names as arrays for certain."""
    got = student.probe("training.state", model)
    there = isinstance(got, dict) and all(isinstance(got.get(name), np.ndarray) for name in names)
    expect.true(there, "the weights of the model could not be read")
    return got


def _batches(state):
    """How many batches batch norm has counted."""
    counted = state[COUNTER]
    expect.shape(counted, ())
    expect.true(counted.dtype.kind in "iu", "batch norm has counted no whole number of batches")
    return int(counted)


def _check_weights(got, expected):
    for name, values in expected.items():
        # float32, three steps: nothing adds up to more than this
        expect.close(got[name], values, rtol=1e-4, atol=2e-6)


@case(
    "q5", points=4, hint="Empty the gradients, compute the loss, call backward on it, let the optimiser step: all four."
)
def three_steps_move_the_weights_exactly(student, rng):
    """Three steps of plain gradient descent lead exactly where they should"""
    layers, weights, batches = _toy(rng)
    optimiser = {"lr": 0.1}
    criterion = student.probe("basic.make", "torch.nn.CrossEntropyLoss", keep=True)
    _, model, counted = _take_steps(student, layers, weights, batches, optimiser, criterion)
    got, counts = _state(student, model, *weights), student.fetch(counted)
    expected, _ = _expected_steps(layers, weights, batches, optimiser, nn.CrossEntropyLoss())
    expect.true(isinstance(counts, dict), "backward passes and optimiser steps could not be counted")
    passes, steps = (expect.show(counts.get(what)) for what in ("backward", "step"))
    seen = f"in three calls there were {passes} backward passes and {steps} optimiser steps"
    for name in weights:
        moved = not np.array_equal(got[name], weights[name])
        expect.true(moved, f"no weight has moved ({seen})")
    _check_weights(got, expected)


@case("q5", points=2, hint="Use the criterion and the optimiser that come as arguments; do not make others inside.")
def the_given_criterion_and_optimiser_are_used(student, rng):
    """Another criterion and another optimiser lead to their own weights"""
    layers, weights, batches = _toy(rng)
    optimiser = {"lr": 0.03, "momentum": 0.8}
    settings = {"label_smoothing": 0.3}
    criterion = student.probe("basic.make", "torch.nn.CrossEntropyLoss", keep=True, **settings)
    _, model, _ = _take_steps(student, layers, weights, batches, optimiser, criterion)
    got = _state(student, model, *weights)
    expected, _ = _expected_steps(layers, weights, batches, optimiser, nn.CrossEntropyLoss(**settings))
    _check_weights(got, expected)


@case("q5", points=2, hint="Return loss.item(): what the criterion said of this batch, before the weights moved.")
def the_loss_of_the_batch_comes_back(student, rng):
    """Each step returns its batch's loss as a number"""
    layers, weights, batches = _toy(rng)
    optimiser = {"lr": 0.4}
    criterion = student.probe("basic.make", "torch.nn.CrossEntropyLoss", keep=True)
    losses, _, _ = _take_steps(student, layers, weights, batches, optimiser, criterion)
    _, expected = _expected_steps(layers, weights, batches, optimiser, nn.CrossEntropyLoss())
    for got, right in zip(losses, expected, strict=True):
        expect.close(got, right, rtol=1e-4)


def _network_of_ours():
    """A small network with everything that behaves otherwise in evaluation: batch norm and dropout."""
    settings = {"in_channels": 1, "out_channels": 6, "kernel_size": 5, "stride": 3}
    return [
        {"type": "Conv2d", "settings": settings},
        {"type": "BatchNorm2d", "settings": {"num_features": 6}},
        {"type": "ReLU", "settings": {}},
        {"type": "Flatten", "settings": {}},
        {"type": "Dropout", "settings": {"p": 0.4}},
        {"type": "Linear", "settings": {"in_features": 384, "out_features": CLASSES}},
    ]


COUNTER = "1.num_batches_tracked"


def _ours(student, seed):
    """Our network beside the student's code, the same each time for a seed."""
    student.probe("training.seed", seed)
    return student.probe("training.build", _network_of_ours(), keep=True)


@case(
    "q5",
    points=2,
    hint="One forward pass a step, in the mode that the model is in: batch norm counts passes in training.",
)
def a_step_is_one_forward_pass_in_training_mode(student, rng):
    """Batch norm counts as many batches as there were steps"""
    model = _ours(student, _draw(rng, 0, 10_000))
    stepping = student.probe("training.optimiser", model, "SGD", lr=0.01, keep=True)
    criterion = student.probe("basic.make", "torch.nn.CrossEntropyLoss", keep=True)
    steps = _draw(rng, 3, 5)
    student.probe("training.set_mode", model, True)
    for _ in range(steps):
        labels = torch.from_numpy(rng.integers(0, CLASSES, size=12))
        student.training_step(model, stepping, criterion, _noise(rng, 12), labels)
    seen = _batches(_state(student, model, COUNTER))
    expect.true(seen == steps, f"in {steps} steps the model's batch norm has seen {seen} batches")


def _task(rng, count, brightness):
    """Images of ten patterns under noise, and their labels."""
    patterns = np.random.default_rng(7).uniform(-1, 1, size=(CLASSES, 1, 28, 28))
    labels = rng.permutation(np.arange(count) % CLASSES)
    images = 0.5 * patterns[labels] + rng.normal(0, 0.3, size=(count, 1, 28, 28)) + brightness
    return torch.from_numpy(images.clip(-1, 1).astype(np.float32)), torch.from_numpy(labels)


# Twenty images, again and again: whatever the batches of a validation, averages over them agree.
VALIDATION_IMAGES, VALIDATION_TURNS = 20, 32


def _sets(student, rng):
    """A training set and a validation set that is brighter, kept beside the student's code; and the latter here."""
    images, labels = _task(rng, 384, brightness=-0.2)
    few, few_labels = _task(rng, VALIDATION_IMAGES, brightness=0.3)
    few_labels[::3] = (few_labels[::3] + 1) % CLASSES  # some labels are wrong, so that accuracy stays away from 1
    validation = few.repeat(VALIDATION_TURNS, 1, 1, 1), few_labels.repeat(VALIDATION_TURNS)
    kept = [student.probe("training.labelled", *one, keep=True) for one in ((images, labels), validation)]
    return kept, validation


def _train(student, model, sets, epochs):
    device = student.probe("basic.make", "torch.device", "cpu", keep=True)
    return student.train(model, *sets, epochs, device)


@case("q5", points=2, hint="Append to each of the four lists once an epoch; accuracies are shares from 0 to 1.")
def the_history_has_one_number_an_epoch(student, rng):
    """Four lists with one number for each epoch"""
    sets, _ = _sets(student, rng)
    epochs = _draw(rng, 2, 3)
    history = curves.read(_train(student, _ours(student, _draw(rng, 0, 10_000)), sets, epochs), epochs)
    for key in ("accuracy", "val_accuracy"):
        inside = bool(((history[key] >= 0) & (history[key] <= 1)).all())
        expect.true(inside, f"{key!r} is a share from 0 to 1, got {history[key].tolist()}")


@case("q5", points=3, hint="Measure on the validation set, after the epoch, in evaluation mode and without gradients.")
def validation_numbers_are_those_of_the_model(student, rng):
    """val_loss and val_accuracy are what the trained model gives in evaluation mode"""
    sets, (images, labels) = _sets(student, rng)
    model = _ours(student, _draw(rng, 0, 10_000))
    got = _train(student, model, sets, 2)
    scores = student.probe("training.predict", model, images[:VALIDATION_IMAGES])
    history = curves.read(got, 2)
    logits = torch.from_numpy(_finite(scores, (VALIDATION_IMAGES, CLASSES), "the scores"))
    labels = labels[:VALIDATION_IMAGES]
    loss = cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    # a model that ends with the weights of its best epoch is right, too
    fits = [
        abs(one - loss) <= 0.03 * loss and abs(other - accuracy) <= 0.0101
        for one, other in zip(history["val_loss"], history["val_accuracy"], strict=True)
    ]
    ours = f"val_loss {loss:.3f} and val_accuracy {accuracy:.3f}"
    theirs = f"{history['val_loss'][-1]:.3f} and {history['val_accuracy'][-1]:.3f}"
    expect.true(any(fits), f"the trained model has {ours} on the validation set, the history says {theirs}")


@case("q5", points=3, hint="Train the very model that you are given, every batch in training mode, in every epoch.")
def the_given_model_is_trained_in_training_mode(student, rng):
    """The given model itself changes, and all epochs train in training mode"""
    sets, _ = _sets(student, rng)
    seed, counts = _draw(rng, 0, 10_000), {}
    names = ("0.weight", "5.weight", "5.bias")
    for epochs in (1, 2):
        model = _ours(student, seed)
        before = _state(student, model, *names)
        _train(student, model, sets, epochs)
        after = _state(student, model, *names, COUNTER)
        for name in names:
            changed = not np.array_equal(before[name], after[name])
            expect.true(changed, "after train the given model has the weights that it had before")
        counts[epochs] = _batches(after)
    seen = f"batch norm has counted {counts[1]} batches in 1 epoch and {counts[2]} in 2"
    expect.true(counts[1] >= 1, f"{seen}: the model is never in training mode")
    expect.true(counts[2] == 2 * counts[1], f"{seen}: training mode is on in some epochs only")


# Question 6


def _planted(rng, count, classes=tuple(range(CLASSES))):
    """A linear model, images of which it thinks what we choose, and labels that often differ from that."""
    weights = np.zeros((CLASSES, 784), dtype=np.float32)
    weights[np.arange(CLASSES), np.arange(CLASSES)] = 5
    layers = [
        {"type": "Flatten", "settings": {}},
        {"type": "Linear", "settings": {"in_features": 784, "out_features": CLASSES}},
    ]
    planted = {"1.weight": weights, "1.bias": np.zeros(CLASSES, dtype=np.float32)}
    labels = rng.choice(classes, size=count, p=_shares(rng, len(classes)))
    labels[: len(classes)] = classes
    predicted = np.where(rng.random(count) < 0.6, labels, rng.integers(0, CLASSES, size=count))
    images = rng.uniform(-0.2, 0.2, size=(count, 1, 28, 28)).astype(np.float32)
    images[np.arange(count), 0, 0, predicted] = 1
    return layers, planted, torch.from_numpy(images), torch.from_numpy(labels), predicted


def _shares(rng, classes):
    """Uneven shares of the classes, none of which is tiny."""
    shares = rng.uniform(1, 4, size=classes)
    return shares / shares.sum()


def _evaluate(student, model, images, labels):
    """The student's evaluation, numbers as arrays."""
    got = student.probe("training.evaluation", student.evaluate.ref, model, images, labels)
    expect.true(isinstance(got, dict), f"a dict is asked for, got {expect.show(got)}")
    for key in ("accuracy", "per_class_accuracy", "confusion_matrix"):
        expect.true(key in got, f"the result has no {key!r}, its keys are {expect.show(list(got))}")
        expect.true(isinstance(got[key], np.ndarray), f"{key!r} holds no numbers: {expect.show(got[key])}")
    return got


def _confusion(labels, predicted):
    matrix = np.zeros((CLASSES, CLASSES))
    np.add.at(matrix, (np.asarray(labels), predicted), 1)
    return matrix


@case(
    "q6", points=3, hint="Accuracy is right over all; a class's accuracy is right over the images that truly are of it."
)
def accuracies_are_shares_of_right_images(student, rng):
    """Accuracy over all and accuracy of each class are right"""
    for count in (_draw(rng, 301, 399), 512):
        layers, planted, images, labels, predicted = _planted(rng, count)
        model = student.probe("training.build", layers, planted, keep=True)
        got = _evaluate(student, model, images, labels)
        matrix = _confusion(labels, predicted)
        _close("accuracy", got["accuracy"].squeeze(), matrix.trace() / count)
        _close("per_class_accuracy", got["per_class_accuracy"].squeeze(), matrix.diagonal() / matrix.sum(axis=1))


def _close(key, got, expected, atol=1e-4):
    """As `expect.close`, with the key in front of the sentence."""
    try:
        expect.close(got, expected, rtol=0, atol=atol)
    except expect.Wrong as wrong:
        raise expect.Wrong(f"{key}: {wrong}") from None


@case("q6", points=3, hint="Entry [i][j] counts the images of true class i that the model takes for class j.")
def the_confusion_matrix_counts_true_classes_in_rows(student, rng):
    """Rows of the confusion matrix are true classes, and it counts"""
    layers, planted, images, labels, predicted = _planted(rng, _draw(rng, 250, 350))
    model = student.probe("training.build", layers, planted, keep=True)
    got = _evaluate(student, model, images, labels)
    expected = _confusion(labels, predicted)
    matrix = got["confusion_matrix"]
    turned = matrix.shape == expected.shape and np.array_equal(matrix, expected.T)
    expect.true(not turned, "confusion_matrix: rows and columns are exchanged, true classes are in the rows")
    _close("confusion_matrix", matrix, expected)


@case(
    "q6", points=3, hint="model.eval() first: dropout off, batch norm with its running statistics. No gradients needed."
)
def dropout_and_batch_norm_are_in_evaluation_mode(student, rng):
    """Two evaluations agree with each other and with the model in evaluation mode"""
    model = _ours(student, _draw(rng, 0, 10_000))
    images = _noise(rng, 300)
    scores = student.probe("training.predict", model, images)
    predicted = _finite(scores, (300, CLASSES), "the scores").argmax(axis=1)
    labels = np.where(np.arange(300) < 2 * CLASSES, np.arange(300) % CLASSES, predicted)  # no class is absent
    student.probe("training.set_mode", model, True)
    before = _state(student, model, COUNTER)
    found = [_evaluate(student, model, images, torch.from_numpy(labels)) for _ in range(2)]
    after = _state(student, model, COUNTER)
    expected = float((labels == predicted).mean())
    for got in found:
        # two scores may be so close that another batch size exchanges them: one image is let pass
        _close("accuracy", got["accuracy"].squeeze(), expected, atol=1.01 / 300)
    kept = all(np.array_equal(before[name], after.get(name)) for name in before)
    expect.true(kept, "evaluating has changed the model's weights or its batch norm statistics")


@case("q6", points=2, hint="Remember model.training before you switch to evaluation mode, and restore it at the end.")
def the_mode_of_the_model_is_restored(student, rng):
    """A model in training mode stays in it, one in evaluation mode too"""
    layers, planted, images, labels, _ = _planted(rng, 40)
    model = student.probe("training.build", layers, planted, keep=True)
    for training in (True, False):
        student.probe("training.set_mode", model, training)
        _evaluate(student, model, images, labels)
        now = student.probe("training.mode", model)
        names = {True: "training", False: "evaluation"}
        kept = now is training
        expect.true(kept, f"the model was in {names[training]} mode and is in the other mode afterwards")


@case(
    "q6",
    points=1,
    hint="A class without images has no accuracy: do not divide by its zero, and count on for the others.",
)
def absent_classes_do_no_harm(student, rng):
    """Where a class has no images the others are still right"""
    present = sorted(rng.choice(CLASSES, size=6, replace=False).tolist())
    layers, planted, images, labels, predicted = _planted(rng, 120, classes=present)
    model = student.probe("training.build", layers, planted, keep=True)
    got = _evaluate(student, model, images, labels)
    matrix = _confusion(labels, predicted)
    there = matrix.sum(axis=1) > 0
    expect.shape(got["per_class_accuracy"], (CLASSES,))
    shares = matrix.diagonal()[there] / matrix.sum(axis=1)[there]
    _close("per_class_accuracy of the classes that are there", got["per_class_accuracy"][there], shares)


# Question 7

HELD_OUT_IMAGES = 2_000
VALIDATION = 200  # of the training images: whoever stops early or keeps the best epoch needs some


@functools.lru_cache(maxsize=1)
def _to_train_on(count):
    """The first training images, all of them where there are fewer; the same for a whole class, so read once."""
    return fashion_mnist.load("train", first=count)


@functools.lru_cache(maxsize=1)
def _held_out(seed):
    """Test images, altered by the seed: only this process has them."""
    return fashion_mnist.held_out(seed, HELD_OUT_IMAGES)


@case(
    "q7",
    points=14,
    hint="See that the loss falls on your machine. Then look at the learning rate, and at what a batch is.",
)
def held_out_images_are_recognised(student, rng, training):
    """The trained network recognises images that nobody has trained on"""
    held_out = _held_out(training.seed)
    images, labels = _to_train_on(training.images + VALIDATION)
    order = rng.permutation(len(images))
    parts = order[:-VALIDATION], order[-VALIDATION:]

    def accuracy(model):
        unseen = student.probe("training.prepared", held_out.images, keep=True)
        scores = student.probe("training.predict", model, unseen)
        expect.shape(scores, (len(held_out.labels), CLASSES))
        return float((scores.argmax(axis=1) == held_out.labels).mean())

    def train_and_test(seed):
        sets = []
        for part in parts:
            prepared = student.probe("training.prepared", images[part], keep=True)
            sets.append(student.probe("training.labelled", prepared, labels[part], keep=True))
        model = _network(student, seed)
        device = student.probe("basic.make", "torch.device", training.device, keep=True)
        student.train.keep(model, *sets, training.epochs, device)
        return accuracy(model)

    def test_submitted():
        model = _network(student, training.seed)
        student.probe("training.load", model, dict(training.weights))
        return accuracy(model)

    count = len(held_out.labels)
    measured = measuring.measure(training, train_and_test, test_submitted, images=count)
    expect.banded(measured.accuracy, full=training.full, none=training.none, images=count, trainings=measured.trainings)


# Question 8


@case(
    "q8", points=4, hint="Four curves: loss and val_loss, accuracy and val_accuracy, with the numbers of the history."
)
def the_four_curves_show_the_history(student, rng):
    """Training and validation curves of loss and accuracy hold the history's numbers"""
    history = curves.made_up(rng, _draw(rng, 5, 9))
    handle, description = curves.drawn(student, history)
    student.show("training curves", student.probe("figures.png", handle))
    curves.check_numbers(curves.figure(description), history)


@case("q8", points=4, hint="Name both axes, say which picture is the loss, and give each curve a label and a legend.")
def curves_and_axes_are_labelled(student, rng):
    """The reader sees what is loss and accuracy, what is training and validation, and what the epochs are"""
    history = curves.made_up(rng, _draw(rng, 5, 9))
    curves.check_labels(curves.figure(curves.drawn(student, history)[1]), history)


@case("q8", points=2, hint="Make a new figure in each call, with plt.subplots() say, and return that one.")
def each_call_makes_a_figure_of_its_own(student, rng):
    """A second history is drawn alone, and the histories stay as they are"""
    curves.check_each_call_has_its_own(student, rng)
