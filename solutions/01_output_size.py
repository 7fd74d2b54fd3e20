# %% [markdown]
# # Exercise 1 · Output sizes
#
# Sooner or later everybody who builds networks meets this line:
#
# > `RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x1024 and 1568x10)`
#
# The network is fine, the mathematics is fine; somebody has miscounted the pixels of a feature map. In this
# exercise you write the seven small functions that count them for you. You begin with a single row of pixels,
# work up to the shapes inside a whole network, and end by looking backwards: how much of the photograph does
# one number deep inside the network see? Nothing is trained here. Squared paper and a pencil are a great
# help.
#
# Five letters are enough for the whole exercise:
#
# | letter | meaning | name in the code |
# |:--:|:--|:--|
# | $I$ | pixels along one axis of the input | `input_size` |
# | $k$ | pixels along one axis of the kernel (or pooling window) | `kernel_size` |
# | $s$ | stride: how many pixels the kernel moves at each step | `stride` |
# | $p$ | padding: pixels added at **each** end of the axis | `padding` |
# | $O$ | pixels along one axis of the output | what you return |
#
# **House rules**
#
# - Shapes are tuples and carry the batch axis: `(N, C, H, W)` as in PyTorch or `(N, H, W, C)` as in Keras,
#   with $N$ images in the batch, $C$ channels, height $H$ and width $W$.
# - A setting given as a pair means `(height, width)`. Height always comes first.
# - Some arguments describe a layer that cannot exist: a negative size, a stride of 0, a negative padding, a
#   kernel that is larger than the padded input, a shape with the wrong number of axes. Answer those with
#   `raise ValueError("...")` and a sentence that would help *you* at two in the morning. A function that
#   quietly returns `-3` pixels passes the mistake on to somebody else.
# - Leave the arguments as they are: nobody expects a list to be shorter after asking about it.
# - You are welcome to call a function of an earlier question in a later one.
#
# Each question ends with a small check that you can run as often as you like. Grading repeats the questions
# with other numbers.

# %%
import math

# Colours that stay apart for colour-blind readers (Okabe and Ito), for the pictures below.
INK, PALE, SKY = "#333333", "#DDDDDD", "#56B4E9"
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"


def draw_cells(axes, left, bottom, labels, colour, **style):
    """Draw a row of unit squares, one for each label."""
    for column, label in enumerate(labels):
        box = {"width": 1, "height": 1, "color": colour, "alpha": 0.65, "edgecolor": "white", "linewidth": 2}
        axes.bar(left + column, bottom=bottom, align="edge", **box, **style)
        axes.text(left + column + 0.5, bottom + 0.5, label, ha="center", va="center", color=INK)


