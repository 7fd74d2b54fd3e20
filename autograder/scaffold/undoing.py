"""Files that come into being together or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def all_or_nothing(*paths: Path) -> Iterator[None]:
    """Where the block fails or is interrupted: files have their old text again, what was not there is gone.

    What is made in the block is a file, or a folder, at one of `paths`, and the folders above it.
    """
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    absent = [path for path in paths if not path.exists()]
    folders = {folder for path in paths for folder in path.parents if not folder.exists()}
    try:
        yield
    except BaseException:  # Ctrl-C, too
        for path, content in before.items():
            path.write_bytes(content)
        for path in absent:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for folder in sorted(folders, reverse=True):  # the deepest first; one that somebody else uses stays
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
