"""Weights that a student handed in beside a notebook: in the same zip or folder, under a fixed name."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import PurePosixPath

from autograder.intake.reading import Content, read_source
from autograder.submission import Source
from autograder.weights import FILE_NAMES, MAX_BYTES


def weights_beside(source: Source) -> Source | None:
    """The weights file that lies with a notebook. Where a folder holds several notebooks, nobody knows whose it is."""
    if len(source.members) == 1:
        return _in_zip(source)
    folder = source.path.parent
    if source.members or len(list(folder.glob("*.ipynb"))) != 1:
        return None
    here = (folder / name for name in FILE_NAMES)
    return next((Source(path) for path in here if path.is_file() and not path.is_symlink()), None)


def _in_zip(source: Source) -> Source | None:
    folder = PurePosixPath(source.members[0]).parent
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    beside = [name for name in names if PurePosixPath(name).parent == folder and name.endswith(".ipynb")]
    wanted = (str(folder / name) for name in FILE_NAMES)
    return next((Source(source.path, (name,)) for name in wanted if name in names and len(beside) == 1), None)


def read_weights_file(source: Source) -> Content:
    """Its bytes, or why there are none."""
    return read_source(source, limit=MAX_BYTES)


def digests_with(digests: tuple[str, ...], weights: Source | None) -> tuple[str, ...]:
    """Digests of a notebook, each together with its weights."""
    if weights is None:
        return digests
    of_weights = read_weights_file(weights).digest
    return tuple(hashlib.sha256(f"{digest}/{of_weights}".encode()).hexdigest() for digest in digests)
