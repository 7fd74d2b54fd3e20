"""The reference Grad-CAMs: against captum, against each other, and what they leave behind."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from autograder.cnn.network import Network
from autograder.probes import gradcam as probe

from .frameworks import Array, Framework, framework_of


def test_the_torch_reference_is_captums(trained: Network, pictures: list[Array]) -> None:
    torch = pytest.importorskip("torch")
    attr = pytest.importorskip("captum.attr")
    framework = framework_of("torch")
    model = framework.build(trained)
    last = [layer for layer in model if isinstance(layer, torch.nn.Conv2d)][-1]
    captum = attr.LayerGradCam(model, last)
    for index, image in enumerate(pictures):
        pixels = torch.tensor(image).permute(2, 0, 1)[None]
        heat = captum.attribute(pixels, target=index, relu_attributions=True)
        heat = attr.LayerAttribution.interpolate(heat, (32, 32), interpolate_mode="bilinear")[0, 0].detach().numpy()
        expected = heat / heat.max() if heat.max() > 0 else heat
        # the same float32 operations in the same order, but for the division
        np.testing.assert_allclose(framework.grad_cam(model, image, index), expected, rtol=0, atol=1e-6)


def test_torch_and_keras_agree_on_equal_weights(trained: Network, pictures: list[Array]) -> None:
    torch, keras = framework_of("torch"), framework_of("keras")
    models = torch.build(trained), keras.build(trained)
    for index, image in enumerate(pictures):
        scores = [one.logits(model, image) for one, model in zip((torch, keras), models, strict=True)]
        np.testing.assert_allclose(scores[0], scores[1], rtol=0, atol=1e-5)
        maps = [one.grad_cam(model, image, index) for one, model in zip((torch, keras), models, strict=True)]
        np.testing.assert_allclose(maps[0], maps[1], rtol=0, atol=1e-5)


def test_a_map_has_the_images_size_and_goes_up_to_one(
    framework: Framework, trained: Network, pictures: list[Array]
) -> None:
    image = np.concatenate([pictures[0], pictures[1][:12]])
    heat = framework.grad_cam(framework.build(trained, (44, 32)), image, 3)
    assert heat.shape == (44, 32)
    assert heat.dtype == np.float32
    assert heat.min() >= 0
    assert heat.max() == 1


def test_the_model_stays_as_it_was(framework: Framework, trained: Network, pictures: list[Array]) -> None:
    for training in (True, False):
        model = framework.build(trained, training=training)
        before = probe.state(model)
        framework.grad_cam(model, pictures[0], 1)
        np.testing.assert_equal(probe.state(model), before)


def test_a_mode_that_layers_do_not_share_is_restored(trained: Network, pictures: list[Array]) -> None:
    framework = framework_of("torch")
    model = framework.build(trained, training=True)
    model[0].eval()
    framework.grad_cam(model, pictures[0], 1)
    assert [layer.training for layer in model] == [False, *[True] * (len(model) - 1)]


def test_a_frozen_model_has_the_same_map(framework: Framework, trained: Network, pictures: list[Array]) -> None:
    model = framework.build(trained)
    expected = framework.grad_cam(model, pictures[0], 1)
    if framework.name == "torch":
        model.requires_grad_(False)
    else:
        model.trainable = False
    np.testing.assert_allclose(framework.grad_cam(model, pictures[0], 1), expected, rtol=0, atol=1e-6)


def _softmax_layer(framework: Framework, model: Any) -> Any:
    if framework.name == "torch":
        from torch import nn

        return model.append(nn.Softmax(dim=1))
    import keras

    return keras.Model(model.inputs[0], keras.layers.Softmax()(model.outputs[0]))


def _softmax_in_the_head(framework: Framework, model: Any) -> Any:
    if framework.name == "torch":
        from torch import nn

        return model.append(nn.LogSoftmax(dim=1))
    import keras

    model.layers[-1].activation = keras.activations.softmax
    return model


@pytest.mark.parametrize("in_the_head", [False, True])
def test_a_final_softmax_is_gone_round(
    framework: Framework, trained: Network, pictures: list[Array], in_the_head: bool
) -> None:
    sure = trained.with_logits_times(200)  # the softmax's own gradient is zero
    expected = framework.grad_cam(framework.build(sure), pictures[0], 1)
    end = _softmax_in_the_head if in_the_head else _softmax_layer
    model = end(framework, framework.build(sure))
    assert framework.logits(model, pictures[0]).max() <= 1
    np.testing.assert_allclose(framework.grad_cam(model, pictures[0], 1), expected, rtol=0, atol=1e-5)


def test_a_model_without_a_convolution_is_refused(framework: Framework) -> None:
    with pytest.raises(ValueError, match="convolution"):
        framework.grad_cam(_flat(framework), np.zeros((2, 2, 1), np.float32), 0)


def _flat(framework: Framework) -> Any:
    if framework.name == "torch":
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    import keras

    return keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])


def test_importing_it_imports_no_framework() -> None:
    code = "import sys, autograder.cnn.gradcam, autograder.cnn.references, autograder.cnn.planted, autograder.cnn.shown"
    code += "; print([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
