"""Files that come into being together or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import GraderError


@contextlib.contextmanager
def all_or_nothing(*paths: Path) -> Iterator[None]:
    """Where the block fails or is interrupted: files have their old text again, what was not there is gone.

    What is made in the block is a file, or a folder, at one of `paths`, and the folders above it.

    Raises:
        GraderError: something could not be written.
    """
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    absent = [path for path in paths if not path.exists()]
    folders = {folder for path in paths for folder in path.parents if not folder.exists()}
    try:
        yield
    except BaseException as error:  # Ctrl-C, too
        _undo(before, absent, folders)
        if isinstance(error, OSError):
            problem = f"{error.filename or paths[0]} cannot be written ({error.strerror})"
            raise GraderError(f"{problem}\n    -> make room, or remove what is in its way") from None
        raise


def _undo(before: dict[Path, bytes], absent: list[Path], folders: set[Path]) -> None:
    """As far as it goes: what could not be made may be what cannot be removed."""
    for path, content in before.items():
        with contextlib.suppress(OSError):
            path.write_bytes(content)
    for path in absent:
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in sorted(folders, reverse=True):  # the deepest first; one that somebody else uses stays
        with contextlib.suppress(OSError):
            folder.rmdir()
