# %% [markdown]
# # Exercise 4 · Training a network on Fashion-MNIST
#
# Three exercises were about what a network *is*. This one makes a network learn. You build the whole way from a
# folder of pictures to a number that you may believe, in the order in which any project goes:
#
# $$\text{data} \longrightarrow \text{model} \longrightarrow \text{training} \longrightarrow \text{metrics}$$
#
# Each step is one short function with a contract, so that it can be tested alone. That matters more here than
# anywhere else: a training pipeline with a mistake in it seldom crashes. It trains, a little worse than it could, and
# nobody notices. A network whose activations were forgotten can even beat a right one for the first few epochs. So
# the questions, and the hidden cases too, look at *behaviour*, and at accuracy only once.
#
# | question | you write | points |
# |---|---|---|
# | 1 | `prepare`: pixels to a tensor | 10 |
# | 2 | `split`: images to train on, images to check with | 10 |
# | 3 | `augment`: mirror images at random | 10 |
# | 4 | `build_model`: two or three convolutional blocks and a head | 16 |
# | 5 | `training_step` and `train`: the loop | 18 |
# | 6 | `evaluate`: accuracy, accuracy of each class, confusion matrix | 12 |
# | 7 | nothing new: your network is trained and meets images that nobody has seen | 14 |
# | 8 | `plot_history`: the curves | 10 |
#
# We work in PyTorch. Images are `(N, channels, height, width)`; nothing needs a GPU, and nothing breaks with one.

# %%
import numpy as np
import torch
from matplotlib import pyplot as plt
from torch import nn

# %% [markdown]
# ## The pictures
#
# Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, MIT licence) holds 70,000 photographs of clothes, sold by a shop in
# Berlin, turned into 28×28 grey pixels: white clothes on black ground, ten classes, the same number of each. It is
# made to be loaded wherever the old handwritten digits were, but it is harder. Look at some of each class before you
# go on, and try to tell a shirt from a pullover. Where you cannot, don't expect it of your network.
#
# The cell below says where it has found the pictures. If there is no network and nothing on your disk, you get a
# smaller sample of 2,000 of them that comes with the package. Everything in this exercise works with it.


# %% tags=["figure"]
def draw_classes():
    """Twelve pictures of each class."""
    from autograder.datasets import fashion_mnist

    print(fashion_mnist.find().sentence)
    pictures, classes = fashion_mnist.load("train")
    canvas = np.zeros((10 * 30, 12 * 30), dtype=np.uint8)
    for row in range(10):
        for column, picture in enumerate(pictures[classes == row][:12]):
            canvas[30 * row + 1 : 30 * row + 29, 30 * column + 1 : 30 * column + 29] = picture
    _, axes = plt.subplots(figsize=(8.4, 6.4))
    axes.imshow(canvas, cmap="gray", vmin=0, vmax=255)
    names = [f"{name}  {number}" for number, name in enumerate(fashion_mnist.CLASSES)]
    axes.set_yticks(range(15, 300, 30), names)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.set_title("Fashion-MNIST: twelve pictures of each class")
    plt.show()


draw_classes()

# %% [markdown] question="q1" points=10 title="Pixels to a tensor"
# ## Question 1 · Pixels to a tensor
#
# Pictures come as NumPy arrays of type `uint8`, shape `(N, 28, 28)`, from 0 (black) to 255 (white). A network wants
# three things changed:
#
# * **numbers around zero**. Weights are drawn, and learning rates are chosen, for inputs of about unit size that lean
#   to neither side (LeCun et al. 1998, *Efficient BackProp*, section 4.3, gives the reasons). We map black to $-1$
#   and white to $+1$, linearly.
# * **an axis for channels**, of length 1, since the pictures are grey: `(N, 1, 28, 28)`.
# * **`float32`**, the type that the weights have.
#
# Use *constants*, never the minimum, maximum or mean of the batch at hand. Whatever happens to the images that you
# train on must happen to every image later, one at a time, and a single dark picture must not come out as a bright
# one. Leaving the preparation out for new images is a classic: it costs about twenty percentage points, and nothing
# complains.
#
# Mind the type while you compute. An `uint8` has no room for a number below 0 or above 255, and wraps around.


