"""Hidden cases of exercise 2: parameters and computation.

A case about refusals asks for an ordinary value first: who refuses everything has checked nothing.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from autograder import expect
from autograder.cases import case
from autograder.probes import torch_models


def _numbers(layer):
    """The oracle of questions 1, 2 and 4: how many numbers PyTorch's own layer learns."""
    return sum(parameter.numel() for parameter in layer.parameters())


def _draw(rng, low, high):
    """A plain integer from low to high, both included."""
    return int(rng.integers(low, high + 1))


# Question 1


@case(
    "q1",
    points=5,
    hint="A filter holds in_channels * k * k weights and one bias; there is one for each output channel.",
)
def square_kernels_agree_with_pytorch(student, rng):
    """Square kernels, with bias, hold as many numbers as PyTorch's layer"""
    for _ in range(8):
        channels, filters, side = _draw(rng, 1, 64), _draw(rng, 2, 128), _draw(rng, 2, 9)
        expected = _numbers(nn.Conv2d(channels, filters, side, device="meta"))
        expect.equal(student.conv2d_parameters(channels, filters, kernel_size=side), expected)


@case("q1", points=4, hint="A pair is (height, width): a filter covers height * width pixels.")
def kernels_may_be_wider_than_high(student, rng):
    """A pair of kernel sizes is a height and a width"""
    for _ in range(8):
        channels, filters = _draw(rng, 1, 64), _draw(rng, 2, 128)
        height = _draw(rng, 1, 7)
        kernel = (height, height + _draw(rng, 1, 5)) if rng.random() < 0.5 else (height + _draw(rng, 1, 5), height)
        expected = _numbers(nn.Conv2d(channels, filters, kernel, device="meta"))
        expect.equal(student.conv2d_parameters(channels, filters, kernel_size=kernel), expected)


@case("q1", points=3, hint="bias=False takes one number per output channel away, and nothing else.")
def a_convolution_without_bias_has_weights_only(student, rng):
    """Without a bias only the weights remain"""
    for _ in range(8):
        channels, filters, side = _draw(rng, 1, 64), _draw(rng, 2, 128), _draw(rng, 2, 9)
        expected = _numbers(nn.Conv2d(channels, filters, side, bias=False, device="meta"))
        expect.equal(student.conv2d_parameters(channels, filters, kernel_size=side, bias=False), expected)


@case("q1", points=3, hint="Look at each size before you multiply: two negative ones make a positive product.")
def negative_sizes_are_no_convolution(student, rng):
    """Negative channels or kernels raise ValueError"""
    size = _draw(rng, 2, 9)
    expect.equal(student.conv2d_parameters(size, 4, 3), _numbers(nn.Conv2d(size, 4, 3, device="meta")))
    for arguments in [(-size, 4, 3), (4, -size, 3), (4, 8, -size), (-size, -size, 3), (3, 4, (3, -size))]:
        with expect.raises(ValueError):
            student.conv2d_parameters(*arguments)


# Question 2


@case("q2", points=4, hint="Each output has one weight for each input, and one bias.")
def linear_layers_agree_with_pytorch(student, rng):
    """A linear layer holds as many numbers as PyTorch's"""
    for _ in range(8):
        inputs, outputs = _draw(rng, 2, 500), _draw(rng, 2, 300)
        expected = _numbers(nn.Linear(inputs, outputs, device="meta"))
        expect.equal(student.linear_parameters(inputs, outputs), expected)


@case("q2", points=3, hint="bias=False leaves the in_features * out_features weights.")
def a_linear_layer_without_bias_has_weights_only(student, rng):
    """Without a bias a linear layer is its matrix"""
    for _ in range(8):
        inputs, outputs = _draw(rng, 2, 500), _draw(rng, 2, 300)
        expected = _numbers(nn.Linear(inputs, outputs, bias=False, device="meta"))
        expect.equal(student.linear_parameters(inputs, outputs, bias=False), expected)


