"""Looks at networks of PyTorch and Keras from outside: what runs in them, what they say, how much they were trained.

Pictures cross as (N, H, W, channels), in both frameworks; feature maps as (N, channels, height, width).
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.probes.gradcam import framework

if TYPE_CHECKING:
    import keras
    import torch
    from torch import nn

Array = NDArray[Any]

MAX_RECORDED = 200  # operations: more than any network that is asked for has
MAX_VALUES = 2_000_000  # numbers; those of operations beyond are left out
BATCH = 500


def seed(number: int) -> None:
    """Start the random generators of Python, NumPy and the frameworks that are loaded from `number`."""
    random.seed(number)
    np.random.seed(number % 2**32)
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None:
        torch.manual_seed(number)
    if keras is not None:
        keras.utils.set_random_seed(number % 2**32)


def scores(model: Any, images: Array) -> Array:
    """What a model gives for pictures (N, H, W, channels), as it ends: logits or probabilities. In evaluation mode."""
    parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    if framework(model) != "torch":
        return np.concatenate([np.asarray(model(part, training=False)) for part in parts])
    with _evaluating(model) as device:
        found = [model(_tensor(part).to(device)) for part in parts]
    return np.concatenate([part.float().cpu().numpy() for part in found])


def set_training(model: Any, training: bool) -> None:
    """Put a PyTorch model into training mode or into evaluation mode; a Keras model has none."""
    if framework(model) == "torch":
        model.train(training)


def count(model: Any) -> dict[str, int]:
    """Start to count how many pictures a PyTorch model is trained on; `trained` reads the count."""
    counts = {"pictures": 0}
    if framework(model) != "torch":
        return counts

    def seen(module: nn.Module, inputs: Any) -> None:
        import torch

        if module.training and torch.is_grad_enabled() and inputs:
            counts["pictures"] += len(inputs[0])

    model.register_forward_pre_hook(seen)
    return counts


def trained(model: Any, counts: dict[str, int]) -> int:
    """How much a model was trained since `count`: pictures in PyTorch, steps of its optimiser in Keras.

    -1 where that cannot be told, as in a training loop of one's own on a Keras model.
    """
    if framework(model) == "torch":
        return counts["pictures"]
    optimizer = getattr(model, "optimizer", None)
    steps = 0 if optimizer is None else int(np.asarray(optimizer.iterations))
    return steps or -1


def state(model: Any) -> list[Array]:
    """Copies of a model's weights, in its order."""
    if framework(model) == "torch":
        return [tensor.detach().cpu().numpy().copy() for tensor in model.parameters()]
    return [np.array(weight) for weight in model.get_weights()]


def record(model: Any, images: Array) -> list[dict[str, Any]]:
    """Return what ran in a model on pictures, in running order and in evaluation mode, however it is written.

    An entry is `{"kind": "conv", "input": array, "output": array}`: kind is "conv", "dense" or "other", maps are
    (N, channels, height, width), what is neither maps nor vectors is None. In PyTorch each function that is called is
    an entry, in Keras each layer, the model itself not.
    """
    return _record_torch(model, images) if framework(model) == "torch" else _record_keras(model, images)


class _Entries:
    """What was recorded, within bounds."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.room = MAX_VALUES

    def add(self, kind: str, given: Any, result: Any) -> None:
        if len(self.entries) < MAX_RECORDED:
            self.entries.append({"kind": kind, "input": self.kept(given), "output": self.kept(result)})

    def kept(self, array: Array | None) -> Array | None:
        if array is None or array.ndim not in (2, 4) or array.size > self.room:
            return None
        self.room -= array.size
        return np.array(array, dtype=np.float32)  # copied: a later operation may work in place


TORCH_KINDS = {"conv2d": "conv", "linear": "dense"}


def _record_torch(model: nn.Module, images: Array) -> list[dict[str, Any]]:
    import torch
    from torch.overrides import TorchFunctionMode

    found = _Entries()

    def plain(value: Any) -> Array | None:
        wanted = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.detach().float().cpu().numpy() if wanted else None

    class Recorder(TorchFunctionMode):  # type: ignore[misc]  # its class is not known here
        def __torch_function__(
            self, function: Any, kinds: Any, args: Any = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor) and result.is_floating_point():
                name = str(getattr(function, "__name__", ""))
                found.add(TORCH_KINDS.get(name, "other"), plain(args[0]) if args else None, plain(result))
            return result

    with _evaluating(model) as device:
        pixels = _tensor(images).to(device)
        with Recorder():
            model(pixels)
    return found.entries


def _record_keras(model: keras.Model, images: Array) -> list[dict[str, Any]]:
    import keras

    found = _Entries()
    original = keras.Operation.__call__

    def plain(value: Any) -> Array | None:
        shape = getattr(value, "shape", None)
        if shape is None or len(shape) not in (2, 4):
            return None
        array = np.asarray(value)
        return np.moveaxis(array, -1, 1) if array.ndim == 4 else array

    def recording(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        if not isinstance(self, keras.Model):
            given = args[0] if args else None
            kinds = {keras.layers.Conv2D: "conv", keras.layers.Dense: "dense"}
            kind = next((kind for layer, kind in kinds.items() if isinstance(self, layer)), "other")
            found.add(kind, plain(given), plain(result))
        return result

    model(images, training=False)  # a model that is built on its first call runs on symbols then
    keras.Operation.__call__ = recording
    try:
        model(images, training=False)
    finally:
        keras.Operation.__call__ = original
    return found.entries


@contextlib.contextmanager
def _evaluating(model: nn.Module) -> Iterator[torch.device]:
    """In evaluation mode and without gradients; gives the model's device, and restores each module's mode."""
    import torch

    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    parameter = next(iter(model.parameters()), None)
    try:
        with torch.no_grad():
            yield torch.device("cpu") if parameter is None else parameter.device
    finally:
        for module, training in modes:
            module.training = training


def _tensor(images: Array) -> torch.Tensor:
    import torch

    return torch.as_tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), dtype=torch.float32)