# %%
def prepare(images):
    """Make images ready for a network.

    images: uint8 array (N, 28, 28), values 0 to 255. It is not changed.
    Returns a torch.Tensor, float32, (N, 1, 28, 28): 0 has become -1, 255 has become 1, linearly in between.
    """
    # BEGIN SOLUTION
    shares = torch.as_tensor(images, dtype=torch.float32) / 255
    return (2 * shares - 1).unsqueeze(1)
    # END SOLUTION


# %% tags=["check"]
def black_becomes_minus_one_and_white_one(prepare):
    import numpy as np

    half_white = np.zeros((2, 28, 28), dtype=np.uint8)
    half_white[:, :, 14:] = 255
    got = prepare(half_white)
    assert tuple(got.shape) == (2, 1, 28, 28), f"two images have to become (2, 1, 28, 28), not {tuple(got.shape)}"
    values = sorted(set(got.flatten().tolist()))
    assert values == [-1, 1], f"black and white have to become -1 and 1, you got {values[:4]}"


# %% tags=["check"]
def it_is_a_tensor_of_float32(prepare):
    import numpy as np
    import torch

    got = prepare(np.full((1, 28, 28), 51, dtype=np.uint8))
    assert isinstance(got, torch.Tensor), f"a torch.Tensor is asked for, not a {type(got).__name__}"
    assert got.dtype == torch.float32, f"float32 is asked for, not {got.dtype}"
    value = got[0, 0, 0, 0].item()
    assert abs(value + 0.6) < 1e-5, f"51 is a fifth of the way from black to white: -0.6, not {value:.4f}"


# %% [markdown] question="q2" points=10 title="Images to check with"
# ## Question 2 · Images to check with
#
# How good a network is on images that it has learned from says little: with enough weights it knows them by heart. So
# some images are put aside *before* training starts. This **validation set** answers the questions that come up while
# you work: is it still getting better, is dropout any use, which of two learning rates? (The third set, the **test
# set**, answers one question, once, at the end. In this exercise the grader holds it: question 7.)
#
# A split is right if
#
# * no image is in both parts, and none is lost,
# * every image keeps its label,
# * it is drawn at random: data often come sorted, and the last fifth of sorted data is a fifth of the *classes*,
# * the same `seed` gives the same split again. Otherwise you compare two networks on different images, and an image
#   that was put aside yesterday is trained on today.
#
# `validation_fraction` is the share that is put aside. Where it does not come out even, round as you like. You may
# also give every class the same share in both parts ("stratified"), you need not.


# %%
def split(images, labels, validation_fraction, seed):
    """Split images and their labels at random into a training part and a validation part.

    images: array (N, 28, 28). labels: array (N,). Neither is changed.
    validation_fraction: share of the images that are put aside, between 0 and 1.
    seed: whole number; the same one gives the same parts.
    Returns train_images, train_labels, validation_images, validation_labels, in this order.
    """
    # BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(len(images))
    validation, train = np.split(order, [round(validation_fraction * len(images))])
    return images[train], labels[train], images[validation], labels[validation]
    # END SOLUTION


# %% tags=["check"]
def nothing_is_lost_and_nothing_is_there_twice(split):
    import numpy as np

    numbers = np.arange(50)
    images = np.repeat(numbers, 28 * 28).reshape(50, 28, 28).astype(np.uint8)
    train_images, train_labels, validation_images, validation_labels = split(images, numbers, 0.2, seed=1)
    sizes = len(train_images), len(validation_images)
    assert sizes == (40, 10), f"a fifth of 50 images are 10 to check with, 40 remain: your parts have {sizes}"
    together = sorted([*map(int, train_labels), *map(int, validation_labels)])
    assert together == list(range(50)), "each image has to be in exactly one of the parts"
    for part, labels in ((train_images, train_labels), (validation_images, validation_labels)):
        assert [int(image[0, 0]) for image in part] == [int(label) for label in labels], (
            "images and labels have to stay together: draw one order, and use it for both"
        )


# %% tags=["check"]
def a_seed_gives_its_split_again(split):
    import numpy as np

    images, labels = np.zeros((100, 28, 28), dtype=np.uint8), np.arange(100)
    first, again, other = [
        sorted(int(label) for label in split(images, labels, 0.3, seed=seed)[3]) for seed in (5, 5, 6)
    ]
    assert first == again, "twice the same seed has to give twice the same split"
    assert first != other, "another seed has to give another split"


