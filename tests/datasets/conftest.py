"""A small data set in the published layout, and the real one where Debian's package has it."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from autograder.datasets.fashion_mnist.finding import Found, find
from autograder.datasets.fashion_mnist.places import DEBIAN, VARIABLE, Places
from autograder.datasets.fashion_mnist.published import Pair, Publication, PublishedFile
from autograder.datasets.sign_language_digits import places as sign_digits

DATES = {"train": 1504176606, "t10k": 1504176627}  # in the headers of the published archives


@dataclass(frozen=True)
class Small:
    """The bytes of four small files and what is said to be published about them."""

    publication: Publication
    contents: dict[str, bytes]
    archives: dict[str, bytes]

    def write(self, folder: Path, *, packed: bool = False) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, contents in self.contents.items():
            if packed:
                (folder / f"{name}.gz").write_bytes(self.archives[name])
            else:
                (folder / name).write_bytes(contents)
        return folder


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def small() -> Small:
    rng = np.random.default_rng(4)
    arrays = {}
    for split, count in (("train", 40), ("t10k", 20)):
        arrays[f"{split}-images-idx3-ubyte"] = rng.integers(0, 256, (count, 28, 28))
        arrays[f"{split}-labels-idx1-ubyte"] = np.arange(count) % 10
    contents = {name: idx(array) for name, array in arrays.items()}
    archives = {name: gzip.compress(data, mtime=0) for name, data in contents.items()}
    files = [
        PublishedFile(
            name,
            arrays[name].shape,
            hashlib.sha256(contents[name]).hexdigest(),
            len(archives[name]),
            hashlib.md5(archives[name]).hexdigest(),
            hashlib.sha256(archives[name]).hexdigest(),
        )
        for name in arrays
    ]
    return Small(Publication(Pair(*files[:2]), Pair(*files[2:]), mirrors=()), contents, archives)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A machine with nothing on it."""
    return Places(cache=tmp_path / "cache", debian=tmp_path / "debian")


@pytest.fixture(autouse=True)
def _no_data_of_this_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (VARIABLE, sign_digits.VARIABLE, sign_digits.PREPARED_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))


@pytest.fixture(scope="session")
def debian() -> Found:
    if not DEBIAN.is_dir():
        pytest.skip(f"THE REAL DATA IS NOT HERE, NOT TESTED: apt install dataset-fashion-mnist ({DEBIAN})")
    return find(Places(cache=Path("/nonexistent"), explicit=DEBIAN))


@pytest.fixture(scope="session")
def photographs(repository: Path) -> Path:
    """The archive of the Sign Language Digits, which is no part of this repository."""
    named = os.environ.get(sign_digits.VARIABLE)
    path = Path(named) if named else repository.parent / "shared" / "data" / sign_digits.ARCHIVE_NAME
    if not path.is_file():
        pytest.skip(f"THE PHOTOGRAPHS ARE NOT HERE, NOT TESTED: set {sign_digits.VARIABLE} to their archive ({path})")
    return path
