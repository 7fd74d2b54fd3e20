# %% [markdown]
# # Exercise 5 · The debugging clinic
#
# Broken training code rarely crashes. It runs, prints numbers, and the numbers are bad: that is all the complaint
# you get. In this clinic six patients come in. Each of them is code that runs and is broken in one way; you see the
# symptom first, find the cause, and hand back the function repaired.
#
# | question | the patient says | you write | points |
# |---|---|---|---|
# | 1 | "I train and train, and nothing happens" | `fix_learning_rate` | 15 |
# | 2 | "my loss is `nan`" | `fix_gradients` | 20 |
# | 3 | "my accuracy is another one at every call" | `fix_evaluation` | 15 |
# | 4 | "my loss will not go below a certain value" | `fix_loss` | 20 |
# | 5 | "I see the big things, but no detail" | `fix_pooling` | 15 |
# | 6 | all sorts of training curves | `diagnose` | 15 |
#
# **The doctor's table.** After the lecture's section 6, with two entries of our own at the end.
#
# | what you see | look first at | what helps |
# |---|---|---|
# | the loss stays at guessing | learning rate; images beside labels | 10 times the rate, another block, true labels |
# | validation is far behind training | images per parameter | augmentation, dropout, a pretrained network |
# | the loss jumps, then `nan` | the gradient's norm, step by step | batch norm, clipping, a smaller rate |
# | fine detail is ignored | height and width after each layer | less pooling and stride, dilation, attention |
# | another score at each call; memory runs full | the mode: `train()` or `eval()` | evaluation mode, no gradients |
# | the loss falls to an odd value, and stops | what goes into the loss | logits, and gradients emptied at each step |
#
# Whatever it is, three looks come before all others, and they take a minute. **The loss before training**: a network
# that knows nothing of $K$ classes has a cross-entropy near $\log K$; for the four classes below that is 1.39. **A
# handful of images**: a healthy network and loop learn 50 images by heart in seconds; if they don't, more data will
# not help. **The gradient**: is it there, is it finite, is it the size of yesterday's?
#
# All images here are small and made on the spot, so that each run takes a second or two. The helpers of the next
# cell are sound. Use them as you like.

# %%
import math

import numpy as np
import torch
from torch import nn

CLASSES = 4  # stripes that lie, stripes that stand, and the two diagonals


def striped_images(count, seed):
    """Noisy stripes in four directions: images (count, 1, 12, 12) and their labels (count,), 0 to 3."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:12, :12]
    directions = [rows, columns, rows + columns, rows - columns]
    labels = rng.permutation(np.arange(count) % CLASSES)
    waves = [np.sin(np.pi / 2 * directions[label] + rng.uniform(0, 2 * np.pi)) for label in labels]
    images = np.stack(waves)[:, None] + rng.normal(0, 0.3, (count, 1, 12, 12))
    return torch.tensor(images, dtype=torch.float32), torch.tensor(labels)


def small_network():
    """A new network for striped images: one convolution, and a head for the four classes."""
    layers = [nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(72, CLASSES)]
    return nn.Sequential(*layers)


def descend(model, optimizer, images, labels, steps):
    """Train on all images at every step; returns the loss before each step."""
    criterion, losses = nn.CrossEntropyLoss(), []
    for _ in range(steps):
        model.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% tags=["figure"]
def draw_stripes():
    """One image of each class."""
    import matplotlib.pyplot as plt

    images, labels = striped_images(24, seed=5)
    _, panels = plt.subplots(1, CLASSES, figsize=(8, 2.3))
    for label, panel in enumerate(panels):
        panel.imshow(images[labels == label][0, 0], cmap="gray")
        panel.set(title=f"class {label}", xticks=[], yticks=[])
    plt.show()


draw_stripes()

# %% [markdown] question="q1" points=15 title="Stuck at chance"
# ## Question 1 · Stuck at chance
#
# The first patient trains for a hundred steps, and the loss after them is the loss before them. No error, no
# warning. Look at the curve below: flat as a table, just at $\log 4$, where a network guesses.
#
# A step moves the weights by learning rate × gradient. Where the learning rate is so small that a hundred steps lead
# nowhere, everything else may be in order and you would never know. (It can be the other way round, too: labels that
# do not belong to their images keep any network at chance, with any learning rate. So look at some pairs, as above,
# before you turn knobs.)


# %%
def stuck_training(model, images, labels):
    """Broken: trains the model for 100 steps, and nothing comes of it. Returns the loss before each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.00001)
    return descend(model, optimizer, images, labels, steps=100)