@case(
    "q2",
    points=5,
    hint="Scale and shift are learned, one of each per channel; running statistics are measured.",
)
def batch_norm_agrees_with_pytorch(student, rng):
    """Batch normalisation learns as many numbers as PyTorch's"""
    for _ in range(8):
        channels = _draw(rng, 2, 600)
        expected = _numbers(nn.BatchNorm2d(channels, device="meta"))
        expect.equal(student.batchnorm2d_parameters(channels), expected)


@case("q2", points=3, hint="Both functions refuse negative sizes with a ValueError.")
def negative_sizes_are_no_layer(student, rng):
    """Negative features or channels raise ValueError"""
    size = _draw(rng, 2, 50)
    expect.equal(student.linear_parameters(size, 10), _numbers(nn.Linear(size, 10, device="meta")))
    expect.equal(student.batchnorm2d_parameters(size), _numbers(nn.BatchNorm2d(size, device="meta")))
    for features in [(-size, 10), (10, -size), (-size, -size)]:
        with expect.raises(ValueError):
            student.linear_parameters(*features)
    with expect.raises(ValueError):
        student.batchnorm2d_parameters(-size)


# Question 3: models are built beside the student's code, and here once more for the number that is right


def _layer(kind, **settings):
    return {"type": kind, "settings": settings}


def _convolution(rng, **extra):
    sizes = {
        "in_channels": _draw(rng, 2, 12),
        "out_channels": _draw(rng, 2, 12),
        "kernel_size": _draw(rng, 2, 5),
    }
    return _layer("Conv2d", **sizes) | extra


def _linear(rng, **extra):
    return _layer("Linear", in_features=_draw(rng, 2, 40), out_features=_draw(rng, 2, 40)) | extra


def _trainable(spec):
    """The oracle of question 3: numbers in the trainable tensors of a model, each looked at once."""
    found = torch_models.build(spec).named_parameters(remove_duplicate=False)
    return sum({id(tensor): tensor.numel() for _, tensor in found if tensor.requires_grad}.values())


def _count(student, spec):
    return student.count_parameters(student.probe("torch_models.build", spec, keep=True))


@case("q3", points=5, hint="Every layer counts, however deep inside and whatever its parameters are called.")
def layers_of_all_kinds_and_depths_count(student, rng):
    """Layers of every kind count, nested ones too"""
    for _ in range(4):
        heads = _draw(rng, 2, 4)
        rarer = [
            _layer("GRU", input_size=_draw(rng, 2, 9), hidden_size=_draw(rng, 2, 9)),
            _layer("MultiheadAttention", embed_dim=heads * _draw(rng, 2, 5), num_heads=heads),
            _layer("PReLU", num_parameters=_draw(rng, 2, 9)),
            _layer("ConvTranspose2d", in_channels=3, out_channels=_draw(rng, 2, 9), kernel_size=2),
        ]
        inner = {"type": "Sequential", "layers": [_convolution(rng), _layer("ReLU"), rarer[_draw(rng, 0, 3)]]}
        middle = {"type": "Sequential", "layers": [inner, rarer[_draw(rng, 0, 3)], _linear(rng)]}
        spec = [_convolution(rng), _layer("ReLU"), middle, _linear(rng)]
        expect.equal(_count(student, spec), _trainable(spec))


@case("q3", points=4, hint="Count a parameter only where its requires_grad is True, and change none.")
def frozen_parameters_do_not_count(student, rng):
    """Frozen parameters do not count and stay frozen"""
    for frozen in [True, ["weight"], ["bias"]]:
        spec = [
            _convolution(rng, frozen=frozen),
            _layer("ReLU"),
            _convolution(rng),
            _linear(rng, frozen=frozen),
        ]
        expect.equal(_count(student, spec), _trainable(spec))
    everything = [_convolution(rng, frozen=True), _linear(rng, frozen=True)]
    expect.equal(_count(student, everything), 0)

    model = student.probe("torch_models.build", spec, keep=True)
    expect.equal(student.count_parameters(model), _trainable(spec))
    built = torch_models.requires_grad(torch_models.build(spec))
    expect.equal(student.probe("torch_models.requires_grad", model), built)


