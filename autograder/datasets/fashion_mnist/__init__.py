"""Fashion-MNIST, from wherever this machine has it; without a network too.

    from autograder.datasets import fashion_mnist
    images, labels = fashion_mnist.load("train")   # bytes (N, 28, 28) and int64 (N,)

The order: a folder that you name (an argument, or AUTOGRADER_DATA), your cache, Debian's dataset-fashion-mnist, the
official mirrors where the full data is asked for, and last 2,000 + 1,000 real images inside this package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import training
from autograder.datasets.errors import DataError, HeldOutError
from autograder.datasets.fashion_mnist.finding import Found
from autograder.datasets.fashion_mnist.finding import find as _find
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.places import SAMPLE_TEST, SAMPLE_WORD, VARIABLE, Places, Source
from autograder.datasets.fashion_mnist.published import CLASSES, Split
from autograder.datasets.supply import Supply

if TYPE_CHECKING:
    from autograder.datasets.fashion_mnist.alteration import HeldOut
    from autograder.datasets.fashion_mnist.downloads import Progress
    from autograder.datasets.fashion_mnist.idx import Bytes
    from autograder.datasets.fashion_mnist.loading import Labels

__all__ = [
    "CLASSES",
    "DataError",
    "Found",
    "HeldOutError",
    "find",
    "held_out",
    "load",
    "prepare",
    "student_environment",
    "student_paths",
    "supply",
    "tfds_dir",
    "torchvision_root",
]


def find(folder: Path | str | None = None) -> Found:
    """Where the data is, without touching the network; `print(find().sentence)` says it in one line.

    Raises:
        DataError: `folder` or AUTOGRADER_DATA names a folder that does not hold the training images.
    """
    return _find(Places.here(folder))


def load(
    split: str = "train", *, folder: Path | str | None = None, first: int | None = None, full: bool = False
) -> tuple[Bytes, Labels]:
    """Images, unsigned bytes (N, 28, 28), and labels, int64 (N,), numbered as in CLASSES.

    `first` reads only so many images from the beginning. `full=True` downloads all 60,000 where only the sample is
    here (30 MB, once; never while grading); where that cannot be done, you get the sample.

    Raises:
        HeldOutError: "test" while a notebook is graded: the held-out images are not there.
        DataError: a file is damaged or is not what its name says; the text names it.
        ValueError: `split` is neither "train" nor "test", or `first` is negative.
    """
    if first is not None and first < 0:
        raise ValueError(f"first is {first}, but a number of images is 0 or more")
    wanted = Split(split)
    places = Places.here(folder)
    found = _find(places)
    grading = training.TOLD in os.environ
    if full and not found.full and not places.sample_only and not grading:
        found = _downloaded(places) or found
    return load_found(found, wanted, first=first)


def prepare(folder: Path | str | None = None, *, progress: Progress = lambda _: None) -> Found:
    """Put the full data, unpacked and verified, into `folder` or your cache, downloading what this machine lacks.

    Raises:
        DataError: no mirror could be reached, or the folder cannot be written.
    """
    from autograder.datasets.fashion_mnist.cache import prepare as fill

    return fill(Places.here(folder), progress=progress)


def held_out(seed: int, count: int, *, folder: Path | str | None = None) -> HeldOut:
    """For the judge: `count` test images, altered by the seed, with their labels; see `alteration`.

    Raises:
        HeldOutError: the test images cannot be read here.
    """
    from autograder.datasets.fashion_mnist.alteration import alter_test_images

    return alter_test_images(*load_found(find(folder), Split.TEST), seed=seed, count=count)


def supply() -> Supply:
    """What grading needs to know about the data of this machine."""
    found = find()
    return Supply(
        "fashion_mnist",
        found.sentence,
        "full" if found.full else "sample",
        tuple(map(str, student_paths(found))),
        tuple(map(str, (*found.test, SAMPLE_TEST))),
        student_environment(found),
    )


def student_paths(found: Found) -> tuple[Path, ...]:
    """What a sandbox must let students' code read to load the training images: those files, and no test file."""
    return found.train


def student_environment(found: Found) -> dict[str, str]:
    """The variables by which `find` in the student's process sees the same data, with no home and no network."""
    return {VARIABLE: SAMPLE_WORD if found.source is Source.SAMPLE else str(found.folder)}


def torchvision_root(root: Path | str, *, folder: Path | str | None = None) -> Path:
    """`root`, laid out so that `torchvision.datasets.FashionMNIST(root, download=False)` finds the data."""
    from autograder.datasets.fashion_mnist.libraries import torchvision_root as lay_out

    return lay_out(find(folder), Path(root))


def tfds_dir(data_dir: Path | str, *, folder: Path | str | None = None) -> Path:
    """`data_dir`, prepared so that `tfds.load("fashion_mnist", data_dir=data_dir)` reads the data offline."""
    from autograder.datasets.fashion_mnist.libraries import tfds_dir as lay_out

    return lay_out(find(folder), Path(data_dir))


def _downloaded(places: Places) -> Found | None:
    from autograder.datasets.fashion_mnist.cache import prepare as fill

    try:
        return fill(places)
    except DataError:  # no network is no reason to stop: the sample is real data too
        return None