# %% tags=["figure"]
def draw_stuck():
    """The loss of the broken training, and where guessing is."""
    import matplotlib.pyplot as plt

    torch.manual_seed(3)
    losses = stuck_training(small_network(), *striped_images(64, seed=1))
    _, axes = plt.subplots(figsize=(7, 3))
    axes.plot(losses, color="#d1605e", lw=2.5, label="loss of stuck_training")
    axes.axhline(math.log(CLASSES), color="#555555", ls="--", label="guessing: log 4 = 1.386")
    axes.set(ylim=(0, 2), xlabel="step", ylabel="cross-entropy", title="A hundred steps on the spot")
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    plt.show()


draw_stuck()

# %% [markdown]
# **What is asked.** `fix_learning_rate` trains the network that it is given, in place, on the images that it is
# given. Afterwards the loss on these images is at most half of guessing's 1.386, and new images of the same kind are
# recognised. Other networks of this size will come, with and without batch normalisation: so choose a learning rate
# from the middle of what works, not from its edge. Try a few, a factor of ten apart.
#
# **What is free.** The optimiser (SGD with or without momentum, Adam ...), a schedule, whether you use `descend`.
# **What is not:** patience. At most 100 steps, as in the patient (up to 250 forward passes in training mode are
# let through, for those who look at the loss once more or cut the images into two batches); a hundred times as
# many would only hide the cause. The judge looks at the weights that you leave behind and computes the loss
# itself; the list that you return is for your own plot.


# %%
def fix_learning_rate(model, images, labels):
    """Train a network in at most 100 steps, so that its loss ends far below chance.

    model: a torch.nn.Module that gives (N, 4) logits; it is trained in place.
    images: float32 tensor (N, 1, height, width). labels: int64 tensor (N,), 0 to 3.
    Returns the list of the losses before each step.
    """
    # BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return descend(model, optimizer, images, labels, 100)
    # END SOLUTION


# %% tags=["check"]
def the_loss_falls_far_below_chance(fix_learning_rate, small_network, striped_images):
    import torch

    torch.manual_seed(0)
    model, (images, labels) = small_network(), striped_images(64, seed=2)
    fix_learning_rate(model, images, labels)
    with torch.no_grad():
        loss = float(torch.nn.functional.cross_entropy(model(images), labels))
    assert loss < 0.4, f"guessing has a loss of 1.386, a good repair gets below 0.4 here, yours ends at {loss:.3f}"


# %% [markdown] question="q2" points=20 title="Exploding gradients"
# ## Question 2 · Exploding gradients
#
# The second patient is deep: ten convolutions in a row. Going back through the network, the gradient is multiplied
# by the weights of one layer after another. Where each factor is a little larger than 1, ten of them make it large,
# the step that follows makes the weights larger, and these the next gradient. A few rounds, and a number no longer
# fits into a float: `inf`, and `inf - inf` is `nan`. From then on every weight is `nan`, for good.
#
# The picture shows the norm of the whole gradient at each step, on a logarithmic scale. That curve is the first
# thing to draw whenever a loss jumps.


# %%
def deep_layers():
    """The layers of a deep network for striped images, in a list: ten convolutions, two poolings, a head."""
    layers = []
    for place in range(10):
        convolution = nn.Conv2d(8 if place else 1, 8, 3, padding=1)
        nn.init.normal_(convolution.weight, std=0.33)
        layers += [convolution, nn.ReLU()]
        if place in (0, 5):
            layers.append(nn.MaxPool2d(2))
    return [*layers, nn.Flatten(), nn.Linear(72, CLASSES)]


def exploding_training(images, labels):
    """Broken: builds a deep network, trains it for 60 steps and returns it, full of nan."""
    model = nn.Sequential(*deep_layers())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(60):
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    return model


