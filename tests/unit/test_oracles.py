"""The oracles of hidden cases that do without PyTorch, held against PyTorch."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

HIDDEN = Path(__file__).parents[1] / "hidden" / "01_output_size.py"
SIDES = st.integers(8, 20)


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    return runpy.run_path(str(HIDDEN))


def both(low: int, high: int) -> st.SearchStrategy[int | tuple[int, int]]:
    """One number, or one for each axis."""
    one = st.integers(low, high)
    return one | st.tuples(one, one)


def left_by(module: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(module(torch.zeros(shape)).shape)


@given(st.integers(8, 60), st.integers(1, 8), st.integers(1, 5), st.integers(0, 4))
def test_axes_after_a_convolution_are_those_of_torch(
    oracle: dict[str, Any], size: int, kernel_size: int, stride: int, padding: int
) -> None:
    convolution = nn.Conv1d(1, 1, kernel_size, stride, padding)
    assert oracle["axis_after_conv"](size, kernel_size, stride, padding) == left_by(convolution, (1, 1, size))[-1]


@given(st.tuples(st.integers(1, 3), st.integers(1, 4), SIDES, SIDES), both(1, 8), both(1, 4), both(0, 3))
def test_maps_after_a_convolution_are_those_of_torch(
    oracle: dict[str, Any], shape: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any
) -> None:
    convolution = nn.Conv2d(shape[1], 5, kernel_size, stride, padding)
    assert oracle["maps_after_conv"](shape, 5, kernel_size, stride, padding) == left_by(convolution, shape)


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), SIDES, SIDES), both(2, 8), st.none() | both(1, 4), st.integers(0, 1)
)
def test_maps_after_pooling_are_those_of_torch(
    oracle: dict[str, Any], shape: tuple[int, ...], kernel_size: Any, stride: Any, padding: int
) -> None:
    pool = nn.MaxPool2d(kernel_size, stride, padding)
    assert oracle["maps_after_pool"](shape, kernel_size, stride, padding) == left_by(pool, shape)


@pytest.mark.parametrize("bridge", ["flatten", "global_average_pool"])
def test_shapes_through_a_network_are_those_of_torch(oracle: dict[str, Any], bridge: str) -> None:
    shape = (3, 2, 17, 12)
    layers = [
        {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"type": "relu"},
        {"type": "maxpool2d", "kernel_size": 3, "stride": 2, "padding": 1},
        {"type": bridge},
        {"type": "linear", "out_features": 7},
    ]
    flat = nn.Flatten() if bridge == "flatten" else nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    modules = [nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1), flat, nn.LazyLinear(7)]
    expected = []
    values = torch.zeros(shape)
    for module in modules:
        values = module(values)
        expected.append(tuple(values.shape))
    assert oracle["shapes_after_each"](shape, layers) == expected
