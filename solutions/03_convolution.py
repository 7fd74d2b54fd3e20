# %% [markdown]
# # Exercise 3 · Convolution
#
# In this exercise you build the central operation of a convolutional network with your own hands: in
# NumPy, without a framework. Afterwards `torch.nn.Conv2d` and `keras.layers.Conv2D` hold no secrets,
# because you will have written what happens inside.
#
# | question | you write | points |
# |---|---|---|
# | 1 | `conv2d`: kernels slide over images | 35 |
# | 2 | `max_pool2d`, `average_pool2d`, `global_average_pool` | 25 |
# | 3 | `relu` | 10 |
# | 4 | `vertical_edge_kernel`: a detector made by hand | 10 |
# | 5 | `shift_test`: does an operation move along with the picture? | 20 |
#
# Four house rules hold for every question.
#
# - **Images are (N, C, H, W)**: pictures in the batch, channels, height (rows), width (columns). Only
#   question 5 works on a single (H, W) picture.
# - **Arguments stay as they are.** Whoever hands you an array wants it back unchanged, and two results
#   must not share one piece of memory.
# - **Whole numbers count on.** Photographs arrive as `uint8`, where 200 + 100 is 44, because a byte ends
#   at 255. Your functions give 300. From float32 you may answer in float32 or in float64.
# - **Bad arguments get a sentence.** Raise `ValueError("what is wrong, and what you got")`. Whoever calls
#   your function next week will be glad, and that may well be you.
#
# Plain loops over the output positions are fine; nobody is measuring microseconds here. What should not
# happen is a loop over every single number of a large batch: that takes minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np


def pair(value):
    """Return a kernel size, stride or padding as (height, width): 2 becomes (2, 2), (3, 1) stays."""
    return (value, value) if np.ndim(value) == 0 else tuple(value)


# %% [markdown] question="q1" points=35 title="A kernel slides over an image"
# ## Question 1 · A kernel slides over an image
#
# A kernel is a small table of weights, and it is a question put to every place of the image: *does it
# look like me here?* Lay it on a window of the image, multiply each pixel by the weight that lies on it,
# add everything up: one number. Move on, ask again. The numbers, in the order of the places, are the
# **activation map**. The weights are the same everywhere, and that is the whole trick of weight sharing:
# what has been learned in one corner is known in all the others.
#
# The picture below asks a hollow square where it has a top right corner.

# %% tags=["figure"]
square = np.zeros((7, 7), dtype=int)
square[1:6, 1:6] = 1
square[2:5, 2:5] = 0
corner = np.array([[1, 1, 1], [0, 0, 1], [0, 0, 1]])
answers = np.array([[1, 1, 1, 2, 0], [2, 3, 3, 5, 2], [1, 1, 0, 3, 1], [2, 2, 1, 3, 1], [2, 2, 1, 2, 1]])

figure, axes = plt.subplots(1, 3, figsize=(9, 3.9), width_ratios=[7, 3, 5], layout="constrained")
titles = ["image: a hollow square", "kernel: a corner", "activation map"]
for axis, table, title in zip(axes, [square, corner, answers], titles, strict=True):
    axis.imshow(table, cmap="Greys", vmin=0, vmax=1.6 * table.max())
    for (row, column), value in np.ndenumerate(table):
        axis.text(column, row, value, ha="center", va="center")
    axis.set(title=title, xticks=[], yticks=[])
for row, column, colour in [(0, 0, "tab:blue"), (1, 3, "tab:orange")]:
    window = plt.Rectangle((column - 0.5, row - 0.5), 3, 3, fill=False, color=colour, linewidth=4)
    answer = plt.Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, color=colour, linewidth=4)
    axes[0].add_patch(window)
    axes[2].add_patch(answer)
figure.suptitle("The orange window matches all five weights: the highest answer is where the corner is")
plt.show()

