"""Whose a submission is, from its path: the layouts that LMSs and tools leave.

| layout | path | student |
|---|---|---|
| nbgrader | `submitted/<student>/<assignment>/<notebook>.ipynb` | `<student>` |
| Moodle | `<Full name>_<participant>_assignsubmission_file/<notebook>.ipynb` | the participant number, and the name |
| Canvas | `<name>_[LATE_]<user id>_<file id>_<notebook>.ipynb`, or a zip of such a name | the user id, and the name |
| Gradescope | `submission_<n>/<notebook>.ipynb` beside `submission_metadata.yml` | sid or email of each submitter |
| a folder or zip each | `<student>/.../<notebook>.ipynb` | the folder or zip |
| a file each | `<student>.ipynb`, `<student>_<slug>.ipynb`, `<slug>_<student>.ipynb` | the name without the slug |

What lies inside a student's own folder or zip was named by the student, so it never says whose it is: an LMS's pattern
counts at one level only, the one where most names follow it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from autograder.errors import GraderError
from autograder.intake.reading import OTTER_ZIP, UNREADABLE, Found, bounded
from autograder.submission import Source, StudentId, writable

MOODLE = re.compile(r"^(?P<name>.+)_(?P<id>[0-9]+)_assignsubmission_(file|onlinetext)_?$")
CANVAS = re.compile(r"^(?P<name>[^_]+)_(LATE_)?(?P<id>[0-9]+)_[0-9]+_.+$")
GRADESCOPE = re.compile(r"^submission_[0-9]+$")
METADATA = "submission_metadata.yml"
MAX_METADATA_BYTES = 64 * 2**20
LEVELS = (0, 1, 2)  # the named folder itself, what is in it, what is in its folders


@dataclass(frozen=True, slots=True)
class Layouts:
    """The patterns above, for one named path; `level` is the depth at which an LMS's names are, None where none is.

    `submitters` is what a Gradescope export says about its folders, by where they are.
    """

    level: int | None
    submitters: Mapping[str, tuple[StudentId, ...]]

    @classmethod
    def of(cls, path: Path, found: Sequence[Found]) -> Layouts:
        """Look at what was found under a path; raises GraderError for malformed metadata of Gradescope's."""
        submitters: dict[str, tuple[StudentId, ...]] = {}
        for source, text in _metadata(path):
            submitters |= _gradescope(str(source), text)
        return cls(_level(found), submitters)

    def students(self, found: Found, slugs: Sequence[str]) -> tuple[StudentId, ...]:
        """Whose this is; several for a group's submission."""
        parts = found.parts
        for index in (0, 1):
            if len(parts) > index + 2 and parts[index] == "submitted":
                return (StudentId(parts[index + 1]),)
        name = _name(found, self.level)
        if GRADESCOPE.match(name):
            beside = re.split(rf"(?:^|(?<=[/!])){name}/", str(found.source), maxsplit=1)[0]
            return self.submitters.get(beside + name) or (StudentId(name),)
        match = MOODLE.match(name) or CANVAS.match(name)
        return (StudentId(match["id"], match["name"]) if match else StudentId(_plain(parts, slugs)),)


def _level(found: Sequence[Found]) -> int | None:
    """The depth at which most names are an LMS's. A folder of names has one vote, so no student can outvote others."""
    for level in LEVELS:
        votes: dict[tuple[str, ...], bool] = {}
        for one in found:
            voter = one.parts[: min(level + 1, 2)]
            votes[voter] = votes.get(voter, True) and bool(_name(one, level))
        if 2 * sum(votes.values()) > len(votes):
            return level
    return None


def _name(found: Found, level: int | None) -> str:
    """The name at that depth where it follows an LMS's pattern, else nothing."""
    if level is None or level >= len(found.parts):
        return ""
    name, last = found.parts[level], level == len(found.parts) - 1
    patterns = [CANVAS] if last else [GRADESCOPE, MOODLE]
    if name in _zip_stems(found.source):
        patterns.append(CANVAS)
    return name if any(pattern.match(name) for pattern in patterns) else ""


def _zip_stems(source: Source) -> set[str]:
    zips = (str(source.path), *source.members[:-1]) if source.members else ()
    return {PurePosixPath(name.replace("\\", "/")).stem for name in zips}


def _plain(parts: tuple[str, ...], slugs: Sequence[str]) -> str:
    """The folder just below the named one; for a file that is in none, its name without the slug."""
    folders = [part for part in parts[1:-1] if part not in slugs and not OTTER_ZIP.search(part)]
    if folders:
        return folders[0]
    stem = PurePosixPath(parts[-1]).stem
    if stem in slugs:
        return parts[0]
    for slug in slugs:
        for left in (stem.removeprefix(f"{slug}_"), stem.removesuffix(f"_{slug}")):
            if left not in ("", stem):
                return left
    return stem


def _metadata(path: Path) -> Iterator[tuple[Source, bytes]]:
    """The metadata of an export, in the named folder or zip or in a folder of it.

    Not what lies in a submission: a student may hand in a file of that name.
    """
    if path.is_dir():
        for file in (path / METADATA, *sorted(path.glob(f"*/{METADATA}"))):
            if file.is_file() and not file.is_symlink() and not GRADESCOPE.match(file.parent.name):
                with file.open("rb") as opened:
                    yield Source(file), opened.read(MAX_METADATA_BYTES + 1)
    elif path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    above, _, name = member.filename.rpartition("/")
                    if name == METADATA and "/" not in above and not GRADESCOPE.match(above):
                        with archive.open(member) as opened:
                            yield Source(path, (member.filename,)), opened.read(MAX_METADATA_BYTES + 1)
        except UNREADABLE:
            return  # said where its notebooks are looked for


def _gradescope(file: str, text: bytes) -> dict[str, tuple[StudentId, ...]]:
    try:
        # Ruby wrote it: the keys are symbols, which YAML reads as ":name"
        raw = yaml.safe_load(bounded(text, MAX_METADATA_BYTES).decode("utf-8"))
        beside = file.removesuffix(METADATA)
        return {f"{beside}{key}": tuple(_submitters(value[":submitters"])) for key, value in raw.items()}
    except (ValueError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise GraderError(
            f"{file}: not the metadata of a Gradescope export ({type(error).__name__}: {error})\n"
            "    -> export it again, or give --students FILE.csv"
        ) from None


def _submitters(raw: Sequence[Mapping[str, Any]]) -> Iterator[StudentId]:
    for one in raw:
        name, sid, email = (writable(str(one.get(key) or "")) for key in (":name", ":sid", ":email"))
        if sid or email or name:
            yield StudentId(sid or email or name, name, email)
