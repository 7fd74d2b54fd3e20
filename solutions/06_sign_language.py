# %% [markdown]
# # Exercise 6 · Sign-language digits
#
# The lecture's practice task, from the first picture to the last figure: a network that recognises which digit a hand
# shows, curves of its training, a table of precision and recall, and a picture of *what it looked at*.
#
# | question | you write | points |
# |---|---|---|
# | 1 | `load_digits`: photographs to small grey arrays | 10 |
# | 2 | `rotate`: each image by an angle of its own | 10 |
# | 3 | `build_model`: two blocks, global average pooling, one dense layer | 10 |
# | 4 | `train`: at most ten epochs, and a history of them | 12 |
# | 5 | `predict`: probabilities, and hands that nobody has seen | 14 |
# | 6 | `plot_history`: curves of accuracy and loss | 6 |
# | 7 | `per_class_report`: precision and recall of each digit | 8 |
# | 8 | `grad_cam`: which places spoke for a digit | 20 |
# | 9 | `explanation`, and the figure that you hand in | 10 |
#
# **PyTorch or Keras: you choose.** Say which in the next cell. Every function has the same name, the same arguments and
# the same results in both: images are NumPy arrays `(N, 32, 32, 1)` with numbers from 0 to 1, labels are `int64`, and
# what is between is yours. (PyTorch wants the channel first. Turn the axes inside your functions, with
# `.permute(0, 3, 1, 2)`, and nobody outside notices.) `build_model` gives a model in its framework's own layout.

# %%
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

import autograder
import autograder.datasets  # from here on TensorFlow Datasets knows the sign-language digits
from autograder.datasets import sign_language_digits

FRAMEWORK = "torch"  # your choice: "torch" or "keras"

if FRAMEWORK == "keras":
    try:
        import keras
        import tensorflow as tf
    except ImportError as missing:
        raise ImportError("No Keras here: pip install tensorflow tensorflow-datasets, or choose PyTorch") from missing
else:
    import torch
    from torch import nn

# %% [markdown]
# ## Before you start: the recipe that does not work
#
# The lecture's recipe is short: numbers from 0 to 1, rotations within ±15°, two blocks of 3×3 convolution, ReLU and
# max pooling with 32 and 64 filters, global average pooling, a dense softmax layer, ten epochs. Follow it to the
# letter, with the usual optimiser at its usual learning rate, and you get a network that **guesses**. We have measured
# it in both frameworks, at two sizes, ten settings in all: none was right more often than 16 times in 100 (chance is
# 10), at any epoch. After forty epochs it is 42 in 100. Nothing is broken. Three things hold it back, and each is
# worth knowing:
#
# * **The inputs are not centred.** The photographs are bright: their mean is about 0.65, and they hardly go below 0.3.
#   To the first layer that is a large constant with a little picture on top, so that all gradients of a filter's
#   weights point the same way, and most of the learning is spent on undoing the constant.
# * **The learning rate stays where it is.** What is safe in the first steps is too slow for the ten epochs that there
#   are; what is fast enough never settles, and the accuracy swings by ten points from epoch to epoch.
# * **The network hardly sees a finger.** Under the average lie features that see 10 pixels across (exercise 1 taught
#   you to count that), and the average forgets where they were. With global average pooling all that is to be known
#   about a hand has to fit into such a window. With kernels of 5×5 it is 16 pixels, half a hand.
#
# What helps, in the very same architecture: centre the inputs *inside the model*, by constants or by batch norm; let
# the learning rate rise in the first epochs and fall to zero in the last ("one cycle", or warm-up and cosine; its top
# may be ten times what you are used to); take kernels of 5×5 or 7×7. Then ten epochs are enough for nine right out of
# ten. In the debugging table of the lecture this is the row "loss stuck around chance". It names the learning rate and
# the depth. Inputs that are not centred belong there, too.

