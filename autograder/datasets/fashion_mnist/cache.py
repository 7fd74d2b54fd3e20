"""Fills a folder with the four files, unpacked and verified: quick to load, and a whole class can share them."""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.datasets.errors import DataError
from autograder.datasets.fashion_mnist.downloads import Progress, download
from autograder.datasets.fashion_mnist.finding import Found, find, openable_file
from autograder.datasets.fashion_mnist.idx import UNSIGNED_BYTES, read_idx
from autograder.datasets.fashion_mnist.places import Places
from autograder.datasets.fashion_mnist.published import FASHION_MNIST, Publication, PublishedFile


def prepare(
    places: Places,
    *,
    publication: Publication = FASHION_MNIST,
    progress: Progress = lambda _: None,
) -> Found:
    """Make all of the data available in the named folder, or else in the user's cache; what is there is kept.

    Files come from the other places of this machine where they have them, and from the mirrors otherwise.

    Raises:
        DownloadError: no mirror could be reached, or what it gave is not what was published.
        DataError: the folder cannot be written.
    """
    target = _target(places)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in publication:
            if not _holds(target, file):
                _fill(target, file, places, publication, progress)
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror or error}); name a folder of yours") from error
    named = None if places.sample_only else places.explicit
    return find(Places(cache=places.cache, explicit=named, debian=places.debian), publication)


def missing_bytes(places: Places, publication: Publication = FASHION_MNIST) -> int:
    """How much `prepare` would download: the total of its progress."""
    target = _target(places)
    folders = (target, places.cache, places.debian)
    lacking = [file for file in publication if not any(openable_file(folder, file) for folder in folders)]
    return sum(file.archive_bytes for file in lacking)


def _target(places: Places) -> Path:
    return places.cache if places.sample_only or not places.explicit else places.explicit


def write_idx(path: Path, file: PublishedFile, body: bytes) -> None:
    """The idx file of these bytes, which appears whole or not at all."""
    header = struct.pack(f">HBB{len(file.shape)}I", 0, UNSIGNED_BYTES, len(file.shape), *file.shape)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as out:
            out.write(header)
            out.write(body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _holds(folder: Path, file: PublishedFile) -> bool:
    """Is the right file there, plain? A damaged one is written anew."""
    try:
        read_idx(folder / file.name, file.shape, sha256=file.contents_sha256)
    except (DataError, OSError):
        return False
    return True


def _fill(target: Path, file: PublishedFile, places: Places, publication: Publication, progress: Progress) -> None:
    for folder in (target, places.cache, places.debian):
        with contextlib.suppress(DataError, OSError):
            _unpack(folder / f"{file.name}.gz", target, file)
            return
        with contextlib.suppress(DataError, OSError):
            _unpack(folder / file.name, target, file)
            return
    with _scratch(target) as folder:
        archive = folder / f"{file.name}.gz"
        download(file, archive, publication.mirrors, progress=progress)
        _unpack(archive, target, file)


def _unpack(source: Path, target: Path, file: PublishedFile) -> None:
    array = read_idx(source, file.shape, sha256=file.contents_sha256)
    write_idx(target / file.name, file, array.tobytes())


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Beside the target, so that nothing big goes to a small /tmp."""
    with tempfile.TemporaryDirectory(dir=target, prefix=".download-") as folder:
        yield Path(folder)