@case(
    "q3",
    points=4,
    hint="A tensor that two layers share exists once: count parameters, not the places they are used.",
)
def shared_parameters_count_once(student, rng):
    """A layer used twice, and a weight that two layers share, count once"""
    for _ in range(4):
        words, size = _draw(rng, 5, 30), _draw(rng, 2, 12)
        twice = [_convolution(rng), _layer("ReLU"), {"same_as": 0}, _linear(rng)]
        tied = [
            _layer("Embedding", num_embeddings=words, embedding_dim=size),
            _linear(rng),
            _layer("Linear", in_features=size, out_features=words) | {"weight_of": 0},
        ]
        expect.equal(_count(student, twice), _trainable(twice))
        expect.equal(_count(student, tied), _trainable(tied))


@case("q3", points=4, hint="Running means and variances are buffers: in the state_dict, but nobody learns them.")
def buffers_are_no_parameters(student, rng):
    """Running statistics do not count"""
    for _ in range(4):
        spec = [
            _convolution(rng),
            _layer("BatchNorm2d", num_features=_draw(rng, 2, 40)),
            _layer("InstanceNorm2d", num_features=_draw(rng, 2, 40), affine=True, track_running_stats=True),
            _layer("BatchNorm1d", num_features=_draw(rng, 2, 40), affine=False),
        ]
        expect.equal(_count(student, spec), _trainable(spec))


@case("q3", points=3, hint="Look whether the argument is a torch.nn.Module before you ask it for parameters.")
def what_is_no_model_is_refused(student, rng):
    """Anything but a model raises ValueError"""
    spec = [_linear(rng), _layer("ReLU")]
    expect.equal(_count(student, spec), _trainable(spec))
    for thing in [_draw(rng, 1, 1000), "resnet18", [3, 16, 3], None]:
        with expect.raises(ValueError):
            student.count_parameters(thing)


# Question 4


def _head(channels, height, width, classes, head):
    """The oracle of question 4: a real head, whose linear layer finds out its inputs by being run."""
    start = nn.Flatten() if head == "flatten" else nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    features = start(torch.empty(1, channels, height, width, device="meta")).shape[1]
    return _numbers(nn.Linear(features, classes, device="meta"))


@case("q4", points=5, hint="Flattening keeps every value of every map: channels * height * width inputs.")
def a_flattening_head_agrees_with_pytorch(student, rng):
    """A head that flattens holds as many numbers as a real one"""
    for _ in range(8):
        channels, height, width = _draw(rng, 2, 256), _draw(rng, 2, 14), _draw(rng, 15, 20)
        channels += channels == height * width  # or forgetting the one would look like forgetting the other
        classes = _draw(rng, 2, 100)
        expected = _head(channels, height, width, classes, "flatten")
        expect.equal(student.head_parameters(channels, height, width, classes, "flatten"), expected)


@case("q4", points=5, hint="Global average pooling makes one number of each map: as many inputs as channels.")
def a_pooling_head_agrees_with_pytorch(student, rng):
    """A head that pools holds as many numbers as a real one"""
    for _ in range(8):
        channels, height, width = _draw(rng, 2, 256), _draw(rng, 2, 14), _draw(rng, 15, 20)
        classes = _draw(rng, 2, 100)
        expected = _head(channels, height, width, classes, "global_average_pool")
        expect.equal(student.head_parameters(channels, height, width, classes, "global_average_pool"), expected)


@case("q4", points=2, hint="There are two heads; any other name is a mistake that the caller wants to hear of.")
def other_heads_are_refused(student, rng):
    """An unknown head raises ValueError"""
    channels = _draw(rng, 2, 64)
    expect.equal(student.head_parameters(channels, 7, 7, 10, "flatten"), _head(channels, 7, 7, 10, "flatten"))
    for head in ["global_max_pool", "Flatten", "average", ""]:
        with expect.raises(ValueError):
            student.head_parameters(_draw(rng, 2, 64), 7, 7, 10, head)


