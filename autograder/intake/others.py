"""Files that are no notebooks, where they are all that somebody handed in: a PDF must not vanish without a word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from autograder.intake.looks import CANVAS
from autograder.intake.metadata import METADATA
from autograder.intake.reading import (
    FOLDER,
    IGNORED_FOLDERS,
    MAX_FOLDERS_IN_FOLDERS,
    UNREADABLE,
    Found,
    above_named,
    listed,
)
from autograder.submission import Source, writable
from autograder.zips import MAX_LIST_BYTES, BoundedZip, of_a_class

MOST = 4  # of one folder: a sentence names fewer
RESULTS = "gradebook.db"  # what is beside it was written by `grade`, or by nbgrader
NOTEBOOKS = (".ipynb", ".zip")  # what is looked at anyway
NEVER = re.compile(rf"\.|~\$|(Thumbs\.db|desktop\.ini|timestamp\.txt|{re.escape(METADATA)})\Z", re.IGNORECASE)
LATEST_LEVEL = 2  # where an LMS's zip lies in the named folder


def others(path: Path, level: int | None) -> Iterator[Found]:
    """What somebody may have handed in instead of a notebook: all that lies on top, and all that Canvas named.

    Else nothing of a folder that has a notebook, and few of one that has none: it is for a sentence. Where `level` says
    that zips in the folder are an LMS's, theirs, too.
    """
    resolved = path.resolve()
    above = above_named(resolved)
    if path.is_dir():
        found = _in_folder(path, (*above, resolved.name), zips=level == LATEST_LEVEL)
    elif resolved.suffix.lower() == ".zip":
        found = _in_zip(path, (*above, resolved.stem))
    else:
        found = iter([Found(Source(path), tuple(map(writable, (*above, resolved.name))), 0.0)])
    return (Found(one.source, one.parts, 0.0, named=len(above)) for one in found)


def _in_folder(folder: Path, parts: tuple[str, ...], *, zips: bool) -> Iterator[Found]:
    left = [folder]
    while left:
        here = left.pop()
        below = here.relative_to(folder).parts
        try:
            names = listed(here)[::-1]
        except OSError:
            continue  # said where its notebooks are looked for
        if RESULTS in names and below[:1] != ("submitted",):
            names = [name for name in names if name == f"submitted{FOLDER}"]
        files = [name for name in names if not name.endswith(FOLDER)]
        for name in _handed_in(files, every=not below):
            yield Found(Source(here / name), tuple(map(writable, (*parts, *below, name))), 0.0)
        for name in files if zips else ():
            if name.lower().endswith(".zip"):
                yield from _in_zip(here / name, (*parts, *below, PurePosixPath(name).stem))
        if len(below) < MAX_FOLDERS_IN_FOLDERS:
            folders = [name.removesuffix(FOLDER) for name in names if name.endswith(FOLDER)]
            left += [here / name for name in reversed(folders) if _is_looked_into(name)]


def _in_zip(path: Path, above: tuple[str, ...]) -> Iterator[Found]:
    """What lies in a class's zip; of one that is damaged, or beyond all bounds, nothing."""
    try:
        with BoundedZip(path.open("rb"), list_bytes=MAX_LIST_BYTES) as archive:
            of_a_class().take(members=len(archive.infolist()))
            members = [member.filename for member in archive.infolist() if not member.is_dir()]
    except UNREADABLE:
        return
    folders = defaultdict[tuple[str, ...], dict[str, str]](dict)
    for member in members:
        *folder, name = PurePosixPath(member.replace("\\", "/")).parts or ("",)
        if all(map(_is_looked_into, folder)):
            folders[tuple(folder)][name] = member
    for below, names in folders.items():
        repeated = below[:1] == above[-1:]
        for name in _handed_in(sorted(names), every=not below[repeated:]):
            whole = map(writable, (*above, *below[repeated:], name))
            yield Found(Source(path, (names[name],)), tuple(whole), 0.0)


def _is_looked_into(folder: str) -> bool:
    return folder not in IGNORED_FOLDERS and not folder.startswith((".", "/"))


def _handed_in(names: Iterable[str], *, every: bool) -> Iterator[str]:
    """Those of one folder's files that count."""
    files = [name for name in names if not NEVER.match(name)]
    has_notebook, count = any(map(_is_notebook, files)), 0
    for name in files:
        if _is_notebook(name):
            continue
        count += 1
        if every or CANVAS.match(name) or (count <= MOST and not has_notebook):
            yield name


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(NOTEBOOKS)