# %% [markdown] question="q1" points=10 title="Loading"
# ## Question 1 · Loading
#
# The *Sign Language Digits Dataset* (Mavi 2020, arXiv:2011.08927, Apache 2.0) holds 2,062 photographs of hands that
# show 0 to 9, about 206 of each digit, made by pupils in Ankara. TensorFlow Datasets does not have it, whatever you
# have read. With the import above it does: `autograder.datasets` registers it. There is one split, `"train"`, with all
# pictures in a fixed order:
#
# ```python
# tfds.load("sign_language_digits", split="train", as_supervised=True, batch_size=-1)   # pictures, labels
# ```
#
# If you work in PyTorch and have no TensorFlow, `sign_language_digits.load()` gives the same pictures in the same
# order as NumPy arrays. Either way pictures are `uint8`, `(N, 100, 100, 3)`. The photographs are downloaded once (17
# MB). Where that cannot be done, you get hands that our own code draws, about as hard to tell apart; one line says so.
#
# Make them grey (a weighted mean of red, green and blue, or a plain one), make them 32×32, bring them to [0, 1], and
# keep an axis for the one channel. Nothing else: centring belongs *into the model*, in question 3. Images stay in [0,
# 1] wherever they go between functions, so that every picture that anybody hands to your model is treated alike.


# %% tags=["figure"]
def draw_digits():
    """Eight hands of each digit."""
    pictures, classes = sign_language_digits.load()
    print(sign_language_digits.find().sentence)
    canvas = np.full((5 * 104, 16 * 104, 3), 255, dtype=np.uint8)
    for digit in range(10):
        for number, picture in enumerate(pictures[classes == digit][:8]):
            row, column = digit // 2, 8 * (digit % 2) + number
            canvas[104 * row + 2 : 104 * row + 102, 104 * column + 2 : 104 * column + 102] = picture
    _, axes = plt.subplots(figsize=(10, 3.6))
    axes.imshow(canvas)
    axes.set_yticks(range(52, 520, 104), [f"{2 * row} and {2 * row + 1}" for row in range(5)])
    axes.set_xticks([])
    axes.set_title("Sign Language Digits: eight hands of each digit")
    plt.show()


draw_digits()


# %%
def load_digits():
    """Load all pictures, grey and small.

    Returns images, labels: float32 (N, 32, 32, 1) in [0, 1], and int64 (N,), the digits, in the same order.
    """
    # BEGIN SOLUTION
    pictures, labels = sign_language_digits.load(quiet=True)  # draw_digits() says which pictures these are
    small = [Image.fromarray(picture).convert("L").resize((32, 32), Image.Resampling.BOX) for picture in pictures]
    return np.stack(small)[..., np.newaxis].astype(np.float32) / 255, labels
    # END SOLUTION


# %% tags=["check"]
def images_have_their_form(load_digits):
    images, labels = load_digits()
    assert images.shape == (len(images), 32, 32, 1), f"(N, 32, 32, 1) is asked for, not {images.shape}"
    assert str(images.dtype) == "float32", f"images are {images.dtype}, asked for is float32"
    assert str(labels.dtype) == "int64", f"labels are {labels.dtype}, asked for is int64"
    assert labels.shape == (len(images),), f"{len(images)} images have labels of shape {labels.shape}"
    low, high = float(images.min()), float(images.max())
    assert low >= 0, f"numbers from 0 to 1 are asked for, yours begin at {low:.3g}"
    assert 0.5 < high <= 1, f"numbers from 0 to 1 are asked for, yours go from {low:.3g} to {high:.3g}"
    assert sorted(set(labels.tolist())) == list(range(10)), "labels are the digits 0 to 9"


# %% [markdown] question="q2" points=10 title="Rotations"
# ## Question 2 · Rotations
#
# A hand that is tilted a little shows the same digit. Turn each image by an angle of its own, drawn evenly from −15° to
# +15°, about its middle. Whole degrees will do. Whatever comes in at the corners is up to you: black, grey, or the
# nearest pixels.
#
# Two traps, both of which look fine in code. `keras.layers.RandomRotation(15)` means **fifteen whole turns**: its
# argument is a share of $2\pi$, so 15° are `15 / 360`. (Recent versions refuse more than 1, older ones spin.) And one
# angle for the whole batch is not augmentation, it is a crooked camera.
#
# The seed decides: the same one gives the same images, whatever else has been drawn before. Use it for a generator, and
# let that draw.


