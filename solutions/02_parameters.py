# %% [markdown]
# # Exercise 2 · Parameters and computation
#
# A network has two bills to pay. **Parameters** are the numbers that training has to find and that a phone
# has to store. **Multiply-accumulates** are the work that one image costs, every time. A good design spends
# both where they buy something. At the end of this exercise you can read either bill off an architecture with
# pencil and paper, and you design a block that keeps within a budget.
#
# | question | you write | points |
# |---|---|---|
# | 1 | the parameters of a convolution | 15 |
# | 2 | the parameters of a linear layer and of batch normalisation | 15 |
# | 3 | the trainable parameters of any PyTorch model | 20 |
# | 4 | what two kinds of classifier heads cost | 15 |
# | 5 | the multiply-accumulates of a convolution | 15 |
# | 6 | a block under a parameter budget | 20 |
#
# Nothing is trained here. Sizes are whole numbers, and results are plain Python integers.
#
# **Bad arguments.** Every function refuses arguments that make no sense, such as a negative number of
# channels, with a `ValueError` whose sentence says what is wrong. The two helpers below are yours to use for
# that.

# %%
from torch import nn


def require(minimum, **sizes):
    """Raise ValueError, naming the culprit, unless each of the named sizes is at least `minimum`."""
    for name, size in sizes.items():
        if size < minimum:
            raise ValueError(f"{name} has to be at least {minimum}, but it is {size}")


def pair(size):
    """(vertical, horizontal) for a size given as one number or as a pair; ValueError for longer ones."""
    vertical, horizontal = size if isinstance(size, (tuple, list)) else (size, size)
    return vertical, horizontal


# %% [markdown] question="q1" points=15 title="A convolution"
# ## Question 1 · A convolution
#
# Think of one **filter**: it covers $k_h \times k_w$ pixels, and it looks at *all* input channels at once. So
# it is a little box of $C_{in} \cdot k_h \cdot k_w$ weights, and it adds a single number of its own, the
# bias, to every sum it makes. Each output channel is the work of one such filter:
#
# $$P = C_{out} \, (C_{in} \, k_h \, k_w + 1)$$
#
# Without a bias the $+1$ goes. (Source: the lecture, section 2, whose layer of 16 filters of 3×3 on RGB
# images has 448 parameters; Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*,
# section 1.1, for the shape of the kernel.)
#
# Look for what is *not* in the formula: the height and the width of the image. The same filter is used at
# every place, and this weight sharing is why a convolution on a 4K image has no more parameters than on a
# postage stamp.
#
# `kernel_size` is one number for a square kernel, or a pair (height, width).


