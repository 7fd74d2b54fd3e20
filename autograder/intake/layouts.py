"""Whose a submission is, from its path: the layouts that LMSs and tools leave.

| layout | path | student |
|---|---|---|
| nbgrader | `submitted/<student>/<assignment>/<notebook>.ipynb` | `<student>` |
| Moodle | `<Full name>_<participant>_assignsubmission_file/<notebook>.ipynb` | the participant number, and the name |
| Canvas | `<name>_[LATE_]<user id>_<file id>_<notebook>.ipynb` | the user id, and the name |
| Gradescope | `submission_<n>/<notebook>.ipynb` beside `submission_metadata.yml` | sid or email of each submitter |
| a folder each | `<student>/<notebook>.ipynb` | the folder |
| a file each | `<student>.ipynb`, `<student>_<slug>.ipynb`, `<slug>_<student>.ipynb` | the name without the slug |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from autograder.errors import GraderError
from autograder.intake.reading import Found
from autograder.submission import StudentId

MOODLE = re.compile(r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_(file|onlinetext)_?$")
CANVAS = re.compile(r"^(?P<name>[^_]+)_(LATE_)?(?P<id>\d+)_(\d+)_.+\.ipynb$")
GRADESCOPE = re.compile(r"^submission_\d+$")
METADATA = "submission_metadata.yml"
MAX_METADATA_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Layouts:
    """The patterns above, with what a Gradescope export says about its folders."""

    submitters: Mapping[str, tuple[StudentId, ...]]

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Layouts:
        """Read the `submission_metadata.yml` of each given folder that has one; raises GraderError if malformed."""
        submitters: dict[str, tuple[StudentId, ...]] = {}
        for path in paths:
            for file in (path / METADATA, *path.glob(f"*/{METADATA}")) if path.is_dir() else ():
                if file.is_file() and not file.is_symlink():
                    submitters |= _gradescope(file)
        return cls(submitters)

    def students(self, found: Found, slugs: Sequence[str]) -> tuple[StudentId, ...]:
        """Whose this is; several for a group's submission."""
        parts = found.parts
        for part in parts[:-1]:
            if GRADESCOPE.match(part):
                return self.submitters.get(part) or (StudentId(part),)
            moodle = MOODLE.match(part)
            if moodle:
                return (StudentId(moodle["id"], moodle["name"]),)
        if "submitted" in parts[:-2]:
            return (StudentId(parts[parts.index("submitted") + 1]),)
        canvas = CANVAS.match(parts[-1])
        if canvas:
            return (StudentId(canvas["id"], canvas["name"]),)
        return (StudentId(_plain(parts, slugs)),)


def _plain(parts: tuple[str, ...], slugs: Sequence[str]) -> str:
    stem = PurePosixPath(parts[-1]).stem
    for slug in slugs:
        if stem == slug:
            return parts[-2] if len(parts) > 1 else stem
        for left in (stem.removeprefix(f"{slug}_"), stem.removesuffix(f"_{slug}")):
            if left != stem:
                return left
    return parts[1] if len(parts) > 2 else stem


def _gradescope(file: Path) -> dict[str, tuple[StudentId, ...]]:
    try:
        if file.stat().st_size > MAX_METADATA_BYTES:
            raise ValueError("it is too large")
        # Ruby wrote it: the keys are symbols, which YAML reads as ":name"
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        return {str(key): tuple(_submitter(one) for one in value[":submitters"]) for key, value in raw.items()}
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise GraderError(
            f"{file}: not the metadata of a Gradescope export ({error})\n"
            "    -> export it again, or give --students FILE.csv"
        ) from None


def _submitter(raw: Mapping[str, Any]) -> StudentId:
    name, sid, email = (str(raw.get(key) or "") for key in (":name", ":sid", ":email"))
    return StudentId(sid or email or name, name, email)
