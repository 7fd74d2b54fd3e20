"""Runs what the debugging clinic asks of models: seeds, modes, logits, weights, and a short training."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn


def seed(number: int) -> None:
    """Seed Python's, NumPy's and PyTorch's generators."""
    import numpy as np
    import torch

    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def build(spec: list[dict[str, Any]], state: dict[str, torch.Tensor], training: bool = True) -> nn.Module:
    """Build the model of a `torch_models` description with the given weights and buffers, in the given mode."""
    from autograder.probes import torch_models

    model = torch_models.build(spec)
    model.load_state_dict(state)
    return model.train(training)


def gradient_descent(model: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Return plain stochastic gradient descent on all parameters of a model."""
    import torch

    return torch.optim.SGD(model.parameters(), lr=learning_rate)


def state(model: object) -> dict[str, torch.Tensor]:
    """Return copies of a model's weights and buffers, by name."""
    return {name: tensor.detach().clone() for name, tensor in _module(model).state_dict().items()}


def logits(model: object, images: torch.Tensor, training: bool | None = False) -> torch.Tensor:
    """Run a model on images in evaluation mode or in training mode; None leaves every layer in the mode it is in."""
    import torch

    module = _module(model)
    if training is not None:
        module.train(training)
    with torch.no_grad():
        output: torch.Tensor = module(images)
    return output


def fit(model: object, images: torch.Tensor, labels: torch.Tensor, *, steps: int, learning_rate: float) -> None:
    """Train a model with Adam and cross-entropy; every step sees all images."""
    import torch

    module = _module(model).train()
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(module(images), labels).backward()
        optimizer.step()


def _module(model: object) -> nn.Module:
    from torch import nn

    if not isinstance(model, nn.Module):
        raise TypeError(f"a torch.nn.Module is asked for, and the function has returned a {type(model).__name__}")
    return model
