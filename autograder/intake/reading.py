"""Opens what students made: regular files and zip members only, never a link, never more than a bound."""

from __future__ import annotations

import errno
import hashlib
import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder.submission import Source, writable
from autograder.zips import MAX_INNER_LIST_BYTES, MAX_LIST_BYTES, BoundedZip, Budget, of_a_class, of_one

MAX_NOTEBOOK_BYTES = 32 * 2**20  # a notebook full of pictures has 5 to 15 MB
MAX_ZIP_BYTES = 4 * 2**30
MAX_INNER_ZIP_BYTES = 256 * 2**20
MAX_ZIPS_IN_ZIPS = 2
MAX_FOLDERS_IN_FOLDERS = 40
TOO_DEEP = f"folders in folders, more than {MAX_FOLDERS_IN_FOLDERS} deep; what is further down is not looked at"
NO_NOTEBOOK = "a zip with no notebook in it"
FOLDER = "\0"  # behind the name of one: no name has it, and it changes no order
IGNORED_FOLDERS = frozenset({".ipynb_checkpoints", "__MACOSX", ".git"})
OTTER_ZIP = re.compile(r"_\d{4}_\d\d_\d\dT\d\d_\d\d_\d\d_\d+$")  # what grader.export() calls it
# What reading a damaged zip raises: what zipfile says itself, and what comes through from below it.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, EOFError, ValueError, RuntimeError, KeyError, IndexError, OverflowError, MemoryError),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A notebook-like thing. `parts` is its path from the given folder or zip on, for finding out whose it is.

    `named` is where in `parts` the name is that the instructor gave; what comes before is the instructor's, too. `ours`
    says that the problem is one of this machine's, such as no permission, and none of what was handed in.
    """

    source: Source
    parts: tuple[str, ...]
    modified: float
    problem: str | None = None
    named: int = 0
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A notebook's bytes, or why there are none; `ours` as of what was found."""

    data: bytes
    problem: str | None
    ours: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes; of the problem where there are none."""
        return hashlib.sha256(self.data or (self.problem or "").encode()).hexdigest()


def is_ours(error: BaseException) -> bool:
    """Whether reading failed through this machine: no permission, a bad disk, a file that went away, no memory.

    A damaged zip fails with EINVAL, too (it names places before its beginning), or with no number at all.
    """
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno not in (None, errno.EINVAL))


def reason(error: BaseException) -> str:
    """What an error says, without the path that it happened on: that is the instructor's."""
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__


def find(path: Path) -> Iterator[Found]:
    """Every notebook under a path that the instructor named, in a stable order."""
    resolved = path.resolve()
    above = above_named(resolved)
    if path.is_dir():
        found = _in_folder(path, (*above, resolved.name))
    elif resolved.suffix.lower() == ".zip" and not OTTER_ZIP.search(resolved.stem):
        found = _found(path, (*above, resolved.name), named=True)  # a folder that is packed
    else:
        above = above or (resolved.parent.name,)
        found = _found(path, (*above, resolved.name), named=True)
    for one in found:
        yield replace(one, named=len(above))


def _in_folder(folder: Path, parts: tuple[str, ...]) -> Iterator[Found]:
    for below, problem in _walk(folder):
        whole = (*parts, *below.relative_to(folder).parts)
        if problem:
            yield Found(Source(below), tuple(map(writable, whole)), 0.0, problem, ours=problem != TOO_DEEP)
        else:
            yield from _found(below, whole)


def above_named(named: Path) -> tuple[str, ...]:
    """The folders above from nbgrader's `submitted` on, where what is named lies in such a tree."""
    folders = named.parts[:-1]
    return folders[folders.index("submitted") :][:3] if "submitted" in folders else ()


