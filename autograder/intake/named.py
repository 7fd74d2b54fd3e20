"""What an instructor names: is it there, can it be read, can it be a submission or a class."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.looks import CANVAS
from autograder.intake.reading import Found, reason

FIRST = 4096  # bytes
ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
REMEDIES = {
    **dict.fromkeys((".py", ".r", ".jl"), "a script is not graded: name the notebook"),
    **dict.fromkeys((".html", ".htm", ".pdf"), "a printout is not graded: name the notebook itself"),
    **dict.fromkeys(ARCHIVES, "unpack it, and name the folder"),
}


def check_named(path: Path) -> None:
    """Raise GraderError for a path that is not there, or that nobody here may read."""
    try:
        path.stat()
        if path.is_dir():
            os.scandir(path).close()
    except (FileNotFoundError, NotADirectoryError):
        raise GraderError(f"{path} does not exist\n    -> name notebooks, folders or zips of submissions") from None
    except OSError as error:
        raise GraderError(f"{path} cannot be read ({reason(error)})\n    -> let this account read it") from None


def is_foreign(path: Path) -> bool:
    """Whether a named file is neither called a notebook or zip, nor looks like a notebook inside."""
    if not path.is_file() or path.suffix.lower() in (".ipynb", ".zip"):
        return False
    try:
        with path.open("rb") as file:
            return not file.read(FIRST).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return True


def refuse_foreign(foreign: Sequence[Path]) -> None:
    """Raise GraderError for the first of the named files that can be no notebook."""
    for path in foreign:
        remedy = REMEDIES.get(path.suffix.lower(), "name notebooks, folders or zips of submissions")
        raise GraderError(f"{path} is neither a notebook (.ipynb) nor a zip\n    -> {remedy}")


def damaged(path: Path, found: Sequence[Found]) -> str:
    """What is wrong with a named zip that cannot be opened; nothing for other paths, and for one that Canvas named."""
    if path.suffix.lower() != ".zip" or len(found) != 1 or found[0].source.members or not found[0].problem:
        return ""
    if CANVAS.match(path.name) and not found[0].ours:
        return ""
    if found[0].ours:
        return f"{path} cannot be read: {found[0].problem}\n    -> let this account read it"
    if zipfile.is_zipfile(path):
        return f"{path}: {found[0].problem}\n    -> download it again, or unpack it and name the folder"
    return f"{path} is damaged or cut off: {found[0].problem}\n    -> download it again"