def draw_arrow(axes, start, end, height, label=""):
    """Draw an arrow to the right, with its label above it."""
    axes.annotate("", (end, height), (start, height), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text((start + end) / 2, height + 0.2, label, ha="center", va="bottom", color=INK)


def blank_sheet(width, height, title):
    """A sheet of squared paper to draw on: equal scales, no ticks."""
    import matplotlib.pyplot as plt  # here, since it takes a while and your answers do not need it

    _, axes = plt.subplots(figsize=(width, height), layout="constrained")
    axes.set_title(title, color=INK, fontsize=11)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


# %% [markdown] question="q1" points=15 title="One axis"
# ## Question 1 · One axis
#
# Lay a kernel on the left end of a padded row. That is its first position. Now push it to the right, $s$
# pixels at a time, for as long as it lies on the row completely. Every position gives one number of the
# output, so **counting output pixels means counting positions**.
#
# The padded row has $I + 2p$ pixels, because both ends are padded. Once the kernel has taken its first place,
# $I + 2p - k$ pixels are left to move over, which is enough for $\lfloor (I + 2p - k) / s \rfloor$ whole
# steps. Add the place where it began:
#
# $$O = \left\lfloor \frac{I - k + 2p}{s} \right\rfloor + 1$$
#
# The brackets $\lfloor\;\rfloor$ mean *round down*. A step that would carry the kernel over the edge is not
# taken, and the pixels that remain there are never read.
#
# *Source: the lecture's table "Anatomy of a Convolution Layer"; Dumoulin & Visin 2016, [A guide to
# convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285), relationship 6.*

# %% tags=["figure"]
import matplotlib.pyplot as plt

axes = blank_sheet(8, 4, "6 pixels, kernel 3, stride 2, padding 1: three positions fit, the fourth does not")
draw_cells(axes, 0, 4.5, ["0"], PALE, hatch="//")
draw_cells(axes, 1, 4.5, ["a", "b", "c", "d", "e", "f"], SKY)
draw_cells(axes, 7, 4.5, ["0"], PALE, hatch="//")
axes.text(-0.3, 5, "padded row", ha="right", va="center", color=INK)
for position, read in enumerate(["0ab", "bcd", "def"]):
    bottom = 3 - 1.2 * position
    draw_cells(axes, 2 * position, bottom, read, ORANGE)
    axes.text(-0.3, bottom + 0.5, f"position {position + 1}", ha="right", va="center", color=INK)
    draw_arrow(axes, 2 * position + 3.2, 10, bottom + 0.5)
    draw_cells(axes, 10.2, bottom, [f"$y_{position + 1}$"], GREEN)
axes.add_patch(plt.Rectangle((6, -0.6), 3, 1, fill=False, edgecolor=PURPLE, linestyle="--", linewidth=2))
axes.text(5.8, -0.1, "position 4 is over the edge", ha="right", va="center", color=INK)
axes.plot([8, 8], [-0.9, 5.8], color=PURPLE, linewidth=1, linestyle=":")
axes.text(10.7, 5, "output", ha="center", va="center", color=INK)
axes.set(xlim=(-2.4, 11.4), ylim=(-1, 6))
plt.show()


# %%
def conv_output_size(input_size, kernel_size, stride=1, padding=0):
    """How many pixels a convolution leaves along one axis.

    Arguments are whole numbers of pixels: the size of the input and of the kernel, the step from one position
    to the next, and the padding at each end.

    Returns an int. Raises ValueError where no such layer exists: a negative size or padding, a stride below
    1, or a kernel that is larger than the padded input.
    """
    # BEGIN SOLUTION
    if min(input_size, kernel_size, stride) < 1 or padding < 0:
        raise ValueError(
            f"Sizes and stride start at 1 and padding at 0, got input {input_size}, kernel {kernel_size}, "
            f"stride {stride} and padding {padding}."
        )
    padded_size = input_size + 2 * padding
    if kernel_size > padded_size:
        raise ValueError(f"A kernel of {kernel_size} does not fit on {padded_size} padded pixels.")
    return (padded_size - kernel_size) // stride + 1
    # END SOLUTION


# %% tags=["check"]
def a_5_pixel_kernel_has_24_places_on_28_pixels(conv_output_size):
    answer = conv_output_size(28, kernel_size=5)
    assert answer == 24, f"Its left end can lie on pixel 0, 1, ... 23: 24 places, you say {answer!r}."
    answer = conv_output_size(6, kernel_size=3, stride=2, padding=1)
    assert answer == 3, f"This is the row in the picture, with three places: you say {answer!r}."
    answer = conv_output_size(8, kernel_size=5, stride=3, padding=2)
    assert answer == 3, f"8 pixels and 2 zeros at each end: it begins on 0, 3 and 6 of 12, you say {answer!r}."


# %% tags=["check"]
def a_kernel_larger_than_its_input_is_refused(conv_output_size):
    answer = conv_output_size(4, kernel_size=5, padding=1)
    assert answer == 2, f"With a zero at each end a kernel of 5 has 2 places, on 0 and 1 of 6: you say {answer!r}."
    try:
        answer = conv_output_size(4, kernel_size=5)
    except ValueError:
        return
    raise AssertionError(f"A kernel of 5 does not fit on 4 pixels: raise ValueError, not {answer!r}.")


# %% [markdown] question="q2" points=20 title="A whole layer"
# ## Question 2 · A whole layer
#
# A `Conv2d` layer slides over two axes, and they know nothing of each other: use the formula of question 1
# once for the height and once for the width. The other two axes are simpler still.
#
# - The **batch** axis stays. Eight images in, eight images out.
# - The **channel** axis is replaced. Each filter looks at all input channels and draws one feature map, so
#   the layer has as many output channels as it has filters, whatever came in.
#
# $$(N,\; C,\; H,\; W) \;\longmapsto\; (N,\; C_\text{out},\; O(H),\; O(W))$$
#
# Frameworks disagree on where the channels live. PyTorch keeps them second (`"NCHW"`), Keras keeps them last
# (`"NHWC"`). A shape goes out in the layout in which it came in.
#
# Kernel size, stride and padding are one number for both axes or a pair `(height, width)`, and each of the
# three chooses for itself: `kernel_size=(3, 5), stride=2` is a legal mixture.
#
# *Source: the lecture, sections 1 and 2; the two axes are independent by Dumoulin & Visin 2016, chapter 2.*

# %% tags=["figure"]
import matplotlib.pyplot as plt

axes = blank_sheet(8, 3.6, "16 filters of 3×3, stride 2, padding 1: which axis changes, and why")
for bottom, layout, before, after in [
    (2.6, "NCHW", [8, 3, 48, 64], [8, 16, 24, 32]),
    (0, "NHWC", [8, 48, 64, 3], [8, 24, 32, 16]),
]:
    colours = {"N": PALE, "C": ORANGE, "H": SKY, "W": SKY}
    axes.text(-0.3, bottom + 0.5, layout, ha="right", va="center", color=INK, family="monospace")
    draw_arrow(axes, 4.2, 6.8, bottom + 0.5, "conv")
    for column, letter in enumerate(layout):
        for left, sizes in [(column, before), (column + 7, after)]:
            draw_cells(axes, left, bottom, [str(sizes[column])], colours[letter])
            axes.text(left + 0.5, bottom + 1.2, letter, ha="center", color=INK, fontsize=9)
for left, colour, text in [(0, PALE, "stays"), (3, ORANGE, "number of filters"), (8, SKY, "the formula")]:
    axes.add_patch(plt.Rectangle((left, -1.5), 0.5, 0.5, facecolor=colour, alpha=0.65))
    axes.text(left + 0.7, -1.25, text, va="center", color=INK, fontsize=9)
axes.set(xlim=(-1.8, 11.2), ylim=(-1.7, 4.6))
plt.show()


# %%
# BEGIN SOLUTION
def _pair(setting):
    """(height, width) of a setting; a single number counts for both."""
    pair = tuple(setting) if isinstance(setting, (tuple, list)) else (setting, setting)
    if len(pair) != 2:
        raise ValueError(f"A setting is one number or (height, width), got {setting}.")
    return pair


def _feature_maps(shape):
    """The four sizes of a batch of feature maps."""
    if len(shape) != 4:
        raise ValueError(f"A batch of feature maps has four axes, got the shape {tuple(shape)}.")
    if min(shape) < 1:
        raise ValueError(f"Every axis holds at least one entry, got the shape {tuple(shape)}.")
    return tuple(shape)


# END SOLUTION


def conv2d_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, layout="NCHW"):
    """The shape that a two-dimensional convolution makes of `input_shape`.

    `input_shape` has four axes, named by `layout`: "NCHW" or "NHWC". `out_channels` is the number of filters.
    `kernel_size`, `stride` and `padding` are whole numbers of pixels, or pairs (height, width).

    Returns a tuple of four ints in the same layout. Raises ValueError for another number of axes, an unknown
    layout, a negative size, and whatever conv_output_size refuses on either axis.
    """
    # BEGIN SOLUTION
    if layout not in ("NCHW", "NHWC"):
        raise ValueError(f"The layout is NCHW or NHWC, got {layout!r}.")
    if out_channels < 1:
        raise ValueError(f"A convolution has at least one filter, got {out_channels}.")
    sizes = dict(zip(layout, _feature_maps(input_shape)))
    windows = zip("HW", _pair(kernel_size), _pair(stride), _pair(padding))
    sizes |= {axis: conv_output_size(sizes[axis], *window) for axis, *window in windows}
    sizes["C"] = out_channels
    return tuple(sizes[axis] for axis in layout)
    # END SOLUTION