# %% [markdown] question="q3" points=10 title="Mirrored images"
# ## Question 3 · Mirrored images
#
# A shoe that points to the left is a shoe. Your network does not know that; it has to see both. **Augmentation**
# changes training images in ways that keep their class, a new way each time that they come up, so that the network
# meets more variety than there are photographs (lecture, section 5; Shorten & Khoshgoftaar 2019 survey what people
# do). The art is in the choice: mirrored left-right a sandal stays a sandal, upside down it is something that no shop
# shows, and a mirrored letter or a mirrored road sign may mean something else.
#
# Mirror each image of a prepared batch with probability $\tfrac12$, and change nothing else. *Each image* throws its
# own coin. One coin for the whole batch is a common shortcut, and makes batches that differ more than they should.
#
# Randomness is an argument: draw from the `generator` that you are given, as in `torch.rand(...,
# generator=generator)`. Then whoever trains again with the same seeds gets the same network. Make a new tensor; the
# batch that you are given belongs to somebody else. And augment what you train on, never what you measure with.


# %% tags=["figure"]
def draw_mirrored():
    """Six pictures, and the same six with three of them mirrored."""
    from autograder.datasets import fashion_mnist

    pictures = fashion_mnist.load("train")[0][10:16]
    coins = [False, True, False, True, True, False]
    _, rows = plt.subplots(2, 6, figsize=(8.4, 3.2))
    for above, below, picture, coin in zip(*rows, pictures, coins, strict=True):
        above.imshow(picture, cmap="gray")
        below.imshow(picture[:, ::-1] if coin else picture, cmap="gray")
        below.set_xlabel("mirrored" if coin else "as it was")
        for axes in (above, below):
            axes.set(xticks=[], yticks=[])
    rows[0, 0].set_ylabel("before")
    rows[1, 0].set_ylabel("after")
    plt.suptitle("Every image throws a coin of its own")
    plt.tight_layout()
    plt.show()


draw_mirrored()


# %%
def augment(images, generator):
    """Mirror each image of a batch left-right with probability 1/2.

    images: tensor (N, 1, 28, 28) as `prepare` gives it, on the CPU. It is not changed.
    generator: torch.Generator on the CPU that draws.
    Returns a new tensor of the same shape and type: image by image the one that was there, or its mirror image.
    """
    # BEGIN SOLUTION
    coins = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(coins[:, None, None, None], images.flip(-1), images)
    # END SOLUTION


# %% tags=["check"]
def images_come_back_as_they_were_or_mirrored(augment):
    import torch

    images = torch.linspace(-1, 1, 40 * 28 * 28).reshape(40, 1, 28, 28)
    got = augment(images, torch.Generator().manual_seed(3))
    assert got.shape == images.shape, f"the shape has to stay {tuple(images.shape)}, it became {tuple(got.shape)}"
    same = (got == images).all(dim=3).all(dim=2).flatten()
    turned = (got == images.flip(3)).all(dim=3).all(dim=2).flatten()
    assert bool((same | turned).all()), "each image has to be itself or its own mirror image, left and right exchanged"
    assert 5 <= int(turned.sum()) <= 35, f"about half of 40 images have to be mirrored, not {int(turned.sum())}"


