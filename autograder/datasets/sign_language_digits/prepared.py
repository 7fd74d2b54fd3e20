"""The prepared form: the training part in one file, the held-out part in another, so that a sandbox can show only one.

FOLDER/train.npz       pictures, labels, names, and which of them are for validation; students' code may read it
FOLDER/held_out.npz    the test part, for the judge alone
FOLDER/tfds/           the training part as TensorFlow Datasets reads it, where that is installed
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from autograder.datasets.errors import DataError, HeldOutError
from autograder.datasets.sign_language_digits.archive import Collection, served_order
from autograder.datasets.sign_language_digits.places import Kind
from autograder.datasets.sign_language_digits.published import SIDE, TFDS_NAME, TFDS_VERSION
from autograder.datasets.sign_language_digits.splits import SEED, Split, stratified_split

TRAIN_FILE, HELD_OUT_FILE, TFDS_FOLDER = "train.npz", "held_out.npz", "tfds"
HELD_OUT_REFUSED = (
    'the held-out pictures are not here while grading: load("train") and load("validation") give the training pictures,'
    " of which you can set some aside"
)


def is_prepared(folder: Path) -> bool:
    """Is there a training part that this process may open? In a sandbox a file can be seen and still not be read."""
    try:
        with (folder / TRAIN_FILE).open("rb"):
            return True
    except OSError:
        return False


def origin_of(folder: Path) -> str:
    """What `write_prepared` was told that the pictures are; "" where that cannot be read."""
    try:
        with (folder / TRAIN_FILE).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return str(arrays["origin"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return ""


def kind_of(folder: Path) -> Kind:
    """What was prepared there; photographs have the sum of their contents as their origin."""
    return Kind.RENDERED if origin_of(folder).startswith(Kind.RENDERED.value) else Kind.PHOTOGRAPHS


def tfds_ready(data_dir: Path, kind: Kind) -> Path:
    """The file that is there once TensorFlow Datasets has prepared these pictures in `data_dir`."""
    return data_dir / TFDS_NAME / kind.value / TFDS_VERSION / "dataset_info.json"


def write_prepared(collection: Collection, folder: Path, *, origin: str) -> None:
    """Split and write; each file appears whole or not at all, the training part last. `origin` is kept beside it.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = stratified_split(collection.labels, seed=SEED)
    _write(folder / HELD_OUT_FILE, collection.take(parts.test))
    validation = np.isin(parts.shown, parts.validation)
    _write(folder / TRAIN_FILE, collection.take(parts.shown), validation=validation, origin=np.array(origin))


def read_prepared(folder: Path, split: Split, *, grading: bool) -> Collection:
    """One split, in the order in which it is served.

    Raises:
        HeldOutError: the test part, while grading.
        DataError: a file is missing or damaged.
    """
    if split is Split.TEST:
        return _read_held_out(folder, grading=grading)
    arrays = _arrays(folder / TRAIN_FILE)
    shown = _collection(arrays, folder / TRAIN_FILE)
    if split is Split.ALL:
        return shown if grading else _merged(shown, _read_held_out(folder, grading=False))
    return shown.take(np.flatnonzero(arrays["validation"] == (split is Split.VALIDATION)))


def _read_held_out(folder: Path, *, grading: bool) -> Collection:
    path = folder / HELD_OUT_FILE
    if grading:
        raise HeldOutError(HELD_OUT_REFUSED)
    return _collection(_arrays(path), path)


def _merged(first: Collection, second: Collection) -> Collection:
    names = (*first.names, *second.names)
    place = {name: index for index, name in enumerate(names)}
    order = np.array([place[name] for name in served_order(names)], np.intp)
    pictures, labels = np.concatenate([first.pictures, second.pictures]), np.concatenate([first.labels, second.labels])
    return Collection(pictures, labels, names).take(order)


def _write(path: Path, collection: Collection, **more: Any) -> None:
    part = path.with_name(f".{path.stem}.{os.getpid()}.part.npz")
    try:
        names = np.array(collection.names)
        np.savez_compressed(part, pictures=collection.pictures, labels=collection.labels, names=names, **more)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise DataError(f"{path}: missing; run `autograder data --prepare`") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{path}: damaged or not readable ({error}); run `autograder data --prepare` again") from None


def _collection(arrays: dict[str, Any], path: Path) -> Collection:
    try:
        pictures, labels, names = arrays["pictures"], arrays["labels"], arrays["names"]
        right = (
            pictures.shape == (len(labels), SIDE, SIDE, 3) and pictures.dtype == np.uint8 and len(names) == len(labels)
        )
    except (KeyError, TypeError, AttributeError):
        right = False
    if not right:
        raise DataError(f"{path}: not what `autograder data --prepare` writes; delete it and run that again")
    return Collection(pictures, labels.astype(np.int64), tuple(map(str, names)))