# %% tags=["check"]
def sixteen_filters_make_sixteen_feature_maps(conv2d_output_shape):
    answer = conv2d_output_shape((8, 3, 64, 48), out_channels=16, kernel_size=3, padding=1)
    assert tuple(answer) == (8, 16, 64, 48), (
        f"Padding 1 keeps 64 x 48 here, and 16 filters give 16 channels: (8, 16, 64, 48), not {answer!r}."
    )


# %% tags=["check"]
def channels_last_stays_channels_last(conv2d_output_shape):
    answer = conv2d_output_shape((8, 64, 48, 3), out_channels=16, kernel_size=(3, 5), layout="NHWC")
    assert tuple(answer) == (8, 62, 44, 16), (
        f"Height loses 3 - 1 pixels, width 5 - 1, channels stay last: (8, 62, 44, 16), not {answer!r}."
    )


# %% [markdown] question="q3" points=10 title="Padding that keeps the size"
# ## Question 3 · Padding that keeps the size
#
# Without padding every layer nibbles at the border: a kernel of $k$ pixels costs $k - 1$ of them. That sounds
# harmless until layers pile up, and the pixels near the edge are read less often than the others all along.
# *Same* padding gives back exactly what the kernel takes away. Set $O = I$ with stride 1 in the formula of
# question 1,
#
# $$I = I - k + 2p + 1 \quad\Longrightarrow\quad p = \frac{k - 1}{2},$$
#
# and notice what the fraction says: only an **odd** kernel has a middle pixel, and only an odd kernel can be
# padded alike on both sides. For an even one no $p$ works, so refuse it. (Keras helps itself by padding the
# right and bottom by one pixel more. One number cannot say that.)
#
# A pair of kernel sizes gives a pair of paddings.
#
# *Source: the lecture, section 3; Dumoulin & Visin 2016, relationship 3, where it is called half padding.*