# %%
def rotate(images, seed):
    """Turn each image by an angle of its own within ±15 degrees.

    images: float32 (N, 32, 32, 1) in [0, 1]. It is not changed.
    seed: whole number; the same one gives the same angles.
    Returns a new array of the same shape, type and range.
    """
    # BEGIN SOLUTION
    angles = np.random.default_rng(seed).uniform(-15, 15, size=len(images))
    turned = np.empty_like(images)
    for number, (image, angle) in enumerate(zip(images, angles, strict=True)):
        wide = Image.fromarray(np.pad(image[..., 0], 8, mode="edge"))  # so that no corner turns black
        turned[number, ..., 0] = np.asarray(wide.rotate(angle, Image.Resampling.BILINEAR))[8:-8, 8:-8]
    return turned
    # END SOLUTION


# %% tags=["check"]
def a_bar_is_turned_a_little(rotate):
    import numpy as np

    images = np.zeros((30, 32, 32, 1), dtype=np.float32)
    images[:, 15:17] = 1
    got = np.asarray(rotate(images, 1))
    assert got.shape == images.shape, f"the shape has to stay {images.shape}, it became {got.shape}"
    low, high = float(got.min()), float(got.max())
    assert -0.001 <= low <= high <= 1.001, f"the range has to stay 0 to 1, it became {low:.3g} to {high:.3g}"
    rows = np.arange(32)[:, np.newaxis]
    left, right = [(got[:, :, x, 0] * rows.T).sum(axis=1) / got[:, :, x, 0].sum(axis=1).clip(1e-6) for x in (6, 25)]
    degrees = np.degrees(np.arctan2(right - left, 19))
    worst = float(np.abs(degrees).max())
    assert worst < 17, f"a level bar is turned by up to {worst:.0f} degrees, asked for is 15 at most"
    spread = float(degrees.max() - degrees.min())
    assert spread > 5, f"30 images are turned by nearly one angle (within {spread:.1f} degrees): each has its own"


# %% tags=["check"]
def the_same_seed_turns_alike(rotate):
    import numpy as np

    images = np.linspace(0, 1, 8 * 1024, dtype=np.float32).reshape(8, 32, 32, 1)
    first, again, other = [np.asarray(rotate(images, seed)) for seed in (3, 3, 4)]
    assert np.array_equal(first, again), "the same seed has to give the same images"
    assert not np.array_equal(first, other), "another seed has to give other ones"


# %% [markdown] question="q3" points=10 title="The network"
# ## Question 3 · The network
#
# The lecture's architecture, and no other:
#
# 1. a block of convolution with **32** filters, ReLU, 2×2 **max pooling**,
# 2. a block of convolution with **64** filters, ReLU, 2×2 max pooling,
# 3. **global average pooling**: of each of the 64 maps its mean,
# 4. one **dense** layer to ten numbers.
#
# Kernel size, padding, batch norm, a layer that centres, a softmax at the end or logits: yours. The softmax may be in
# the model (Keras' habit) or in the loss (PyTorch's); `predict` will give probabilities either way.
#
# Read the recipe that does not work again before you choose. The model takes numbers from 0 to 1. If they are to be
# centred, the model does that itself: with a first layer (`keras.layers.Rescaling`, or a line in `forward`), or with
# batch norm behind the convolutions.


# %% tags=["figure"]
def draw_windows():
    """How much of a hand one feature under the average sees, for three kernel sizes."""
    pictures, _ = sign_language_digits.load(quiet=True)
    picture = np.asarray(Image.fromarray(pictures[3]).convert("L").resize((32, 32)))
    _, columns = plt.subplots(1, 3, figsize=(8, 3))
    for axes, size in zip(columns, (3, 5, 7), strict=True):
        window = size + 1 + 2 * (size - 1) + 2  # convolution, pooling, convolution at steps of two, pooling
        axes.imshow(picture, cmap="gray")
        axes.add_patch(
            plt.Rectangle((15.5 - window / 2, 15.5 - window / 2), window, window, fill=False, ec="red", lw=2)
        )
        axes.set(title=f"{size}×{size} kernels: {window} pixels", xticks=[], yticks=[])
    plt.tight_layout()
    plt.show()


