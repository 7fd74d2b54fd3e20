"""The formulas against torch, which counts what it really made."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.cnn import formulas

SIDES, CHANNELS, KERNELS, STRIDES, PADDINGS = (
    st.integers(low, high) for low, high in ((1, 20), (1, 6), (1, 5), (1, 4), (0, 3))
)
PAIRS = {
    "kernel_size": st.one_of(KERNELS, st.tuples(KERNELS, KERNELS)),
    "stride": st.one_of(STRIDES, st.tuples(STRIDES, STRIDES)),
    "padding": st.one_of(PADDINGS, st.tuples(PADDINGS, PADDINGS)),
}


def meta(module: type[torch.nn.Module], *args: Any, **kwargs: Any) -> torch.nn.Module:
    """A module without memory: torch works out shapes and nothing else."""
    return module(*args, **kwargs).to("meta")


def shape_of(module: torch.nn.Module, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """What torch says, None where it refuses."""
    try:
        return tuple(module(torch.empty(shape, device="meta")).shape)
    except RuntimeError:
        return None


@given(size=SIDES, kernel=KERNELS, stride=STRIDES, padding=PADDINGS, dilation=st.integers(1, 3))
def test_output_sizes_are_torchs_and_so_are_refusals(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    layer = meta(torch.nn.Conv1d, 1, 1, kernel, stride=stride, padding=padding, dilation=dilation)
    expected = shape_of(layer, (1, 1, size))
    if expected is None:
        with pytest.raises(ValueError, match="does not fit"):
            formulas.conv_output_size(size, kernel, stride, padding, dilation)
    else:
        assert formulas.conv_output_size(size, kernel, stride, padding, dilation) == expected[2]


@given(shape=st.tuples(CHANNELS, CHANNELS, SIDES, SIDES), out=CHANNELS, **PAIRS)
def test_shapes_of_convolutions(shape: tuple[int, ...], out: int, **layer: Any) -> None:
    expected = shape_of(meta(torch.nn.Conv2d, shape[1], out, **layer), shape)
    assume(expected is not None)
    made = formulas.conv2d_output_shape(shape, out, **layer)
    assert made == expected
    assert formulas.channels_last(made) == tuple(torch.empty(made, device="meta").permute(0, 2, 3, 1).shape)
    assert formulas.global_average_pool_shape(made) == shape_of(torch.nn.AdaptiveAvgPool2d(1), made)[:2]  # type: ignore[index]
    assert formulas.flattened_shape(made) == shape_of(torch.nn.Flatten(), made)


@given(shape=st.tuples(CHANNELS, CHANNELS, SIDES, SIDES), kernel=KERNELS, stride=st.one_of(st.none(), STRIDES))
def test_shapes_of_pools(shape: tuple[int, ...], kernel: int, stride: int | None) -> None:
    expected = shape_of(meta(torch.nn.MaxPool2d, kernel, stride), shape)
    assume(expected is not None)
    assert formulas.pool2d_output_shape(shape, kernel, stride) == expected


@given(kernel=st.sampled_from([1, 3, 5, 7]), dilation=st.integers(1, 3), size=SIDES)
def test_same_padding_keeps_a_size(kernel: int, dilation: int, size: int) -> None:
    padding = formulas.same_padding(kernel, dilation)
    assert formulas.conv_output_size(size, kernel, 1, padding, dilation) == size


@given(inputs=CHANNELS, outputs=CHANNELS, kernel=PAIRS["kernel_size"], bias=st.booleans())
def test_parameters_are_what_torch_holds(inputs: int, outputs: int, kernel: Any, bias: bool) -> None:
    def count(module: torch.nn.Module) -> int:
        return sum(parameter.numel() for parameter in module.parameters())

    layer = meta(torch.nn.Conv2d, inputs, outputs, kernel, bias=bias)
    assert formulas.conv2d_parameters(inputs, outputs, kernel, bias) == count(layer)
    assert formulas.conv2d_weight_shape(inputs, outputs, kernel) == tuple(layer.weight.shape)
    linear = meta(torch.nn.Linear, inputs, outputs, bias=bias)
    assert formulas.linear_parameters(inputs, outputs, bias) == count(linear)
    assert formulas.batchnorm2d_parameters(inputs) == count(meta(torch.nn.BatchNorm2d, inputs))


def test_the_lectures_layer_has_448_parameters() -> None:
    assert formulas.conv2d_parameters(3, 16, 3) == 448
    assert formulas.conv2d_parameters(3, 16, 3, bias=False) == 432


@given(image=st.tuples(CHANNELS, SIDES, SIDES), out=CHANNELS, **PAIRS)
def test_multiply_accumulates_are_half_of_torchs_flops(image: tuple[int, ...], out: int, **layer: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    module = meta(torch.nn.Conv2d, image[0], out, bias=False, **layer)
    assume(shape_of(module, (1, *image)) is not None)
    with FlopCounterMode(display=False) as counter:
        module(torch.empty((1, *image), device="meta"))
    assert formulas.conv2d_macs(image, out, **layer) == counter.get_total_flops() // 2


@given(layers=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=4))
def test_a_receptive_field_spans_the_pixels_with_a_gradient(layers: list[tuple[int, int]]) -> None:
    side = formulas.receptive_field(*layers)
    image = torch.ones(1, 1, side + 2 * 200, dtype=torch.float64, requires_grad=True)
    out = image
    for kernel, stride in layers:
        out = torch.nn.functional.conv1d(out, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride)
    out[0, 0, 0].backward()
    seen = image.grad.nonzero()[:, 2]  # with gaps, where a stride is larger than its kernel
    assert int(seen.max() - seen.min()) + 1 == side


@given(classes=st.integers(1, 1000))
def test_the_loss_of_chance_is_that_of_equal_logits(classes: int) -> None:
    loss = torch.nn.functional.cross_entropy(torch.zeros(1, classes, dtype=torch.float64), torch.tensor([0]))
    assert formulas.chance_loss(classes) == pytest.approx(loss.item())


@given(
    values=st.tuples(*[st.floats(-10, 10)] * 2),
    variance=st.floats(0.1, 10),
    scale=st.floats(-3, 3),
    shift=st.floats(-3, 3),
)
def test_batch_normalisation(values: tuple[float, float], variance: float, scale: float, shift: float) -> None:
    value, mean, var, weight, bias = (torch.tensor([x], dtype=torch.float64) for x in (*values, variance, scale, shift))
    expected = torch.nn.functional.batch_norm(value[None], mean, var, weight, bias, eps=0.0)
    assert formulas.batch_normalised(*values, variance, scale, shift) == pytest.approx(expected.item())


@given(gradient=st.lists(st.floats(0.1, 10), min_size=1, max_size=5), max_norm=st.floats(0.1, 10))
def test_clipping_by_the_norm(gradient: list[float], max_norm: float) -> None:
    parameter = torch.zeros(len(gradient), dtype=torch.float64, requires_grad=True)
    parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    norm = float(torch.nn.utils.clip_grad_norm_([parameter], max_norm))
    # torch adds 1e-6 to the norm that it divides by
    assert formulas.clipped_gradient(gradient[0], norm, max_norm) == pytest.approx(float(parameter.grad[0]), rel=1e-4)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (formulas.conv_output_size, (5, 3, 0)),
        (formulas.conv_output_size, (5, 3, 1, -1)),
        (formulas.conv_output_size, (True, 1)),
        (formulas.conv_output_size, (5.0, 3)),
        (formulas.same_padding, (4,)),
        (formulas.conv2d_output_shape, ((3, 8, 8), 4, 3)),
        (formulas.conv2d_output_shape, ((1, 3, 8, 8), 4, (3, 3, 3))),
        (formulas.conv2d_output_shape, ((1, 3, 8, 8), 0, 3)),
        (formulas.pool2d_output_shape, ((1, 3, 8, 8), 2, 2, 2)),
        (formulas.conv2d_weight_shape, (3, 4, 0)),
        (formulas.linear_parameters, (0, 4)),
        (formulas.batchnorm2d_parameters, (0,)),
        (formulas.receptive_field, ((3, 0),)),
        (formulas.chance_loss, (0,)),
        (formulas.batch_normalised, (1.0, 0.0, 0.0)),
        (formulas.clipped_gradient, (1.0, 0.0, 1.0)),
    ],
)
def test_a_layer_that_cannot_exist_is_refused(function: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
