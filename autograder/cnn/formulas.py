"""Sizes, parameter counts, multiply-accumulates and receptive fields of convolutional layers, as whole numbers.

Shapes are (N, C, H, W), as in PyTorch, where a function does not say otherwise. A kernel size, stride or padding is a
whole number for both axes or a pair (height, width). Every function raises ValueError for a layer that cannot exist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Size = int | tuple[int, int]
Shape = tuple[int, ...]


def conv_output_size(input_size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Positions of a kernel along one axis: floor((I + 2p - d(k - 1) - 1) / s) + 1.

    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning" (arXiv:1603.07285),
    relationship 6, and section 5.1 for the dilated kernel, which spans d(k - 1) + 1 pixels.
    """
    _at_least(1, input_size=input_size, kernel_size=kernel_size, stride=stride, dilation=dilation)
    _at_least(0, padding=padding)
    span = dilation * (kernel_size - 1) + 1
    room = input_size + 2 * padding - span
    if room < 0:
        raise ValueError(f"a kernel that spans {span} pixels does not fit into {input_size} + 2 x {padding}")
    return room // stride + 1


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """The padding at each end that keeps a size at stride 1: d(k - 1) / 2, for kernels that span an odd number.

    Source: Dumoulin and Visin 2016, relationship 4 ("half padding").
    """
    _at_least(1, kernel_size=kernel_size, dilation=dilation)
    both_ends = dilation * (kernel_size - 1)
    if both_ends % 2:
        raise ValueError(f"a kernel of {kernel_size} needs {both_ends} pixels, which two equal ends cannot have")
    return both_ends // 2


def conv2d_output_shape(
    input_shape: Sequence[int], out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size = 0
) -> Shape:
    """(N, C, H, W) to (N, out_channels, H', W'); each axis by `conv_output_size`."""
    images, _, height, width = _four_axes(input_shape)
    _at_least(1, out_channels=out_channels)
    axes = zip((height, width), _pair(kernel_size), _pair(stride), _pair(padding), strict=True)
    return (images, out_channels, *(conv_output_size(*axis) for axis in axes))


def pool2d_output_shape(
    input_shape: Sequence[int], kernel_size: Size, stride: Size | None = None, padding: Size = 0
) -> Shape:
    """A pooling window moves as a kernel does and keeps the channels; its stride is its size where None is given.

    Source: Dumoulin and Visin 2016, section 3; padding is at most half the window, as in `torch.nn.MaxPool2d`.
    """
    _, channels, _, _ = _four_axes(input_shape)
    if any(2 * ends > window for ends, window in zip(_pair(padding), _pair(kernel_size), strict=True)):
        raise ValueError(f"padding {padding} is more than half of the window {kernel_size}")
    return conv2d_output_shape(input_shape, channels, kernel_size, kernel_size if stride is None else stride, padding)


def global_average_pool_shape(input_shape: Sequence[int]) -> Shape:
    """(N, C, H, W) to (N, C): one mean for each map (Lin, Chen and Yan 2013, "Network in network", section 3.2)."""
    images, channels, _, _ = _four_axes(input_shape)
    return (images, channels)


def flattened_shape(input_shape: Sequence[int]) -> Shape:
    """(N, C, H, W) to (N, C x H x W)."""
    images, *rest = _four_axes(input_shape)
    return (images, math.prod(rest))


def channels_last(shape: Sequence[int]) -> Shape:
    """(N, C, H, W), PyTorch's order, to (N, H, W, C), that of Keras."""
    images, channels, height, width = _four_axes(shape)
    return (images, height, width, channels)


def conv2d_weight_shape(in_channels: int, out_channels: int, kernel_size: Size) -> Shape:
    """(out_channels, in_channels, height, width), as `torch.nn.Conv2d.weight` has it."""
    _at_least(1, in_channels=in_channels, out_channels=out_channels)
    height, width = _pair(kernel_size)
    _at_least(1, kernel_height=height, kernel_width=width)
    return (out_channels, in_channels, height, width)