@case("q4", points=3, hint="Channels, height, width and classes are all at least 1, whichever head it is.")
def negative_sizes_are_no_head(student, rng):
    """Negative sizes raise ValueError"""
    size = _draw(rng, 2, 20)
    expect.equal(student.head_parameters(size, 7, 7, 10, "flatten"), _head(size, 7, 7, 10, "flatten"))
    for sizes in [
        (-size, 7, 7, 10),
        (64, -size, 7, 10),
        (64, 7, -size, 10),
        (64, 7, 7, -size),
        (64, -7, -size, 10),
    ]:
        with expect.raises(ValueError):
            student.head_parameters(*sizes, "flatten")
    with expect.raises(ValueError):
        student.head_parameters(-size, 7, 7, 10, "global_average_pool")


# Question 5


def _macs(shape, filters, side, **settings):
    """The oracle of question 5: each value that a real convolution gives costs the weights of one filter."""
    convolution = nn.Conv2d(shape[0], filters, side, **settings, device="meta")
    values = convolution(torch.empty(1, *shape, device="meta")).numel()
    return values * convolution.weight[0].numel()


def _image(rng):
    """A shape whose height, width and channels cannot be taken for each other."""
    return _draw(rng, 2, 16), _draw(rng, 20, 40), _draw(rng, 41, 60)


@case("q5", points=4, hint="Values of the output, times the weights of one filter.")
def a_plain_convolution_costs_a_filter_per_output_value(student, rng):
    """Stride 1, no padding: each output value costs one filter"""
    for _ in range(8):
        shape, filters, side = _image(rng), _draw(rng, 2, 64), _draw(rng, 2, 9)
        expect.equal(student.conv2d_macs(shape, filters, kernel_size=side), _macs(shape, filters, side))


@case("q5", points=4, hint="Padding makes the output larger, on both sides: put 2p into the output size.")
def padding_makes_more_work(student, rng):
    """Padding adds output values, and with them work"""
    for _ in range(8):
        shape, filters, side = _image(rng), _draw(rng, 2, 64), _draw(rng, 2, 9)
        padding = _draw(rng, 1, 4)
        expected = _macs(shape, filters, side, padding=padding)
        expect.equal(student.conv2d_macs(shape, filters, kernel_size=side, padding=padding), expected)


@case(
    "q5",
    points=4,
    hint="With a stride a filter stands at fewer places: floor((I + 2p - k) / s) + 1 on each axis.",
)
def strides_leave_places_out(student, rng):
    """A stride leaves places out, rounding down"""
    for _ in range(8):
        shape, filters, side = _image(rng), _draw(rng, 2, 64), _draw(rng, 2, 9)
        stride, padding = _draw(rng, 2, 5), _draw(rng, 0, 2)
        expected = _macs(shape, filters, side, stride=stride, padding=padding)
        expect.equal(student.conv2d_macs(shape, filters, kernel_size=side, stride=stride, padding=padding), expected)


@case(
    "q5",
    points=3,
    hint="Refuse shapes of other lengths, kernels that do not fit, a stride of 0 and negative numbers.",
)
def work_that_cannot_be_done_is_refused(student, rng):
    """Arguments that no convolution can have raise ValueError"""
    height, filters = _draw(rng, 8, 20), _draw(rng, 2, 16)
    image = (3, height, height + 5)
    expect.equal(student.conv2d_macs(image, filters, kernel_size=3), _macs(image, filters, 3))
    for shape in [(height, height), (8, *image), (-3, height, height), (3, -height, height)]:
        with expect.raises(ValueError):
            student.conv2d_macs(shape, filters, kernel_size=3)
    with expect.raises(ValueError):
        student.conv2d_macs(image, -filters, kernel_size=3)
    bad_settings = [
        {"kernel_size": height + 3, "padding": 1},
        {"kernel_size": -3},
        {"kernel_size": 3, "stride": 0},
        {"kernel_size": 3, "stride": -1},
        {"kernel_size": 3, "padding": -1},
    ]
    for settings in bad_settings:
        with expect.raises(ValueError):
            student.conv2d_macs(image, filters, **settings)


# Question 6. A block is described in the student's process, then built again and measured here, so nothing
# that runs beside the student's code can make a block look better than it is.