def _walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Entries that end in .ipynb or .zip, links and pipes too: those are reported, not opened.

    With a problem: a folder that cannot be listed, and once for each entry of `folder` one that lies too deep.
    """
    left, too_deep = [(folder, listed(folder))], set[str]()
    while left:
        above, names = left[-1]
        if not names:
            left.pop()
            continue
        name = names.pop()
        is_folder, name = name.endswith(FOLDER), name.removesuffix(FOLDER)
        path, suffix = above / name, PurePosixPath(name).suffix.lower()
        if not is_folder or suffix == ".ipynb":
            if suffix in (".ipynb", ".zip") and not name.startswith("._"):
                yield path, None
        elif name not in IGNORED_FOLDERS:
            below = path.relative_to(folder).parts
            if len(below) <= MAX_FOLDERS_IN_FOLDERS:
                try:
                    left.append((path, listed(path)))
                except OSError as error:  # no permission, or a path longer than the system takes
                    yield path, f"a folder that cannot be read ({reason(error)})"
            elif below[0] not in too_deep:
                too_deep.add(below[0])
                yield path, TOO_DEEP


def listed(folder: Path) -> list[str]:
    """The names in a folder, the first one last: nothing but names, since a class may be one folder."""
    with os.scandir(folder) as entries:
        return sorted((one.name + FOLDER * one.is_dir(follow_symlinks=False) for one in entries), reverse=True)


def _found(path: Path, parts: tuple[str, ...], *, named: bool = False) -> Iterator[Found]:
    parts = tuple(map(writable, parts))
    try:
        facts = path.stat() if named else path.lstat()
    except OSError as error:  # it went away, or its path is longer than the system takes
        yield Found(Source(path), parts, 0.0, f"cannot be read: {reason(error)}", ours=True)
        return
    problem = _not_regular(facts.st_mode)
    if path.suffix.lower() == ".zip" and facts.st_size > MAX_ZIP_BYTES:
        problem = problem or f"a zip larger than {MAX_ZIP_BYTES // 2**30} GiB"
    if path.suffix.lower() != ".zip" or problem:
        yield Found(Source(path), parts, facts.st_mtime, problem)
        return
    try:
        with BoundedZip(path.open("rb"), list_bytes=MAX_LIST_BYTES) as archive:
            inside = Source(path), (*parts[:-1], writable(path.stem))
            found = list(_in_zip(archive, *inside, depth=1, budget=of_a_class() if named else of_one()))
    except UNREADABLE as error:
        problem, ours = f"not a zip that can be read ({reason(error)})", is_ours(error)
        found = [Found(Source(path), parts, facts.st_mtime, problem, ours=ours)]
    if not found and not named:  # somebody handed it in, so somebody must hear of it
        found = [Found(Source(path), parts, facts.st_mtime, NO_NOTEBOOK)]
    yield from found


def _not_regular(mode: int) -> str | None:
    if stat.S_ISREG(mode):
        return None
    kinds = {stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return f"{kinds.get(stat.S_IFMT(mode), 'a device')}, not a file"


def _in_zip(
    archive: zipfile.ZipFile, source: Source, above: tuple[str, ...], *, depth: int, budget: Budget
) -> Iterator[Found]:
    members = archive.infolist()
    budget.take(members=len(members))
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        suffix = name.suffix.lower()
        if member.is_dir() or suffix not in (".ipynb", ".zip") or IGNORED_FOLDERS & set(name.parts):
            continue
        inner = Source(source.path, (*source.members, member.filename))
        repeated = len(name.parts) > 1 and name.parts[0] == above[-1]  # a.zip of the folder a
        parts = (*above, *name.parts[repeated:])
        problem = _member_problem(member, name)
        budget.take(notebooks=1)
        if suffix == ".zip" and depth == MAX_ZIPS_IN_ZIPS:
            problem = problem or "a zip in a zip in a zip, which is not opened"
        if suffix == ".zip" and not problem:
            yield from _inner_zip(archive, member, Found(inner, parts, _zip_time(member)), depth, budget)
        else:
            yield Found(inner, parts, _zip_time(member), problem)


def _inner_zip(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, itself: Found, depth: int, budget: Budget
) -> Iterator[Found]:
    try:
        data = read_member(archive, member, MAX_INNER_ZIP_BYTES)
        budget.take(inner_bytes=len(data))
        with BoundedZip(io.BytesIO(data), list_bytes=MAX_INNER_LIST_BYTES) as inner:
            above = (*itself.parts[:-1], PurePosixPath(itself.parts[-1]).stem)
            found = list(_in_zip(inner, itself.source, above, depth=depth + 1, budget=budget.inner()))
    except UNREADABLE as error:
        found = [replace(itself, problem=f"not a zip that can be read ({reason(error)})", ours=is_ours(error))]
    yield from found or [replace(itself, problem=NO_NOTEBOOK)]


def _member_problem(member: zipfile.ZipInfo, name: PurePosixPath) -> str | None:
    """Members are read into memory and never extracted, so a bad name could do nothing; it is refused all the same."""
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        return "its name in the zip leaves the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link in a zip, not a file"
    if member.flag_bits & 1:
        return "is encrypted"
    return None


def _zip_time(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """At most `limit` bytes, whatever the zip's header says: a bomb says little and gives much."""
    with archive.open(member) as file:
        return bounded(file.read(limit + 1), limit)


def bounded(data: bytes, limit: int) -> bytes:
    """The data, which was read up to a byte beyond the limit; raises ValueError where it is there."""
    if len(data) > limit:
        raise ValueError(f"larger than {limit // 2**20} MiB; clear its outputs and hand it in again")
    return data