# %% tags=["check"]
def the_generator_decides(augment):
    import torch

    images = torch.linspace(-1, 1, 40 * 28 * 28).reshape(40, 1, 28, 28)
    first, again, other = [augment(images, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(first, again), "two generators with the same seed have to mirror the same images"
    assert not torch.equal(first, other), "generators with different seeds should mirror different images"


# %% [markdown] question="q4" points=16 title="A convolutional network"
# ## Question 4 · A convolutional network
#
# The recipe has hardly changed since 2015. A **block** finds patterns and halves the picture:
#
# * a *convolution*, 3×3, say, with padding,
# * *batch normalisation*, which keeps the size of what flows through the network in hand (exercise 2, question 2),
# * *ReLU*, $\max(0, x)$. Without something that is not linear, ten convolutions in a row can do no more than one,
# * *pooling* (or a stride of 2) that halves height and width.
#
# Two or three blocks one after another, with **more filters in later blocks**: the maps get smaller, what they
# describe gets richer. Then the **head**: flatten the maps, or average each one (exercise 2, question 4); **dropout**
# between 0.2 and 0.5 so that the head leans on no single feature (Srivastava et al. 2014); and a linear layer that
# gives ten numbers.
#
# Those ten are **logits**: scores without bounds, the largest wins. They become probabilities by the softmax
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
#
# but not in your network. `nn.CrossEntropyLoss` wants logits, and applies the (logarithm of the) softmax itself, in a
# way that does not overflow (PyTorch's documentation says so in its first sentence). With a softmax of your own
# before it, it sees ten numbers between 0 and 1, can never be sure, and gradients fade. The network still learns,
# only less.
#
# The order of normalisation and ReLU, two convolutions in a block, an average pool, one or two linear layers,
# `nn.Sequential` or a class: all yours.


# %% tags=["figure"]
def draw_blocks():
    """Feature maps get smaller and more numerous, and end in ten scores."""
    stages = [(1, 28, "picture"), (16, 14, "block 1"), (32, 7, "block 2")]
    _, axes = plt.subplots(figsize=(9, 3.4))
    left = 0.0
    for channels, side, name in stages:
        shown = min(channels, 2 + channels // 8)
        size, step = side / 28 * 3, 0.16
        for layer in reversed(range(shown)):
            corner = (left + step * layer, step * layer)
            colour = "#999999" if channels == 1 else "#4878a8"
            axes.add_patch(plt.Rectangle(corner, size, size, facecolor=colour, edgecolor="white", lw=0.8))
        middle = left + (size + step * shown) / 2
        axes.text(middle, -0.25, f"{name}\n{channels} × {side} × {side}", ha="center", va="top")
        left += size + step * shown + 1.1
    for score in range(10):
        axes.add_patch(plt.Rectangle((left, 0.3 * score), 0.28, 0.24, facecolor="#d1605e"))
    axes.text(left + 0.14, -0.25, "head\n10 logits", ha="center", va="top")
    axes.set(xlim=(-0.6, left + 1.2), ylim=(-1.1, 3.6), aspect="equal")
    axes.set_title("One way through: every block halves the side and multiplies the maps")
    axes.axis("off")
    plt.show()


draw_blocks()


# %%
def build_model():
    """A fresh convolutional network for 28x28 grey images.

    Two or three blocks of convolution, batch normalisation, ReLU and pooling, the last with more filters than the
    first; dropout before the head. It takes (N, 1, 28, 28) and gives (N, 10) logits, for any N.
    Returns a torch.nn.Module, untrained.
    """
    # BEGIN SOLUTION
    first, second = 16, 32
    blocks = [*convolutional_block(1, first), *convolutional_block(first, second)]
    head = [nn.Flatten(), nn.Dropout(0.25), nn.Linear(second * 7 * 7, 10)]
    return nn.Sequential(*blocks, *head)
    # END SOLUTION


# BEGIN SOLUTION
def convolutional_block(in_channels, out_channels):
    """Convolution, normalisation, ReLU and a pooling that halves; batch norm has a shift, so no bias is needed."""
    convolution = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding="same", bias=False)
    return convolution, nn.BatchNorm2d(out_channels), nn.ReLU(), nn.MaxPool2d(2)


# END SOLUTION


# %% tags=["check"]
def every_image_gets_ten_scores(build_model):
    import torch

    model = build_model().eval()
    for count in (1, 5):
        got = model(torch.zeros(count, 1, 28, 28))
        assert tuple(got.shape) == (count, 10), f"{count} images have to give ({count}, 10), not {tuple(got.shape)}"


# %% tags=["check"]
def scores_are_not_squeezed(build_model):
    import torch

    got = build_model().eval()(torch.randn(8, 1, 28, 28))
    sums = got.exp().sum(dim=1), got.sum(dim=1)
    for total in sums:
        assert not torch.allclose(total, torch.ones(8), atol=1e-4), (
            "these scores are probabilities, or their logarithms: give logits, the loss applies the softmax itself"
        )


# %% [markdown] question="q5" points=18 title="The training loop"
# ## Question 5 · The training loop
#
# **One step.** All of gradient descent is in four lines, and their order matters. For a batch of images and labels:
#
# 1. empty the gradients of the step before: `backward` *adds* to what is there,
# 2. run the model, and have the criterion compute the loss,
# 3. `backward`: the gradient of the loss for every parameter,
# 4. the optimiser moves every parameter. Plain gradient descent goes $\theta \leftarrow \theta - \eta \,
#    \nabla_\theta L$, with learning rate $\eta$; Adam (Kingma & Ba 2015) and others scale that.
#
# Leave out any of the four and the loop runs on without a word. Do exactly one step on exactly these images, with the
# criterion and the optimiser that you are given, and return the batch's loss as a number (`.item()`), the one before
# the parameters moved. The model comes in training mode.
#
# **All steps.** `train` takes a model and trains it *in place* for a number of **epochs**; in each epoch every
# training image comes up once, in batches, in a new random order. Optimiser, learning rate, batch size, augmentation:
# that's yours to choose. After each epoch write down four numbers:
#
# * `"loss"` and `"accuracy"` on the training images. Averages over the epoch's batches are fine.
# * `"val_loss"` and `"val_accuracy"`: the mean cross-entropy of the validation images, and the share of them that are
#   recognised, measured **after** the epoch. In *evaluation mode*, or dropout makes the network worse than it is;
#   without gradients; and then back to training mode, or dropout and batch norm stop working after the first epoch.
#
# Accuracies are shares from 0 to 1. Sets may be small, so don't throw an incomplete last batch away if it is the only
# one. `device` says where to compute: the model and the sets come on the CPU.
#
# Helpers are welcome, in the cell below or in a cell of your own.


# %%
def training_step(model, optimizer, criterion, images, labels):
    """One step of gradient descent on one batch.

    model: torch.nn.Module in training mode. optimizer: a torch.optim.Optimizer for its parameters.
    criterion: takes logits and labels, gives the loss (a tensor of one number).
    images: tensor (N, ...) that the model takes. labels: int64 tensor (N,). On the model's device.
    Returns the loss of this batch before the step, as a float.
    """
    # BEGIN SOLUTION
    optimizer.zero_grad()
    batch_loss = criterion(model(images), labels)
    batch_loss.backward()
    optimizer.step()
    return batch_loss.item()
    # END SOLUTION


# %%
# BEGIN SOLUTION
def loss_and_accuracy(model, images, labels, device):
    """Mean cross-entropy and share of right answers, batch by batch, in evaluation mode."""
    was_training = model.training
    model.eval()
    total_loss, right = 0.0, 0
    with torch.inference_mode():
        for part, truth in zip(images.split(500), labels.split(500), strict=True):
            logits, truth = model(part.to(device)), truth.to(device)
            total_loss += nn.functional.cross_entropy(logits, truth, reduction="sum").item()
            right += (logits.argmax(dim=1) == truth).sum().item()
    model.train(was_training)
    return total_loss / len(labels), right / len(labels)


# END SOLUTION


def train(model, train_set, validation_set, epochs, device):
    """Train a model in place.

    model: torch.nn.Module that gives (N, 10) logits. It and the sets come on the CPU.
    train_set, validation_set: pairs (images, labels) of tensors, images as `prepare` gives them, labels int64 (N,).
    epochs: how often each training image comes up, a whole number from 1.
    device: torch.device to compute on.
    Returns a dict of lists with one number an epoch: "loss", "accuracy" (training images), "val_loss" (mean
    cross-entropy), "val_accuracy" (validation images, after the epoch, in evaluation mode).
    """
    # BEGIN SOLUTION
    images, labels = train_set
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    coins = torch.Generator().manual_seed(torch.randint(2**31, ()).item())
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        weighted = 0.0
        for batch in torch.randperm(len(images)).split(64):
            pixels = augment(images[batch], coins).to(device)
            loss = training_step(model, optimizer, nn.CrossEntropyLoss(), pixels, labels[batch].to(device))
            weighted += loss * len(batch)
        history["loss"].append(weighted / len(images))
        history["accuracy"].append(loss_and_accuracy(model, images[:500], labels[:500], device)[1])
        validation_loss, validation_accuracy = loss_and_accuracy(model, *validation_set, device)
        history["val_loss"].append(validation_loss)
        history["val_accuracy"].append(validation_accuracy)
    return history
    # END SOLUTION


# %% tags=["check"]
def one_step_goes_down_the_gradient(training_step):
    import torch
    from torch import nn

    model = nn.Linear(1, 2, bias=False)
    model.weight.data[:] = torch.tensor([[0.0], [0.0]])
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    images, labels = torch.ones(1, 1), torch.tensor([1])
    losses = [training_step(model, optimizer, nn.CrossEntropyLoss(), images, labels) for _ in range(2)]
    assert abs(losses[0] - 0.6931) < 1e-3, f"two equal scores have a loss of log 2 = 0.6931, you return {losses[0]}"
    # the scores are (-0.5, 0.5) after one step and differ by 1.538 after two
    difference = (model.weight[1] - model.weight[0]).item()
    assert abs(difference - 1.5379) < 1e-3, (
        f"after two steps the weights should differ by 1.538, yours do by {difference:.3f}: "
        "are gradients emptied, computed and applied, once each?"
    )


# %% tags=["check"]
def the_history_has_a_number_for_each_epoch(train):
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    before = model[1].weight.detach().clone()
    images, labels = torch.rand(60, 1, 28, 28), torch.arange(60) % 10
    history = train(model, (images, labels), (images[:20], labels[:20]), 2, torch.device("cpu"))
    for key in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert key in history, f"the history has no {key!r}"
        assert len(history[key]) == 2, f"two epochs are two numbers, history[{key!r}] has {len(history[key])}"
    assert not torch.equal(before, model[1].weight.detach().cpu()), "the model that was given has not been changed"


# %% [markdown] question="q6" points=12 title="Measuring"
# ## Question 6 · Measuring
#
# One number hides what you want to know. A network that recognises 91 % of all clothes may take every third shirt for
# something else. So measure three things:
#
# * **accuracy**: the share of images whose largest score stands at the true class,
# * **accuracy of each class**: the same, among the images that truly are of that class,
# * the **confusion matrix** $M$: $M_{ij}$ counts the images of true class $i$ that the network takes for class $j$.
#   **Rows are true classes.** Right answers are on the diagonal, and whatever stands off it has a story.
#
# $$\text{accuracy} = \frac{\sum_i M_{ii}}{\sum_{ij} M_{ij}}
# \qquad \text{accuracy of class } i = \frac{M_{ii}}{\sum_j M_{ij}}$$
#
# (Source: any textbook, for instance Murphy 2022, *Probabilistic Machine Learning*, section 5.1. scikit-learn counts
# rows as true, too; some others have it the other way round.)
#
# Measuring must not change what it measures. Switch to evaluation mode, so that dropout rests and batch norm uses the
# statistics of training; two calls then give the same numbers. At the end leave the model in the mode in which you
# found it, whichever that was. A class may have no images at all: its accuracy is not asked for, but the others' are.


# %% tags=["figure"]
def draw_confusion():
    """A small confusion matrix, and how to read it."""
    names = ["T-shirt", "pullover", "shirt"]
    counts = np.array([[86, 3, 11], [2, 81, 17], [19, 14, 67]])
    _, axes = plt.subplots(figsize=(5.6, 4))
    axes.imshow(counts, cmap="Blues", vmax=110)
    for row in range(3):
        for column in range(3):
            colour = "white" if row == column else "black"
            axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=13, color=colour)
    axes.set_xticks(range(3), names)
    axes.set_yticks(range(3), names)
    axes.set(xlabel="taken for", ylabel="truly a")
    axes.set_title("An example: of 100 shirts 67 are recognised,\n19 are taken for T-shirts and 14 for pullovers")
    plt.tight_layout()
    plt.show()


draw_confusion()


# %%
def evaluate(model, images, labels):
    """Measure a model on labelled images, in evaluation mode; its mode is restored.

    model: torch.nn.Module that gives (N, 10) logits, on any device.
    images: tensor (N, 1, 28, 28) as `prepare` gives it. labels: int64 tensor (N,). Both on the CPU.
    Returns a dict: "accuracy" (share from 0 to 1), "per_class_accuracy" (10 shares) and "confusion_matrix" (10 x 10
    counts, rows are true classes).
    """
    # BEGIN SOLUTION
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        predicted = torch.cat([model(part.to(device)).argmax(dim=1).cpu() for part in images.split(500)])
    model.train(was_training)
    matrix = torch.bincount(labels * 10 + predicted, minlength=100).reshape(10, 10)
    of_each_class = matrix.sum(dim=1)
    return {
        "accuracy": (matrix.trace() / len(labels)).item(),
        "per_class_accuracy": (matrix.diagonal() / of_each_class.clamp(min=1)).tolist(),
        "confusion_matrix": matrix.tolist(),
    }
    # END SOLUTION


# %% tags=["check"]
def true_classes_are_in_rows(evaluate):
    import numpy as np
    import torch
    from torch import nn

    always_three = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    always_three[1].weight.data.zero_()
    always_three[1].bias.data[:] = torch.eye(10)[3]
    labels = torch.tensor([3, 3, 3, 5, 0, 1, 2, 4, 6, 7, 8, 9])
    got = evaluate(always_three, torch.zeros(12, 1, 28, 28), labels)
    assert abs(float(got["accuracy"]) - 0.25) < 1e-6, f"3 of 12 images are right, that is 0.25, not {got['accuracy']}"
    matrix = np.array(got["confusion_matrix"]).tolist()
    assert matrix[5][3] == 1, "the image of class 5 is taken for a 3, so row 5 has a 1 in column 3"
    shares = np.array(got["per_class_accuracy"]).tolist()
    assert (shares[3], shares[5]) == (1, 0), "all of class 3 are right and none of class 5"


# %% tags=["check"]
def two_measurements_agree_and_the_mode_stays(evaluate):
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10))
    images, labels = torch.randn(200, 1, 28, 28), torch.arange(200) % 10
    model.train()
    first, again = [float(evaluate(model, images, labels)["accuracy"]) for _ in range(2)]
    assert first == again, f"two measurements of one model differ, {first} and {again}: is dropout still on?"
    assert model.training, "the model was in training mode, and has to be in it again"