draw_windows()


# %%
def build_model():
    """A fresh network for 32x32 grey pictures with numbers from 0 to 1.

    Two blocks of convolution, ReLU and max pooling with 32 and 64 filters, global average pooling, one dense layer to
    ten numbers. It takes (N, 1, 32, 32) in PyTorch, (N, 32, 32, 1) in Keras, for any N.
    Returns a model, untrained; another one in each call.
    """
    # BEGIN SOLUTION
    parts = [
        nn.Conv2d(1, 32, kernel_size=5, padding=2),
        nn.BatchNorm2d(32),  # centres whatever comes out of the convolution
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, kernel_size=5, padding=2),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    ]
    return nn.Sequential(*parts)
    # END SOLUTION


# %% tags=["check"]
def ten_numbers_come_out(build_model):
    import numpy as np

    model = build_model()
    assert model is not None, "build_model returned None (is a return missing?)"
    images = np.random.default_rng(0).uniform(0, 1, size=(3, 32, 32, 1)).astype(np.float32)
    if hasattr(model, "parameters"):
        import torch

        shape = tuple(model(torch.as_tensor(images).permute(0, 3, 1, 2)).shape)
    else:
        shape = tuple(model(images).shape)
    assert shape == (3, 10), f"three images have to give (3, 10), not {shape}"


# %% [markdown] question="q4" points=12 title="Training"
# ## Question 4 · Training
#
# `train` gets a model of yours and two sets, each a pair `(images, labels)`. It trains the given model on the first,
# in batches, every epoch on freshly rotated images (`rotate(images, seed=epoch)`, say), measures on the second after
# each epoch, and returns the history as in exercise 4: a dict of four lists with one number an epoch, `"loss"`,
# `"accuracy"`, `"val_loss"`, `"val_accuracy"`. Losses are mean cross-entropies, accuracies are shares from 0 to 1. On
# the training set running averages over the epoch will do. On the validation set it is the model in evaluation mode.
#
# **At most ten epochs are trained**, however many are asked for: train ten then, or raise a `ValueError`. The history
# tells what was done. A cap is part of a fair comparison: with forty epochs nearly anything learns.
#
# Whatever needs the number of steps, such as a schedule for the learning rate, can be computed here: `epochs *
# ceil(len(images) / batch_size)`. In PyTorch look at `torch.optim.lr_scheduler.OneCycleLR` (its `step()` comes after
# each *batch*), in Keras at `keras.optimizers.schedules.CosineDecay` with `warmup_target` and `warmup_steps`. And in
# Keras write `compile(optimizer=..., loss=..., metrics=["accuracy"])` with names: the third argument without one is
# `loss_weights`.


# %% tags=["figure"]
def draw_cycle():
    """A learning rate that rises and falls, and one that stays."""
    steps = np.linspace(0, 1, 200)
    rising = 0.5 - 0.5 * np.cos(np.pi * steps / 0.3)
    falling = 0.5 + 0.5 * np.cos(np.pi * (steps - 0.3) / 0.7)
    _, axes = plt.subplots(figsize=(5.6, 2.8))
    axes.plot(10 * steps, 0.01 * np.where(steps < 0.3, rising, falling), label="one cycle")
    axes.plot(10 * steps, np.full(200, 0.001), label="the usual constant")
    axes.set(xlabel="epoch", ylabel="learning rate", title="Rise, then come to rest")
    axes.legend()
    plt.tight_layout()
    plt.show()


draw_cycle()