# %% tags=["figure"]
def draw_exploding():
    """Loss and gradient norm of the broken training until they are no numbers any more."""
    import matplotlib.pyplot as plt

    torch.manual_seed(3)
    images, labels = striped_images(48, seed=1)
    model = nn.Sequential(*deep_layers())
    norms = []
    for _ in range(9):
        model.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        with torch.no_grad():
            norms.append(float(sum((weight.grad.double() ** 2).sum() for weight in model.parameters()).sqrt()))
            for weight in model.parameters():
                weight -= 0.1 * weight.grad
    finite = [norm for norm in norms if math.isfinite(norm)]
    _, axes = plt.subplots(figsize=(7, 3.2))
    axes.semilogy(finite, "o-", color="#d1605e", label="norm of the gradient")
    axes.axhline(1, color="#4878a8", ls="--", label="where one could clip it: 1")
    axes.axvspan(len(finite) - 0.5, len(norms) - 0.5, color="#555555", alpha=0.15, lw=0)
    axes.text(len(finite) - 0.3, 1e13, "nan from here on", color="#555555")
    axes.set(xlim=(-0.5, len(norms) - 0.5), xlabel="step", title="exploding_training, step by step")
    axes.legend(loc="center right")
    axes.grid(alpha=0.3)
    plt.show()


draw_exploding()

# %% [markdown]
# Two remedies, and they go well together:
#
# * **Normalise.** `nn.BatchNorm2d` after each convolution brings the activations back to mean 0 and variance 1, so
#   that no layer multiplies for long. (Source: Ioffe & Szegedy 2015, *Batch Normalization*.)
# * **Clip.** With the gradient $g$ of all weights together and a threshold $c$, use $g \cdot \min(1, c / \lVert g
#   \rVert)$: the direction stays, the length is bounded. It has to happen *between* the backward pass and the step.
#   (Source: Pascanu, Mikolov & Bengio 2013, *On the difficulty of training recurrent neural networks*, section 3.2.
#   `torch.nn.utils` has it ready to use.)
#
# Making the learning rate smaller belongs to the cure as well, but *alone* it only buys time until the next bad
# batch. So your function also meets **images that somebody forgot to scale**: values a hundred times as large.
#
# **What is asked.** `fix_gradients` builds a network, trains it on the images and returns it. (1) On images like
# those above the loss ends below 1.0 and new images are told apart better than by guessing. (2) On images a hundred
# times as bright every weight is still a finite number. What it learns from them is up to it. (3) The network stays
# deep: ten convolutions at least.
#
# **What is free.** Clipping by norm or by value, batch or group normalisation, skip connections, another
# initialisation, the optimiser, the learning rate, the number of steps (60 are enough). Luck with the random start
# is not graded: where your training fails, the judge tries again with other seeds.


# %%
def fix_gradients(images, labels):
    """Build a network of at least ten convolutions, train it, and keep every weight finite.

    images: float32 tensor (N, 1, 12, 12), perhaps badly scaled. labels: int64 tensor (N,), 0 to 3.
    Returns the trained torch.nn.Module, which gives (N, 4) logits.
    """
    # BEGIN SOLUTION
    layers = []
    for layer in deep_layers():
        layers += [layer, nn.BatchNorm2d(8)] if isinstance(layer, nn.Conv2d) else [layer]
    model, criterion = nn.Sequential(*layers), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    for _ in range(60):
        model.zero_grad()
        criterion(model(images), labels).backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
    return model
    # END SOLUTION


# %% tags=["check"]
def the_deep_network_learns(fix_gradients, striped_images):
    import torch

    torch.manual_seed(0)
    images, labels = striped_images(48, seed=3)
    model = fix_gradients(images, labels).eval()
    with torch.no_grad():
        loss = float(torch.nn.functional.cross_entropy(model(images), labels))
    assert loss < 0.8, f"guessing has a loss of 1.386, a good repair gets below 0.8 here, yours ends at {loss:.3f}"


