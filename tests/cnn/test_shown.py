"""The heat map in a figure: found again as numbers, as colours, and laid over the image; not in another picture."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.figure import Figure

from autograder.cnn import references, shown
from autograder.cnn.network import Network
from autograder.cnn.references import Layer, Reference, Stretch
from autograder.probes import figures

from .frameworks import Array

ONE = Reference(Layer.AFTER_RELU, Stretch.BILINEAR)


def _heat(trained: Network, image: Array, place: int = -1) -> Array:
    index = int(np.argsort(trained.logits(image))[place])
    return references.references(trained, image, index)[ONE]


@pytest.mark.parametrize("how", ["as it is", "in 8 bits", "larger", "smaller", "with an axis"])
def test_a_map_of_numbers_is_found(how: str, trained: Network, pictures: list[Array]) -> None:
    for image in pictures:
        heat = _heat(trained, image)
        picture = {
            "as it is": heat,
            "in 8 bits": np.uint8(255 * heat),
            "larger": np.kron(heat, np.ones((7, 7))),
            "smaller": heat.reshape(16, 2, 16, 2).mean(axis=(1, 3)),
            "with an axis": heat[..., None],
        }[how]
        assert shown.agreement(picture, heat, image) >= shown.SHOWS


@pytest.mark.parametrize("colours", ["jet", "viridis", "hot", "inferno", "coolwarm", "turbo"])
def test_a_map_in_colours_over_the_image_is_found(colours: str, trained: Network, pictures: list[Array]) -> None:
    for image in pictures:
        heat = _heat(trained, image)
        coloured = colormaps[colours](heat)
        laid_over = 0.4 * coloured[..., :3] + 0.6 * image
        added = 0.4 * coloured[..., :3] + image
        for picture in (coloured, laid_over, np.uint8(255 * laid_over), added / added.max()):
            assert shown.agreement(picture, heat, image) >= shown.SHOWS


def test_the_image_alone_does_not_show_the_map(trained: Network, pictures: list[Array]) -> None:
    for image in pictures:
        heat = _heat(trained, image)
        for picture in (image, np.repeat(image, 3, axis=-1), colormaps["viridis"](image[..., 0])):
            assert shown.agreement(picture, heat, image) < shown.SHOWS


def test_another_images_map_is_seldom_taken_for_it(trained: Network, pictures: list[Array]) -> None:
    maps = [_heat(trained, image) for image in pictures]
    found = [
        shown.agreement(other, heat) >= shown.SHOWS
        for place, heat in enumerate(maps)
        for other in maps[:place] + maps[place + 1 :]
    ]
    assert np.mean(found) < 0.1


@pytest.mark.parametrize(
    "picture", [np.zeros(3), np.zeros((0, 4)), np.zeros((4, 4, 2)), np.full((4, 4), np.nan), np.full((4, 4), "x")]
)
def test_what_is_no_picture_shows_nothing(picture: Array) -> None:
    heat = np.arange(16.0).reshape(4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert shown.agreement(picture, heat) == 0


def test_the_pictures_of_a_figure_come_as_arrays() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    grey, colour = np.random.default_rng(0).random((4, 5)), np.zeros((4, 5, 3))
    left.imshow(grey)
    right.imshow(colour)
    right.imshow(np.ma.masked_less(grey, 0.5), alpha=0.4)
    found = figures.pictures(figure)
    np.testing.assert_allclose(found[0], grey)
    assert found[1].shape == (4, 5, 3)
    np.testing.assert_array_equal(np.isnan(found[2]), grey < 0.5)