# %%
def train(model, train_set, validation_set, epochs):
    """Train a model, in place, for at most ten epochs.

    model: as `build_model` gives it. train_set, validation_set: pairs (images, labels), NumPy arrays; not changed.
    epochs: whole number from 1. More than ten are ten, or a ValueError.
    Returns a dict of lists with one number an epoch: "loss", "accuracy", "val_loss", "val_accuracy".
    """
    # BEGIN SOLUTION
    (images, labels), batch_size, epochs = train_set, 16, min(epochs, 10)
    targets = torch.as_tensor(labels)
    optimizer = torch.optim.Adam(model.parameters())
    steps = epochs * -(-len(images) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-2, total_steps=steps)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        model.train()
        pixels = to_tensor(rotate(images, seed=epoch))
        total, right = 0.0, 0
        for batch in torch.randperm(len(images)).split(batch_size):
            optimizer.zero_grad()
            logits = model(pixels[batch])
            loss = nn.functional.cross_entropy(logits, targets[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
            right += int((logits.argmax(dim=1) == targets[batch]).sum())
        validation_loss, validation_accuracy = measure(model, *validation_set)
        for key, value in zip(
            history, (total / len(images), right / len(images), validation_loss, validation_accuracy), strict=True
        ):
            history[key].append(value)
    return history
    # END SOLUTION


# BEGIN SOLUTION
def to_tensor(images):
    """Images (N, H, W, 1) as PyTorch has them."""
    return torch.as_tensor(np.asarray(images, dtype=np.float32)).permute(0, 3, 1, 2).contiguous()


def measure(model, images, labels):
    """Loss and accuracy in evaluation mode."""
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(part) for part in to_tensor(images).split(500)])
    targets = torch.as_tensor(labels)
    accuracy = (logits.argmax(dim=1) == targets).float().mean()
    return nn.functional.cross_entropy(logits, targets).item(), accuracy.item()


# END SOLUTION


# %% tags=["check"]
def the_history_has_a_number_for_each_epoch(build_model, train):
    import numpy as np

    rng = np.random.default_rng(0)
    images, labels = rng.uniform(0, 1, size=(40, 32, 32, 1)).astype(np.float32), np.arange(40) % 10
    history = train(build_model(), (images, labels), (images[:20], labels[:20]), 2)
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert key in history, f"the history has no {key!r}"
        assert len(history[key]) == 2, f"two epochs are two numbers, history[{key!r}] has {len(history[key])}"


# %% tags=["check"]
def ten_epochs_are_the_most(build_model, train):
    import numpy as np

    images, labels = np.full((10, 32, 32, 1), 0.5, dtype=np.float32), np.arange(10)
    try:
        history = train(build_model(), (images, labels), (images, labels), 11)
    except ValueError:
        history = {"loss": []}
    assert len(history["loss"]) <= 10, (
        f"eleven epochs were asked for and {len(history['loss'])} trained: ten are the most"
    )


# %% [markdown] question="q5" points=14 title="Hands that nobody has seen"
# ## Question 5 · Hands that nobody has seen
#
# `predict` gives ten probabilities for each image: numbers from 0 to 1 that add up to 1. If your model ends in logits,
# the softmax is applied here. Evaluation mode, images in their order, and NumPy arrays on both sides.
#
# Then the grader takes all your parts together: it builds a model with `build_model`, trains it with `train` for the
# device's budget (`autograder.budget("sign_language_digits")`, ten epochs), hands `predict` photographs that your
# notebook has never been near, slightly altered, and counts. Full points start well below what the recipe above
# reaches, and credit falls in proportion to nothing just above chance. A result within the noise of the bar is
# measured once more with another seed.


# %%
def predict(model, images):
    """Probabilities of the ten digits.

    model: as `build_model` gives it, trained or not. images: float32 (N, 32, 32, 1) in [0, 1].
    Returns a NumPy array (N, 10), each row of which adds up to 1.
    """
    # BEGIN SOLUTION
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(part) for part in to_tensor(images).split(500)])
    return logits.softmax(dim=1).numpy()
    # END SOLUTION


# %% tags=["check"]
def rows_add_up_to_one(build_model, predict):
    import numpy as np

    images = np.random.default_rng(0).uniform(0, 1, size=(7, 32, 32, 1)).astype(np.float32)
    got = predict(build_model(), images)
    assert isinstance(got, np.ndarray), f"a NumPy array is asked for, not a {type(got).__name__}"
    assert got.shape == (7, 10), f"seven images give (7, 10), not {got.shape}"
    assert got.min() >= 0, "probabilities are never negative: apply the softmax to logits"
    assert abs(got.sum(axis=1) - 1).max() < 1e-3, "the ten numbers of an image have to add up to 1"


