"""Builds small PyTorch models and data sets beside a student's training code, and reads what training did to them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.probes import torch_models

if TYPE_CHECKING:
    import torch
    from torch import nn

Array = NDArray[Any]

MAX_RECORDED = 400  # operations: more than any network that is asked for has
MAX_RECORDED_VALUES = 8_000_000  # 32 MB; the values of operations beyond are left out


def seed(number: int) -> None:
    """Start the random generators of Python, NumPy and PyTorch from `number`."""
    import torch

    random.seed(number)
    np.random.seed(number % 2**32)
    torch.manual_seed(number)


def generator(number: int) -> torch.Generator:
    """Return a generator of PyTorch's on the CPU that starts from `number`."""
    import torch

    return torch.Generator().manual_seed(number)


def prepared(images: Array) -> torch.Tensor:
    """Return (N, 28, 28) images of 0 to 255 as a float32 tensor (N, 1, 28, 28) of -1 to 1."""
    import torch

    return torch.from_numpy(images).float().unsqueeze(1).div(127.5).sub(1)


def labelled(images: torch.Tensor, labels: Array) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the pair (images, labels) that a training function takes; labels become int64."""
    import torch

    return images, torch.as_tensor(labels, dtype=torch.int64)


def kind(value: object) -> str:
    """What a value is, such as "torch.float32 tensor" or "numpy float64 array", where its values do not tell."""
    import torch

    if isinstance(value, torch.Tensor):
        return f"{value.dtype} tensor"
    if isinstance(value, np.ndarray):
        return f"numpy {value.dtype} array"
    return type(value).__name__


def build(spec: list[dict[str, Any]], weights: dict[str, Array] | None = None) -> nn.Sequential:
    """Build the `nn.Sequential` of a list of layers (see `torch_models.build`), with given weights if there are any."""
    import torch

    model = torch_models.build(spec)
    for name, parameter in model.named_parameters():
        if weights is not None and name in weights:
            parameter.data.copy_(torch.as_tensor(weights[name]))
    return model


def load(model: nn.Module, weights: dict[str, Array]) -> None:
    """Put arrays into a model's parameters and buffers; raises where names or shapes do not fit."""
    import torch

    model.load_state_dict({name: torch.as_tensor(array) for name, array in weights.items()})


def optimiser(model: nn.Module, kind: str, **settings: Any) -> torch.optim.Optimizer:
    """Build an optimiser of `torch.optim` for all parameters of a model."""
    import torch

    made: torch.optim.Optimizer = getattr(torch.optim, kind)(model.parameters(), **settings)
    return made


def watch(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, int]:
    """Start to count how often gradients reach the model's weights ("backward") and how often the optimiser steps."""
    counts = {"backward": 0, "step": 0}

    def count(what: str) -> None:
        counts[what] += 1

    next(model.parameters()).register_hook(lambda _: count("backward"))
    optimizer.register_step_post_hook(lambda *_: count("step"))
    return counts


def state(model: nn.Module) -> dict[str, Array]:
    """Copies of all parameters and buffers of a model, by name."""
    return {name: tensor.detach().cpu().numpy().copy() for name, tensor in model.state_dict().items()}


def gradients(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> list[Array | None]:
    """Return the gradients of the mean cross-entropy on one batch with respect to each parameter, in training mode."""
    import torch

    set_mode(model, True)
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    found = [parameter.grad for parameter in model.parameters()]
    return [None if gradient is None else gradient.detach().cpu().numpy().copy() for gradient in found]


def mode(model: nn.Module) -> bool:
    """Whether a model is in training mode."""
    return bool(model.training)


def set_mode(model: nn.Module, training: bool) -> None:
    """Put a model into training mode or into evaluation mode."""
    model.train(training)


def forward(model: nn.Module, images: torch.Tensor, *, training: bool, seed_of_draws: int) -> Any:
    """Return a model's scores in one of the two modes; what it draws starts from a seed. The mode is restored."""
    import torch

    before = model.training
    model.train(training)
    seed(seed_of_draws)
    try:
        with torch.no_grad():
            return model(images)
    finally:
        model.train(before)


def predict(model: nn.Module, images: torch.Tensor, batch_size: int = 500) -> Any:
    """Return a model's scores for many images, batch by batch, in evaluation mode on the model's own device."""
    import torch

    before = model.training
    model.eval()
    parameter = next(iter(model.parameters()), images)
    try:
        with torch.inference_mode():
            scores = [model(batch.to(parameter.device)).float().cpu() for batch in images.split(batch_size)]
            return torch.cat(scores).clone()
    finally:
        model.train(before)


def record(model: nn.Module, images: torch.Tensor) -> list[dict[str, Any]]:
    """Return what each PyTorch function gave while a model ran on `images` in evaluation mode, in running order.

    However the network is written, as a sequence of layers or as a `forward` full of functions, its convolutions,
    activations and poolings are calls of PyTorch's functions. An entry is `{"name": "relu", "shape": (2, 32, 28, 28),
    "values": array}`; values of what has not four axes are left out.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    entries: list[dict[str, Any]] = []
    room = MAX_RECORDED_VALUES

    class Recorder(TorchFunctionMode):  # type: ignore[misc]  # its class is not known here
        def __torch_function__(
            self, function: Any, kinds: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            nonlocal room
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor) and result.is_floating_point() and len(entries) < MAX_RECORDED:
                kept = result.dim() == 4 and result.numel() <= room
                room -= result.numel() if kept else 0
                # copied: a later operation may work in place
                values = result.detach().float().cpu().clone().numpy() if kept else None
                name = str(getattr(function, "__name__", ""))[:60]
                entries.append({"name": name, "shape": tuple(result.shape), "values": values})
            return result

    before = model.training
    model.eval()
    try:
        with torch.no_grad(), Recorder():
            model(images)
    finally:
        model.train(before)
    return entries


def evaluation(evaluate: Callable[..., Any], model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Any:
    """Call an `evaluate` and return its dict with numbers, lists, arrays and tensors all as NumPy arrays."""
    result = evaluate(model, images, labels)
    return {key: _as_array(value) for key, value in result.items()} if isinstance(result, dict) else result


def _as_array(value: Any) -> Any:
    """Numbers, and lists, arrays and tensors of numbers, as float64 arrays; None inside them is NaN."""
    import torch

    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().tolist()
    if isinstance(value, dict):  # {class: number}
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list | tuple):
        value = [_as_array(item) if isinstance(item, torch.Tensor | list | tuple) else item for item in value]
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return value