def conv2d_parameters(in_channels: int, out_channels: int, kernel_size: Size, bias: bool = True) -> int:
    """out_channels x (in_channels x height x width + 1); without the 1 where there is no bias.

    Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", section 9.1 (one kernel for each pair of an input
    and an output channel) and the weight and bias of `torch.nn.Conv2d`.
    """
    weights = math.prod(conv2d_weight_shape(in_channels, out_channels, kernel_size))
    return weights + (out_channels if bias else 0)


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """A weight for each pair, and a bias for each output."""
    _at_least(1, in_features=in_features, out_features=out_features)
    return in_features * out_features + (out_features if bias else 0)


def batchnorm2d_parameters(channels: int) -> int:
    """A scale and a shift for each channel (Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1 and section 3.2)."""
    _at_least(1, channels=channels)
    return 2 * channels


def conv2d_macs(
    image_shape: Sequence[int], out_channels: int, kernel_size: Size, stride: Size = 1, padding: Size = 0
) -> int:
    """Multiply-accumulates for one image (C, H, W): each output pixel costs one for each weight of its filter.

    Biases are left out. Source: Howard et al. 2017, "MobileNets" (arXiv:1704.04861), section 3.1.
    """
    channels, height, width = _axes(image_shape, 3)
    outputs = conv2d_output_shape((1, channels, height, width), out_channels, kernel_size, stride, padding)
    return math.prod(outputs) * channels * math.prod(_pair(kernel_size))


def receptive_field(*layers: tuple[int, int]) -> int:
    """The side, in input pixels, of what one output sees; layers are (kernel_size, stride), convolutions and pools.

    r grows by (k - 1) times the distance, in input pixels, of two neighbours in the layer's input.
    Source: Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks", equation 2.
    """
    side = jump = 1
    for kernel_size, stride in layers:
        _at_least(1, kernel_size=kernel_size, stride=stride)
        side += (kernel_size - 1) * jump
        jump *= stride
    return side


def chance_loss(classes: int) -> float:
    """The cross-entropy, in nats, of a network that gives each class the same probability: ln(classes).

    Source: Goodfellow, Bengio and Courville 2016, section 3.13 (cross-entropy), with -ln(1 / classes).
    """
    _at_least(1, classes=classes)
    return math.log(classes)


def batch_normalised(value: float, mean: float, variance: float, scale: float = 1.0, shift: float = 0.0) -> float:
    """Give scale x (value - mean) / sqrt(variance) + shift, without the small epsilon that guards the division.

    Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithm 1.
    """
    if variance <= 0:
        raise ValueError(f"a variance of {variance} cannot be divided by")
    return scale * (value - mean) / math.sqrt(variance) + shift


def clipped_gradient(value: float, norm: float, max_norm: float) -> float:
    """An entry of a gradient of length `norm` after all of it was scaled down to at most `max_norm`.

    Source: Pascanu, Mikolov and Bengio 2013 (arXiv:1211.5063), algorithm 1; `torch.nn.utils.clip_grad_norm_`.
    """
    if norm <= 0 or max_norm <= 0:
        raise ValueError(f"lengths are positive, not {norm} and {max_norm}")
    return value * min(1.0, max_norm / norm)


def _pair(size: Size) -> tuple[int, int]:
    if isinstance(size, int):
        return (size, size)
    if len(size) != 2:
        raise ValueError(f"{size} is neither a number nor a pair (height, width)")
    return (size[0], size[1])


def _four_axes(shape: Sequence[int]) -> Shape:
    return _axes(shape, 4)


def _axes(shape: Sequence[int], count: int) -> Shape:
    if len(shape) != count:
        raise ValueError(f"{tuple(shape)} has {len(shape)} axes, not {count}")
    _at_least(1, **{f"axis_{number}": size for number, size in enumerate(shape)})
    return tuple(shape)


def _at_least(smallest: int, **sizes: int) -> None:
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < smallest:
            raise ValueError(f"{name} is {size!r}, not a whole number from {smallest}")