# %% tags=["check"]
def images_a_hundred_times_as_bright_do_no_harm(fix_gradients, striped_images):
    import torch

    torch.manual_seed(0)
    images, labels = striped_images(48, seed=4)
    model = fix_gradients(100 * images, labels)
    for name, tensor in model.state_dict().items():
        assert torch.isfinite(tensor).all(), f"after badly scaled images there are inf or nan in {name}"


# %% [markdown] question="q3" points=15 title="A number that changes"
# ## Question 3 · A number that changes
#
# Nothing is trained between two calls, the images are the same, and still the accuracy is another one each time. Two
# kinds of layers behave differently in training and in use, and a network does not know by itself which of the two
# it is for:
#
# | layer | in training mode | in evaluation mode |
# |---|---|---|
# | dropout | throws values away at random | lets everything through |
# | batch normalisation | uses the statistics of *this batch*, updates the running ones | uses the running ones |
#
# So an evaluation in training mode does not only give a random number; through batch normalisation the test images
# also leave traces in the network. And it costs memory: PyTorch keeps every activation for a backward pass that
# never comes, until a GPU is full. `torch.no_grad()` stops *that*, and only that. It switches no dropout off.


# %%
def shaky_evaluation(model, images, labels):
    """Broken: the share of images that the model classifies right, if it were not for the mode."""
    predictions = model(images).argmax(dim=1)
    return (predictions == labels).float().mean().item()


