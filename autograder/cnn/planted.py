"""A network and an image drawn so that everybody can see where a Grad-CAM map has to be hot, and where not.

On a grey image lie a bright blob and a dark one. One channel sees brightness, one darkness. For one class brightness
speaks and darkness speaks against it, for another it is the other way round, and to a third neither matters: its right
map is blank. The background, in the middle of the grey, excites nothing, before the ReLU neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cnn.network import Network

Array = NDArray[Any]

CLASSES = 10
AGAINST = 1.3  # evidence against weighs more than evidence for: without the ReLU the background becomes .57
GAIN = 60.0  # makes logits of a few units out of blobs that fill a twentieth of the image
LOUD = 3.0


@dataclass(frozen=True, slots=True)
class Planted:
    """The network, an image (H, W, 1) in [0, 1], the classes to ask for, and where the image is empty (H, W)."""

    network: Network
    image: Array
    bright_class: int
    dark_class: int
    blank_class: int
    background: NDArray[np.bool_]


def planted(rng: np.random.Generator) -> Planted:
    """Draw one: sizes, places and classes are new each time. The image is never square."""
    height, width = (int(size) for size in rng.choice([24, 28, 32, 36, 40, 44], size=2, replace=False))
    first, second = _centres(rng, height, width)
    radii = rng.uniform(5.0, 6.5, size=2)
    away = [_distance(height, width, centre) / radius for centre, radius in zip((first, second), radii, strict=True)]
    bright, dark = (np.clip(1.4 * (1 - distance**2), 0, 1) for distance in away)
    image = (0.5 + 0.5 * bright - 0.5 * dark).astype(np.float32)[..., None]
    bright_class, dark_class, blank_class, loud_class = (int(one) for one in rng.permutation(CLASSES)[:4])
    weight = rng.uniform(-0.4, 0.4, size=(CLASSES, 2))
    weight[bright_class], weight[dark_class] = (1, -AGAINST), (-AGAINST, 1)
    weight[blank_class], weight[loud_class] = 0, LOUD  # the loud class is what the network predicts
    background = np.minimum(*away) > 1 + MARGIN / radii.min()
    return Planted(_two_channels(weight), image, bright_class, dark_class, blank_class, background)


MARGIN = 4.5  # pixels around a blob to which a map of half the size spreads when it is stretched


def _two_channels(dense_weight: Array) -> Network:
    """Channel 0 is 2x - 1 where that is positive, channel 1 is 1 - 2x."""
    kernel = np.zeros((2, 1, 3, 3), dtype=np.float32)
    kernel[:, 0, 1, 1] = 2, -2
    bias = np.array([-1, 1], dtype=np.float32)
    return Network((kernel,), (bias,), (GAIN * dense_weight).astype(np.float32), np.zeros(CLASSES, dtype=np.float32))


def _centres(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """Two places, far from each other and from the middle, in opposite corners."""
    reach = np.array([height, width]) / 2
    offset = np.array([rng.uniform(0.35, 0.5), rng.uniform(0.45, 0.55)]) * reach * rng.choice([-1, 1], size=2)
    turn = rng.choice([-1, 1])
    return reach + turn * offset, reach - turn * offset


def _distance(height: int, width: int, centre: Array) -> Array:
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.asarray(np.hypot(rows - centre[0], columns - centre[1]))
