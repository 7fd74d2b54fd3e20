"""Reads what was found, one after another: the zip that many lie in is opened once, the folder looked through once."""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from autograder.intake.reading import (
    MAX_INNER_ZIP_BYTES,
    MAX_NOTEBOOK_BYTES,
    UNREADABLE,
    Content,
    Found,
    bounded,
    is_ours,
    read_member,
    reason,
)
from autograder.submission import Source
from autograder.zips import MAX_INNER_LIST_BYTES, MAX_LIST_BYTES, BoundedZip


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies together in a folder, or in a folder of a zip: how many notebooks, and the names of all else."""

    notebooks: int
    others: frozenset[str]


EMPTY = Folder(0, frozenset())


class Opener:
    """For one thread. Of zips and of folders the last one is kept, for as long as it does not change."""

    def __init__(self) -> None:
        self._zip: tuple[object, zipfile.ZipFile] | None = None
        self._in_zip: dict[str, Folder] = {}
        self._folder: tuple[object, Folder] = (None, EMPTY)

    def __enter__(self) -> Opener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the zip that is still open."""
        if self._zip:
            self._zip[1].close()
        self._zip, self._in_zip = None, {}

    def read(self, found: Found) -> Content:
        """The bytes of a notebook, or the sentence that says why they cannot be had."""
        return Content(b"", found.problem, found.ours) if found.problem else self.read_source(found.source)

    def read_source(self, source: Source, *, limit: int = MAX_NOTEBOOK_BYTES) -> Content:
        """Read a notebook, or what lies beside it, again from where it was found."""
        try:
            data = self._read_members(source, limit) if source.members else _read_file(source.path, limit)
        except UNREADABLE as error:
            return Content(b"", f"cannot be read: {reason(error)}", is_ours(error))
        return Content(data, None if data.strip() else "the file is empty")

    def folder(self, source: Source) -> Folder:
        """What lies beside it; nothing where that cannot be read, and in a zip within a zip."""
        try:
            if not source.members:
                return self._on_disk(source.path.parent)
            return self._beside_member(source) if len(source.members) == 1 else EMPTY
        except UNREADABLE:
            return EMPTY

    def _on_disk(self, folder: Path) -> Folder:
        stamp = _stamp(folder)
        if self._folder[0] != stamp:
            self._folder = stamp, _together(path.name for path in folder.iterdir())
        return self._folder[1]

    def _beside_member(self, source: Source) -> Folder:
        archive = self._archive(source.path)
        if not self._in_zip:
            names = defaultdict(list)
            for name in archive.namelist():
                names[_above(name)].append(name)
            self._in_zip = {above: _together(below) for above, below in names.items()}
        return self._in_zip.get(_above(source.members[0]), EMPTY)

    def _read_members(self, source: Source, limit: int) -> bytes:
        archive, (*outer, last) = self._archive(source.path), source.members
        if not outer:
            return read_member(archive, archive.getinfo(last), limit)
        data = read_member(archive, archive.getinfo(outer[0]), MAX_INNER_ZIP_BYTES)
        with BoundedZip(io.BytesIO(data), list_bytes=MAX_INNER_LIST_BYTES) as inner:
            return read_member(inner, inner.getinfo(last), limit)

    def _archive(self, path: Path) -> zipfile.ZipFile:
        stamp = _stamp(path)
        if self._zip is None or self._zip[0] != stamp:
            self.close()
            self._zip = stamp, BoundedZip(path.open("rb"), list_bytes=MAX_LIST_BYTES)
        return self._zip[1]


def _together(names: Iterable[str]) -> Folder:
    notebooks, others = 0, set[str]()
    for name in names:
        if name.endswith(".ipynb"):
            notebooks += 1
        else:
            others.add(name)
    return Folder(notebooks, frozenset(others))


def _above(member: str) -> str:
    return str(PurePosixPath(member).parent)


def _stamp(path: Path) -> tuple[object, ...]:
    """Which file or folder it is, and in what state."""
    facts = path.stat()
    return str(path), facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _read_file(path: Path, limit: int) -> bytes:
    # the walk saw a regular file; between then and now it may have become something else
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.ESTALE, "not a regular file any more")
        return bounded(file.read(limit + 1), limit)
