"""A small convolutional network in NumPy: what the judge knows of the networks that it has built beside a student."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from autograder.weights import read_weights

Array = NDArray[Any]

WEIGHTS = Path(__file__).with_name("sign_digits.npz")


@dataclass(frozen=True, slots=True)
class LastMaps:
    """Feature maps (channels, height, width) of the last block."""

    before_relu: Array
    after_relu: Array
    pooled: Array


@dataclass(frozen=True, slots=True)
class Network:
    """Blocks of a convolution, ReLU and 2x2 max pooling; then global average pooling and one dense layer of logits.

    Convolutions have an odd kernel (out, in, k, k), zero padding and stride 1. The dense weight is (classes, channels).
    All arrays are float32.
    """

    kernels: tuple[Array, ...]
    biases: tuple[Array, ...]
    dense_weight: Array
    dense_bias: Array

    def last_maps(self, image: Array) -> LastMaps:
        """The last block's maps for one image (height, width, channels)."""
        maps = np.moveaxis(image.astype(np.float64), -1, 0)
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            before = _convolve(maps, kernel) + bias[:, None, None]
            after = np.maximum(before, 0)
            maps = _max_pool(after)
        return LastMaps(before, after, maps)

    def logits(self, image: Array) -> Array:
        """The class scores (classes,) of one image (height, width, channels)."""
        features = self.last_maps(image).pooled.mean(axis=(1, 2))
        return np.asarray(self.dense_weight @ features + self.dense_bias)

    def arrays(self) -> dict[str, Array]:
        """All weights by name, plain, for the probe that builds the network beside a student's code."""
        layers = enumerate(zip(self.kernels, self.biases, strict=True))
        named = {f"{kind}_{place}": array for place, pair in layers for kind, array in zip(KINDS, pair, strict=True)}
        return {**named, "dense_weight": self.dense_weight, "dense_bias": self.dense_bias}

    def with_logits_times(self, factor: float) -> Network:
        """The network whose logits are `factor` times as large; no Grad-CAM map changes, a softmax saturates."""
        times = np.float32(factor)
        return replace(self, dense_weight=self.dense_weight * times, dense_bias=self.dense_bias * times)

    def with_other_weights(self, rng: np.random.Generator) -> Network:
        """A network of the same shape in which other channels speak for each class, and some more loudly."""
        classes, channels = self.dense_weight.shape
        one, other = self.dense_weight[rng.permutation(classes)], self.dense_weight[rng.permutation(classes)]
        loudness = rng.uniform(0.3, 2.0, size=channels).astype(np.float32)
        kernels = (*self.kernels[:-1], self.kernels[-1] * loudness[:, None, None, None])
        biases = (*self.biases[:-1], self.biases[-1] * loudness)
        return Network(kernels, biases, one - np.float32(0.5) * other, self.dense_bias)


KINDS = ("kernel", "bias")


def trained() -> Network:
    """The network that `tools/make_gradcam_networks.py` trained: 32x32 grey images in [0, 1], ten digits."""
    return from_arrays(read_weights(WEIGHTS.name, WEIGHTS.read_bytes()))


def from_arrays(arrays: Mapping[str, Array]) -> Network:
    """The network of named arrays (see `Network.arrays`)."""
    blocks = sum(name.startswith("kernel_") for name in arrays)
    kernels, biases = (tuple(arrays[f"{kind}_{place}"] for place in range(blocks)) for kind in KINDS)
    return Network(kernels, biases, arrays["dense_weight"], arrays["dense_bias"])


def _convolve(maps: Array, kernel: Array) -> Array:
    """Cross-correlation with zero padding, as frameworks have it: (in, H, W) to (out, H, W)."""
    side = kernel.shape[-1]
    padded = np.pad(maps, ((0, 0), *[(side // 2, side // 2)] * 2))
    rows = sliding_window_view(padded, side, axis=1)
    windows = sliding_window_view(rows, side, axis=2)  # (in, H, W, row, column)
    return np.asarray(np.tensordot(kernel, windows, axes=((1, 2, 3), (0, 3, 4))))


def _max_pool(maps: Array) -> Array:
    """The largest of each 2x2 window; an odd last row or column is left out."""
    channels, height, width = maps.shape[0], maps.shape[1] // 2, maps.shape[2] // 2
    windows = maps[:, : height * 2, : width * 2].reshape(channels, height, 2, width, 2)
    return np.asarray(windows.max(axis=(2, 4)))