# %% [markdown] question="q7" points=14 title="Images that nobody has seen" uses="build_model, train"
# ## Question 7 · Images that nobody has seen
#
# Now all parts work together. There is nothing to write: the grader takes your `build_model` and your `train`, gives
# them training images and a budget, and measures the trained network on images that your notebook has never been
# near. They are slightly altered, too, so that knowing the public labels by heart is of no use.
#
# On a processor without a GPU the budget is small, a couple of thousand images for three epochs, so that a whole
# class is graded before lunch; a good pipeline gets about 80 % right with that. Full points start well below, and
# credit falls in proportion down to networks that have learned little. A result within the noise of the bar is
# measured again with another seed before points are lost. `autograder.budget("fashion_mnist")` tells what there is:
# all you like on your own machine, the grader's budget there.
#
# Run the cell below as often as you like. Without a GPU it takes 3,000 images, about half a minute; change that. If
# the loss does not fall, go back: one of the steps above is not what it seems. The most common reason is a learning
# rate that is ten times too large or too small. Try three: a good one, and both neighbours. What do the losses do?


# %% tags=["figure"]
def train_here():
    """Train on this machine; returns the history, the model and the validation set."""
    import time

    import autograder
    from autograder.datasets import fashion_mnist

    budget = autograder.budget("fashion_mnist")
    count = budget.images or (60_000 if budget.device == "cuda" else 3_000)
    images, labels = fashion_mnist.load("train")
    parts = split(images[:count], labels[:count], 0.1, seed=0)
    train_set, validation_set = [
        (prepare(pictures), torch.as_tensor(classes, dtype=torch.int64)) for pictures, classes in (parts[:2], parts[2:])
    ]
    torch.manual_seed(0)
    model = build_model()
    start = time.perf_counter()
    history = train(model, train_set, validation_set, budget.epochs, torch.device(budget.device))
    seconds = time.perf_counter() - start
    print(f"{len(train_set[1]):,} images, {budget.epochs} epochs, {seconds:.0f} s on {budget.device}")
    for epoch in range(budget.epochs):
        print(f"epoch {epoch + 1:2}", *(f"  {key} {float(values[epoch]):.3f}" for key, values in history.items()))
    return history, model, validation_set


