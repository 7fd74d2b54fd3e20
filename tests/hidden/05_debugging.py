"""Hidden cases of exercise 5: the debugging clinic.

What a repaired function leaves behind (weights, logits) comes back as arrays; every loss and accuracy that decides is
computed here.
"""

import math

import numpy as np
import torch
from torch.nn import functional

from autograder import expect
from autograder.cases import case
from autograder.probes import torch_models

torch.set_num_threads(1)  # the tensors are tiny: on a busy machine more threads wait for each other, for minutes

CLASSES = 4
CHANCE = math.log(CLASSES)


def _seed(rng):
    return int(rng.integers(2**31))


def _layer(kind, **settings):
    return {"type": kind, "settings": settings}


def _stripes(rng, count, side=12):
    """Noisy stripes four pixels wide in four directions, like those of the lesson."""
    rows, columns = np.mgrid[:side, :side]
    directions = [rows, columns, rows + columns, rows - columns]
    labels = rng.permutation(np.arange(count) % CLASSES)
    waves = [np.sin(np.pi / 2 * directions[label] + rng.uniform(0, 2 * np.pi)) for label in labels]
    images = np.stack(waves)[:, None] + rng.normal(0, 0.3, (count, 1, side, side))
    return torch.tensor(images, dtype=torch.float32), torch.tensor(labels)


def _loss(logits, labels):
    """Mean cross-entropy of logits that come as a tensor or as an array."""
    return float(functional.cross_entropy(torch.as_tensor(np.asarray(logits), dtype=torch.float64), labels))


def _logits(got, shape):
    """What a probe says that the model gave, as numbers of that shape."""
    expect.shape(got, shape)
    return np.asarray(got, dtype=np.float64)


def _accuracy(logits, labels):
    return float((np.asarray(logits).argmax(axis=1) == labels.numpy()).mean())


def _initial_state(spec, rng):
    """Weights and buffers of a fresh model, drawn here: the student's process gets them as values."""
    with torch.random.fork_rng():
        torch.manual_seed(_seed(rng))
        return {name: tensor.clone() for name, tensor in torch_models.build(spec).state_dict().items()}


def _rebuilt(spec, state):
    """The described model with weights that came from the student's process."""
    model = torch_models.build(spec)
    wanted = model.state_dict()
    complete = isinstance(state, dict) and state.keys() == wanted.keys()
    expect.true(complete, "the model does not have the weights any more that it came with")
    for name, tensor in wanted.items():
        expect.shape(state[name], tuple(tensor.shape))
        expect.true(state[name].dtype == tensor.numpy().dtype, f"{name} has become numbers of another type")
    model.load_state_dict({name: torch.as_tensor(np.asarray(array)) for name, array in state.items()})
    return model


# Question 1: the weights come back, and the loss is computed here