def network_with_dropout():
    """A network that has both kinds of layers."""
    block = [nn.Conv2d(1, 8, 5, padding=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(4)]
    return nn.Sequential(*block, nn.Flatten(), nn.Dropout(0.6), nn.Linear(72, CLASSES))


# %% tags=["figure"]
def draw_shaky():
    """Twenty evaluations of one and the same network, which nobody trains in between."""
    import matplotlib.pyplot as plt

    torch.manual_seed(6)
    model, test_set = network_with_dropout(), striped_images(200, seed=8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    descend(model, optimizer, *striped_images(64, seed=7), steps=15)
    scores = [shaky_evaluation(model, *test_set) for _ in range(20)]
    _, axes = plt.subplots(figsize=(7, 3))
    axes.plot(range(1, 21), scores, "o", color="#d1605e")
    axes.set(xlabel="call", ylabel="accuracy", xticks=range(1, 21), title="shaky_evaluation, called twenty times")
    axes.grid(alpha=0.3)
    plt.show()


draw_shaky()

# %% [markdown]
# **What is asked.** `fix_evaluation` returns the accuracy of the network in evaluation mode, the same at each call.
# Weights and running statistics stay what they were. And the network goes on in the mode in which it came: evaluated
# between two epochs, it must be back in training mode for the next one; a finished network that came in evaluation
# mode must stay in it.
#
# **What is free.** One batch or many, with or without `torch.no_grad()` (take it; the judge does not look).


# %%
def fix_evaluation(model, images, labels):
    """Share of images that the model classifies right, in evaluation mode.

    model: a torch.nn.Module that gives (N, 4) logits; it is left as it came, its mode included.
    images: float32 tensor (N, 1, height, width). labels: int64 tensor (N,), 0 to 3.
    Returns a float from 0 to 1.
    """
    # BEGIN SOLUTION
    came_in_training_mode = model.training
    model.eval()
    with torch.inference_mode():
        right = model(images).argmax(dim=1) == labels
    model.train(came_in_training_mode)
    return right.float().mean().item()
    # END SOLUTION


# %% tags=["check"]
def two_calls_agree(fix_evaluation, network_with_dropout, striped_images):
    import torch

    torch.manual_seed(0)
    model, (images, labels) = network_with_dropout(), striped_images(200, seed=5)
    first, second = fix_evaluation(model, images, labels), fix_evaluation(model, images, labels)
    assert first == second, f"nothing has happened between two calls, but they give {first:.3f} and {second:.3f}"


# %% tags=["check"]
def a_network_in_training_goes_on_in_training_mode(fix_evaluation, network_with_dropout, striped_images):
    model = network_with_dropout().train()
    fix_evaluation(model, *striped_images(20, seed=5))
    assert model.training, "the model came in training mode, and has to be back in it afterwards"


# %% [markdown] question="q4" points=20 title="A loss with a floor"
# ## Question 4 · A loss with a floor
#
# This training step has two defects at once, and they often come together, since either of them lets the loss fall
# for a while.
#
# **A softmax too many.** PyTorch's cross-entropy takes *logits* $z$ and does the softmax itself:
#
# $$\ell(z, y) = -\log \frac{e^{z_y}}{\sum_k e^{z_k}}$$
#
# (Source: the definition of `torch.nn.CrossEntropyLoss` in its documentation.) Give it probabilities and it takes
# them for logits. The best that it can then see is a 1 among zeros, and even for this perfect answer the loss of
# four classes is $-\log \frac{e}{e + 3} = 0.744$. So there is a floor, and near it hardly any gradient. Why not take
# the logarithm of the softmax by hand, then? Because $e^{-200}$ is 0 in a float32, and $\log 0$ is $-\infty$. The
# library subtracts the largest logit first and never gets there.
#
# **Gradients that pile up.** `backward()` *adds* to what is in `.grad`. Unless somebody empties it, the tenth step
# goes along the sum of ten gradients, nine of which are of weights that are history.


# %%
def confused_step(model, optimizer, images, labels):
    """Broken: one training step; returns the loss."""
    probabilities = torch.softmax(model(images), dim=1)
    loss = nn.functional.cross_entropy(probabilities, labels)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% tags=["figure"]
def draw_confused():
    """The floor of the loss, and the gradient that a step uses beside the one that it should use."""
    import matplotlib.pyplot as plt

    torch.manual_seed(2)
    model, (images, labels) = small_network(), striped_images(64, seed=6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    losses, used, fresh = [], [], []
    for _ in range(60):
        before = [torch.zeros_like(w) if w.grad is None else w.grad.clone() for w in model.parameters()]
        losses.append(confused_step(model, optimizer, images, labels))
        pairs = [(w.grad, w.grad - old) for w, old in zip(model.parameters(), before, strict=True)]
        used.append(math.sqrt(sum(float((whole**2).sum()) for whole, _ in pairs)))
        fresh.append(math.sqrt(sum(float((new**2).sum()) for _, new in pairs)))
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
    left.plot(losses, color="#d1605e", lw=2, label="loss that confused_step returns")
    left.axhline(math.log(1 + 3 / math.e), color="#555555", ls="--", label="its floor: 0.744")
    left.set(ylim=(0, 1.6), xlabel="step", title="A softmax too many: a floor")
    right.semilogy(used, color="#d1605e", lw=2, label="gradient that the step uses")
    right.semilogy(fresh, color="#4878a8", lw=2, label="gradient of this step alone")
    right.set(xlabel="step", ylabel="norm", title="Never emptied: gradients pile up")
    for panel in (left, right):
        panel.legend()
        panel.grid(alpha=0.3)
    figure.tight_layout()
    plt.show()


draw_confused()

# %% [markdown]
# **What is asked.** `fix_loss` makes one step: mean cross-entropy of the model's logits, its gradient alone, one
# step of the optimiser. It returns the loss before the step. All of it stays finite and exact where logits lie
# hundreds apart. The judge computes the weights after one and after several steps for itself.
#
# **What is free.** Which functions you use, and whether you empty the gradients first or last (the model comes with
# empty ones).


# %%
def fix_loss(model, optimizer, images, labels):
    """Make one training step with the mean cross-entropy of the model's logits.

    model: a torch.nn.Module that gives (N, classes) logits. optimizer: a torch.optim.Optimizer of its parameters.
    images: float32 tensor (N, 1, height, width). labels: int64 tensor (N,).
    Returns the loss before the step, a float.
    """
    # BEGIN SOLUTION
    optimizer.zero_grad()
    loss = nn.CrossEntropyLoss()(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()
    # END SOLUTION


# %% tags=["check"]
def a_perfect_answer_has_hardly_any_loss(fix_loss):
    import torch

    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 4, bias=False))
    with torch.no_grad():
        model[1].weight.copy_(20 * torch.eye(4))
    images, labels = torch.eye(4).reshape(4, 1, 2, 2), torch.arange(4)
    loss = float(fix_loss(model, torch.optim.SGD(model.parameters(), lr=0.1), images, labels))
    assert loss < 0.01, f"the logit of the right class is ahead by 20: the loss is about 0, you got {loss:.3f}"


# %% tags=["check"]
def a_second_step_forgets_the_first_gradient(fix_loss):
    import torch

    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 2, bias=False))
    torch.nn.init.zeros_(model[1].weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    image, label = torch.ones(1, 1, 1, 1), torch.tensor([0])
    fix_loss(model, optimizer, image, label)
    first = float(model[1].weight[0, 0].detach())
    fix_loss(model, optimizer, image, label)
    second = float(model[1].weight[0, 0].detach()) - first
    assert abs(first - 0.5) < 1e-4, f"the first step moves this weight by 0.5, yours by {first:.3f}"
    assert abs(second - 0.2689) < 1e-3, f"the second step moves it by 0.269, yours by {second:.3f}"


# %% [markdown] question="q5" points=15 title="No eye for detail"
# ## Question 5 · No eye for detail
#
# This network is fast, since it makes its images small before it does anything else. The four classes here are
# textures **one or two pixels wide**: lines that lie, lines that stand, a chequerboard, and diagonals. The picture
# shows an image of each class, and below it what is left after the first layer.


# %%
def fine_textures(count, seed):
    """Textures of four kinds in varying contrast: images (count, 1, 16, 16) and their labels (count,), 0 to 3."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:16, :16]
    labels = rng.permutation(np.arange(count) % CLASSES)
    images = []
    for label in labels:
        start = rng.integers(4)
        diagonal = (rows + columns + start) % 4 // 2
        kinds = [(rows + start) % 2, (columns + start) % 2, (rows + columns + start) % 2, diagonal]
        images.append(kinds[label] * rng.uniform(0.6, 1))
    images = np.stack(images)[:, None] + rng.normal(0, 0.1, (count, 1, 16, 16))
    return torch.tensor(images, dtype=torch.float32), torch.tensor(labels)


def blind_network():
    """Broken: a network for (N, 1, 16, 16) images that cannot tell fine textures apart."""
    return nn.Sequential(
        nn.MaxPool2d(4),  # 16 x 16 pixels become 4 x 4
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(4),  # and 4 x 4 become 1 x 1
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )


def accuracy_after_training(model):
    """Train a network for textures, and return the share of new textures that it recognises."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    descend(model.train(), optimizer, *fine_textures(64, seed=1), steps=60)
    images, labels = fine_textures(200, seed=2)
    with torch.no_grad():
        return (model.eval()(images).argmax(dim=1) == labels).float().mean().item()


# %% tags=["figure"]
def draw_textures():
    """A texture of each kind, and what the first layer of the broken network leaves of it."""
    import matplotlib.pyplot as plt

    torch.manual_seed(0)
    score = accuracy_after_training(blind_network())
    images, labels = fine_textures(24, seed=3)
    names = ["lying lines", "standing lines", "chequerboard", "diagonals"]
    figure, panels = plt.subplots(2, CLASSES, figsize=(8, 4.4))
    for label, (above, below) in enumerate(panels.T):
        image = images[labels == label][0, 0]
        above.imshow(image, cmap="gray", vmin=-0.2, vmax=1.2)
        below.imshow(nn.functional.max_pool2d(image[None], 4)[0], cmap="gray", vmin=-0.2, vmax=1.2)
        above.set(title=names[label], xticks=[], yticks=[])
        below.set(xticks=[], yticks=[])
    panels[0, 0].set_ylabel("16×16 pixels")
    panels[1, 0].set_ylabel("after MaxPool2d(4)")
    figure.suptitle(f"blind_network, trained: {score:.0%} of new textures right (guessing: 25%)")
    figure.tight_layout()
    plt.show()


draw_textures()

# %% [markdown]
# Every window of 4×4 pixels has a white pixel in it, whatever the texture. The maximum is white, the classes are one
# and the same, and no layer behind can bring back what is gone. So the place to look is the **size of the maps after
# each layer**, and the question at each pooling and each stride is: has somebody *read* the detail before it is
# thrown away? A convolution that sees the full image can answer "there are standing lines here", and that answer
# survives pooling.
#
# **What is asked.** `fix_pooling` returns a new, untrained network for (N, 1, 16, 16) images that gives (N, 4)
# logits. The judge trains it with Adam (learning rate 0.01, 60 steps, 64 images, as `accuracy_after_training` does),
# and it recognises at least 80 % of new textures. Pooling is there for a reason, though: without any, the head
# grows. So at most **50,000 parameters**.
#
# **What is free.** Everything else: order, number and kind of layers, poolings, strides, dilation, normalisation,
# your own `nn.Module` or an `nn.Sequential`.


# %%
def fix_pooling():
    """A new network, untrained, that can learn to tell textures of one and two pixels apart.

    Returns a torch.nn.Module of at most 50,000 parameters: images (N, 1, 16, 16) in, logits (N, 4) out.
    """
    # BEGIN SOLUTION
    network = nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, CLASSES),
    )
    return network
    # END SOLUTION


