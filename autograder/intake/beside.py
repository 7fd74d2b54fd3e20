"""Weights that a student handed in beside a notebook: in the same zip or folder, under a fixed name."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from autograder.intake.opening import Opener
from autograder.intake.reading import Content
from autograder.submission import Source
from autograder.weights import FILE_NAMES, MAX_BYTES


def weights_beside(source: Source, opener: Opener) -> Source | None:
    """The weights file that lies with a notebook. Where a folder holds several notebooks, nobody knows whose it is."""
    folder = opener.folder(source)
    if folder.notebooks != 1:
        return None
    if source.members:
        above = PurePosixPath(source.members[0]).parent
        wanted = (str(above / name) for name in FILE_NAMES)
        return next((Source(source.path, (name,)) for name in wanted if name in folder.others), None)
    here = (source.path.parent / name for name in FILE_NAMES if name in folder.others)
    return next((Source(path) for path in here if path.is_file() and not path.is_symlink()), None)


def read_weights_file(source: Source, opener: Opener) -> Content:
    """Its bytes, or why there are none."""
    return opener.read_source(source, limit=MAX_BYTES)


def digests_with(digests: tuple[str, ...], weights: Source | None, opener: Opener) -> tuple[str, ...]:
    """Digests of a notebook, each together with its weights."""
    if weights is None:
        return digests
    of_weights = read_weights_file(weights, opener).digest
    return tuple(hashlib.sha256(f"{digest}/{of_weights}".encode()).hexdigest() for digest in digests)