# %% [markdown]
# With several channels the kernel is as deep as the image: one (kh, kw) table for each channel. Products
# are added over rows, columns **and channels**, so that each kernel makes one map, however many channels
# came in. O kernels make O maps, and each map has one bias, a number that is added to all of its entries:
#
# $$y_{n,o,i,j} \;=\; b_o \;+\; \sum_{c=0}^{C-1} \sum_{u=0}^{k_h-1} \sum_{v=0}^{k_w-1}
# w_{o,c,u,v}\; x_{n,\,c,\; i s_h + u - p_h,\; j s_w + v - p_w}$$
#
# where x counts as 0 outside the image. There are $\lfloor (I - k + 2p)/s \rfloor + 1$ windows along an
# axis. (Sources: lecture, sections 1 and 2; Dumoulin and Visin, *A guide to convolution arithmetic for
# deep learning*, 2016, arXiv:1603.07285.)
#
# **A word about the word.** In mathematics a convolution turns the kernel by 180 degrees before it
# slides. The formula above does not turn anything: it is a *cross-correlation*. Every framework computes
# this one and calls it convolution, and since the weights are learned, nobody misses the turn
# (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 9.1). You write what the frameworks
# compute.
#
# **Padding** puts p rows or columns of zeros on *each* of the two sides of an axis. **Stride** is the
# step from one window to the next, along both axes. A window that would stick out is left out, as the
# floor in the formula says.