# %% tags=["check"]
def fine_textures_are_told_apart(fix_pooling, accuracy_after_training):
    import torch

    torch.manual_seed(0)
    got = accuracy_after_training(fix_pooling())
    assert got > 0.85, f"a network that sees detail gets nearly all textures right, yours {got:.0%}"


# %% [markdown] question="q6" points=15 title="Diagnosis"
# ## Question 6 · Diagnosis
#
# The last patients send nothing but their curves. A `history` is a dict as `train` of exercise 4 returns it,
# four lists of one number an epoch: `"loss"` and `"accuracy"` on the training images, `"val_loss"` and `"val_accuracy"`
# on images that the network does not train on. There are **ten** classes, so guessing has an accuracy of 0.10 and a
# loss of $\log 10 = 2.30$.
#
# | answer | what the curves show |
# |---|---|
# | `"exploding"` | a loss becomes `nan` or `inf`, or grows to a hundred times its first value and more |
# | `"stuck"` | from first to last, accuracy stays within 0.04 of guessing and the loss where it began |
# | `"overfitting"` | training ends at an accuracy above 0.85, validation 0.15 or more below; its loss has risen again |
# | `"underfitting"` | both accuracies go together, above guessing, and level off between 0.3 and 0.6 |
# | `"healthy"` | both end at an accuracy of 0.8 and more, less than 0.06 apart |
#
# Here are five of them. The patients in the judge's waiting room are others, of 8 to 30 epochs, with noise, and all
# as clear as the table. A hasty colleague looks at one curve only, and takes a falling training loss for good
# health:


