"""Right Grad-CAM maps of a network that the judge knows, and how well a given map agrees with them.

Right implementations differ: in the layer that they take (before or after the ReLU, or after the pooling), and in how
they stretch the map. So a map is held against a family of references. The gradient needs no backward pass: global
average pooling and a dense layer make it the dense weight (Zhou et al., "Learning Deep Features for Discriminative
Localization", CVPR 2016; Selvaraju et al. 2017, section 3.1, show that Grad-CAM is that method here).
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cnn.network import Network

Array = NDArray[Any]


class Layer(enum.Enum):
    """Whose maps are weighted."""

    BEFORE_RELU = "before the ReLU"
    AFTER_RELU = "after the ReLU"
    POOLED = "after the pooling"


class Stretch(enum.Enum):
    """How a small map becomes as large as the image."""

    BILINEAR = "bilinear"  # pixels are little squares: torch's and Keras' default
    CORNERS = "bilinear, corners on corners"  # torch's align_corners=True, scipy.ndimage.zoom
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Reference:
    """One right way to make the map."""

    layer: Layer
    stretch: Stretch
    relu_last: bool = False  # behind the stretching


REFERENCES = tuple(Reference(*one) for one in itertools.product(Layer, Stretch, (False, True)))


@dataclass(frozen=True, slots=True)
class Agreement:
    """The reference that some maps follow best, and their mean correlation with it."""

    correlation: float
    reference: Reference


def weighted_sum(network: Network, image: Array, class_index: int, layer: Layer) -> Array:
    """The weighted sum of that layer's maps for one class, at the layer's size and before the ReLU.

    The mean gradient of a channel is the dense weight times the share of pooling windows through which a gradient
    comes; where the ReLU lies behind the maps, a window without a positive value lets none through.
    """
    maps = network.last_maps(image)
    chosen = {Layer.BEFORE_RELU: maps.before_relu, Layer.AFTER_RELU: maps.after_relu, Layer.POOLED: maps.pooled}
    alpha = network.dense_weight[class_index].astype(np.float64)
    if layer is Layer.BEFORE_RELU:
        alpha = alpha * (maps.pooled > 0).mean(axis=(1, 2))
    return np.asarray(np.tensordot(alpha, chosen[layer], axes=1))


def references(network: Network, image: Array, class_index: int) -> dict[Reference, Array]:
    """The right maps (H, W) in [0, 1] for one image (H, W, C) and one class, one for each right way to make it."""
    sums = {layer: weighted_sum(network, image, class_index, layer) for layer in Layer}
    height, width = image.shape[:2]
    return {one: _finished(sums[one.layer], (height, width), one) for one in REFERENCES}


def agreement(maps: Sequence[Array], right: Sequence[Mapping[Reference, Array]]) -> Agreement:
    """How well maps of several images agree with the one reference that suits them all best.

    Each map has the shape of its image's references. One image alone tells little: ask for about ten.
    """
    means = {
        one: float(np.mean([correlation(got, known[one]) for got, known in zip(maps, right, strict=True)]))
        for one in REFERENCES
    }
    best = max(REFERENCES, key=lambda one: means[one])
    return Agreement(means[best], best)


def correlation(one: Array, other: Array) -> float:
    """Pearson's r of two maps of one shape. A blank map agrees with a blank one (1), and with no other (0)."""
    first, second = (np.nan_to_num(array.astype(np.float64)).ravel() for array in (one, other))
    first, second = first - first.mean(), second - second.mean()
    lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    blank = [length < BLANK for length in lengths]
    if any(blank):
        return 1.0 if all(blank) else 0.0
    return float(first @ second / (lengths[0] * lengths[1]))


BLANK = 1e-6  # of a map in [0, 1]: rounding of float32 alone


def stretched(small: Array, size: tuple[int, int], stretch: Stretch) -> Array:
    """A map (h, w) as one of that size (H, W)."""
    rows, columns = (_weights(old, new, stretch) for old, new in zip(small.shape, size, strict=True))
    return np.asarray(rows @ small @ columns.T)


def _weights(old: int, new: int, stretch: Stretch) -> Array:
    """How much of each of `old` pixels goes into each of `new` ones: (new, old)."""
    places = np.arange(new)
    if stretch is Stretch.NEAREST:
        return np.asarray(np.eye(old)[places * old // new])
    at = (places + 0.5) * old / new - 0.5 if stretch is Stretch.BILINEAR else places * (old - 1) / max(new - 1, 1)
    at = at.clip(0, old - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(old))))


def _finished(small: Array, size: tuple[int, int], how: Reference) -> Array:
    heat = np.maximum(stretched(small if how.relu_last else np.maximum(small, 0), size, how.stretch), 0)
    largest = heat.max()
    return np.asarray(heat / largest if largest > 0 else heat)
