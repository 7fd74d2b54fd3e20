"""Turns found files into arrays."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from autograder.datasets.errors import DataError, HeldOutError
from autograder.datasets.fashion_mnist.finding import Found
from autograder.datasets.fashion_mnist.idx import Bytes, read_idx
from autograder.datasets.fashion_mnist.published import CLASSES, FASHION_MNIST, Publication, Split

Labels: TypeAlias = npt.NDArray[np.int64]


def load_found(
    found: Found, split: Split, *, first: int | None = None, publication: Publication = FASHION_MNIST
) -> tuple[Bytes, Labels]:
    """Images (N, 28, 28) of bytes and labels (N,), both free to be changed; with `first` at most so many.

    The checksum of all contents is verified, except with `first`: then only the beginning is read.

    Raises:
        HeldOutError: the test split, where it cannot be opened.
        DataError: a file is damaged, or is not what its name says.
    """
    files = found.files(split)
    if not files:
        raise HeldOutError(
            'held-out images are not here while grading: load("train") gives the training images, of which you can set'
            f" some aside ({found.folder} has none of the test files that can be read)"
        )
    if not found.full:
        images, labels = _sample(files[0])
        return images[:first].copy(), labels[:first].copy()
    pair = publication.pair(split)
    images, raw = (
        read_idx(path, file.shape, sha256=file.contents_sha256, first=first)
        for path, file in zip(files, pair, strict=True)
    )
    return images, _checked_labels(raw, files[1])


def _sample(path: Path) -> tuple[Bytes, Labels]:
    with np.load(path, allow_pickle=False) as arrays:  # our own file, inside the package
        return arrays["images"], arrays["labels"].astype(np.int64)


def _checked_labels(labels: Bytes, path: Path) -> Labels:
    if labels.size and int(labels.max()) >= len(CLASSES):
        raise DataError(f"{path}: has a label {int(labels.max())}, but labels go from 0 to {len(CLASSES) - 1}")
    return labels.astype(np.int64)