# %%
def hasty_diagnosis(history):
    """Broken: looks at the training loss and at nothing else."""
    return "healthy" if history["loss"][-1] < 0.8 * history["loss"][0] else "stuck"


# %% tags=["figure"]
def draw_histories():
    """One typical history of each kind, losses above accuracies."""
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(12)
    epochs = np.arange(1, 21)
    learned = 1 - np.exp(-epochs / 4)  # from 0 to nearly 1
    wiggle = lambda size: rng.normal(0, size, len(epochs))  # noqa: E731
    flat, fallen = 2.3 + 0 * epochs, epochs > 9
    curves = {
        "stuck": (flat, flat, 0.1 + 0 * epochs, 0.1 + 0 * epochs),
        "underfitting": (2.2 - 0.8 * learned, 2.25 - 0.8 * learned, 0.15 + 0.32 * learned, 0.14 + 0.31 * learned),
        "exploding": (
            np.where(fallen, np.nan, 2 - learned),
            np.where(fallen, np.nan, 2.1 - learned),
            np.where(fallen, 0.1, 0.2 + 0.4 * learned),
            np.where(fallen, 0.1, 0.2 + 0.38 * learned),
        ),
        "overfitting": (
            2.2 - 2.1 * learned,
            2.2 - 1.4 * learned + 0.05 * epochs,
            0.2 + 0.78 * learned,
            0.2 + 0.47 * learned,
        ),
        "healthy": (2.2 - 1.85 * learned, 2.22 - 1.8 * learned, 0.2 + 0.7 * learned, 0.2 + 0.68 * learned),
    }
    figure, panels = plt.subplots(2, 5, figsize=(13, 4.6), sharex=True, sharey="row")
    for (name, (loss, val_loss, accuracy, val_accuracy)), (above, below) in zip(curves.items(), panels.T, strict=True):
        above.plot(epochs, loss + wiggle(0.02), color="#4878a8", label="training")
        above.plot(epochs, val_loss + wiggle(0.02), color="#d1605e", label="validation")
        below.plot(epochs, accuracy + wiggle(0.006), color="#4878a8")
        below.plot(epochs, val_accuracy + wiggle(0.006), color="#d1605e")
        above.axhline(math.log(10), color="#555555", ls=":", lw=1)
        below.axhline(0.1, color="#555555", ls=":", lw=1)
        above.set_title(name)
        below.set(xlabel="epoch", ylim=(0, 1))
    panels[0, 2].text(10.5, 1.1, "nan from\nhere on", color="#555555")
    panels[0, 0].set(ylabel="loss", ylim=(0, 2.6))
    panels[1, 0].set_ylabel("accuracy")
    panels[0, 0].legend(loc="lower left")
    figure.suptitle("Five patients (dotted: guessing)")
    figure.tight_layout()
    plt.show()