# %% tags=["figure"]
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
sizes_by_kernel = {
    "5×5, no padding": ([32, 28, 24, 20, 16, 12, 8, 4], ORANGE, "s"),
    "3×3, no padding": ([32, 30, 28, 26, 24, 22, 20, 18], BLUE, "o"),
    "any odd kernel, same padding": ([32] * 8, GREEN, "^"),
}
for label, (sizes, colour, marker) in sizes_by_kernel.items():
    axes.plot(sizes, color=colour, marker=marker, linewidth=2)
    axes.text(7.25, sizes[-1], label, va="center", color=INK)
axes.set(xlim=(0, 10.6), ylim=(0, 36), xticks=range(8), yticks=[0, 8, 16, 24, 32])
axes.set(xlabel="layers, stride 1", ylabel="width of the feature map")
axes.set_title("What seven layers leave of a 32-pixel image", color=INK, fontsize=11)
axes.spines[["top", "right"]].set_visible(False)
plt.show()


# %%
def same_padding(kernel_size):
    """The padding at each end with which a stride-1 convolution keeps the size of its input.

    `kernel_size` is an odd whole number of pixels, or a pair (height, width) of them.

    Returns an int for a number and a tuple for a pair. Raises ValueError for even and for negative kernel
    sizes.
    """
    # BEGIN SOLUTION
    if isinstance(kernel_size, (tuple, list)):
        return tuple(same_padding(size) for size in kernel_size)
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"Only an odd kernel can be padded alike on both sides, got {kernel_size}.")
    return (kernel_size - 1) // 2
    # END SOLUTION


# %% tags=["check"]
def a_3_pixel_kernel_needs_one_pixel_at_each_end(same_padding):
    answer = same_padding(3)
    assert answer == 1, f"A kernel of 3 costs 2 pixels, 1 at each end: you say {answer!r}."
    assert same_padding((3, 5)) in [(1, 2), [1, 2]], "A pair gives a pair: (3, 5) needs the paddings (1, 2)."


# %% tags=["check"]
def an_even_kernel_is_refused(same_padding):
    try:
        answer = same_padding(4)
    except ValueError:
        return
    raise AssertionError(f"A kernel of 4 costs 3 pixels, an odd number: raise ValueError, not {answer!r}.")


