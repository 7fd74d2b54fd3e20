"""Grad-CAM in PyTorch and in Keras, for one image and one class.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017
(arXiv:1610.02391). With A_k the maps of the last convolution and y_c the class score before the softmax:

    alpha_k = mean over i, j of  d y_c / d A_k[i, j]        (their equation 1)
    L_c     = ReLU(sum over k of alpha_k A_k)               (their equation 2)

stretched to the image's size and divided by its largest value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    from torch import nn

Heat = NDArray[np.float32]


def torch_grad_cam(model: nn.Module, image: NDArray[Any], class_index: int) -> Heat:
    """The heat map (H, W) in [0, 1] of one image (H, W, C); all zero where nothing speaks for the class.

    The convolution that runs last is taken, in evaluation mode; a final softmax is gone round. The model is left as it
    was. Raises ValueError where no convolution runs.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    maps: list[torch.Tensor] = []
    convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    softmaxes = [layer for layer in list(model.modules())[-1:] if isinstance(layer, nn.Softmax | nn.LogSoftmax)]
    hooks = [layer.register_forward_hook(lambda _layer, _inputs, output: maps.append(output)) for layer in convolutions]
    hooks += [layer.register_forward_hook(lambda _layer, inputs, _output: inputs[0]) for layer in softmaxes]
    modes = [(layer, layer.training) for layer in model.modules()]
    try:
        device = next(model.parameters()).device
        pixels = torch.tensor(image, dtype=torch.float32, device=device).permute(2, 0, 1)[None].requires_grad_()
        with torch.enable_grad():
            score = model.eval()(pixels)[0, class_index]
        if not maps:
            raise ValueError("no convolution has run: Grad-CAM needs the maps of one")
        (gradients,) = torch.autograd.grad(score, maps[-1])
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in modes:
            layer.training = mode
    alpha = gradients.mean(dim=(2, 3), keepdim=True)
    heat = (alpha * maps[-1]).sum(dim=1, keepdim=True).relu()
    heat = functional.interpolate(heat, image.shape[:2], mode="bilinear", align_corners=False)[0, 0]
    return _from_zero_to_one(heat.detach().cpu().numpy())


def keras_grad_cam(model: keras.Model, image: NDArray[Any], class_index: int) -> Heat:
    """The same for a functional or sequential model of Keras 3 on TensorFlow.

    The convolution that was added last is taken. Raises ValueError where there is none.
    """
    import keras
    import tensorflow as tf

    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    if not convolutions:
        raise ValueError("the model has no convolution: Grad-CAM needs the maps of one")
    inner = keras.Model(model.inputs, [convolutions[-1].output, _logits(model)])
    pixels = tf.convert_to_tensor(image[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)  # weights may be frozen: so there is a path all the same
        maps, logits = inner([pixels], training=False)
        score = logits[0, class_index]
    alpha = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(alpha * maps, axis=-1, keepdims=True))
    return _from_zero_to_one(tf.image.resize(heat, image.shape[:2])[0, ..., 0].numpy())


def _logits(model: keras.Model) -> Any:
    """What goes into a model's final softmax, be it a layer of its own or the last dense layer's activation."""
    import keras

    last = model.layers[-1]
    if getattr(last, "activation", None) is not keras.activations.softmax:
        return last.input if isinstance(last, keras.layers.Softmax) else last.output
    if not isinstance(last, keras.layers.Dense):
        return last.input
    scores = keras.ops.matmul(last.input, last.kernel)
    return scores + last.bias if last.use_bias else scores


def _from_zero_to_one(heat: NDArray[Any]) -> Heat:
    largest = float(heat.max())
    return np.asarray(heat / largest if largest > 0 else heat, dtype=np.float32)
