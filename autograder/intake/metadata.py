"""Finds the metadata of a Gradescope export, and nothing that a student handed in under its name."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from autograder.intake.gradescope import MAX_METADATA_BYTES
from autograder.intake.reading import IGNORED_FOLDERS, UNREADABLE
from autograder.submission import Source
from autograder.zips import MAX_LIST_BYTES, BoundedZip

GRADESCOPE = re.compile(r"^submission_[0-9]+$")
METADATA = "submission_metadata.yml"


def metadata_of(path: Path) -> Iterator[tuple[Source, bytes, bool]]:
    """The metadata of an export, and whether it is on top: in the named folder or zip, or in the only folder there.

    Not what lies in a submission: a student may hand in a file of that name.
    """
    if path.is_dir():
        folders = [one for one in path.iterdir() if one.is_dir() and one.name not in IGNORED_FOLDERS]
        for folder in (path, *(folders if len(folders) == 1 else ())):
            file = folder / METADATA
            if file.is_file() and not file.is_symlink() and not _is_submission(folder, path):
                with contextlib.suppress(OSError), file.open("rb") as opened:
                    yield Source(file), opened.read(MAX_METADATA_BYTES + 1), folder == path
    elif path.suffix.lower() == ".zip":
        try:
            with BoundedZip(path.open("rb"), list_bytes=MAX_LIST_BYTES) as archive:
                names = [PurePosixPath(name) for name in archive.namelist()]
                folders_in = {name.parts[0] for name in names if len(name.parts) > 1} - IGNORED_FOLDERS
                for above in ("", *(f"{one}/" for one in folders_in if len(folders_in) == 1)):
                    if above + METADATA in archive.NameToInfo and not GRADESCOPE.match(above.rstrip("/")):
                        with archive.open(above + METADATA) as opened:
                            data = opened.read(MAX_METADATA_BYTES + 1)
                        yield Source(path, (above + METADATA,)), data, not above
        except UNREADABLE:
            return  # said where its notebooks are looked for


def _is_submission(folder: Path, named: Path) -> bool:
    return folder != named and GRADESCOPE.match(folder.name) is not None