# %% [markdown] question="q4" points=15 title="Pooling"
# ## Question 4 · Pooling
#
# A pooling window slides like a kernel, so its positions are counted by the same formula. Three things
# differ.
#
# - It has no weights and mixes no channels: each map is pooled alone, and **the number of channels stays**.
# - Its stride is **as long as its window** unless you say otherwise (`stride=None`), so windows lie side by
#   side like tiles. A $2 \times 2$ pool therefore halves height and width, rounding down.
# - Its padding may be **at most half the window**, $2p \le k$. With more, the first window would lie mainly
#   on padding and have little of the image to summarise. PyTorch refuses that, and so should you.
#
# *Global average pooling* is the extreme case: one window as large as the map. It leaves a single number for
# each channel, and the two spatial axes go away:
#
# $$(N,\; C,\; H,\; W) \;\longmapsto\; (N,\; C)$$
#
# All shapes in this question are `(N, C, H, W)`.
#
# *Source: the lecture, section 3; Dumoulin & Visin 2016, relationship 7; the bound on the padding is that of
# [torch.nn.MaxPool2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html).*

# %% tags=["figure"]
import matplotlib.pyplot as plt

axes = blank_sheet(8, 3.2, "2×2 max pooling of a 5×5 map: four tiles fit, one row and column are left out")
feature_map = [[3, 1, 0, 2, 5], [4, 2, 1, 7, 0], [0, 6, 2, 2, 1], [1, 5, 9, 3, 4], [2, 0, 1, 8, 6]]
tile_colours = [[SKY, ORANGE], [GREEN, PURPLE]]
for row, values in enumerate(feature_map):
    for column, value in enumerate(values):
        colour = tile_colours[row // 2][column // 2] if max(row, column) < 4 else PALE
        draw_cells(axes, column, 4 - row, [str(value)], colour)
for row, values in enumerate([[4, 7], [6, 9]]):
    for column, value in enumerate(values):
        draw_cells(axes, 7.5 + column, 2.5 - row, [str(value)], tile_colours[row][column])
draw_arrow(axes, 5.3, 7.2, 2.5, "max")
draw_arrow(axes, 9.8, 12.1, 2.5, "global\naverage")
draw_cells(axes, 12.4, 2, ["6.5"], SKY)
axes.set(xlim=(-0.2, 13.6), ylim=(-0.2, 5.2))
plt.show()


# %%
def pool2d_output_shape(input_shape, kernel_size=2, stride=None, padding=0):
    """The shape that max or average pooling makes of an (N, C, H, W) shape.

    `kernel_size`, `stride` and `padding` are whole numbers of pixels, or pairs (height, width); a stride of
    None means the kernel size.

    Returns a tuple of four ints. Raises ValueError for another number of axes, a padding above half the
    kernel, and whatever conv_output_size refuses on either axis.
    """
    # BEGIN SOLUTION
    batch, channels, height, width = _feature_maps(input_shape)
    kernel_sizes, paddings = _pair(kernel_size), _pair(padding)
    if any(2 * pad > size for pad, size in zip(paddings, kernel_sizes)):
        raise ValueError(f"A pool pads at most half its kernel {kernel_size}, got padding {padding}.")
    strides = kernel_sizes if stride is None else _pair(stride)
    height, width = map(conv_output_size, (height, width), kernel_sizes, strides, paddings)
    return (batch, channels, height, width)
    # END SOLUTION


# %%
def global_average_pool_shape(input_shape):
    """The shape that global average pooling makes of an (N, C, H, W) shape.

    Returns a tuple of two ints, (N, C). Raises ValueError for another number of axes and for negative sizes.
    """
    # BEGIN SOLUTION
    batch, channels, _, _ = _feature_maps(input_shape)
    return (batch, channels)
    # END SOLUTION


# %% tags=["check"]
def two_by_two_pooling_halves_and_rounds_down(pool2d_output_shape):
    answer = pool2d_output_shape((8, 16, 28, 15))
    assert tuple(answer) == (8, 16, 14, 7), (
        f"14 tiles fit on 28 pixels and 7 on 15, the channels stay: (8, 16, 14, 7), not {answer!r}."
    )
    answer = pool2d_output_shape((8, 16, 28, 15), kernel_size=3, padding=1)
    assert tuple(answer) == (8, 16, 10, 5), (
        f"10 tiles of 3 fit on 1 + 28 + 1 pixels, 5 on 1 + 15 + 1: (8, 16, 10, 5), not {answer!r}."
    )


# %% tags=["check"]
def a_global_pool_leaves_one_number_a_channel(global_average_pool_shape):
    answer = global_average_pool_shape((8, 64, 7, 5))
    assert tuple(answer) == (8, 64), f"8 images with 64 channels each give (8, 64), not {answer!r}."


# %% [markdown] question="q5" points=20 title="Shapes through a network"
# ## Question 5 · Shapes through a network
#
# Now let a shape travel. A network is handed to you as a list of dictionaries, one for each layer, and you
# say what shape comes out of **every** layer, in order. The input's own shape is not repeated, so three
# layers give three shapes.
#
# | `"type"` | other keys | what becomes of the shape |
# |:--|:--|:--|
# | `"conv2d"` | `"out_channels"`, `"kernel_size"`, and perhaps `"stride"`, `"padding"` | question 2 |
# | `"maxpool2d"` | `"kernel_size"`, and perhaps `"stride"`, `"padding"` | question 4 |
# | `"relu"`, `"batchnorm2d"` | none | nothing: they work on each number where it stands |
# | `"global_average_pool"` | none | $(N, C, H, W) \mapsto (N, C)$ |
# | `"flatten"` | none | $(N, C, H, W) \mapsto (N,\; C \cdot H \cdot W)$ |
# | `"linear"` | `"out_features"` | $(N, \text{features}) \mapsto (N, \text{out features})$ |
#
# Keys that are left out have the layer's usual value: stride 1 for a convolution, the kernel size for a pool,
# and no padding. Shapes are `(N, C, H, W)`.
#
# Three kinds of nonsense deserve a ValueError: a type that is not in the table, a key that a layer needs and
# does not have, and a layer that meets the wrong number of axes. The last is worth a moment. PyTorch *would*
# run a linear layer on four axes, along the width, as long as the width happens to fit; you would learn much
# later that you forgot to flatten.
#
# *Source: the lecture, sections 3 and 4.*

# %% tags=["figure"]
import matplotlib.pyplot as plt

axes = blank_sheet(9, 3.4, "A small network: smaller maps, more channels, then one row of features")
steps = [
    ("input", "1×28×28", 2.8, 0.4, PALE),
    ("conv 5×5", "8×24×24", 2.4, 0.8, ORANGE),
    ("max pool", "8×12×12", 1.2, 0.8, SKY),
    ("conv 3×3\npadding 1", "16×12×12", 1.2, 1.2, ORANGE),
    ("max pool", "16×6×6", 0.6, 1.2, SKY),
    ("flatten", "576", 0.25, 1.9, GREEN),
    ("linear", "10", 0.25, 0.5, PURPLE),
]
for place, (name, shape_label, height, width, colour) in enumerate(steps):
    middle = 1.9 * place
    corner = (middle - width / 2, -height / 2)
    axes.add_patch(plt.Rectangle(corner, width, height, facecolor=colour, alpha=0.65))
    axes.text(middle, -1.7, shape_label, ha="center", va="top", color=INK, fontsize=9, family="monospace")
    axes.text(middle, 1.65, name, ha="center", va="bottom", color=INK, fontsize=9)
caption = "drawn height: height of the map · drawn width: number of channels or features (not to scale)"
axes.text(5.7, -2.35, caption, ha="center", va="top", color=INK, fontsize=8)
axes.set(xlim=(-0.9, 12.4), ylim=(-2.9, 2.6))
plt.show()


# %%
# BEGIN SOLUTION
def _shape_after(shape, layer):
    """The shape that one layer hands on to the next."""
    padding = layer.get("padding", 0)
    match layer:
        case {"type": "relu" | "batchnorm2d"}:
            return shape
        case {"type": "conv2d", "out_channels": out_channels, "kernel_size": kernel_size}:
            return conv2d_output_shape(shape, out_channels, kernel_size, layer.get("stride", 1), padding)
        case {"type": "maxpool2d", "kernel_size": kernel_size}:
            return pool2d_output_shape(shape, kernel_size, layer.get("stride"), padding)
        case {"type": "global_average_pool"}:
            return global_average_pool_shape(shape)
        case {"type": "flatten"}:
            batch, *features = shape
            return (batch, math.prod(features))
        case {"type": "linear", "out_features": out_features} if len(shape) == 2 and out_features > 0:
            return (shape[0], out_features)
    raise ValueError(f"Unknown type, missing key or wrong number of axes: {layer} after {shape}.")


# END SOLUTION


def trace_shapes(input_shape, layers):
    """The shape after each layer of a network, for an input of shape (N, C, H, W).

    `layers` is a list of dictionaries as in the table above; it may be empty, and it is not changed.

    Returns a list of tuples, one for each layer. Raises ValueError for an unknown type, a missing key, a
    layer that meets the wrong number of axes, and whatever the functions above refuse.
    """
    # BEGIN SOLUTION
    shape = tuple(input_shape)
    shapes = []
    for layer in layers:
        shape = _shape_after(shape, layer)
        shapes.append(shape)
    return shapes
    # END SOLUTION


# %% tags=["check"]
def every_layer_of_a_small_network_gets_its_shape(trace_shapes):
    layers = [
        {"type": "conv2d", "out_channels": 8, "kernel_size": 5, "stride": 2, "padding": 2},
        {"type": "relu"},
        {"type": "maxpool2d", "kernel_size": 2},
        {"type": "flatten"},
        {"type": "linear", "out_features": 10},
    ]
    expected = [(32, 8, 14, 14), (32, 8, 14, 14), (32, 8, 7, 7), (32, 392), (32, 10)]
    shapes = [tuple(shape) for shape in trace_shapes((32, 1, 28, 28), layers)]
    assert len(shapes) == len(layers), (
        f"Five layers give five shapes, and the input is not one: you give {len(shapes)}."
    )
    for layer, shape, right in zip(layers, shapes, expected):
        assert shape == right, f"after {layer} the shape is {right}, you say {shape}."
    pooled = [tuple(shape) for shape in trace_shapes((32, 8, 7, 7), [{"type": "global_average_pool"}])]
    assert pooled == [(32, 8)], f"global pooling leaves (32, 8) of (32, 8, 7, 7), you say {pooled}."


# %% tags=["check"]
def a_linear_layer_does_not_take_feature_maps(trace_shapes):
    try:
        answer = trace_shapes((32, 8, 6, 6), [{"type": "linear", "out_features": 10}])
    except ValueError:
        return
    raise AssertionError(f"Four axes, and nothing flattened them: raise ValueError, not {answer!r}.")


# %% [markdown] question="q6" points=20 title="What one output sees"
# ## Question 6 · What one output sees
#
# The last function looks backwards. Pick one number of the last feature map and ask which pixels of the
# *image* can change it. They form a square, its **receptive field**. A network that should recognise a hand
# cannot do it with numbers that see 10 pixels each, however many channels it has.
#
# Follow the picture from the bottom up. A first layer with a kernel of 3 sees 3 pixels. A second kernel
# reaches over $k - 1$ *more* neighbours of the first map, and what those are worth in pixels depends on how
# far apart they stand. Neighbours stand $s$ pixels apart after a layer of stride $s$, and distances multiply:
# after strides of 2 and 2 they stand 4 pixels apart. So layer $l$ adds $k_l - 1$ steps, each as long as the
# product of the strides **before** it:
#
# $$r = 1 + \sum_{l=1}^{L} (k_l - 1) \prod_{i=1}^{l-1} s_i$$
#
# Two remarks. Padding shifts the field and lets it hang over the border, but its side stays the same. ReLU
# and batch normalisation look at one place at a time and therefore count as $k = 1$, $s = 1$. (While it
# trains, batch normalisation also looks at the statistics of the batch; receptive fields are about a trained
# network at work.)
#
# `layers` looks as in question 5. After flattening, a linear layer or global pooling the numbers no longer
# lie on a grid, so no square belongs to each of them: the answer is a ValueError.
#
# *Source: Araujo, Norris & Sim 2019, [Computing Receptive Fields of Convolutional Neural
# Networks](https://distill.pub/2019/computing-receptive-fields), section "Computing receptive field size".*

# %% tags=["figure"]
import matplotlib.pyplot as plt

axes = blank_sheet(8, 4.2, "One output and everything that it sees: 8 pixels")
for bottom, name, colour, left_edges, reach in [
    (0, "image", SKY, [0, 1, 2, 3, 4, 5, 6, 7], 0),
    (2, "conv, kernel 3", ORANGE, [1, 2, 3, 4, 5, 6], 1),
    (4, "pool, kernel 2, stride 2", GREEN, [1.5, 3.5, 5.5], 0.5),
    (6, "conv, kernel 3", PURPLE, [3.5], 2),
]:
    for left in left_edges:
        draw_cells(axes, left, bottom, [""], colour)
        if reach:  # what this cell reads in the row below
            axes.plot([left, left - reach], [bottom, bottom - 1], color=INK, linewidth=0.8, alpha=0.6)
            axes.plot([left + 1, left + 1 + reach], [bottom, bottom - 1], color=INK, linewidth=0.8, alpha=0.6)
    axes.text(8.6, bottom + 0.5, name, va="center", color=INK)
    axes.text(-0.6, bottom + 0.5, str(len(left_edges)), ha="right", va="center", color=INK)
axes.text(-0.6, 7.5, "cells seen", ha="right", color=INK, fontsize=9)
axes.set(xlim=(-2.6, 13.2), ylim=(-0.3, 8))
plt.show()


# %%
# BEGIN SOLUTION
def _side(setting):
    """The side of a square setting, in pixels."""
    height, width = _pair(setting)
    if height != width or height < 1:
        raise ValueError(f"Square windows and strides of at least one pixel have a side, got {setting}.")
    return height


def _window(layer):
    """(kernel size, stride) of a layer that slides or works in place."""
    match layer:
        case {"type": "relu" | "batchnorm2d"}:
            return (1, 1)
        case {"type": "conv2d", "kernel_size": kernel_size}:
            return (_side(kernel_size), _side(layer.get("stride", 1)))
        case {"type": "maxpool2d", "kernel_size": kernel_size}:
            stride = layer.get("stride")
            return (_side(kernel_size), _side(kernel_size if stride is None else stride))
    raise ValueError(f"No window slides in {layer}, so its outputs have no field with a side.")


# END SOLUTION


def receptive_field(layers):
    """The side of the square that one output of the last layer sees, in pixels of the image.

    `layers` is a list of dictionaries as in question 5, with square kernels; it may be empty, and it is not
    changed.

    Returns an int; without layers an output is a pixel and sees 1. Raises ValueError for flatten, linear and
    global_average_pool, for a negative kernel size and for a stride below 1.
    """
    # BEGIN SOLUTION
    side = 1
    spacing = 1  # pixels of the image between two neighbours of the current map
    for layer in layers:
        kernel_size, stride = _window(layer)
        side += (kernel_size - 1) * spacing
        spacing *= stride
    return side
    # END SOLUTION


# %% tags=["check"]
def two_3x3_convolutions_see_as_much_as_one_5x5(receptive_field):
    conv = {"type": "conv2d", "out_channels": 16, "kernel_size": 3, "padding": 1}
    answer = receptive_field([conv, conv])
    assert answer == 5, f"The second layer adds a pixel at each side of the 3: 5, not {answer!r}."


# %% tags=["check"]
def a_pool_between_two_convolutions_spreads_the_second_one(receptive_field):
    conv = {"type": "conv2d", "out_channels": 16, "kernel_size": 3}
    answer = receptive_field([conv, {"type": "maxpool2d", "kernel_size": 2}, conv])
    assert answer == 8, f"This is the network in the picture: one output sees 8 pixels, not {answer!r}."
    layers = [conv, {"type": "maxpool2d", "kernel_size": 2}, conv, {"type": "batchnorm2d"}]
    answer = receptive_field([*layers, {"type": "maxpool2d", "kernel_size": 3}, conv])
    assert answer == 24, f"A pool of 3 adds 2 * 2 to those 8, a convolution 2 * 6 more: 24, not {answer!r}."


# %% [markdown]
# ## Before you go
#
# Take a network that you like and trace it by hand, then with `trace_shapes`. Where the two disagree, you
# have found something worth knowing. And the next time that a framework complains about `mat1` and `mat2`,
# you will know where to look first: at the line before the linear layer.

# %% [markdown]
# ## Check your understanding
#
# The questions of lecture sections 2 and 3, and some more. Their numbers change each time that you run the cell;
# nothing here is scored.

# %% tags=["figure"]
try:
    from IPython.display import display

    from autograder.quiz import quiz
except ImportError:
    print("The quiz comes with the course's package, cnn-autograder, which is not installed here.")
else:
    display(quiz("convolution_layer"))
    display(quiz("spatial_dimensions"))