try:
    history, trained, validation_set = train_here()
except NotImplementedError as missing:
    print(f"Answer the questions above first ({missing}).")


# %% tags=["check"]
def a_small_task_is_learned(build_model, train):
    import torch

    torch.manual_seed(0)
    patterns = torch.randn(10, 1, 28, 28)
    labels = torch.arange(200) % 10
    images = (0.5 * patterns[labels] + 0.2 * torch.randn(200, 1, 28, 28)).clamp(-1, 1)
    history = train(build_model(), (images, labels), (images[:100], labels[:100]), 6, torch.device("cpu"))
    first, last = float(history["loss"][0]), float(history["loss"][-1])
    assert last < 0.9 * first, f"ten easy patterns, six epochs, and the loss went from {first:.3f} to {last:.3f} only"


# %% [markdown] question="q8" points=10 title="Curves"
# ## Question 8 · Curves
#
# A training run is a story, and its curves tell it at one glance. Two of them, loss on training and on validation
# images, answer most questions:
#
# * both fall, and close to each other: all is well, go on;
# * training loss falls, validation loss turns up: the network learns its images by heart (**overfitting**); stop
#   there, augment, use more dropout or more data;
# * both are flat and high: it does not learn, or too slowly;
# * a curve leaps up: the learning rate is too large.
#
# Accuracy belongs beside it: it is what you are asked for, but it moves in steps and notices later.
#
# Draw training and validation curves of loss and of accuracy against the epoch, so that a stranger understands them:
# axes have names, and each curve says what it is. Return the figure. Each call makes a new one.


