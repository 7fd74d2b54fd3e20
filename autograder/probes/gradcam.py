"""Builds small convolutional networks of PyTorch or Keras from plain arrays, and looks at what a function left of one.

The networks give logits: no softmax stands at their end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    from torch import nn

Array = NDArray[Any]

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
MAX_LAYERS = 200


def framework(model: object) -> str:
    """Whose model it is: "torch", "keras", or "" for anything else."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    return "keras" if keras is not None and isinstance(model, keras.Model) else ""


def build(
    kind: str, arrays: dict[str, Array], size: tuple[int, int], *, fused: bool = False, training: bool = False
) -> Any:
    """Build a network for grey images of that size (height, width) in the framework `kind`.

    Blocks of a 3x3 convolution, ReLU and 2x2 max pooling, then global average pooling and a dense layer. The arrays are
    `kernel_0` (out, in, 3, 3), `bias_0`, `kernel_1` ..., `dense_weight` (classes, channels) and `dense_bias`. For Keras
    `fused` makes a Sequential in which the ReLU is the convolution's own activation; otherwise it is a functional model
    with layers of their own. A PyTorch model is in evaluation mode unless it shall be in `training` mode.
    """
    if kind == "torch":
        return _torch(arrays).train(training)
    return _keras_sequential(arrays, size) if fused else _keras_functional(arrays, size)


def _torch(arrays: dict[str, Array]) -> nn.Sequential:
    import torch
    from torch import nn

    layers: list[nn.Module] = []
    for place in range(_blocks(arrays)):
        outputs, inputs, side, _ = arrays[f"kernel_{place}"].shape
        layers += [nn.Conv2d(inputs, outputs, side, padding=side // 2), nn.ReLU(), nn.MaxPool2d(2)]
    classes, channels = arrays["dense_weight"].shape
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(DROPPED), nn.Linear(channels, classes)]
    model = nn.Sequential(*layers)
    for parameter, array in zip(model.parameters(), arrays.values(), strict=True):
        parameter.data.copy_(torch.as_tensor(array))
    return model


DROPPED = 0.5  # what a model that should be in evaluation mode, and is not, draws anew each time


def _keras_functional(arrays: dict[str, Array], size: tuple[int, int]) -> keras.Model:
    import keras

    inputs = values = keras.Input((*size, 1))
    for place in range(_blocks(arrays)):
        values = _keras_convolution(arrays, place)(values)
        values = keras.layers.MaxPooling2D(2)(keras.layers.ReLU()(values))
    for layer in _keras_head(arrays):
        values = layer(values)
    return _with_weights(keras.Model(inputs, values), arrays)


def _keras_sequential(arrays: dict[str, Array], size: tuple[int, int]) -> keras.Model:
    import keras

    layers: list[Any] = [keras.Input((*size, 1))]
    for place in range(_blocks(arrays)):
        layers += [_keras_convolution(arrays, place, activation="relu"), keras.layers.MaxPooling2D(2)]
    return _with_weights(keras.Sequential([*layers, *_keras_head(arrays)]), arrays)


def _keras_convolution(arrays: dict[str, Array], place: int, activation: str | None = None) -> Any:
    import keras

    outputs, _, side, _ = arrays[f"kernel_{place}"].shape
    return keras.layers.Conv2D(outputs, side, padding="same", activation=activation)


def _keras_head(arrays: dict[str, Array]) -> list[Any]:
    import keras

    classes = len(arrays["dense_bias"])
    return [keras.layers.GlobalAveragePooling2D(), keras.layers.Dropout(DROPPED), keras.layers.Dense(classes)]


def _with_weights(model: keras.Model, arrays: dict[str, Array]) -> keras.Model:
    """PyTorch has kernels as (out, in, k, k) and dense weights as (out, in); Keras has what comes out last."""
    axes = {4: (2, 3, 1, 0), 2: (1, 0), 1: (0,)}
    model.set_weights([array.transpose(axes[array.ndim]) for array in arrays.values()])
    return model


def _blocks(arrays: dict[str, Array]) -> int:
    return sum(name.startswith("kernel_") for name in arrays)


def state(model: Any) -> dict[str, Any]:
    """What a function that only looks at a model has to leave as it was, as plain data.

    Returns "weights" (arrays in the model's order), "layers" (their class names), "modes" (PyTorch: training or not),
    "trainable" and "hooks" (how many), the last three by layer or weight.
    """
    return _torch_state(model) if framework(model) == "torch" else _keras_state(model)


def _torch_state(model: nn.Module) -> dict[str, Any]:
    modules = list(model.modules())[:MAX_LAYERS]
    tensors = list(model.parameters())[:MAX_LAYERS]
    return {
        "weights": [tensor.detach().cpu().numpy().copy() for tensor in model.state_dict().values()],
        "layers": [type(module).__name__ for module in modules],
        "modes": [bool(module.training) for module in modules],
        "trainable": [bool(tensor.requires_grad) for tensor in tensors],
        "hooks": [sum(len(getattr(module, name)) for name in HOOKS) for module in modules]
        + [len(tensor._backward_hooks or ()) for tensor in tensors],
    }


def _keras_state(model: keras.Model) -> dict[str, Any]:
    layers = model.layers[:MAX_LAYERS]
    return {
        "weights": [np.array(weight) for weight in model.get_weights()],
        "layers": [type(layer).__name__ for layer in layers],
        "modes": [],
        "trainable": [bool(layer.trainable) for layer in layers],
        "hooks": [],
    }