MAX_LAYERS = 100
MAX_VALUES = 20_000_000  # of one layer's output: 80 MB
MAX_BUFFER = 32_000_000  # of what one layer makes on its way, padded images say: 128 MB
MAX_WORK = 1_000_000_000  # multiply-accumulates, a second at most; a block within its budget takes a third
MOVING, COMPARING = 16, 4  # how many of them a value costs that is only moved, and a comparison
MAX_WEIGHTS = 10_000_000  # of a block: hundreds of times the largest budget
MAX_SHOWN = 60
IMAGE_SIDE = 16  # of the images that measure the receptive field

# What torch raises for settings that do not go together, or not with an image.
BUILDING_FAILS = (ValueError, RuntimeError, AssertionError, IndexError, TypeError, ArithmeticError, MemoryError)

Check = Callable[[object], bool]


def _whole(low, high) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _sides(low, high, axes=2) -> Check:
    """One number for all axes, or one for each."""
    one = _whole(low, high)
    return lambda value: (
        one(value) or (isinstance(value, (tuple, list)) and len(value) == axes and all(map(one, value)))
    )


def _one_of(*choices) -> Check:
    return lambda value: isinstance(value, (str, bool)) and value in choices


def _border(value):
    return _sides(0, 64)(value) or _one_of("same", "valid")(value)


COUNT, FLAG, SIDE, BORDER = _whole(1, 4096), _one_of(True, False), _sides(1, 64), _sides(0, 64)
CUBE = {
    "kernel_size": _sides(1, 4096, 3),
    "stride": _sides(1, 4096, 3),
    "padding": _sides(0, 64, 3),
    "ceil_mode": FLAG,
}
CONVOLUTION = {
    "in_channels": COUNT,
    "out_channels": COUNT,
    "kernel_size": SIDE,
    "stride": SIDE,
    "padding": _border,
    "dilation": SIDE,
    "groups": COUNT,
    "padding_mode": _one_of("zeros", "reflect", "replicate", "circular"),
}
POOL = {"kernel_size": SIDE, "stride": SIDE, "padding": BORDER, "ceil_mode": FLAG}
PADDING = {"padding": lambda value: not isinstance(value, int) and _sides(0, 64, 4)(value)}
SETTINGS = {
    "Conv2d": CONVOLUTION,
    "MaxPool2d": POOL | {"dilation": SIDE, "return_indices": _one_of(False)},
    "AvgPool2d": POOL,
    "MaxPool3d": CUBE | {"dilation": _sides(1, 64, 3), "return_indices": _one_of(False)},
    "AvgPool3d": CUBE,
    "BatchNorm2d": {"num_features": COUNT},
    "InstanceNorm2d": {"num_features": COUNT},
    "GroupNorm": {"num_groups": COUNT, "num_channels": COUNT},
    "PReLU": {"num_parameters": COUNT},
    "ChannelShuffle": {"groups": COUNT},
    "ZeroPad2d": PADDING,
    "ReflectionPad2d": PADDING,
    "ReplicationPad2d": PADDING,
    "CircularPad2d": PADDING,
}
# These change neither a shape nor a receptive field and learn nothing: an identity stands in for them.
POINTWISE = (
    "Identity ReLU ReLU6 LeakyReLU RReLU ELU CELU SELU GELU SiLU Mish Hardswish Hardsigmoid Hardtanh "
    "Hardshrink Softshrink Tanhshrink Softplus Softsign Sigmoid LogSigmoid Tanh Threshold Softmax2d "
    "Dropout Dropout2d AlphaDropout FeatureAlphaDropout"
)
IDENTITIES = frozenset(POINTWISE.split())
# The statistics of these reach over the whole image, which is not what a receptive field means.
LEFT_OUT_OF_FIELD = (nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm, nn.PReLU)


@dataclass(frozen=True)
class Block:
    """A student's block, built again on the meta device: sizes without memory or arithmetic."""

    kinds: tuple[str, ...]
    layers: tuple[nn.Module, ...]

    @property
    def parameters(self):
        return _numbers(nn.Sequential(*self.layers))