# %% [markdown] question="q6" points=6 title="Curves"
# ## Question 6 · Curves
#
# The first deliverable: accuracy and loss, on training and on validation images, against the epoch. As in exercise 4,
# axes have names and each curve says what it is; each call makes a new figure and returns it.


# %%
def plot_history(history):
    """Draw the training and validation curves of accuracy and of loss.

    history: as `train` gives it. It is not changed.
    Returns a new matplotlib Figure with labelled axes and curves.
    """
    # BEGIN SOLUTION
    figure, columns = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    epochs = range(1, len(history["loss"]) + 1)
    for axes, quantity in zip(columns, ("accuracy", "loss"), strict=True):
        axes.plot(epochs, history[quantity], marker=".", label="training")
        axes.plot(epochs, history[f"val_{quantity}"], marker=".", label="validation")
        axes.set(xlabel="epoch", ylabel=quantity)
        axes.legend()
    return figure
    # END SOLUTION


# %% tags=["check"]
def four_curves_show_the_history(plot_history):
    history = {
        "loss": [2.1, 0.9, 0.4],
        "accuracy": [0.2, 0.68, 0.85],
        "val_loss": [2.2, 0.95, 0.5],
        "val_accuracy": [0.15, 0.66, 0.81],
    }
    figure = plot_history(history)
    assert hasattr(figure, "axes"), f"a matplotlib Figure is asked for, not a {type(figure).__name__}"
    drawn = [list(line.get_ydata()) for axes in figure.axes for line in axes.get_lines()]
    for key, numbers in history.items():
        assert numbers in drawn, f"no curve shows the numbers of history[{key!r}]"


# %% [markdown] question="q7" points=8 title="Precision and recall"
# ## Question 7 · Precision and recall
#
# The second deliverable: a table. For each digit,
#
# $$\text{precision} = \frac{\text{rightly called so}}{\text{called so}} \qquad
# \text{recall} = \frac{\text{rightly called so}}{\text{truly so}}$$
#
# and the **support**, how many images truly are of it. A network that calls everything a 7 has a recall of 1 for sevens
# and a precision of 0.1: you need both numbers. (Source: any textbook, for instance Murphy 2022, *Probabilistic Machine
# Learning*, section 5.1.3. scikit-learn's `classification_report` prints the same table.)
#
# Some digit may be absent, or never predicted. What would be divided by zero is 0.0.


# %%
def per_class_report(labels, predictions):
    """Precision, recall and support of each digit.

    labels, predictions: int arrays (N,) of digits, the true ones and the predicted ones.
    Returns {digit: {"precision": p, "recall": r, "support": n}} with an entry for each of 0 to 9; 0.0 where there is
    nothing to divide by.
    """
    # BEGIN SOLUTION
    counts = np.zeros((10, 10), dtype=int)  # rows are true digits
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    return {
        digit: {
            "precision": counts[digit, digit] / max(counts[:, digit].sum(), 1),
            "recall": counts[digit, digit] / max(counts[digit].sum(), 1),
            "support": int(counts[digit].sum()),
        }
        for digit in range(len(counts))
    }
    # END SOLUTION


# %% tags=["check"]
def a_table_that_you_can_check_by_hand(per_class_report):
    import numpy as np

    table = per_class_report(np.array([1, 1, 1, 2]), np.array([1, 1, 2, 2]))
    assert sorted(table) == list(range(10)), f"one entry for each digit is asked for, not {sorted(table)}"
    assert abs(table[1]["recall"] - 2 / 3) < 1e-6, "two of three ones are recognised: a recall of 2/3"
    assert abs(table[2]["precision"] - 1 / 2) < 1e-6, "one of two that are called 2 is a 2: a precision of 1/2"
    assert table[1]["support"] == 3, "there are three ones"
    zeros = table[5]["precision"], table[5]["recall"]
    assert zeros == (0, 0), f"where there is no 5 both are 0.0, not {zeros}"


