"""How much a notebook may train: the full budget on a student's machine, the device's under the grader."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TOLD = "AUTOGRADER_BUDGET"  # set by the runner, in the student's process: a student who changes it fools nobody else
FULL_EPOCHS = 10


@dataclass(frozen=True, slots=True)
class Budget:
    """What training may use. `images` is None for all there are, `seconds` None for as long as it takes."""

    images: int | None
    epochs: int
    seconds: float | None
    device: str


@dataclass(frozen=True, slots=True)
class Training:
    """What a hidden case that trains is given: the budget on this device, and the band of accuracy for credit.

    `weights` are what the student handed in beside the notebook, where the course takes that; with `audit` the code is
    trained all the same.
    """

    dataset: str
    images: int
    epochs: int
    seconds: float
    device: str
    full: float
    none: float
    seed: int
    weights: Mapping[str, np.ndarray[Any, Any]] | None = None
    audit: bool = False

    @property
    def budget(self) -> Budget:
        """The part of it that the notebook is told."""
        return Budget(self.images, self.epochs, self.seconds, self.device)


def budget(dataset: str) -> Budget:
    """The budget for training on `dataset`, such as "fashion_mnist".

    Use it in a notebook: `images, labels = images[:budget.images], labels[:budget.images]`, and train `budget.epochs`.
    """
    told = os.environ.get(TOLD)
    if told is not None:
        return _told(json.loads(told), dataset)
    return Budget(None, FULL_EPOCHS, None, _device())


def _told(budgets: dict[str, dict[str, Any]], dataset: str) -> Budget:
    if dataset not in budgets:
        raise ValueError(f"this exercise has no budget for {dataset!r}, only for {', '.join(budgets) or 'nothing'}")
    return Budget(**budgets[dataset])


def _device() -> str:
    if importlib.util.find_spec("torch") is None:
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