def _block(student, in_channels, out_channels, max_parameters):
    """Have the student design a block, and build what comes back again."""
    handle = student.design_block.keep(in_channels, out_channels, max_parameters)
    return _rebuild(student.probe("torch_models.describe", handle))


def _shown(value):
    """What a student's process says of something, for a sentence: nothing long is written out."""
    if isinstance(value, (tuple, list)) and len(value) <= 4:
        return "(" + ", ".join(map(_shown_alone, value)) + ")"
    return _shown_alone(value)


def _shown_alone(value):
    if value is None or isinstance(value, (str, int, float)):  # of bounded length, and bool is an int
        return f"{value!r:.{MAX_SHOWN}}"
    return f"something of type {type(value).__name__}"


def _rebuild(description):
    """A Block from what the student's process says of it, which may be anything."""
    expect.true(isinstance(description, dict), "the block could not be described")
    kind = description.get("type")
    is_sequence = isinstance(kind, str) and kind == "Sequential"
    expect.true(is_sequence, f"a torch.nn.Sequential is asked for, this is a {_shown(kind)}")
    entries = description.get("layers")
    expect.true(isinstance(entries, list) and bool(entries), "the block has no layers")
    expect.true(len(entries) <= MAX_LAYERS, f"a block of more than {MAX_LAYERS} layers is not measured")

    kinds, layers = [], []
    for entry in entries:
        expect.true(isinstance(entry, dict), "a layer could not be described")
        if "same_as" in entry:
            place = entry["same_as"]
            expect.true(type(place) is int and 0 <= place < len(layers), "a layer could not be described")
            kinds.append(kinds[place])
            layers.append(layers[place])
        else:
            kinds.append(_known_kind(entry.get("type")))
            layers.append(_rebuild_layer(kinds[-1], entry.get("settings"), entry.get("parameters")))
    return Block(tuple(kinds), tuple(layers))


def _known_kind(kind):
    known = isinstance(kind, str) and (kind in SETTINGS or kind in IDENTITIES)
    measured = "convolutions, poolings, paddings, normalisations and activations of torch.nn"
    expect.true(known, f"the block contains the layer {_shown(kind)}; what can be measured is {measured}")
    return kind


def _rebuild_layer(kind, settings, own):
    """One layer on the meta device, its settings looked at first."""
    if kind in IDENTITIES:
        return nn.Identity()
    described = isinstance(settings, dict) and isinstance(own, list) and all(isinstance(name, str) for name in own)
    expect.true(described, f"a {kind} could not be described")
    arguments = {}
    for name, holds in SETTINGS[kind].items():
        value = arguments[name] = settings.get(name)
        expect.true(holds(value), f"a {kind} with {name}={_shown(value)} is not measured")
    if kind == "Conv2d":
        arguments["bias"] = "bias" in own
    elif kind in ("BatchNorm2d", "InstanceNorm2d", "GroupNorm"):
        arguments["affine"] = "weight" in own
    try:
        with torch.device("meta"):
            layer = getattr(nn, kind)(**arguments).eval()
    except BUILDING_FAILS as error:  # such as groups that do not divide the channels
        problem = str(error)
    else:
        if "bias" in layer._parameters and "bias" not in own:
            layer.register_parameter("bias", None)  # affine normalisation can go without, too
        return layer
    expect.true(False, f"a {kind} of the block cannot be built: {problem:.160}")