draw_histories()

# %% [markdown]
# Mind that every comparison with `nan` is false: `nan > 100` is, and `nan < 100` is, too. `math.isfinite` asks
# directly.
#
# Look at the training curves first: has it learned at all? Then at the gap to validation: has it learned the *task*,
# or its images by heart? The cures are opposite ones. More capacity helps who underfits and harms who overfits; the
# same holds for less augmentation.


# %%
def diagnose(history):
    """What the curves of a training on ten classes show.

    history: a dict of the lists "loss", "accuracy", "val_loss" and "val_accuracy", one number an epoch.
    Returns "stuck", "overfitting", "exploding", "underfitting" or "healthy".
    """
    # BEGIN SOLUTION
    losses = [*history["loss"], *history["val_loss"]]
    if not all(math.isfinite(loss) for loss in losses) or max(losses) > 10 * losses[0]:
        return "exploding"
    accuracy, val_accuracy = history["accuracy"][-1], history["val_accuracy"][-1]
    if accuracy < 0.2:
        return "stuck"
    if accuracy - val_accuracy > 0.1:
        return "overfitting"
    return "healthy" if accuracy > 0.7 else "underfitting"
    # END SOLUTION


# %% tags=["check"]
def a_training_that_learned_its_images_by_heart(diagnose):
    history = {
        "loss": [2.1, 1.2, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05],
        "accuracy": [0.25, 0.6, 0.73, 0.83, 0.91, 0.95, 0.98, 0.99],
        "val_loss": [2.1, 1.4, 1.2, 1.2, 1.3, 1.5, 1.7, 1.9],
        "val_accuracy": [0.24, 0.52, 0.6, 0.62, 0.63, 0.63, 0.62, 0.62],
    }
    got = diagnose(history)
    assert got == "overfitting", f"0.99 on the training images and 0.62 on others is overfitting, you say {got!r}"


# %% tags=["check"]
def a_training_that_ends_in_nan(diagnose):
    nan = float("nan")
    history = {
        "loss": [2.2, 1.9, 1.7, nan, nan, nan, nan, nan],
        "accuracy": [0.2, 0.3, 0.36, 0.1, 0.1, 0.1, 0.1, 0.1],
        "val_loss": [2.2, 1.9, 1.8, nan, nan, nan, nan, nan],
        "val_accuracy": [0.2, 0.3, 0.35, 0.1, 0.1, 0.1, 0.1, 0.1],
    }
    got = diagnose(history)
    assert got == "exploding", f"a loss of nan is an explosion, you say {got!r}"


# %% [markdown]
# ## Check your understanding
#
# The questions of lecture section 6, and some more. Their numbers change each time that you run the cell;
# nothing here is scored.

# %% tags=["figure"]
try:
    from IPython.display import display

    from autograder.quiz import quiz
except ImportError:
    print("The quiz comes with the course's package, cnn-autograder, which is not installed here.")
else:
    display(quiz("debugging"))