# %% tags=["figure"]
def draw_stories():
    """Three ways in which training goes."""
    epochs = np.arange(1, 21)
    falling = 1.6 * np.exp(-epochs / 5)
    stories = {
        "all is well": (falling + 0.28, falling + 0.33 + 0.02 * np.sin(epochs)),
        "overfitting": (falling * 0.9 + 0.05, falling + 0.3 + 0.0016 * epochs**2),
        "does not learn": (2.3 - 0.002 * epochs, 2.305 - 0.002 * epochs + 0.004 * np.cos(2 * epochs)),
    }
    _, columns = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
    for axes, (name, (seen, unseen)) in zip(columns, stories.items(), strict=True):
        axes.plot(epochs, seen, color="#4878a8", label="training")
        axes.plot(epochs, unseen, color="#d1605e", label="validation")
        axes.set(title=name, xlabel="epoch", ylim=(0, 2.5))
        axes.grid(alpha=0.3)
    columns[0].set_ylabel("loss")
    columns[0].legend()
    plt.tight_layout()
    plt.show()


draw_stories()


# %%
def plot_history(history):
    """Draw the training and validation curves of loss and of accuracy.

    history: dict of lists with one number an epoch: "loss", "accuracy", "val_loss", "val_accuracy". It is not changed.
    Returns a new matplotlib Figure with labelled axes and curves.
    """
    # BEGIN SOLUTION
    figure, columns = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    epochs = range(1, len(history["loss"]) + 1)
    for axes, quantity in zip(columns, ("loss", "accuracy"), strict=True):
        axes.plot(epochs, history[quantity], marker="o", label="training")
        axes.plot(epochs, history[f"val_{quantity}"], marker="o", label="validation")
        axes.set(xlabel="epoch", ylabel=quantity, title=f"{quantity.capitalize()} of each epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(color="0.9")
        axes.legend()
    return figure
    # END SOLUTION


# %% tags=["check"]
def there_are_four_curves_with_names(plot_history):
    history = {
        "loss": [1.5, 0.9, 0.7],
        "accuracy": [0.5, 0.68, 0.75],
        "val_loss": [1.2, 0.95, 0.8],
        "val_accuracy": [0.55, 0.66, 0.71],
    }
    figure = plot_history(history)
    assert hasattr(figure, "axes"), f"a matplotlib Figure is asked for, not a {type(figure).__name__}"
    curves = [list(line.get_ydata()) for axes in figure.axes for line in axes.get_lines()]
    for key, numbers in history.items():
        assert numbers in curves, f"no curve shows the numbers of history[{key!r}]"
    words = [axes.get_xlabel() + axes.get_ylabel() + axes.get_title() for axes in figure.axes]
    assert any(word.strip() for word in words), "give the axes names, with set_xlabel and set_ylabel say"


# %% [markdown]
# ## What your network has learned
#
# Your own run from question 7, in your own curves, and where it errs. Shirts are the hard class for nearly every
# network. Is that so for yours, and what does it take them for?


# %% tags=["figure"]
def draw_own_run():
    """The curves of the run above, and its confusion matrix."""
    from autograder.datasets import fashion_mnist

    plot_history(history)
    plt.show()
    measured = evaluate(trained, *validation_set)
    counts = np.array(measured["confusion_matrix"], dtype=float)
    _, axes = plt.subplots(figsize=(6.4, 5.6))
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues")
    for row in range(10):
        for column in range(10):
            if counts[row, column]:
                colour = "white" if row == column else "black"
                axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=colour)
    axes.set_xticks(range(10), fashion_mnist.CLASSES, rotation=45, ha="right")
    axes.set_yticks(range(10), fashion_mnist.CLASSES)
    axes.set(xlabel="taken for", ylabel="truly")
    axes.set_title(f"{float(measured['accuracy']):.1%} of {counts.sum():.0f} validation images are right")
    plt.tight_layout()
    plt.show()


try:
    draw_own_run()
except (NameError, NotImplementedError) as missing:
    print(f"Train first, in question 7 ({missing}).")
