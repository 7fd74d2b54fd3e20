"""One seam for both frameworks: build a network of ours, ask for its scores and for the reference's map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.cnn import gradcam
from autograder.cnn.network import Network
from autograder.probes import gradcam as probe

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Framework:
    """One of the two: its name, and the reference Grad-CAM for it."""

    name: str
    grad_cam: Callable[[Any, Array, int], Array]

    def build(self, of: Network, size: tuple[int, int] = (32, 32), **how: bool) -> Any:
        return probe.build(self.name, of.arrays(), size, **how)

    def logits(self, model: Any, image: Array) -> Array:
        if self.name == "keras":
            return model(image[None], training=False)[0].numpy()
        import torch

        with torch.no_grad():
            return model(torch.tensor(image).permute(2, 0, 1)[None])[0].numpy()

    def empty_model(self) -> Any:
        """A model of this framework, to be recognised as one."""
        if self.name == "keras":
            import keras

            return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        from torch import nn

        return nn.Sequential(nn.Linear(4, 2))


def framework_of(name: str) -> Framework:
    pytest.importorskip({"torch": "torch", "keras": "tensorflow"}[name])
    return Framework(name, {"torch": gradcam.torch_grad_cam, "keras": gradcam.keras_grad_cam}[name])