# %% [markdown] question="q8" points=20 title="Grad-CAM"
# ## Question 8 · Grad-CAM
#
# The third deliverable asks what the network looked at. **Grad-CAM** (Selvaraju et al. 2017, arXiv:1610.02391) answers
# in four lines. Let $A_k$ be the maps that come out of the *last* convolution, and $y_c$ the score of class $c$,
# **before** any softmax. How much each map matters is the mean of the score's gradient over the map,
#
# $$\alpha_k = \frac{1}{hw} \sum_{ij} \frac{\partial y_c}{\partial A_k[i, j]} \qquad
# L_c = \text{ReLU}\Big(\sum_k \alpha_k A_k\Big)$$
#
# and $L_c$, stretched to the image's height and width and divided by its largest value, is the heat map.
#
# * The weights $\alpha_k$ keep their signs: a map that speaks *against* the class is subtracted. The ReLU comes after
#   the sum; it drops places that speak against the class.
# * If nothing speaks for the class, the map is all zero. That is an answer, and no reason to divide by zero.
# * The score before the softmax: a softmax that is sure is flat, and its gradient is nothing.
# * $A_k$ may be taken before or behind the ReLU, or behind the pooling. The pictures differ a little, all are
#   accepted; so is any way to stretch.
#
# Your function meets models that you have not built, with images that need not be square: find the last convolution in
# the model instead of naming it. It must leave the model as it was: the mode restored, hooks removed, nothing trained.
# In PyTorch, `register_forward_hook` catches the maps and `torch.autograd.grad` differentiates; in Keras,
# `keras.Model(model.inputs, [maps, scores])` and a `tf.GradientTape` do. The models that the grader brings are a
# `nn.Sequential` or a functional or sequential Keras model, and end in logits. If your own ends in a softmax, go round
# it.
#
# What the heat map does **not** promise: that it falls on the fingers. It shows what spoke for the class in *this*
# network, and if that is the edge of the sleeve, you have learned something.


# %%
def grad_cam(model, image, class_index):
    """Which places of an image speak for a class.

    model: a PyTorch or a Keras model (the framework that you chose) with at least one convolution; left as it was.
    image: float32 (H, W, 1) in [0, 1]. class_index: the class whose score is explained, predicted or not.
    Returns a NumPy array (H, W) from 0 to 1, its largest value 1; all zero where nothing speaks for the class.
    """
    # BEGIN SOLUTION
    caught = []
    last = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)][-1]
    hook = last.register_forward_hook(lambda layer, inputs, output: caught.append(output))
    was_training = model.training
    model.eval()
    try:
        with torch.enable_grad():
            score = model(to_tensor(image[np.newaxis]).requires_grad_())[0, class_index]
            (gradient,) = torch.autograd.grad(score, caught[0])
    finally:
        hook.remove()
        model.train(was_training)
    alpha = gradient.mean(dim=(2, 3), keepdim=True)
    heat = (alpha * caught[0]).sum(dim=1, keepdim=True).relu()
    heat = nn.functional.interpolate(heat, image.shape[:2], mode="bilinear")[0, 0].detach().numpy()
    return heat / heat.max() if heat.max() > 0 else heat
    # END SOLUTION


# %% tags=["check"]
def the_map_has_the_images_size_and_range(build_model, grad_cam):
    import numpy as np

    image = np.random.default_rng(0).uniform(0, 1, size=(32, 32, 1)).astype(np.float32)
    model = build_model()
    found = [grad_cam(model, image, digit) for digit in range(10)]
    for heat in found:
        assert isinstance(heat, np.ndarray), f"a NumPy array is asked for, not a {type(heat).__name__}"
        assert heat.shape == (32, 32), f"the map of a 32x32 image has shape {heat.shape}"
        low, high = float(heat.min()), float(heat.max())
        assert 0 <= low <= high <= 1.001, f"the map has to go from 0 to 1, yours goes from {low:.3g} to {high:.3g}"
    assert any(not np.allclose(found[0], heat) for heat in found), "all ten digits have one and the same map"