def _plain_network(side):
    features = 8 * (side // 4) ** 2
    return [
        _layer("Conv2d", in_channels=1, out_channels=8, kernel_size=5, padding=2),
        _layer("ReLU"),
        _layer("MaxPool2d", kernel_size=4),
        _layer("Flatten"),
        _layer("Linear", in_features=features, out_features=CLASSES),
    ]


def _normalised_network(side):
    convolution, *rest = _plain_network(side)
    return [convolution, _layer("BatchNorm2d", num_features=8), *rest]


def _train(student, spec, state, images, labels):
    """Have the student train a model; its weights and buffers afterwards."""
    model = student.probe("debugging.build", spec, state, keep=True)
    student.fix_learning_rate(model, student.keep(images), student.keep(labels))
    return student.probe("debugging.state", model)


def _train_fresh(student, rng, network, images, labels, side=12):
    """Train a fresh network; its weights come back as a model in evaluation mode."""
    spec = network(side)
    student.probe("debugging.seed", _seed(rng))
    return _rebuilt(spec, _train(student, spec, _initial_state(spec, rng), images, labels)).eval()


def _expect_learned(loss, bar):
    message = f"after training the loss on the training images is {loss:.3g}; at most {bar:.2f} is asked, "
    expect.true(loss <= bar, message + f"and guessing has {CHANCE:.2f}")


@case("q1", points=6, hint="Change the learning rate by factors of ten and look where the loss ends after 100 steps.")
def the_loss_leaves_chance(student, rng):
    """After training, the loss is at most half of what guessing has"""
    images, labels = _stripes(rng, 64)
    model = _train_fresh(student, rng, _plain_network, images, labels)
    with torch.no_grad():
        _expect_learned(_loss(model(images), labels), CHANCE / 2)


@case("q1", points=5, hint="A network that has learned the stripes recognises new ones, whatever their size.")
def new_images_are_recognised(student, rng):
    """Another network recognises new images after training"""
    for network, side in [(_normalised_network, 12), (_plain_network, 16)]:
        images, labels = _stripes(rng, 64, side)
        new_images, new_labels = _stripes(rng, 200, side)
        model = _train_fresh(student, rng, network, images, labels, side)
        with torch.no_grad():
            accuracy = _accuracy(model(new_images), new_labels)
        message = f"of 200 new images {accuracy:.0%} are recognised; at least 80% are asked, guessing has 25%"
        expect.true(accuracy >= 0.8, message)


@case("q1", points=4, hint="A hundred steps are plenty with a good learning rate. Change the rate, not the patience.")
def a_hundred_steps_are_enough(student, rng):
    """The model learns, and sees the images no more often than a hundred steps need"""
    spec = _normalised_network(12)
    images, labels = _stripes(rng, 16)
    state = _initial_state(spec, rng)
    student.probe("debugging.seed", _seed(rng))
    after = _train(student, spec, state, images, labels)
    model = _rebuilt(spec, after)
    _expect_learned(_loss(model.train()(images).detach(), labels), CHANCE / 2)
    # Batch norm counts forward passes in training mode. Some look at the loss apart, or cut the images into batches.
    passes = int(after["1.num_batches_tracked"])
    message = f"the model has seen images {passes} times in training mode; 100 steps are asked"
    expect.true(0 < passes <= 250, message)


# Question 2: what the student's network is made of is not known here, so its logits come back


@case("q2", points=9, hint="Bound the step: normalise after each convolution, clip between backward() and the step.")
def the_deep_network_learns(student, rng):
    """The loss ends below chance, and new images are told apart"""
    images, labels = _stripes(rng, 48)
    new_images, new_labels = _stripes(rng, 200)
    everything = torch.cat([images, new_images])
    kept_images, kept_labels, found = student.keep(images), student.keep(labels), []
    for _ in range(3):  # a random start may be an unlucky one
        student.probe("debugging.seed", _seed(rng))
        model = student.fix_gradients.keep(kept_images, kept_labels)
        logits = _logits(student.probe("debugging.logits", model, everything), (len(everything), CLASSES))
        loss, accuracy = _loss(logits[: len(images)], labels), _accuracy(logits[len(images) :], new_labels)
        if loss <= 1.0 and accuracy >= 0.35:
            return
        found.append(f"a loss of {loss:.3g}, {accuracy:.0%} of new images right")
    message = f"of three trainings none has learned: {'; '.join(found)}. At most 1.0 and more than guessing's 25% "
    expect.true(False, message + f"are asked; guessing has a loss of {CHANCE:.2f}")


@case(
    "q2",
    points=7,
    hint="A smaller learning rate alone lasts until a bad batch comes. Normalising or clipping bounds any step.",
)
def badly_scaled_images_leave_every_weight_finite(student, rng):
    """Images a hundred times as bright leave no inf and no nan"""
    images, labels = _stripes(rng, 48)
    student.probe("debugging.seed", _seed(rng))
    model = student.fix_gradients.keep(student.keep(100 * images), student.keep(labels))
    arrays = _arrays(student.probe("debugging.state", model))
    expect.true(any(array.ndim == 4 for _, array in arrays), "the network that came back has no convolution")
    for name, array in arrays:
        broken = int((~np.isfinite(array)).sum())
        message = (
            f"after images a hundred times as bright, {broken} of {array.size} numbers in {name:.60} are inf or nan"
        )
        expect.true(broken == 0, message)


@case("q2", points=4, hint="A shallow network does not explode, but it is no repair: keep the ten convolutions.")
def the_network_stays_deep(student, rng):
    """There are still ten convolutions"""
    images, labels = _stripes(rng, 16)
    student.probe("debugging.seed", _seed(rng))
    model = student.fix_gradients.keep(student.keep(images), student.keep(labels))
    arrays = [array for _, array in _arrays(student.probe("debugging.state", model))]
    kernels = sum(array.ndim == 4 for array in arrays)
    expect.true(kernels >= 10, f"ten convolutions are asked, the network that came back has {kernels}")
    expect.true(all(np.isfinite(array).all() for array in arrays), "some of the weights are inf or nan")


def _arrays(state):
    """Names and arrays of a state that may be anything."""
    plain = isinstance(state, dict) and all(isinstance(array, np.ndarray) for array in state.values())
    expect.true(plain, "the weights of the network cannot be read")
    return [(str(name), array) for name, array in state.items()]


# Question 3: model and weights are made here, so the accuracy in evaluation mode is known


def _moody_network(*, dropout, normalised):
    return [
        _layer("Conv2d", in_channels=1, out_channels=6, kernel_size=3, padding=1),
        *([_layer("BatchNorm2d", num_features=6)] if normalised else []),
        _layer("ReLU"),
        _layer("MaxPool2d", kernel_size=4),
        _layer("Flatten"),
        *([_layer("Dropout", p=dropout)] if dropout else []),
        _layer("Linear", in_features=54, out_features=CLASSES),
    ]


class _Patient:
    """A model with drawn weights, here and in the student's process, and images of which it gets about 3/4 right."""

    def __init__(self, student, rng, *, dropout, normalised, training=True):
        self.spec = _moody_network(dropout=dropout, normalised=normalised)
        state = _initial_state(self.spec, rng)
        if normalised:
            state["1.running_mean"] = torch.tensor(rng.normal(0, 1, 6), dtype=torch.float32)
            state["1.running_var"] = torch.tensor(rng.uniform(0.05, 0.5, 6), dtype=torch.float32)
        self.model = torch_models.build(self.spec)
        self.model.load_state_dict(state)
        self.images = torch.tensor(rng.normal(0, 1, (120, 1, 12, 12)), dtype=torch.float32)
        self.model.eval()
        with torch.no_grad():  # centred, or one class wins on all images, in either mode
            self.model[-1].bias -= self.model(self.images).mean(dim=0)
            self.logits = self.model(self.images)
        self.state = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        others = torch.tensor(rng.integers(0, CLASSES, 120))
        self.labels = torch.where(torch.tensor(rng.random(120) < 0.65), self.logits.argmax(dim=1), others)
        self.handle = student.probe("debugging.build", self.spec, self.state, training, keep=True)
        self.student = student
        student.probe("debugging.seed", _seed(rng))

    def evaluate(self, count=None):
        """The student's accuracy on the first `count` images, on all by default."""
        images, labels = self.images[:count], self.labels[:count]
        return self.student.fix_evaluation(self.handle, self.student.keep(images), self.student.keep(labels))

    def expect_accuracy(self, got):
        expected = _accuracy(self.logits, self.labels)
        # one image of 120 may be on the edge between two classes
        expect.close(got, expected, rtol=0, atol=1.01 / 120)


@case("q3", points=4, hint="Dropout is for training: bring the model into evaluation mode before you use it.")
def dropout_rests(student, rng):
    """A network with dropout is evaluated without it, at every call"""
    for _ in range(2):
        patient = _Patient(student, rng, dropout=0.6, normalised=False)
        for _ in range(2):
            patient.expect_accuracy(patient.evaluate())


@case("q3", points=4, hint="In evaluation mode batch normalisation uses its running statistics: also for the others.")
def running_statistics_are_used(student, rng):
    """Batch normalisation uses what it has measured in training, however many images come"""
    for _ in range(2):
        patient = _Patient(student, rng, dropout=0, normalised=True)
        patient.expect_accuracy(patient.evaluate())
        few = patient.evaluate(12)
        expect.close(few, _accuracy(patient.logits[:12], patient.labels[:12]), rtol=0, atol=1.01 / 12)


@case("q3", points=3, hint="In training mode batch normalisation learns from the test images. Evaluate first of all.")
def evaluating_changes_no_number(student, rng):
    """Weights and running statistics are afterwards what they were"""
    patient = _Patient(student, rng, dropout=0.5, normalised=True)
    patient.expect_accuracy(patient.evaluate())  # who evaluates nothing changes nothing either
    state = student.probe("debugging.state", patient.handle)
    _rebuilt(patient.spec, state)  # the same names and shapes
    for name, tensor in patient.state.items():
        message = f"the evaluation has changed {name}"
        expect.true(np.array_equal(np.asarray(state[name]), tensor.numpy()), message)


@case("q3", points=4, hint="Remember model.training at the start, and go back to that mode at the end.")
def the_mode_found_is_the_mode_left(student, rng):
    """A model in training goes on in training mode, a finished one stays in evaluation mode"""
    for training in (True, False):
        patient = _Patient(student, rng, dropout=0, normalised=True, training=training)
        patient.expect_accuracy(patient.evaluate())
        # batch norm shows the mode: what comes out of a batch now is what comes out in that mode
        logits = _logits(
            student.probe("debugging.logits", patient.handle, patient.images, None), tuple(patient.logits.shape)
        )
        with torch.no_grad():
            expected = patient.model.train(training)(patient.images)
        mode = "training" if training else "evaluation"
        message = f"the model came in {mode} mode, and is not in it any more"
        expect.true(np.allclose(logits, expected.numpy(), rtol=1e-3, atol=1e-4), message)


# Question 4: the same steps are made here


def _linear_model(classes):
    return [_layer("Flatten"), _layer("Linear", in_features=16, out_features=classes)]


def _convolutional_model(classes):
    return [
        _layer("Conv2d", in_channels=1, out_channels=4, kernel_size=3),
        _layer("Tanh"),
        _layer("Flatten"),
        _layer("Linear", in_features=16, out_features=classes),
    ]


def _check_steps(student, rng, spec, classes, *, steps, learning_rate, scale=1.0):
    """Make `steps` steps on both sides; losses and weights have to agree. The loss is compared last."""
    state = _initial_state(spec, rng)
    state = {name: scale * tensor for name, tensor in state.items()}
    theirs = student.probe("debugging.build", spec, state, keep=True)
    optimizer = student.probe("debugging.gradient_descent", theirs, learning_rate, keep=True)
    ours = torch_models.build(spec)
    ours.load_state_dict(state)
    losses, expected_losses = [], []
    for _ in range(steps):
        images = torch.tensor(rng.normal(0, 1, (12, 1, 4, 4)), dtype=torch.float32)
        labels = torch.tensor(rng.integers(0, classes, 12))
        losses.append(student.fix_loss(theirs, optimizer, student.keep(images), student.keep(labels)))
        expected_losses.append(_exact_step(ours, images, labels, learning_rate))
    got = student.probe("debugging.state", theirs)
    _rebuilt(spec, got)
    for name, tensor in ours.state_dict().items():
        _expect_weights(name, got[name], tensor.numpy(), steps)
    return losses, expected_losses


def _exact_step(model, images, labels, learning_rate):
    loss = functional.cross_entropy(model(images), labels)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    with torch.no_grad():
        for weight, gradient in zip(model.parameters(), gradients, strict=True):
            weight -= learning_rate * gradient
    return loss.item()


def _expect_weights(name, got, expected, steps):
    # float32: the same sums in another order
    if np.allclose(got, expected, rtol=1e-3, atol=1e-5):
        return
    place = np.unravel_index(int(np.abs(np.nan_to_num(got, nan=np.inf) - expected).argmax()), expected.shape)
    after = "one step" if steps == 1 else f"{steps} steps"
    where = f"{name}[{', '.join(str(int(index)) for index in place)}]"
    expect.true(False, f"after {after} {where} is expected to be {expected[place]:.5g}, got {float(got[place]):.5g}")


@case("q4", points=6, hint="Cross-entropy takes logits and does the softmax itself: give it the model's output.")
def the_first_step_is_exact(student, rng):
    """One step moves the weights as the cross-entropy of the logits says"""
    for classes in (3, 5):
        _check_steps(student, rng, _linear_model(classes), classes, steps=1, learning_rate=0.5)
        _check_steps(student, rng, _convolutional_model(classes), classes, steps=1, learning_rate=0.5)


@case("q4", points=6, hint="backward() adds to .grad. Empty the gradients once in every step, not after backward().")
def later_steps_are_exact(student, rng):
    """Several steps in a row: each goes along its own gradient only"""
    for classes in (3, 4):
        _check_steps(student, rng, _convolutional_model(classes), classes, steps=4, learning_rate=0.3)


@case("q4", points=4, hint="Return the mean cross-entropy of the logits, as it was before the step.")
def the_loss_before_the_step_comes_back(student, rng):
    """What comes back is the mean cross-entropy before the step"""
    losses, expected = _check_steps(student, rng, _linear_model(4), 4, steps=3, learning_rate=0.2)
    for got, right in zip(losses, expected, strict=True):
        expect.close(got, right, rtol=1e-3, atol=1e-4)


@case("q4", points=4, hint="The logarithm of a softmax that is 0 is -inf. One function does both, and subtracts first.")
def logits_in_the_hundreds_do_no_harm(student, rng):
    """Logits that lie hundreds apart give a finite and exact step"""
    losses, expected = _check_steps(student, rng, _linear_model(4), 4, steps=2, learning_rate=0.1, scale=1500.0)
    for got, right in zip(losses, expected, strict=True):
        expect.close(got, right, rtol=1e-3, atol=1e-3)


# Question 5: the network is trained beside the student's code, and its logits are compared with labels here


def _textures(rng, count):
    """Noisy textures one and two pixels wide, like those of the lesson."""
    labels = rng.permutation(np.arange(count) % CLASSES)
    images = [_texture(label, int(rng.integers(4))) * rng.uniform(0.6, 1) for label in labels]
    noisy = np.stack(images)[:, None] + rng.normal(0, 0.1, (count, 1, 16, 16))
    return torch.tensor(noisy, dtype=torch.float32), torch.tensor(labels)


def _texture(label, start):
    rows, columns = np.mgrid[:16, :16]
    diagonal = (rows + columns + start) % 4 // 2
    return [(rows + start) % 2, (columns + start) % 2, (rows + columns + start) % 2, diagonal][label]


@case("q5", points=8, hint="Write down height and width after each layer. Who reads the detail before it is pooled?")
def fine_textures_are_recognised(student, rng):
    """After a short training new textures are recognised"""
    images, labels = _textures(rng, 64)
    new_images, new_labels = _textures(rng, 200)
    found = []
    for _ in range(3):  # a random start may be an unlucky one
        student.probe("debugging.seed", _seed(rng))
        model = student.fix_pooling.keep()
        student.probe("debugging.fit", model, images, labels, steps=60, learning_rate=0.01)
        logits = _logits(student.probe("debugging.logits", model, new_images), (200, CLASSES))
        found.append(_accuracy(logits, new_labels))
        if found[-1] >= 0.8:
            return
    shown = ", ".join(f"{accuracy:.0%}" for accuracy in found)
    expect.true(False, f"after three trainings {shown} of new textures are recognised, 80% are asked; guessing has 25%")


@case("q5", points=4, hint="Where two textures give the very same output, no training can help: the detail is gone.")
def each_texture_gives_an_output_of_its_own(student, rng):
    """Even before training, the output tells the four textures apart"""
    start = int(rng.integers(4))
    images = torch.tensor(np.stack([_texture(label, start) for label in range(CLASSES)])[:, None], dtype=torch.float32)
    student.probe("debugging.seed", _seed(rng))
    model = student.fix_pooling.keep()
    logits = _logits(student.probe("debugging.logits", model, images), (CLASSES, CLASSES))
    for one in range(CLASSES):
        for other in range(one):
            apart = float(np.abs(logits[one] - logits[other]).max())
            message = (
                f"the untrained network gives textures {other} and {one} the same output (they differ by {apart:.2g})"
            )
            expect.true(apart > 1e-6, message)


@case("q5", points=3, hint="Without any pooling the head has a weight for each pixel of each map. Keep some of it.")
def the_network_stays_small(student, rng):
    """There are at most 50,000 parameters, and four logits for each image"""
    student.probe("debugging.seed", _seed(rng))
    model = student.fix_pooling.keep()
    count = int(rng.integers(2, 8))
    images = torch.tensor(rng.normal(0, 1, (count, 1, 16, 16)), dtype=torch.float32)
    expect.shape(student.probe("debugging.logits", model, images), (count, CLASSES))
    numbers = sum(array.size for _, array in _arrays(student.probe("debugging.state", model)))
    message = f"at most 50,000 parameters are asked (buffers of normalisation included), your network has {numbers:,}"
    expect.true(numbers <= 50_000, message)


# Question 6


def _history(rng, kind):
    """Clear curves of one kind, as the lesson's table defines it; ten classes."""
    epochs = int(rng.integers(8, 31))
    learned = 1 - np.exp(-np.arange(epochs) / (epochs * rng.uniform(0.12, 0.22)))  # from 0 to nearly 1
    start = rng.uniform(2.1, 2.35)
    low, high, gap = _ends(rng, kind)
    loss = start - (start - low) * learned
    val_loss = loss + 0.03 + 0.05 * learned
    accuracy = rng.uniform(0.11, 0.25) * (1 - learned) + high * learned
    val_accuracy = accuracy - gap * learned
    if kind == "overfitting":
        turn = np.clip(np.linspace(-0.6, 1, epochs), 0, None)
        val_loss = start - (start - rng.uniform(0.8, 1.0)) * learned + rng.uniform(0.7, 1.1) * turn
    if kind == "stuck":
        accuracy, val_accuracy = np.full(epochs, 0.1), np.full(epochs, 0.1)
        loss, val_loss = np.full(epochs, 2.303), np.full(epochs, 2.304)
    wiggle = 0.3 if kind == "stuck" else 1.0
    curves = {
        "loss": np.maximum(loss + wiggle * rng.normal(0, 0.01, epochs), 0.01),
        "accuracy": np.clip(accuracy + rng.normal(0, 0.004, epochs), 0.01, 0.995),
        "val_loss": np.maximum(val_loss + wiggle * rng.normal(0, 0.015, epochs), 0.01),
        "val_accuracy": np.clip(val_accuracy + rng.normal(0, 0.006, epochs), 0.01, 0.995),
    }
    return {name: [float(value) for value in curve] for name, curve in curves.items()}


def _ends(rng, kind):
    """Last training loss, last training accuracy, and how far validation ends below it."""
    if kind == "overfitting":
        return rng.uniform(0.03, 0.15), rng.uniform(0.93, 0.98), rng.uniform(0.22, 0.38)
    if kind == "underfitting":
        return rng.uniform(1.3, 1.7), rng.uniform(0.36, 0.54), rng.uniform(0, 0.02)
    return rng.uniform(0.25, 0.4), rng.uniform(0.87, 0.93), rng.uniform(0, 0.025)


def _explosion(rng, how):
    """Curves that begin well or do not begin at all, and then explode: to nan, to inf, or ever on."""
    history = _history(rng, "healthy" if rng.random() < 0.5 else "stuck")
    epochs = len(history["loss"])
    when = int(rng.integers(1, epochs // 2))
    for name in ("loss", "val_loss"):
        growth = {"nan": math.nan, "inf": math.inf}.get(how)
        later = [growth or 1000.0 * float(rng.uniform(1, 2)) * 3.0**step for step in range(epochs - when)]
        history[name] = history[name][:when] + later
    for name in ("accuracy", "val_accuracy"):
        history[name] = history[name][:when] + [0.1] * (epochs - when)
    return history


def _check_diagnoses(student, rng, kinds):
    for kind in rng.permutation(kinds).tolist():
        known, _, how = kind.partition(" to ")
        history = _explosion(rng, how) if known == "exploding" else _history(rng, known)
        expect.equal(student.diagnose(history), known)


@case("q6", points=5, hint="Ask of every loss whether it is finite; then whether one is far above the first.")
def explosions_are_found(student, rng):
    """An explosion to nan, to inf or to huge numbers is told from being stuck"""
    kinds = ["exploding to nan", "exploding to inf", "exploding to 1e9"]
    _check_diagnoses(student, rng, [*kinds, *kinds, "stuck", "stuck"])


@case("q6", points=3, hint="Who is stuck has learned nothing, from the first epoch to the last. Compare with guessing.")
def stuck_is_less_than_underfitting(student, rng):
    """Chance from first to last is told from having learned a little"""
    _check_diagnoses(student, rng, ["stuck", "underfitting"] * 4)


@case("q6", points=4, hint="Both train well. What differs is how far validation stays behind in the end.")
def overfitting_is_not_healthy(student, rng):
    """A wide gap is told from a narrow one"""
    _check_diagnoses(student, rng, ["overfitting", "healthy"] * 4)


@case("q6", points=3, hint="In neither is there a gap worth the name. What differs is how far training itself gets.")
def a_narrow_gap_alone_is_not_health(student, rng):
    """Two curves that go together can both be poor"""
    _check_diagnoses(student, rng, ["underfitting", "healthy"] * 4)
