"""Operations that map an (H, W) image to an (H, W) image, for a test of what moves along with a picture."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
Operation = Callable[[Image], Image]


def convolution(conv2d: Callable[..., Image], kernel: Image) -> Operation:
    """Return an operation that slides a (k, k) kernel, k odd, by means of a student's `conv2d`."""

    def operation(image: Image) -> Image:
        batch, kernels = image[np.newaxis, np.newaxis], kernel[np.newaxis, np.newaxis]
        activation_map: Image = conv2d(batch, kernels, padding=len(kernel) // 2)[0, 0]
        return activation_map

    return operation


def blur(radius: int) -> Operation:
    """Return an operation that averages the square within `radius` pixels; outside the image is 0."""

    def operation(image: Image) -> Image:
        padded = np.pad(image.astype(np.float64), radius)
        window = (2 * radius + 1, 2 * radius + 1)
        mean: Image = np.lib.stride_tricks.sliding_window_view(padded, window).mean(axis=(2, 3))
        return mean

    return operation


def edges() -> Operation:
    """Return an operation that gives the absolute difference of the right and the left neighbour."""

    def operation(image: Image) -> Image:
        padded = np.pad(image.astype(np.float64), ((0, 0), (1, 1)))
        difference: Image = np.abs(padded[:, 2:] - padded[:, :-2])
        return difference

    return operation


def position_mask(mask: Image) -> Operation:
    """Return an operation that multiplies each pixel by the (H, W) mask's entry at that place."""

    def operation(image: Image) -> Image:
        masked: Image = image * mask
        return masked

    return operation


def row_gain(gains: Image) -> Operation:
    """Return an operation that multiplies each row by its own entry of the (H,) gains."""

    def operation(image: Image) -> Image:
        amplified: Image = image * gains[:, np.newaxis]
        return amplified

    return operation


def mirror() -> Operation:
    """Return an operation that exchanges left and right; the dtype stays (uint8 too)."""

    def operation(image: Image) -> Image:
        return image[:, ::-1].copy()

    return operation


def scale_to_one() -> Operation:
    """Return an operation that divides by the largest absolute value of the whole image, if that is not 0."""

    def operation(image: Image) -> Image:
        scaled: Image = image / (np.abs(image).max() or 1.0)
        return scaled

    return operation


def mosaic(size: int) -> Operation:
    """Return an operation that pools squares of `size` x `size` pixels by their maximum and enlarges again.

    Height and width of the image are multiples of `size`.
    """

    def operation(image: Image) -> Image:
        height, width = image.shape
        squares = image.reshape(height // size, size, width // size, size)
        enlarged: Image = squares.max(axis=(1, 3)).repeat(size, axis=0).repeat(size, axis=1)
        return enlarged

    return operation


def overwrite(array: object, value: float) -> None:
    """Write a value all over an array, if it is one that can be written; nothing happens otherwise."""
    if isinstance(array, np.ndarray) and array.flags.writeable:
        array[...] = value


def negate(array: object) -> None:
    """Turn the signs round in an array of numbers that can be written; a second time brings them back.

    Nothing that a student could read the right answer from is sent along.
    """
    if isinstance(array, np.ndarray) and array.flags.writeable and array.dtype.kind in "iuf":
        array[...] = -array