# %% [markdown] question="q9" points=10 title="The figure that you hand in"
# ## Question 9 · The figure that you hand in
#
# `explanation` draws one correct prediction and what it rests on:
#
# * it looks for an image that the model **gets right**, and whose map is not blank; if there is none, it raises a
#   `ValueError`,
# * one pair of axes shows the picture with `imshow`, grey, as it is,
# * another shows the heat map for the predicted digit, alone or laid over the picture (`imshow(heat, alpha=0.5)`),
# * the predicted **digit stands in the title**, as a digit.
#
# Use `plt.subplots`, so that the figure is shown in the notebook.
#
# The cell behind it puts all of it together, and it is what you hand in: it trains your network, keeps it under the
# name `trained`, and shows the curves, the table and the explanation. The grader runs it, looks at the last figure
# with a hand in it, and compares: is the picture one of the data set, does `trained` get it right, does the figure say
# so, and is the map the one that your `grad_cam` gives for `trained`? Change the cell as you like as long as that
# holds.


# %%
def explanation(model, images, labels):
    """Show a correct prediction and its Grad-CAM map.

    model: as `build_model` gives it, trained. images: (N, 32, 32, 1) in [0, 1]. labels: int64 (N,), the true digits.
    Returns a new matplotlib Figure: the picture as it is, the map (alone or over the picture), the digit in the title.
    Raises ValueError where no image is predicted right.
    """
    # BEGIN SOLUTION
    right = np.flatnonzero(predict(model, images).argmax(axis=1) == labels)
    maps = ((place, grad_cam(model, images[place], int(labels[place]))) for place in right)
    place, heat = next(((place, heat) for place, heat in maps if heat.max() > 0), (None, None))
    if place is None:
        raise ValueError("no image is predicted right, so there is nothing to explain")
    figure, (left, middle) = plt.subplots(1, 2, figsize=(6.4, 3.4), layout="constrained")
    for axes, name in ((left, "the hand"), (middle, "what spoke for it")):
        axes.imshow(images[place, ..., 0], cmap="gray", vmin=0, vmax=1)
        axes.set(title=name, xticks=[], yticks=[])
    middle.imshow(heat, cmap="magma", alpha=0.6)
    figure.suptitle(f"Predicted {labels[place]}, which is right")
    return figure
    # END SOLUTION


# %% tags=["check"]
def picture_map_and_digit_are_there(build_model, predict, explanation):
    import numpy as np

    images = np.random.default_rng(0).uniform(0, 1, size=(6, 32, 32, 1)).astype(np.float32)
    model = build_model()
    labels = predict(model, images).argmax(axis=1)
    figure = explanation(model, images, labels)
    assert hasattr(figure, "axes"), f"a matplotlib Figure is asked for, not a {type(figure).__name__}"
    pictures = [picture for axes in figure.axes for picture in axes.get_images()]
    assert len(pictures) >= 2, f"the figure shows {len(pictures)} pictures: the hand and its map are asked for"
    texts = [figure.get_suptitle()] + [axes.get_title() for axes in figure.axes]
    assert any(character.isdigit() for character in " ".join(texts)), "the predicted digit is asked for in the title"


# %% tags=["run"]
# What you hand in: under the grader this trains with its budget, on your machine with all that there is.
try:
    budget = autograder.budget("sign_language_digits")
    images, labels = load_digits()
    order = np.random.default_rng(0).permutation(len(images))
    validation, training = order[:200], order[200:][: budget.images]
    trained = build_model()
    history = train(
        trained, (images[training], labels[training]), (images[validation], labels[validation]), budget.epochs
    )
    plot_history(history)
    plt.show()
    guesses = predict(trained, images[validation]).argmax(axis=1)
    for digit, row in per_class_report(labels[validation], guesses).items():
        print(digit, *(f"  {key} {value:.2f}" for key, value in row.items()))
    explanation(trained, images[validation], labels[validation])
    plt.show()
except NotImplementedError as missing:
    print(f"Answer the questions above first ({missing}).")