def _output_shape(block, shape):
    """The shape that comes out for images of `shape`; names the layer that fails or works too much."""
    weights = block.parameters
    expect.true(weights <= MAX_WEIGHTS, f"a block of {weights:,} parameters is too large to be measured")
    values, work = torch.empty(shape, device="meta"), 0
    for kind, layer in zip(block.kinds, block.layers, strict=True):
        before, values = values, _run(kind, layer, values, shape)
        buffer = _buffer(layer, before, values)
        work += max(values.numel() * _window(layer), MOVING * values.numel(), MOVING // 2 * buffer)
        fits = values.numel() <= MAX_VALUES and buffer <= MAX_BUFFER and work <= MAX_WORK
        expect.true(fits, f"on images of shape {shape} the block does too much work in its {kind} to be measured")
        expect.true(values.numel() > 0, f"on images of shape {shape} nothing is left after the {kind}")
    return tuple(values.shape)


def _buffer(layer, before, after):
    """How many values a layer holds on its way: a convolution's padded images, and its windows side by side."""
    if not isinstance(layer, nn.Conv2d):
        return 0
    images, channels, height, width = before.shape
    left, right, top, bottom = layer._reversed_padding_repeated_twice  # also where padding is a word
    padded = images * channels * (height + top + bottom) * (width + left + right)
    windows = images * channels * math.prod(layer.kernel_size) * math.prod(after.shape[2:])
    return max(padded, windows)


def _run(kind, layer, values, shape):
    """One layer's output; where PyTorch refuses to run it, its sentence is the student's."""
    try:
        return layer(values)
    except BUILDING_FAILS as error:
        problem = str(error).partition("\n")[0] or type(error).__name__
    expect.true(False, f"on images of shape {shape} the block fails in its {kind}: {problem:.160}")


def _window(layer):
    """What one value of the layer's output costs, in multiply-accumulates."""
    if isinstance(layer, nn.Conv2d):
        return layer.weight[0].numel()
    kernel = getattr(layer, "kernel_size", 1)
    axes = 3 if isinstance(layer, (nn.MaxPool3d, nn.AvgPool3d)) else 2
    return COMPARING * (math.prod(kernel) if isinstance(kernel, (tuple, list)) else kernel**axes)


def _receptive_field(block, in_channels):
    """Height and width of what the middle of the output depends on, found by changing rows and columns.

    All weights are 1 and what does not reach beyond a pixel is left out, so that neither a ReLU nor a
    maximum can hide a pixel.
    """
    images = torch.zeros(2 * IMAGE_SIDE, in_channels, IMAGE_SIDE, IMAGE_SIDE)
    for place in range(IMAGE_SIDE):
        images[place, :, place, :] = 1
        images[IMAGE_SIDE + place, :, :, place] = 1
    shape = tuple(images.shape)
    _output_shape(block, shape)
    with torch.no_grad():
        for kind, layer in zip(block.kinds, _ones(block), strict=True):
            images = (_run(kind, layer, images, shape) > 0).float()  # 1 where the change has arrived
    middle = images[:, :, images.shape[2] // 2, images.shape[3] // 2].amax(dim=1)
    return tuple(_span(half.nonzero().flatten().tolist()) for half in middle.split(IMAGE_SIDE))


def _ones(block):
    """Copies of the layers in memory, all weights 1 and all biases 0, identities for those left out."""
    kept = (nn.Identity() if isinstance(layer, LEFT_OUT_OF_FIELD) else layer for layer in block.layers)
    layers = copy.deepcopy(nn.ModuleList(kept)).to_empty(device="cpu")
    for parameter in layers.parameters():
        parameter.detach().fill_(float(parameter.dim() > 1))
    return layers


def _span(places):
    return places[-1] - places[0] + 1 if places else 0


def _check_halving(block, in_channels, sizes):
    for height, width in sizes:
        got = _output_shape(block, (2, in_channels, height, width))
        expect.true(len(got) == 4, f"images of shape (N, C, H, W) become values of shape {got}: there are four axes")
        half = (height // 2, width // 2)
        expect.true(got[2:] == half, f"{height} x {width} pixels have to become {half[0]} x {half[1]}, not {got[2:]}")


def _check_field(block, in_channels):
    height, width = _receptive_field(block, in_channels)
    seen = f"one output value depends on {height} x {width} pixels, at least 5 x 5 are asked for"
    expect.true(min(height, width) >= 5, seen)


def _check_contents(block, in_channels, out_channels):
    for kind in ("Conv2d", "ReLU"):
        expect.true(kind in block.kinds, f"the block contains no nn.{kind}")
    got = _output_shape(block, (2, in_channels, IMAGE_SIDE, IMAGE_SIDE))
    expect.true(
        got[:2] == (2, out_channels),
        f"2 images have to come out with {out_channels} channels, shape is {got}",
    )


def _check_budget(block, max_parameters):
    within = block.parameters <= max_parameters
    expect.true(within, f"the block has {block.parameters:,} parameters, the budget is {max_parameters:,}")


def _roomy(in_channels, out_channels):
    """A budget under which two 3x3 convolutions, or one of 5x5, fit easily."""
    return 40 * out_channels * (in_channels + out_channels)


def _channels(rng):
    return _draw(rng, 2, 16), _draw(rng, 2, 24)


def _sizes(rng):
    """Even and odd heights and widths, in all combinations."""
    half = [2 * _draw(rng, 6, 16) for _ in range(8)]
    return [(half[0], half[1]), (half[2] + 1, half[3]), (half[4], half[5] + 1), (half[6] + 1, half[7] + 1)]


@case(
    "q6",
    points=4,
    hint="Put odd sizes into the output size formula: floor(I / 2) has to come out, not one more.",
)
def height_and_width_are_halved_rounding_down(student, rng):
    """Height and width are halved, odd ones rounded down"""
    for _ in range(4):
        in_channels, out_channels = _channels(rng)
        block = _block(student, in_channels, out_channels, _roomy(in_channels, out_channels))
        _check_halving(block, in_channels, _sizes(rng))


@case("q6", points=4, hint="Add up d * (k - 1) * jump over the layers; pooling layers count, too.")
def one_output_sees_at_least_five_pixels(student, rng):
    """The receptive field is at least 5 pixels high and wide"""
    for _ in range(4):
        in_channels, out_channels = _channels(rng)
        block = _block(student, in_channels, out_channels, _roomy(in_channels, out_channels))
        _check_field(block, in_channels)


@case("q6", points=3, hint="An nn.Conv2d and an nn.ReLU are inside, and out_channels channels come out.")
def a_convolution_and_a_relu_give_the_channels_asked(student, rng):
    """There is a convolution and a ReLU, and the channels asked for come out"""
    for _ in range(4):
        in_channels, out_channels = _channels(rng)
        block = _block(student, in_channels, out_channels, _roomy(in_channels, out_channels))
        _check_contents(block, in_channels, out_channels)


@case(
    "q6",
    points=5,
    hint="Compute what a design costs before you return it, and keep a cheaper one for small budgets.",
)
def tight_budgets_are_kept(student, rng):
    """Budgets too small for one 3x3 or 5x5 convolution are kept, and the block is whole"""
    for turn in range(6):
        in_channels, out_channels = _channels(rng)
        pairs = in_channels * out_channels
        low, high = (pairs + out_channels, 9 * pairs - 1) if turn % 2 else (9 * pairs + out_channels, 18 * pairs)
        budget = _draw(rng, low, high)
        block = _block(student, in_channels, out_channels, budget)
        _check_budget(block, budget)
        _check_contents(block, in_channels, out_channels)
        _check_halving(block, in_channels, _sizes(rng)[2:])
        _check_field(block, in_channels)


@case(
    "q6",
    points=2,
    hint="One weight for each pair of channels is a 1x1 convolution; nothing is left for a bias.",
)
def one_weight_for_each_pair_of_channels_is_enough(student, rng):
    """A budget of in_channels * out_channels is enough"""
    for _ in range(3):
        in_channels, out_channels = _channels(rng)
        block = _block(student, in_channels, out_channels, in_channels * out_channels)
        _check_budget(block, in_channels * out_channels)
        _check_contents(block, in_channels, out_channels)
        _check_halving(block, in_channels, _sizes(rng)[2:])
        _check_field(block, in_channels)


@case(
    "q6",
    points=2,
    hint="Fewer parameters than output channels: no block exists, so say so with a ValueError.",
)
def impossible_budgets_are_refused(student, rng):
    """Fewer parameters than output channels raise ValueError"""
    for _ in range(3):
        in_channels, out_channels = _channels(rng)
        block = _block(student, in_channels, out_channels, _roomy(in_channels, out_channels))
        _check_contents(block, in_channels, out_channels)
        for budget in [out_channels - 1, _draw(rng, 0, out_channels - 1), 0]:
            with expect.raises(ValueError):
                student.design_block.keep(in_channels, out_channels, budget)