# %% tags=["figure"]
figure, axes = plt.subplots(1, 2, figsize=(10, 4.6))
panels = [(5, 1, "5 pixels, kernel 3, padding 1, stride 2:\n⌊(5 - 3 + 2)/2⌋ + 1 = 3 windows an axis")]
panels += [(6, 0, "6 pixels, kernel 3, no padding, stride 2:\n⌊(6 - 3)/2⌋ + 1 = 2, one line is unseen")]
for axis, (size, padding, title) in zip(axes, panels, strict=True):
    padded = size + 2 * padding
    for row, column in np.ndindex(padded, padded):
        inside = padding <= min(row, column) and max(row, column) < size + padding
        unseen = padding == 0 and max(row, column) == size - 1
        face = "lightsteelblue" if inside else "white"
        axis.add_patch(plt.Rectangle((column, row), 1, 1, fc=face, ec="grey", hatch="//" if unseen else None))
        if not inside:
            axis.text(column + 0.5, row + 0.5, "0", ha="center", va="center", color="grey")
    for row, column in np.ndindex((padded - 3) // 2 + 1, (padded - 3) // 2 + 1):
        spot = (2 * column + 0.12 + 0.1 * (row % 2), 2 * row + 0.12 + 0.1 * (column % 2))
        colour = ["tab:orange", "tab:green", "tab:red"][(row + column) % 3]
        axis.add_patch(plt.Rectangle(spot, 2.66, 2.66, fill=False, ec=colour, linewidth=2.5))
    axis.set(xlim=(-0.1, padded + 0.1), ylim=(padded + 0.1, -0.1), aspect="equal", title=title)
    axis.set_axis_off()
plt.show()

# %% [markdown]
# Two good ways to write it: a double loop over the *output* positions, in which NumPy handles batch,
# channels and kernel at once; or no loop, with `np.lib.stride_tricks.sliding_window_view` and
# `np.einsum`.
#
# Beware of arithmetic on slices: a slice of an array is a *view*, and `window *= kernel` would write into
# the image that you were given.


# %%
# BEGIN SOLUTION
def _require(condition, message):
    """Raise ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)


def _windows(images, kernel_size, stride):
    """Return a view of every window that fits: (N, C, rows, columns, kernel height, kernel width)."""
    _require(images.ndim == 4, f"images must be (N, C, H, W), got the shape {images.shape}")
    _require(min(kernel_size) >= 1, f"a kernel needs at least one row and one column, got {kernel_size}")
    _require(min(stride) >= 1, f"the stride must be at least 1, got {stride}")
    _require(
        kernel_size[0] <= images.shape[2] and kernel_size[1] <= images.shape[3],
        f"a {kernel_size} kernel does not fit into images of {images.shape[2:]}, padding included",
    )
    windows = np.lib.stride_tricks.sliding_window_view(images, kernel_size, axis=(2, 3))
    return windows[:, :, :: stride[0], :: stride[1]]


# END SOLUTION
def conv2d(images, kernels, bias=None, stride=1, padding=0):
    """Slide kernels over images: the cross-correlation that frameworks call convolution.

    images: array (N, C, H, W), floats or whole numbers (uint8 too); it is not changed
    kernels: array (O, C, kh, kw), not turned round
    bias: None, or an array (O,): one number for each output channel
    stride, padding: a number for both axes, or (height, width); padding adds zeros on both sides of an axis

    Returns an array (N, O, OH, OW) with OH = floor((H - kh + 2 * padding) / stride) + 1, and OW likewise.
    Raises ValueError where images or kernels do not have four axes, their channels differ, the bias is not
    (O,), a stride is below 1, a padding is negative, or a kernel is larger than the padded image.
    """
    # BEGIN SOLUTION
    images, kernels = np.asarray(images), np.asarray(kernels)
    stride, padding = pair(stride), pair(padding)
    _require(images.ndim == 4, f"images must be (N, C, H, W), got the shape {images.shape}")
    _require(kernels.ndim == 4, f"kernels must be (O, C, kh, kw), got the shape {kernels.shape}")
    _require(images.shape[1] == kernels.shape[1], "kernels need as many channels as the images have")
    _require(bias is None or np.shape(bias) == (len(kernels),), "the bias needs one number per kernel")
    _require(min(padding) >= 0, f"padding cannot be negative, got {padding}")

    dtype = np.result_type(images, kernels, np.float32)  # whole numbers become floats: nothing wraps around
    padded = np.pad(images.astype(dtype), ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    windows = _windows(padded, kernels.shape[2:], stride)
    maps = np.einsum("ncyxuv,ocuv->noyx", windows, kernels)
    return maps if bias is None else maps + np.reshape(bias, (1, -1, 1, 1))
    # END SOLUTION


# %% tags=["check"]
def one_weight_picks_one_pixel_of_each_window(conv2d):
    import numpy as np

    image = np.arange(12.0).reshape(1, 1, 3, 4)
    kernel = np.array([[[[1.0, 0.0], [0.0, 0.0]]]])
    maps = np.asarray(conv2d(image, kernel))
    assert maps.shape == (1, 1, 2, 3), f"a 2x2 kernel leaves (1, 1, 2, 3) of 3x4 pixels, not {maps.shape}"
    assert maps[0, 0].tolist() == [[0, 1, 2], [4, 5, 6]], (
        "the only weight lies top left in the kernel, so each output is the top left pixel of its window: "
        f"[[0, 1, 2], [4, 5, 6]], you returned {maps[0, 0].tolist()} (the kernel is not turned round)"
    )


# %% tags=["check"]
def channels_bias_stride_and_padding_on_an_image_of_ones(conv2d):
    import numpy as np

    image = np.ones((1, 2, 4, 5))
    kernels = np.ones((3, 2, 3, 3)) * np.array([1.0, 1.0, 2.0]).reshape(3, 1, 1, 1)
    maps = np.asarray(conv2d(image, kernels, np.array([0.0, 10.0, 20.0]), stride=2, padding=1))
    assert maps.shape == (1, 3, 2, 3), (
        f"floor((4 - 3 + 2)/2) + 1 is 2 and floor((5 - 3 + 2)/2) + 1 is 3, not as in {maps.shape}"
    )
    assert maps[0, 0, 1, 1] == 18, f"9 pixels in each of 2 channels are 18 ones, you gave {maps[0, 0, 1, 1]}"
    assert maps[0, 0, 0, 0] == 8, f"4 pixels, the rest is padding: 2 x 4, you gave {maps[0, 0, 0, 0]}"
    assert maps[0, 2, 1, 1] == 56, f"twos in the third kernel, and its bias is 20: 36 + 20, not {maps[0, 2, 1, 1]}"
    wide = np.asarray(conv2d(image, kernels, stride=(2, 1))).shape
    assert wide == (1, 3, 1, 3), f"stride (2, 1) is 2 down and 1 to the right: (1, 3, 1, 3), not {wide}"


# %% [markdown] question="q2" points=25 title="Pooling"
# ## Question 2 · Pooling
#
# Pooling looks at the image through windows too, but it has no weights and nothing to learn: it sums up
# each window in one number, and **every channel on its own**. Max pooling keeps the strongest answer
# ("the corner was somewhere in here"), average pooling the mean ("how much of it was in here"). Here are
# both on one 4 x 4 map, with 2 x 2 windows:

# %% tags=["figure"]
entries = np.array([[1, 3, 0, 0], [2, 6, 0, 4], [5, 5, 7, 1], [5, 5, 2, 2]])
strongest = np.array([[6, 4], [5, 7]])
smooth = np.array([[3, 1], [5, 3]])
shades = np.array([[0, 1], [2, 3]])

figure, axes = plt.subplots(1, 3, figsize=(9, 4.2), width_ratios=[4, 2, 2], layout="constrained")
tables = [(entries, np.kron(shades, np.ones((2, 2)))), (strongest, shades), (smooth, shades)]
titles = ["one map", "max pooling", "average pooling"]
for axis, (table, colours), title in zip(axes, tables, titles, strict=True):
    axis.imshow(colours, cmap="Pastel1", vmin=0, vmax=8)
    for (row, column), value in np.ndenumerate(table):
        axis.text(column, row, value, ha="center", va="center", fontsize=14)
    axis.set_title(title)
    axis.set_axis_off()
figure.suptitle("Bottom left: an even area is 5 to both. Top right: a lone spike stays 4, or fades to 1")
plt.show()

# %% [markdown]
# For a window $R_{i,j}$ of $k_h \times k_w$ pixels that starts at row $i s_h$ and column $j s_w$:
#
# $$\text{max: } y_{n,c,i,j} = \max_{(a,b) \in R_{i,j}} x_{n,c,a,b} \qquad
# \text{average: } y_{n,c,i,j} = \frac{1}{k_h k_w} \sum_{(a,b) \in R_{i,j}} x_{n,c,a,b}$$
#
# Stride and floor work as in question 1. Unless a stride is named, it is the kernel size, so that the
# windows lie side by side: `stride=None` means that.
#
# **Global average pooling** takes the whole map as its window and leaves one number for each picture and
# channel, hence (N, C). Many networks end in it, since then the head no longer depends on the size of the
# picture. (Sources: lecture, section 3; Dumoulin and Visin, 2016; for global average pooling Lin, Chen
# and Yan, *Network in Network*, 2013, arXiv:1312.4400.)


# %%
def max_pool2d(images, kernel_size=2, stride=None):
    """Return the largest value of each window, channel by channel.

    images: array (N, C, H, W), floats or whole numbers; it is not changed
    kernel_size: a number for both axes, or (height, width)
    stride: likewise; None means the kernel size

    Returns an array (N, C, OH, OW) with OH = floor((H - kernel_size) / stride) + 1, and OW likewise.
    Raises ValueError where images do not have four axes, a kernel size or stride is below 1, or the window is
    larger than the image.
    """
    # BEGIN SOLUTION
    kernel_size = pair(kernel_size)
    stride = kernel_size if stride is None else pair(stride)
    return _windows(np.asarray(images), kernel_size, stride).max(axis=(4, 5))
    # END SOLUTION


# %%
def average_pool2d(images, kernel_size=2, stride=None):
    """Return the mean of each window, channel by channel.

    Arguments, shape of the result and errors are those of max_pool2d. Means of whole numbers are not rounded.
    """
    # BEGIN SOLUTION
    kernel_size = pair(kernel_size)
    stride = kernel_size if stride is None else pair(stride)
    return _windows(np.asarray(images), kernel_size, stride).mean(axis=(4, 5))
    # END SOLUTION


# %%
def global_average_pool(images):
    """Return the mean of each whole map: (N, C, H, W) becomes (N, C).

    Raises ValueError where images do not have four axes.
    """
    # BEGIN SOLUTION
    images = np.asarray(images)
    _require(images.ndim == 4, f"images must be (N, C, H, W), got the shape {images.shape}")
    return images.mean(axis=(2, 3))
    # END SOLUTION


# %% tags=["check"]
def the_map_of_the_figure_is_pooled(max_pool2d, average_pool2d):
    import numpy as np

    images = np.array([[[[1.0, 3, 0, 0], [2, 6, 0, 4], [5, 5, 7, 1], [5, 5, 2, 2]]]])
    strongest, smooth = np.asarray(max_pool2d(images)), np.asarray(average_pool2d(images))
    assert strongest.shape == (1, 1, 2, 2), f"2x2 windows side by side: (1, 1, 2, 2), not {strongest.shape}"
    assert strongest[0, 0].tolist() == [[6, 4], [5, 7]], f"max pooling gave you {strongest[0, 0].tolist()}"
    assert smooth.shape == (1, 1, 2, 2), f"2x2 windows side by side: (1, 1, 2, 2), not {smooth.shape}"
    assert smooth[0, 0].tolist() == [[3, 1], [5, 3]], f"average pooling gave you {smooth[0, 0].tolist()}"


# %% tags=["check"]
def a_window_of_three_leaves_out_what_does_not_fill_it(max_pool2d, average_pool2d):
    import numpy as np

    images = -np.arange(1, 36).reshape(1, 1, 5, 7)  # -1, -2 ... -7 in the first row
    strongest, smooth = np.asarray(max_pool2d(images, 3)), np.asarray(average_pool2d(images, 3))
    assert strongest.tolist() == [[[[-1, -4]]]], f"two windows of 3x3 fit, the largest are -1 and -4: not {strongest}"
    assert np.allclose(smooth, [[[[-9, -12]]]]), f"two windows of 3x3 fit, their means are -9 and -12: not {smooth}"
    moved = np.asarray(max_pool2d(images, 3, stride=2)).tolist()
    assert moved == [[[[-1, -3, -5], [-15, -17, -19]]]], f"moved by 2, windows begin on -1, -3, -5 ...: not {moved}"


# %% tags=["check"]
def global_pooling_leaves_one_number_for_each_channel(global_average_pool):
    import numpy as np

    images = np.stack([np.zeros((3, 5)), np.ones((3, 5))])[np.newaxis]
    pooled = np.asarray(global_average_pool(images))
    assert pooled.shape == (1, 2), f"one picture with two channels leaves (1, 2), you gave {pooled.shape}"
    assert pooled.tolist() == [[0, 1]], f"a black and a white channel average 0 and 1, not {pooled.tolist()}"


# %% [markdown] question="q3" points=10 title="ReLU"
# ## Question 3 · ReLU
#
# Two convolutions in a row are, together, only one larger convolution: sums of sums are sums. What makes
# a stack of layers more than one layer is a bend in between. The simplest bend of all is the rectified
# linear unit,
#
# $$\operatorname{ReLU}(x) = \max(0, x),$$
#
# applied to every number by itself. An activation map then says *how much* of a pattern is here, and a
# "the very opposite of it" becomes silence. (Sources: lecture, section 1; Nair and Hinton, *Rectified
# linear units improve restricted Boltzmann machines*, 2010.)
#
# A short function, with two traps. It must leave its argument alone, because in a network the values
# before the bend are often still needed. And it must survive extremes: minus infinity becomes 0 and plus
# infinity stays, whereas infinity times zero is not a number at all.


# %%
def relu(x):
    """Return max(0, x) for each number of an array of any shape, as a new array of that shape.

    x: array of floats or whole numbers; it is not changed; -inf gives 0 and inf gives inf
    Raises ValueError where x does not hold real numbers (text, None).
    """
    # BEGIN SOLUTION
    x = np.asarray(x)
    _require(x.dtype.kind in "biuf", f"relu takes real numbers, got an array of {x.dtype}")
    return np.maximum(x, 0)
    # END SOLUTION


# %% tags=["check"]
def negative_numbers_are_silenced_and_positive_ones_pass(relu):
    import numpy as np

    x = np.array([[-2.0, 0.0], [0.5, 3.0]])
    bent = np.asarray(relu(x))
    assert bent.tolist() == [[0, 0], [0.5, 3]], f"expected [[0, 0], [0.5, 3]], you returned {bent.tolist()}"
    assert x[0, 0] == -2, "your function wrote into the array it was given: make a new one"


# %% [markdown] question="q4" points=10 title="A detector made by hand"
# ## Question 4 · A detector made by hand
#
# The first layer of nearly every trained network contains detectors for edges. Nobody puts them there:
# training finds them. Today you are the training.
#
# A *vertical* edge runs from top to bottom: as you walk along a **row**, the brightness jumps. At a
# *horizontal* edge, it jumps as you walk down a **column**. The picture compares each pixel's neighbours:
# right minus left in the middle, below minus above on the right. Grey is a difference of zero, and black
# and white are the two directions of a jump.

# %% tags=["figure"]
drawing = np.full((48, 48), 0.2)
drawing[10:40, 8:20] = 0.9
rows, columns = np.mgrid[:48, :48]
drawing[(rows - 26) ** 2 + (columns - 33) ** 2 < 90] = 0.7

across, down = np.zeros_like(drawing), np.zeros_like(drawing)
across[:, 1:-1] = drawing[:, 2:] - drawing[:, :-2]
down[1:-1, :] = drawing[2:, :] - drawing[:-2, :]

figure, axes = plt.subplots(1, 3, figsize=(10, 3.8))
axes[0].imshow(drawing, cmap="gray", vmin=0, vmax=1)
axes[1].imshow(across, cmap="gray", vmin=-1, vmax=1)
axes[2].imshow(down, cmap="gray", vmin=-1, vmax=1)
titles = ["a drawing", "right minus left:\nvertical edges", "below minus above:\nhorizontal edges"]
for axis, title in zip(axes, titles, strict=True):
    axis.set_title(title)
    axis.set_axis_off()
plt.show()

# %% [markdown]
# Write the weights of a 3 x 3 kernel K that sees vertical edges when it slides as in question 1 (not
# turned round, no padding):
#
# - on a flat image, all pixels alike, it answers 0 everywhere, however bright the image is, that is to say
#   $\sum_{u,v} K_{u,v} = 0$;
# - its response to a vertical edge is larger than to a horizontal edge of the same contrast. The
#   *response* is the largest **absolute** value in the activation map, so it is your choice whether
#   dark-to-bright counts as plus or as minus.
#
# Many kernels fit. Famous ones are named after Prewitt and Sobel, and both are weighted differences of
# neighbours (lecture, section 1: filters as pattern detectors; R. C. Gonzalez and R. E. Woods, *Digital
# Image Processing*, the chapter on segmentation).


# %%
def vertical_edge_kernel():
    """Return a new (3, 3) kernel: vertical edges are answered more than horizontal ones, flat images with 0.

    It is meant for conv2d: entry (u, v) lies on row u and column v of a window.
    """
    # BEGIN SOLUTION
    right_minus_left = np.array([-1.0, 0.0, 1.0])
    return np.tile(right_minus_left, (3, 1))  # the same in three rows: noise averages out
    # END SOLUTION


# %% tags=["check"]
def a_flat_image_gives_no_answer(vertical_edge_kernel):
    import numpy as np

    kernel = np.asarray(vertical_edge_kernel())
    assert kernel.shape == (3, 3), f"a 3x3 kernel is asked for, you returned the shape {kernel.shape}"
    assert abs(kernel.sum()) < 1e-6, f"weights must cancel on a flat image, yours add up to {kernel.sum()}"


# %% tags=["check"]
def an_edge_from_top_to_bottom_is_seen(vertical_edge_kernel):
    import numpy as np

    kernel = np.asarray(vertical_edge_kernel())
    bright_right = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 1]])
    across, down = abs((kernel * bright_right).sum()), abs((kernel * bright_right.T).sum())
    assert across > down, f"a window that is bright on the right gives {across}, one bright below {down}"


# %% [markdown] question="q5" points=20 title="Does it move along?"
# ## Question 5 · Does it move along with the picture?
#
# A cat three pixels further to the right should give the same activations, three pixels further to the
# right. An operation with this property is called **shift-equivariant**: it makes no difference whether
# you move first and operate then, or operate first and move then. A convolution owes this to weight
# sharing (lecture, section 1; Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 9.2). Not
# every operation has it, as the lower row of the picture shows: fading to the right treats places
# differently.

# %% tags=["figure"]
rows, columns = np.mgrid[:60, :60]
disc = ((rows - 30) ** 2 + (columns - 24) ** 2 < 80).astype(float)
fade = np.linspace(1, 0, 60)
move = (0, 14)  # the disc stays inside, so rolling is moving here

figure, axes = plt.subplots(2, 4, figsize=(10, 5.4))
operations = [lambda image: np.hypot(*np.gradient(image)), lambda image: image * fade]
for line, operation, name in zip(axes, operations, ["outline", "fade"], strict=True):
    moved_first = operation(np.roll(disc, move, axis=(0, 1)))
    moved_last = np.roll(operation(disc), move, axis=(0, 1))
    pictures = [disc, moved_first, moved_last, np.abs(moved_first - moved_last)]
    titles = ["picture", f"move, then {name}", f"{name}, then move", "difference"]
    for axis, picture, title in zip(line, pictures, titles, strict=True):
        axis.imshow(picture, cmap="viridis", vmin=0, vmax=1 if name == "fade" else 0.6)
        axis.set(title=title, xticks=[], yticks=[])
figure.tight_layout()
plt.show()

# %% [markdown]
# Write the measuring device. Let $S$ move a picture by $(r, c)$: each pixel goes $r$ rows **down** and
# $c$ columns to the **right** (up and left where a number is negative). What leaves the picture is gone,
# and zeros come in on the other side. For an operation $f$ that turns an (H, W) picture $x$
# into another (H, W) picture, the result is
#
# $$\max_{(i,j) \in M}\; \bigl|\, f(Sx)_{i,j} - (S f(x))_{i,j} \,\bigr|,$$
#
# the largest difference over the middle $M$ of the picture: everything except a border on all four sides
# that is $\max(|r|, |c|) + 8$ pixels wide. Close to a border even a convolution is not quite
# equivariant, because its windows reach into padding there, or into the zeros that came in. Eight pixels
# are enough for the kernels used here.
#
# Two things to think about before you write: what happens beyond the border when you use `np.roll`, and
# what `uint8` makes of 3 - 5.
#
# When it works, try it on a convolution of yours, on a mirror (`np.fliplr`; moved along the rows? along
# the columns?) and on a pooling of stride 2 whose result is enlarged again. The last moves along only in
# even steps, which is why real networks are less shift-proof than their layers suggest (Zhang, *Making
# convolutional networks shift-invariant again*, 2019, arXiv:1904.11486).


# %%
# BEGIN SOLUTION
def _moved(image, rows, columns):
    """Return the image moved down and to the right, with zeros coming in: a window of a padded copy."""
    reach = max(abs(rows), abs(columns))
    padded = np.pad(image, reach)
    top, left = reach - rows, reach - columns
    return padded[top : top + image.shape[0], left : left + image.shape[1]]


# END SOLUTION
def shift_test(operation, image, shift):
    """Return how much it matters whether an image is shifted before or after an operation: 0.0 if not at all.

    operation: a function that takes an (H, W) array and returns an (H, W) array
    image: array (H, W), floats or whole numbers; it is not changed
    shift: (rows, columns), whole numbers: positive is down and right, negative up and left; zeros come in

    Returns a float: the largest absolute difference between operation(shifted image) and shifted
    operation(image), leaving out a border of max(|rows|, |columns|) + 8 pixels on all four sides.
    Raises ValueError where the image does not have two axes, the shift is not two numbers, nothing is left
    inside the border, or the operation changes the shape.
    """
    # BEGIN SOLUTION
    image = np.asarray(image)
    _require(image.ndim == 2, f"the image must be (H, W), got the shape {image.shape}")
    _require(np.shape(shift) == (2,), f"the shift must be (rows, columns), got {shift}")
    border = max(abs(shift[0]), abs(shift[1])) + 8
    _require(min(image.shape) > 2 * border, f"nothing of {image.shape} is left inside a border of {border}")

    operated = np.asarray(operation(image), dtype=float)  # whole numbers may wrap
    _require(operated.shape == image.shape, f"the operation turned {image.shape} into {operated.shape}")
    difference = operation(_moved(image, *shift)) - _moved(operated, *shift)
    return float(np.abs(difference[border:-border, border:-border]).max())
    # END SOLUTION


# %% tags=["check"]
def doubling_and_blurring_move_along(shift_test):
    import numpy as np

    def blurred(picture):  # each pixel becomes the mean of 9 in its row
        return sum(np.pad(picture, ((0, 0), (4, 4)))[:, start : start + picture.shape[1]] for start in range(9)) / 9

    image = np.random.default_rng(3).random((40, 44))
    difference = shift_test(lambda picture: 2 * picture, image, (2, -3))
    assert abs(difference) < 1e-9, f"doubling treats all places alike: about 0.0, you gave {difference}"
    difference = shift_test(blurred, image, (2, -3))
    assert abs(difference) < 1e-9, (
        f"blurring treats all places alike: about 0.0 away from the borders, you gave {difference}"
    )


# %% tags=["check"]
def brightening_only_one_half_does_not_move_along(shift_test):
    import numpy as np

    image = np.zeros((40, 40))
    image[18, 17] = 5.0  # moved by (2, 3) it is pixel (20, 20): in the lower half, and in the right one
    right_half = np.where(np.arange(40) < 20, 1.0, 3.0)
    upper_half = right_half[::-1].reshape(40, 1)
    difference = shift_test(lambda picture: picture * right_half, image, (2, 3))
    assert abs(difference - 10) < 1e-9, (
        "the pixel of 5 crosses into the half that is tripled: moved first 15, moved last 5, "
        f"so the largest difference is 10; you returned {difference}"
    )
    difference = shift_test(lambda picture: picture * upper_half, image, (2, 3))
    assert abs(difference - 10) < 1e-9, (
        "the pixel of 5 leaves the half that is tripled: moved first 5, moved last 15, "
        f"so the largest difference is 10; you returned {difference}"
    )


# %% [markdown]
# ## Check your understanding
#
# The questions of lecture section 1, and some more. Their numbers change each time that you run the cell;
# nothing here is scored.

# %% tags=["figure"]
try:
    from IPython.display import display

    from autograder.quiz import quiz
except ImportError:
    print("The quiz comes with the course's package, cnn-autograder, which is not installed here.")
else:
    display(quiz("pattern_detectors"))
