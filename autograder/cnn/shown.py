"""How well a picture in a figure shows a heat map, be it the map itself, or colours laid over an image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.cnn.references import correlation

Array = NDArray[Any]

SHOWS = 0.9
"""From this agreement on a picture shows the map: see tests/cnn/test_shown.py for what others reach."""


def agreement(picture: Array, heat: Array, image: Array | None = None) -> float:
    """How well a picture (h, w), (h, w, 3) or (h, w, 4) shows a map (H, W); from 0 to 1, 0 for what is no picture.

    Numbers are held against the map by Pearson's r. Colours are any smooth function of the map and of the image below
    it (H, W), so a regression of the map on them tells how much of it can be read from the picture (R, the multiple
    correlation). Picture and map may differ in size.
    """
    if picture.dtype.kind not in "fiub" or not 2 <= picture.ndim <= 3 or 0 in picture.shape:
        return 0.0
    if not np.isfinite(picture).all():
        return 0.0
    seen = _sampled(picture.astype(np.float64), heat.shape)
    if seen.ndim == 2 or seen.shape[-1] == 1:
        return max(0.0, correlation(seen.reshape(heat.shape), heat))
    if seen.shape[-1] not in (3, 4):
        return 0.0
    return max(0.0, correlation(_read_from(seen[..., :3], heat, image), heat))


def _sampled(picture: Array, size: tuple[int, ...]) -> Array:
    """The picture at the middle of each of the map's pixels."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int) for old, new in zip(picture.shape, size, strict=False)
    )
    return np.asarray(picture[rows][:, columns])


def _read_from(colours: Array, heat: Array, image: Array | None) -> Array:
    """What a regression on the colours, and on the image, makes of the map."""
    channels = list(np.moveaxis(colours / max(float(colours.max()), 1e-9), -1, 0))
    if image is not None:
        channels.append(image.reshape(heat.shape).astype(np.float64))
    squares = [one * other for place, one in enumerate(channels) for other in channels[place:]]
    features = np.stack([np.ones(heat.shape), *channels, *squares], axis=-1).reshape(heat.size, -1)
    solution = np.linalg.lstsq(features, heat.astype(np.float64).ravel(), rcond=None)[0]
    return np.asarray(features @ solution).reshape(heat.shape)
