"""Hidden cases of question 8 of exercise 6: Grad-CAM, asked as a function on networks that the judge knows.

A fragment: goes into tests/hidden/06_sign_language.py.
"""

import numpy as np

from autograder import expect
from autograder.cases import case
from autograder.cnn import network, references
from autograder.cnn.planted import planted
from autograder.student import StudentRaised
from autograder.wire import TorchArray

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
        kind = ""
    known = isinstance(kind, str) and kind in ("torch", "keras")
    return kind if known else _framework_by_trial(student)


def _framework_by_trial(student):
    one = planted(np.random.default_rng(0))
    for kind in ("torch", "keras"):
        try:
            model = student.probe("gradcam.build", kind, one.network.arrays(), one.image.shape[:2], keep=True)
            student.grad_cam(model, one.image, one.bright_class)
        except StudentRaised:
            continue
        return kind
    return "torch"


def _beside(student, kind, of, size, **how):
    """A network of the judge's, built beside the student's code for images of that size."""
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
