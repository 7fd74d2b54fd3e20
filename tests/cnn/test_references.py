"""The judge's own maps, made in NumPy: against torch and Keras, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.cnn import references
from autograder.cnn.network import Network
from autograder.cnn.planted import planted
from autograder.cnn.references import Layer, Reference, Stretch

from .frameworks import Array, Framework, framework_of
from .variants import LAYERS, STRETCHES, by_maximum, weighted_sum

SAME = {"before the ReLU": Layer.BEFORE_RELU, "after the ReLU": Layer.AFTER_RELU, "pooled": Layer.POOLED}


def test_logits_are_the_frameworks(framework: Framework, trained: Network, pictures: list[Array]) -> None:
    model = framework.build(trained)
    for image in pictures:
        np.testing.assert_allclose(trained.logits(image), framework.logits(model, image), rtol=0, atol=1e-5)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layers_map_is_the_frameworks(
    framework: Framework, trained: Network, pictures: list[Array], layer: str
) -> None:
    model = framework.build(trained)
    for index, image in enumerate(pictures):
        got = weighted_sum(model, image, index, layer)
        expected = references.weighted_sum(trained, image, index, SAME[layer])
        # the mean over h x w places of a gradient that global average pooling has divided by its own h x w
        scale = np.abs(got).max() / np.abs(expected).max()
        np.testing.assert_allclose(got, expected * scale, rtol=0, atol=1e-5 * np.abs(got).max())


def test_the_reference_maps_are_the_frameworks(framework: Framework, trained: Network, pictures: list[Array]) -> None:
    model = framework.build(trained)
    for index, image in enumerate(pictures):
        right = references.references(trained, image, index)[Reference(Layer.BEFORE_RELU, Stretch.BILINEAR)]
        np.testing.assert_allclose(framework.grad_cam(model, image, index), right, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("stretch", "name"),
    [
        (Stretch.BILINEAR, "bilinear"),
        (Stretch.CORNERS, "bilinear, corners"),
        (Stretch.CORNERS, "scipy zoom 1"),
        (Stretch.NEAREST, "nearest"),
        (Stretch.NEAREST, "repeated"),
    ],
)
def test_a_map_is_stretched_as_libraries_do_it(stretch: Stretch, name: str) -> None:
    small = np.random.default_rng(1).random((5, 8))
    np.testing.assert_allclose(
        references.stretched(small, (20, 24), stretch), STRETCHES[name](small, (20, 24)), atol=1e-7
    )


def test_a_network_with_other_weights_has_other_maps(trained: Network, pictures: list[Array]) -> None:
    one = Reference(Layer.AFTER_RELU, Stretch.BILINEAR)
    other = trained.with_other_weights(np.random.default_rng(2))
    found = [
        references.correlation(*(references.references(known, image, 4)[one] for known in (trained, other)))
        for image in pictures
    ]
    assert np.mean(found) < 0.7


def test_louder_logits_change_no_map(trained: Network, pictures: list[Array]) -> None:
    sure = trained.with_logits_times(200)
    one, other = (references.references(known, pictures[0], 2) for known in (trained, sure))
    for reference in references.REFERENCES:
        np.testing.assert_allclose(one[reference], other[reference], atol=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([0, 1, 2], [0, 2, 4], 1),
        ([0, 1, 2], [2, 1, 0], -1),
        ([0, 0, 0], [0, 0, 0], 1),
        ([0, 0, 0], [0, 1, 2], 0),
        ([0, 1, 2], [5, 5, 5], 0),
        ([0, float("nan"), 1], [0, 0, 1], 1),
    ],
)
def test_a_blank_map_agrees_with_a_blank_one_only(one: list[float], other: list[float], expected: float) -> None:
    assert references.correlation(np.array([one]), np.array([other])) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_on_the_planted_image_only_one_spot_is_hot(seed: int) -> None:
    one = planted(np.random.default_rng(seed))
    height, width = one.image.shape[:2]
    assert height != width
    assert one.background.mean() > 0.2
    assert one.image.min() < 0.1
    assert one.image.max() > 0.9
    loud = int(one.network.logits(one.image).argmax())
    assert loud not in (one.bright_class, one.dark_class, one.blank_class)
    bright, dark, blank = (
        references.references(one.network, one.image, index)
        for index in (one.bright_class, one.dark_class, one.blank_class)
    )
    brightness = one.image[..., 0] - 0.5
    for reference in references.REFERENCES:
        assert np.average(brightness, weights=bright[reference]) > 0.2
        assert np.average(brightness, weights=dark[reference]) < -0.2
        assert max(bright[reference][one.background].max(), dark[reference][one.background].max()) < 0.01
        assert not blank[reference].any()


def test_a_seed_draws_the_same_planted_network() -> None:
    one, same = (planted(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.image, same.image)
    np.testing.assert_array_equal(one.network.dense_weight, same.network.dense_weight)


@pytest.mark.parametrize("name", ["torch", "keras"])
def test_the_planted_network_is_the_frameworks(name: str) -> None:
    framework, one = framework_of(name), planted(np.random.default_rng(8))
    for fused in (False, True):
        model = framework.build(one.network, one.image.shape[:2], fused=fused)
        np.testing.assert_allclose(one.network.logits(one.image), framework.logits(model, one.image), atol=1e-5)
        known = references.references(one.network, one.image, one.bright_class)
        found = references.agreement([framework.grad_cam(model, one.image, one.bright_class)], [known])
        assert found.correlation > 0.9999


def test_the_largest_value_of_a_reference_is_one(trained: Network, pictures: list[Array]) -> None:
    for reference in references.references(trained, pictures[0], 0).values():
        assert by_maximum(reference).max() in (0, 1)
        assert reference.min() >= 0
