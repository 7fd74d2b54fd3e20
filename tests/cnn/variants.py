"""Right ways to make a Grad-CAM map, in both frameworks: none of them may be failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

Array = np.ndarray[Any, Any]
GradCam = Callable[[Any, Array, int], Array]

LAYERS = {"before the ReLU": 0, "after the ReLU": 1, "pooled": 2}  # steps after the last convolution


def weighted_sum(model: Any, image: Array, class_index: int, layer: str) -> Array:
    """The weighted sum (h, w) of a layer's maps, before the ReLU."""
    looked_at = _torch_maps if hasattr(model, "parameters") else _keras_maps
    maps, gradients = looked_at(model, image, class_index, LAYERS[layer])
    return (gradients.mean(axis=(0, 1)) * maps).sum(axis=-1)


def _torch_maps(model: Any, image: Array, class_index: int, step: int) -> tuple[Array, Array]:
    last = [place for place, layer in enumerate(model) if isinstance(layer, torch.nn.Conv2d)][-1] + 1 + step
    mode = model.training
    model.eval()
    maps = model[:last](torch.tensor(image).permute(2, 0, 1)[None])
    score = model[last:](maps)[0, class_index]
    model.train(mode)
    (gradients,) = torch.autograd.grad(score, maps)
    one, other = (value.detach()[0].permute(1, 2, 0).numpy() for value in (maps, gradients))
    return one, other


def _keras_maps(model: Any, image: Array, class_index: int, step: int) -> tuple[Array, Array]:
    import keras
    import tensorflow as tf

    pool = [layer for layer in model.layers if isinstance(layer, keras.layers.MaxPooling2D)][-1]
    convolution = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][-1]
    chosen = [convolution.output, pool.input, pool.output][step]
    inner = keras.Model(model.inputs, [chosen, model.outputs[0]])
    with tf.GradientTape() as tape:
        maps, scores = inner([tf.convert_to_tensor(image[None])])
        score = scores[0, class_index]
    return maps[0].numpy(), tape.gradient(score, maps)[0].numpy()


def _torch_resize(**settings: Any) -> Callable[[Array, tuple[int, int]], Array]:
    def resize(heat: Array, size: tuple[int, int]) -> Array:
        return torch.nn.functional.interpolate(torch.tensor(heat)[None, None], size, **settings)[0, 0].numpy()

    return resize


def _zoom(order: int) -> Callable[[Array, tuple[int, int]], Array]:
    def resize(heat: Array, size: tuple[int, int]) -> Array:
        return ndimage.zoom(heat, (size[0] / heat.shape[0], size[1] / heat.shape[1]), order=order)

    return resize


def _pillow(method: Image.Resampling) -> Callable[[Array, tuple[int, int]], Array]:
    def resize(heat: Array, size: tuple[int, int]) -> Array:
        return np.asarray(Image.fromarray(heat.astype(np.float32)).resize(size[::-1], method))

    return resize


def _pillow_bytes(heat: Array, size: tuple[int, int]) -> Array:
    """Quantised to 8 bits while it is small."""
    picture = Image.fromarray((255 * np.maximum(heat, 0) / max(heat.max(), 1e-12)).astype(np.uint8))
    return np.asarray(picture.resize(size[::-1], Image.Resampling.BILINEAR)).astype(np.float32)


def _repeated(heat: Array, size: tuple[int, int]) -> Array:
    return np.kron(heat, np.ones((size[0] // heat.shape[0], size[1] // heat.shape[1])))


STRETCHES = {
    "bilinear": _torch_resize(mode="bilinear"),
    "bilinear, corners": _torch_resize(mode="bilinear", align_corners=True),
    "nearest": _torch_resize(mode="nearest"),
    "bicubic": _torch_resize(mode="bicubic"),
    "bicubic, corners": _torch_resize(mode="bicubic", align_corners=True),
    "repeated": _repeated,
    "scipy zoom 1": _zoom(1),
    "scipy zoom 3": _zoom(3),
    "Pillow bilinear": _pillow(Image.Resampling.BILINEAR),
    "Pillow bicubic": _pillow(Image.Resampling.BICUBIC),
    "Pillow Lanczos": _pillow(Image.Resampling.LANCZOS),
    "Pillow in bytes": _pillow_bytes,
}


def by_maximum(heat: Array) -> Array:
    return heat / heat.max() if heat.max() > 0 else np.zeros_like(heat)


def by_range(heat: Array) -> Array:
    return (heat - heat.min()) / (heat.max() - heat.min() + 1e-8)


def with_epsilon(heat: Array) -> Array:
    return heat / (heat.max() + 1e-8)


def in_bytes(heat: Array) -> Array:
    return np.uint8(255 * by_maximum(heat)) / np.float32(255)


def in_half_precision(heat: Array) -> Array:
    return by_maximum(heat).astype(np.float16)


NORMALISATIONS = {
    "by its maximum": by_maximum,
    "by its range": by_range,
    "with an epsilon": with_epsilon,
    "in 8 bits": in_bytes,
    "in half precision": in_half_precision,
}


def _variant(layer: str, stretch: str, normalisation: str, *, late: bool = False) -> GradCam:
    def grad_cam(model: Any, image: Array, class_index: int) -> Array:
        heat = weighted_sum(model, image, class_index, layer)
        heat = STRETCHES[stretch](heat if late else np.maximum(heat, 0), image.shape[:2])
        # bicubic overshoots: whoever is asked for [0, 1] cuts that off
        return NORMALISATIONS[normalisation](np.maximum(heat, 0))

    return grad_cam


def right_variants() -> Iterator[tuple[str, GradCam]]:
    """Each layer with each way to stretch, and with each normalisation; the ReLU after stretching."""
    for layer in LAYERS:
        for stretch in STRETCHES:
            yield f"{layer}, {stretch}", _variant(layer, stretch, "by its maximum")
        for normalisation in NORMALISATIONS:
            yield f"{layer}, {normalisation}", _variant(layer, "bilinear", normalisation)
        yield f"{layer}, ReLU after stretching", _variant(layer, "bilinear", "by its maximum", late=True)
