"""Lays the same files out as torchvision and TensorFlow Datasets expect them, so that both read them offline."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.datasets.errors import DataError
from autograder.datasets.fashion_mnist.cache import write_idx
from autograder.datasets.fashion_mnist.finding import TORCHVISION, Found
from autograder.datasets.fashion_mnist.idx import read_idx
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.published import FASHION_MNIST, Publication, PublishedFile, Split


def torchvision_root(found: Found, root: Path, *, publication: Publication = FASHION_MNIST) -> Path:
    """`root`, in which `torchvision.datasets.FashionMNIST(root, download=False)` finds the data.

    Files that are unpacked already are linked to, others are unpacked. Splits that cannot be read here are left out.

    Raises:
        DataError: only the sample is here, or a file is damaged.
    """
    if not found.full:
        raise DataError(
            "torchvision's FashionMNIST wants all 70,000 images and only the sample is here: autograder data --prepare"
        )
    raw = root / TORCHVISION
    raw.mkdir(parents=True, exist_ok=True)
    for split in Split:
        for path, file in zip(found.files(split), publication.pair(split), strict=False):
            if not (raw / file.name).exists():
                _provide(path, raw / file.name, file)
    return root


def tfds_dir(found: Found, folder: Path, *, publication: Publication = FASHION_MNIST) -> Path:
    """`folder`, from which `tfds.load("fashion_mnist", data_dir=folder)` reads offline.

    Prepared once, in a few minutes, by TensorFlow Datasets' own builder, so that features, splits and metadata are its
    own. From the sample the splits have 2,000 and 1,000 images.

    Raises:
        DataError: tensorflow-datasets is not installed, or a file is damaged.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise DataError("tensorflow-datasets is not here: pip install tensorflow tensorflow-datasets") from error
    present = {split.value: load_found(found, split, publication=publication) for split in Split if found.files(split)}
    builder = _tfds_builder(tfds, present)(data_dir=os.fspath(folder))
    builder.download_and_prepare(file_format="tfrecord")
    return folder


def _tfds_builder(tfds: Any, arrays: dict[str, Any]) -> Any:
    """Their FashionMNIST, which gets its examples from arrays instead of a download."""
    theirs = tfds.image_classification.FashionMNIST
    with tfds.core.registered.skip_registration():  # tfds.load shall go on finding theirs

        class FashionMNIST(theirs):  # type: ignore[misc,valid-type]
            url_infos = None  # nothing is downloaded; finding its sums needs a package that is not always there

            def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
                return {name: self._generate_examples(*pair) for name, pair in arrays.items()}

            def _generate_examples(self, images: Any, labels: Any) -> Iterator[tuple[int, dict[str, Any]]]:
                for index, (image, label) in enumerate(zip(images, labels, strict=True)):
                    yield index, {"image": image[:, :, None], "label": int(label)}

    return FashionMNIST


def _provide(source: Path, target: Path, file: PublishedFile) -> None:
    """A link where it can be one: 47 MB a course instead of 47 MB a student."""
    contents = read_idx(source, file.shape, sha256=file.contents_sha256)
    if source.name == file.name:
        with contextlib.suppress(OSError):  # Windows may forbid links
            target.symlink_to(source.resolve())
            return
        shutil.copyfile(source, target)
        return
    write_idx(target, file, contents.tobytes())