# %% tags=["figure"]
def draw_filters():
    """A layer's filters as boxes of weights, each with one bias."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(9, 3.2))
    colours = ["#4878a8", "#6aa56e", "#d1605e"]  # blue channel behind, red channel in front
    for place, name in enumerate(["filter 1", "filter 2", "filter 3", "filter 16"]):
        left = 5.4 * place + (1.6 if place == 3 else 0)
        for channel, colour in enumerate(colours):
            corner_x, corner_y = left + 0.55 * (2 - channel), 0.55 * (2 - channel)
            for row in range(3):
                for column in range(3):
                    cell = (corner_x + column, corner_y + row)
                    axes.add_patch(plt.Rectangle(cell, 1, 1, facecolor=colour, edgecolor="white", lw=1.5))
        axes.add_patch(plt.Rectangle((left + 1, -2), 1, 1, facecolor="#555555"))
        axes.text(left + 2.2, -1.5, "bias", va="center")
        axes.text(left + 2, 4.6, name, ha="center", weight="bold")
    axes.text(16, 1.9, "...", ha="center", va="center", fontsize=22)
    axes.set(xlim=(-0.5, 22.5), ylim=(-2.4, 5.6), aspect="equal")
    axes.set_title("3×3 filters on an RGB image: 3 slices of 9 weights and one bias in every filter")
    axes.axis("off")
    plt.show()


draw_filters()


# %%
def conv2d_parameters(in_channels, out_channels, kernel_size, bias=True):
    """Number of learnable parameters of a 2-D convolution (ungrouped).

    in_channels, out_channels: channels of the input and number of filters.
    kernel_size: one number, or a pair (height, width), in pixels.
    bias: whether each filter has a bias.
    Returns an int. Raises ValueError where a number of channels or a side of the kernel is smaller than 1.
    """
    # BEGIN SOLUTION
    kernel_height, kernel_width = pair(kernel_size)
    require(1, in_channels=in_channels, out_channels=out_channels)
    require(1, kernel_height=kernel_height, kernel_width=kernel_width)
    weights_of_a_filter = in_channels * kernel_height * kernel_width
    return out_channels * (weights_of_a_filter + int(bias))
    # END SOLUTION


# %% tags=["check"]
def the_layer_of_the_lecture_has_448_parameters(conv2d_parameters):
    got = conv2d_parameters(3, 16, kernel_size=3)
    assert got == 448, f"16 filters of 3*3*3 = 27 weights and one bias each are 16 * 28 = 448, you got {got}"
    got = conv2d_parameters(3, 16, kernel_size=3, bias=False)
    assert got == 432, f"bias=False takes 16 biases away, 432 weights remain, you got {got}"


# %% tags=["check"]
def both_sides_of_a_kernel_count(conv2d_parameters):
    got = conv2d_parameters(8, 10, kernel_size=(1, 7), bias=False)
    assert got == 560, f"ten filters, 1 pixel high and 7 wide, 8 channels deep: 10 * 56 = 560, you got {got}"
    refused = False
    try:
        conv2d_parameters(-3, 16, kernel_size=3)
    except ValueError:
        refused = True
    assert refused, "-3 input channels make no sense: raise a ValueError"


# %% [markdown] question="q2" points=15 title="Linear layers and batch normalisation"
# ## Question 2 · Linear layers and batch normalisation
#
# A **linear** (dense, fully connected) layer computes $y = Wx + b$: every output has a weight for every
# input, and a bias. Nothing is shared, so
#
# $$P_{linear} = F_{out} \, (F_{in} + 1)$$
#
# and $F_{out} F_{in}$ without a bias. (Source: the definition of the layer, the lecture's section 4. Put $k =
# 1$ into question 1: a linear layer is a 1×1 convolution on an image of one pixel.)
#
# **Batch normalisation** brings each channel to mean 0 and variance 1 over batch and pixels, and then gives
# the network a way to undo that: a scale $\gamma_c$ and a shift $\beta_c$ per channel,
#
# $$y_c = \gamma_c \, \frac{x_c - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}} + \beta_c$$
#
# (Source: Ioffe & Szegedy 2015, *Batch Normalization*, algorithms 1 and 2.) A layer in PyTorch stores four
# numbers per channel, but asks the optimiser to learn only $\gamma$ and $\beta$. The running mean and
# variance are *measured* while training runs, no gradient reaches them: they are **buffers**, not parameters.
# Write the number of learnable ones.


# %%
def linear_parameters(in_features, out_features, bias=True):
    """Number of learnable parameters of a linear layer.

    in_features, out_features: lengths of its input and of its output vector.
    bias: whether each output has a bias.
    Returns an int. Raises ValueError where a number of features is smaller than 1.
    """
    # BEGIN SOLUTION
    require(1, in_features=in_features, out_features=out_features)
    return out_features * (in_features + int(bias))
    # END SOLUTION


# %%
def batchnorm2d_parameters(channels):
    """Number of learnable parameters of batch normalisation over `channels` channels of feature maps.

    Returns an int. Raises ValueError where there is less than 1 channel.
    """
    # BEGIN SOLUTION
    require(1, channels=channels)
    scale, shift = channels, channels
    return scale + shift
    # END SOLUTION


# %% tags=["check"]
def each_output_has_a_weight_per_input_and_a_bias(linear_parameters):
    got = linear_parameters(128, 10)
    assert got == 1290, f"ten outputs with 128 weights and one bias each are 10 * 129 = 1290, you got {got}"
    got = linear_parameters(128, 10, bias=False)
    assert got == 1280, f"without biases 10 * 128 = 1280 weights remain, you got {got}"


# %% tags=["check"]
def batch_norm_learns_two_numbers_per_channel(batchnorm2d_parameters):
    got = batchnorm2d_parameters(32)
    assert got == 64, f"32 scales and 32 shifts are learned, nothing else: 64, you got {got}"


# %% [markdown] question="q3" points=20 title="A whole model"
# ## Question 3 · A whole model
#
# Formulas are for design; for a model that exists, you count. "Our network has 1.2 million parameters"
# usually means the numbers that the optimiser will change, and three things lead people astray:
#
# * **Frozen parameters.** In transfer learning the pretrained part is kept as it is: its parameters have
#   `requires_grad=False`, get no gradient, and don't count as trainable.
# * **Shared parameters.** One layer may be used at two places, or two layers may hold the very same weight
#   tensor (*weight tying*, Press & Wolf 2017, *Using the output embedding to improve language models*). It
#   exists once, is stored once and is updated once, so it counts once.
# * **Buffers.** Running statistics and other tensors in `state_dict()` that nobody learns.
#
# Layers come nested in layers, and not all of them call their parameters `weight` and `bias`. Let PyTorch do
# the walking: the documentation of `torch.nn.Module` lists a method that yields each parameter of a model and
# of all that is inside it, and a tensor knows its number of elements. The model must be left as it was.


# %%
def count_parameters(model):
    """Number of trainable parameters (single numbers) of a model; shared ones count once, frozen ones not.

    model: a torch.nn.Module, which is not changed.
    Returns an int. Raises ValueError where `model` is not a torch.nn.Module.
    """
    # BEGIN SOLUTION
    if not isinstance(model, nn.Module):
        raise ValueError(f"a torch.nn.Module has parameters to count, {type(model).__name__} is none")
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    # END SOLUTION


# %% tags=["check"]
def a_small_network_has_its_sum(count_parameters):
    from torch import nn

    head = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), head)
    got = count_parameters(model)
    assert got == 448 + 32 + 170, f"convolution 448, batch norm 32, linear 170: 650 together, you got {got}"


# %% tags=["check"]
def what_is_frozen_does_not_count(count_parameters):
    from torch import nn

    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 4, 1))
    model[0].requires_grad_(False)
    got = count_parameters(model)
    assert got == 68, f"the first convolution is frozen, the second has 4 * 17 = 68 parameters, you got {got}"
    shared = nn.Linear(4, 4)
    got = count_parameters(nn.Sequential(shared, nn.ReLU(), shared))
    assert got == 20, f"one layer of 4 * 5 = 20 parameters, used twice, counts once: 20, you got {got}"


# %% [markdown] question="q4" points=15 title="Two heads"
# ## Question 4 · Two heads
#
# The last feature maps, $C$ channels of $H \times W$ values, have to become $K$ class scores. Two heads are
# common, and both end in one linear layer with a bias (question 2):
#
# * **flatten**: write all values in one long vector. The linear layer reads $F_{in} = C \cdot H \cdot W$ of
#   them, so it can tell *where* something was, and pays for every place.
# * **global average pooling**: reduce each map to its mean first, $F_{in} = C$. Where it was is gone, and so
#   are most of the parameters. (Source: Lin, Chen & Yan 2013, *Network in Network*, section 3.2; the lecture,
#   section 4. Pooling itself learns nothing.)
#
# $$P_{head} = K \, (F_{in} + 1)$$
#
# In small networks the head is often where nearly all parameters are. Many a model that overfits has been
# cured by changing this one line.


# %% tags=["figure"]
def draw_heads():
    """How the two heads grow with the side of the last feature map."""
    import matplotlib.pyplot as plt

    sides = list(range(1, 15))
    _, axes = plt.subplots(figsize=(7, 3.6))
    axes.plot(sides, [10 * (64 * side**2 + 1) for side in sides], "o-", color="#d1605e")
    axes.plot(sides, [650] * len(sides), "o-", color="#4878a8")
    axes.text(8.4, 24_000, "flatten", color="#d1605e", weight="bold")
    axes.text(8.4, 860, "global average pooling", color="#4878a8", weight="bold")
    axes.set(yscale="log", xlabel="side of the last feature maps, in pixels", ylabel="parameters (log scale)")
    axes.set_title("Heads for 10 classes on 64 channels")
    axes.grid(alpha=0.3)
    plt.show()


draw_heads()


# %%
def head_parameters(channels, height, width, classes, head):
    """Number of learnable parameters of a classifier head with one linear layer (with bias).

    channels, height, width: size of the last feature maps, in channels and pixels.
    classes: number of scores that the head gives.
    head: "flatten" or "global_average_pool", what comes before the linear layer.
    Returns an int. Raises ValueError for any other head and where a size is smaller than 1.
    """
    # BEGIN SOLUTION
    require(1, channels=channels, height=height, width=width, classes=classes)
    features = {"flatten": channels * height * width, "global_average_pool": channels}
    if head not in features:
        raise ValueError(f"a head is one of {', '.join(features)}, not {head!r}")
    return linear_parameters(features[head], classes)
    # END SOLUTION


# %% tags=["check"]
def flattening_pays_for_every_place(head_parameters):
    got = head_parameters(64, 7, 7, 10, "flatten")
    assert got == 31370, f"ten scores with 64*7*7 weights and a bias each: 10 * 3137 = 31370, you got {got}"


# %% tags=["check"]
def pooling_pays_for_channels_only(head_parameters):
    got = head_parameters(64, 7, 7, 10, "global_average_pool")
    assert got == 650, f"each map becomes one number, so 10 * (64 + 1) = 650, you got {got}"
    refused = False
    try:
        head_parameters(64, 7, 7, 10, "max_pool")
    except ValueError:
        refused = True
    assert refused, "there are two heads, and max_pool is none of them: raise a ValueError"


# %% [markdown] question="q5" points=15 title="Computation"
# ## Question 5 · Computation
#
# The unit of work is the **multiply-accumulate** (MAC): multiply a weight with an input value and add the
# product to a running sum. To make *one* output value, a filter goes once through its $C_{in} \, k_h \, k_w$
# weights, and the layer makes $C_{out} \, H_{out} \, W_{out}$ values:
#
# $$\text{MACs} = C_{out} \, H_{out} \, W_{out} \cdot C_{in} \, k_h \, k_w
# \qquad\text{with}\qquad H_{out} = \left\lfloor \frac{H + 2p - k_h}{s} \right\rfloor + 1$$
#
# and the same for the width. (Source: Sze et al. 2017, *Efficient processing of deep neural networks*,
# section III, and Howard et al. 2017, *MobileNets*, section 3.1, for the count; the lecture's section 2 and
# Dumoulin & Visin 2016 for the output size.)
#
# Two conventions, since papers differ: a MAC counts as **one** (tools that report "FLOPs" often count its
# multiplication and its addition, and get twice as much), and the additions of **biases are left out**.
# Padding zeros are multiplied like any other pixel.
#
# Parameters and work sit in different places of a network, as the figure shows: where a pooling leaves a
# quarter of the places and the next layer has twice the channels in and out, it holds four times the weights
# and does the same work. So halving the resolution early makes a network *fast*, and saving channels late
# makes it *small*.


# %% tags=["figure"]
def draw_bills():
    """Where a small network keeps its weights, and where it does its work."""
    import matplotlib.pyplot as plt

    layers = [(3, 32, 64), (32, 64, 32), (64, 128, 16), (128, 256, 8)]  # channels in, channels out, side
    weights = [9 * before * after for before, after, _ in layers]
    work = [count * side**2 for count, (_, _, side) in zip(weights, layers, strict=True)]
    places = [3, 2, 1, 0]
    names = [f"{before}→{after} channels\n{side}×{side} pixels" for before, after, side in layers]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    left.barh(places, [100 * count / sum(weights) for count in weights], color="#4878a8")
    right.barh(places, [100 * count / sum(work) for count in work], color="#d1605e")
    left.set(yticks=places, yticklabels=names, xlabel="% of all weights", xlim=(0, 100))
    left.set_title("What is stored")
    right.set(xlabel="% of all MACs", xlim=(0, 100), title="What is computed")
    figure.suptitle("Four 3×3 convolutions, each followed by a pooling that halves the maps")
    figure.tight_layout()
    plt.show()


draw_bills()


# %%
def conv2d_macs(input_shape, out_channels, kernel_size, stride=1, padding=0):
    """Multiply-accumulates that a 2-D convolution (ungrouped) needs for one image; biases are left out.

    input_shape: (channels, height, width) of the image, without a batch axis.
    out_channels: number of filters.
    kernel_size, stride, padding: one number or a pair (vertical, horizontal), in pixels; padding is added
        on both sides.
    Returns an int. Raises ValueError where the shape has not three entries, a size or the stride is smaller
    than 1, the padding is negative, or the kernel is larger than the padded image.
    """
    # BEGIN SOLUTION
    if len(input_shape) != 3:
        raise ValueError(f"an image is (channels, height, width), {tuple(input_shape)} is not")
    in_channels, *image_size = input_shape
    require(1, in_channels=in_channels, out_channels=out_channels)
    macs = in_channels * out_channels
    for size, kernel, step, border in zip(image_size, pair(kernel_size), pair(stride), pair(padding)):
        require(1, size=size, kernel_size=kernel, stride=step)
        require(0, padding=border)
        require(kernel, padded_size=size + 2 * border)
        macs *= kernel * ((size + 2 * border - kernel) // step + 1)
    return macs
    # END SOLUTION


# %% tags=["check"]
def every_output_value_costs_one_filter(conv2d_macs):
    got = conv2d_macs((3, 64, 64), out_channels=16, kernel_size=3, padding=1)
    assert got == 1769472, f"16 * 64 * 64 values with 27 MACs each are 1,769,472, you got {got}"


# %% tags=["check"]
def a_stride_of_two_saves_three_quarters(conv2d_macs):
    got = conv2d_macs((3, 64, 48), out_channels=16, kernel_size=3, stride=2, padding=1)
    assert got == 331776, f"stride 2 leaves 32 * 24 places, so 16 * 32 * 24 * 27 = 331,776, you got {got}"
    refused = False
    try:
        conv2d_macs((3, 4, 4), out_channels=16, kernel_size=7)
    except ValueError:
        refused = True
    assert refused, "a 7x7 kernel does not fit into a 4x4 image without padding: raise a ValueError"


# %% [markdown] question="q6" points=20 title="A block under a budget"
# ## Question 6 · A block under a budget
#
# Now you are the designer. Write a function that builds a block for images of shape (N, `in_channels`, H, W).
# Whatever it is asked for, the block
#
# 1. gives (N, `out_channels`, ⌊H/2⌋, ⌊W/2⌋): it **halves** height and width, rounding **down** (19 becomes
#    9),
# 2. contains at least one **convolution** (`nn.Conv2d`) and one **ReLU** (`nn.ReLU`),
# 3. has a **receptive field** of at least 5: one output value depends on a region at least 5 pixels high and
#    wide,
# 4. has at most `max_parameters` parameters, all of them counted.
#
# The receptive field grows layer by layer. If $j$ is the *jump*, the product of the strides of all layers
# *before* this one, then a layer with kernel $k$ and dilation $d$ adds
#
# $$r_{\text{after}} = r_{\text{before}} + d\,(k - 1)\,j, \qquad r = 1 \text{ at the start}$$
#
# (Source: Araujo, Norris & Sim 2019, *Computing receptive fields of convolutional neural networks*, Distill.)
# Pooling layers widen it just as convolutions do, and they have no parameters at all.


# %% tags=["figure"]
def draw_receptive_fields():
    """What one output sees through two stacks of layers, along one axis."""
    import matplotlib.pyplot as plt

    stacks = {
        "3×3 convolution, then 2×2 pooling": [("after the pooling", 2, 2), ("after the convolution", 3, 1)],
        "two 3×3 convolutions, then 2×2 pooling": [
            ("after the pooling", 2, 2),
            ("after convolution 2", 3, 1),
            ("after convolution 1", 3, 1),
        ],
    }
    figure, panels = plt.subplots(1, 2, figsize=(11, 3.2))
    for panel, (title, layers) in zip(panels, stacks.items(), strict=True):
        first, last = -0.5, 0.5  # the edges of what is seen, in pixels of the input of the rows drawn so far
        for row, (name, kernel, stride) in enumerate([*layers, ("input", 1, 1)]):
            side = round(last - first)
            for cell in range(side):
                box = (first + cell + 0.06, -1.25 * row)
                colour = "#d1605e" if name == "input" else "#4878a8"
                panel.add_patch(plt.Rectangle(box, 0.88, 0.88, facecolor=colour))
            panel.text(-7.2, -1.25 * row + 0.44, name, va="center")
            panel.text(4.0, -1.25 * row + 0.44, f"{side}", va="center", weight="bold")
            reach = (side - 1) * stride + kernel
            first, last = -reach / 2, reach / 2
        panel.set(xlim=(-7.4, 4.8), ylim=(-4.1, 1.3), aspect="equal", title=title)
        panel.axis("off")
    figure.suptitle("Who looks at whom: the cells of each row that one output value depends on")
    figure.tight_layout()
    plt.show()


draw_receptive_fields()

# %% [markdown]
# Three by three and a pooling see **4** pixels: one too few. A 5×5 kernel would do, but costs 25 weights for
# each pair of an input and an output channel; two 3×3 layers see as much for 18 if both have equally many
# channels (Simonyan & Zisserman 2014, the VGG networks). Budgets will rule out either. What else is there?
#
# * A kernel may look at each channel alone (`groups=in_channels`, a **depthwise** convolution) before a 1×1
#   convolution mixes the channels (Howard et al. 2017, *MobileNets*).
# * A pooling window may be larger than its stride. Mind the rounding: the output size formula tells which
#   padding goes with it, and PyTorch allows at most half the kernel.
# * A bias can be left out.
#
# One output channel is one filter, and a filter has at least one weight. So where `max_parameters` is smaller
# than `out_channels`, no block exists: raise a `ValueError`. The tightest budget that you will meet otherwise
# is `in_channels * out_channels`.
#
# **How it is graded.** Your block is described layer by layer, built again elsewhere and measured there. So
# return an `nn.Sequential` (nested ones are fine) of layers that `torch.nn` has for images, no classes of
# your own: convolutions (`Conv2d`), pooling (`MaxPool2d`, `AvgPool2d`), normalisation (`BatchNorm2d`,
# `GroupNorm`), padding (`ZeroPad2d`), activations (`ReLU`, `GELU`), `Dropout2d`, `ChannelShuffle`, `Identity`
# and their like. Any design that meets the four conditions earns full marks. Normalisation does not count
# towards the receptive field.


# %%
# BEGIN SOLUTION
def designs(in_channels, out_channels):
    """Lists of layers that halve the image and see at least 5 pixels, roughly from rich to frugal."""
    mix = nn.Conv2d(in_channels, out_channels, 1, bias=False)
    wide_pool = nn.MaxPool2d(6, stride=2, padding=2)

    first = nn.Conv2d(in_channels, out_channels, 3, padding=1)
    second = nn.Conv2d(out_channels, out_channels, 3, padding=1)
    yield [first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2)]
    yield [first, nn.ReLU(), nn.MaxPool2d(4, stride=2, padding=1)]
    depthwise = nn.Conv2d(in_channels, in_channels, 5, padding=2, groups=in_channels)
    yield [depthwise, mix, nn.ReLU(), nn.MaxPool2d(2)]
    yield [mix, nn.ReLU(), wide_pool]
    # If even that is too dear, start with the mean over the channels: a depth axis to 3-D pooling.
    mean, spread = nn.AvgPool3d((in_channels, 1, 1)), nn.Conv2d(1, out_channels, 1, bias=False)
    yield [mean, spread, nn.ReLU(), wide_pool]


# END SOLUTION
def design_block(in_channels, out_channels, max_parameters):
    """A block of layers that halves height and width and keeps within a parameter budget.

    in_channels, out_channels: channels of its input (N, in_channels, H, W) and of its output.
    max_parameters: the largest number of parameters that the block may have.
    Returns a torch.nn.Sequential that meets the four conditions above. Raises ValueError where a number of
    channels is smaller than 1, and where no block can exist: max_parameters is smaller than out_channels.
    """
    # BEGIN SOLUTION
    require(1, in_channels=in_channels, out_channels=out_channels)
    require(out_channels, max_parameters=max_parameters)
    blocks = (nn.Sequential(*layers) for layers in designs(in_channels, out_channels))
    return next(block for block in blocks if count_parameters(block) <= max_parameters)
    # END SOLUTION


# %% tags=["check"]
def a_block_halves_rounding_down_and_keeps_its_budget(design_block):
    import torch

    block = design_block(8, 12, max_parameters=1000)
    with torch.no_grad():
        got = tuple(block.eval()(torch.zeros(2, 8, 19, 32)).shape)
    assert got == (2, 12, 9, 16), f"19 x 32 pixels become 9 x 16 (rounding down), 12 channels, you got {got}"
    used = sum(tensor.numel() for tensor in block.parameters())
    assert used <= 1000, f"the budget is 1000 parameters, your block has {used}"
    kinds = {type(module).__name__ for module in block.modules()}
    assert {"Conv2d", "ReLU"} <= kinds, f"an nn.Conv2d and an nn.ReLU are asked for, your block has {sorted(kinds)}"
    images = torch.randn(256, 8, 19, 32, generator=torch.Generator().manual_seed(1)).requires_grad_()
    block(images)[:, :, 4, 8].sum().backward()
    rows = images.grad.abs().sum(dim=(0, 1, 3)).nonzero()
    seen = int(rows.max() - rows.min()) + 1 if len(rows) else 0
    assert seen >= 5, f"one output depends on {seen} rows of pixels, and at least 5 are asked for"


# %% tags=["check"]
def nine_channels_cannot_be_made_of_eight_weights(design_block):
    refused = False
    try:
        design_block(4, 9, max_parameters=8)
    except ValueError:
        refused = True
    assert refused, "9 output channels need a weight each, 8 parameters cannot do: raise a ValueError"
