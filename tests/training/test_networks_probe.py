"""The probe that looks at networks: the same facts about the same network, in both frameworks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.cnn import network
from autograder.probes import gradcam, networks

Array = np.ndarray[Any, Any]
IMAGES = np.random.default_rng(0).uniform(0, 1, size=(3, 32, 32, 1)).astype(np.float32)


@pytest.fixture(params=["torch", "keras", "keras, fused"])
def model(request: pytest.FixtureRequest) -> Any:
    name, _, fused = request.param.partition(", ")
    pytest.importorskip({"torch": "torch", "keras": "tensorflow"}[name])
    return gradcam.build(name, network.trained().arrays(), (32, 32), fused=bool(fused), training=True)


def test_scores_are_those_of_evaluation_mode(model: Any) -> None:
    expected = np.stack([network.trained().logits(image) for image in IMAGES])
    np.testing.assert_allclose(networks.scores(model, IMAGES), expected, rtol=1e-3, atol=1e-3)


def test_what_ran_is_recorded_in_order_with_channels_first(model: Any) -> None:
    entries = networks.record(model, IMAGES)
    kinds = [entry["kind"] for entry in entries if entry["kind"] != "other"]
    assert kinds == ["conv", "conv", "dense"]
    first, last = (next(e for e in order if e["kind"] != "other") for order in (entries, entries[::-1]))
    known = network.trained()
    assert first["input"].shape == (3, 1, 32, 32)
    assert first["output"].shape == (3, known.kernels[0].shape[0], 32, 32)
    averages = np.stack([known.last_maps(image).pooled.mean(axis=(1, 2)) for image in IMAGES])
    np.testing.assert_allclose(last["input"], averages, rtol=1e-3, atol=1e-4)
    assert last["output"].shape == (3, 10)


def test_recording_leaves_the_framework_and_the_model_as_they_were(model: Any) -> None:
    before = networks.state(model)
    networks.record(model, IMAGES)
    again = networks.record(model, IMAGES)
    assert len(again) < networks.MAX_RECORDED
    for one, other in zip(before, networks.state(model), strict=True):
        np.testing.assert_array_equal(one, other)
    if gradcam.framework(model) == "torch":
        assert model.training


def test_too_large_maps_are_left_out_and_too_many_operations(monkeypatch: pytest.MonkeyPatch, model: Any) -> None:
    monkeypatch.setattr(networks, "MAX_VALUES", 4_000)
    monkeypatch.setattr(networks, "MAX_RECORDED", 3)
    entries = networks.record(model, IMAGES)
    assert len(entries) == 3
    assert sum(one.size for e in entries for one in (e["input"], e["output"]) if one is not None) <= 4_000


def test_trained_pictures_are_counted_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    model = gradcam.build("torch", network.trained().arrays(), (32, 32), training=True)
    counts = networks.count(model)
    images = torch.as_tensor(IMAGES).permute(0, 3, 1, 2)
    model(images)
    with torch.no_grad():
        model(images)
    networks.set_training(model, False)
    model(images)
    assert networks.trained(model, counts) == 3


def test_steps_are_counted_in_keras_where_its_own_optimiser_makes_them() -> None:
    pytest.importorskip("tensorflow")
    model = gradcam.build("keras", network.trained().arrays(), (32, 32))
    counts = networks.count(model)
    assert networks.trained(model, counts) == -1
    import keras

    model.compile(optimizer="sgd", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(IMAGES, np.arange(3), batch_size=2, epochs=2, verbose=0)
    assert networks.trained(model, counts) == 4


@pytest.mark.parametrize("name", ["torch", "keras"])
def test_a_seed_gives_the_same_weights_again(name: str) -> None:
    pytest.importorskip({"torch": "torch", "keras": "tensorflow"}[name])

    def drawn(seed: int) -> Array:
        networks.seed(seed)
        if name == "torch":
            from torch import nn

            return nn.Linear(3, 2).weight.detach().numpy()
        import keras

        return np.array(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).get_weights()[0])

    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))
