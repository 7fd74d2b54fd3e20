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
counts at one level only, the one where most names follow it. Where several paths are named, as in `grade class/*`, each
of them may be a student's own, so what is below them must be more than one name of an LMS's, or so in all of them; an
nbgrader tree counts where all that is named beside it is a class by that rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import yaml

from autograder.errors import GraderError
from autograder.intake.gradescope import read_submitters, read_times
from autograder.intake.looks import CANVAS, MOODLE, Look, name_at
from autograder.intake.metadata import GRADESCOPE, METADATA, metadata_of
from autograder.intake.reading import OTTER_ZIP, Found
from autograder.submission import StudentId


@dataclass(frozen=True, slots=True)
class Layouts:
    """The patterns above, for one named path; `level` is the depth at which an LMS's names are, None where none is.

    `submitters` is what a Gradescope export says about its folders, by where they are. `submitted` is where in the
    parts nbgrader's folder of that name is. `beside` are the names of what is named beside the path, `one` says that
    all of it is the student's whom the path is called after, and `remarks` what the instructor should know.
    """

    level: int | None
    submitters: Mapping[str, tuple[StudentId, ...]]
    submitted: int | None = None
    beside: frozenset[str] = frozenset()
    one: bool = False
    remarks: tuple[str, ...] = ()
    times: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, found: Sequence[Found]) -> Layouts:
        """Look at what was found under the only named path.

        Raises:
            GraderError: the metadata of a Gradescope export is malformed.
        """
        return layouts_of([(path, found)])[0]

    def students(self, found: Found, slugs: Sequence[str]) -> tuple[StudentId, ...]:
        """Whose this is; several for a group's submission."""
        return self.claim(found, slugs)[1]

    def claim(self, found: Found, slugs: Sequence[str]) -> tuple[int, tuple[StudentId, ...]]:
        """How far below the named path the name is that says whose this is, and whose it is."""
        named = min(found.named, len(found.parts) - 1)
        own = (StudentId(found.parts[named]),)
        if self.one:
            return 0, own
        index, students = self._by_name(found, slugs)
        if index > named and any(student.id in self.beside for student in students):
            return 0, own  # who is named beside it has a path of that name, and this is not in it
        return max(0, index - named), students

    def submitted_at(self, found: Found) -> str:
        """When this came, where a Gradescope export's metadata says it."""
        name = name_at(found, self.level)
        return self.times.get(_place(found, name), "") if self.times and GRADESCOPE.match(name) else ""

    def marked_late(self, found: Found) -> bool:
        """Whether Canvas calls it late: its names say so, and not since when."""
        match = CANVAS.match(name_at(found, self.level)) if not self.one else None
        return bool(match and match["late"])

    def owner(self, found: Found, slugs: Sequence[str]) -> tuple[int, tuple[StudentId, ...]]:
        """As `claim`, of a file that is no notebook: nobody's unless a folder or an LMS's name says whose it is."""
        nobody = (0, ())
        if self.one:
            return nobody
        parts = found.parts
        if self.submitted is not None:
            is_in = len(parts) > self.submitted + 2 and parts[self.submitted] == "submitted"
            return self.claim(found, slugs) if is_in else nobody
        if self.level is not None:
            return self.claim(found, slugs) if name_at(found, self.level) else nobody
        if found.named >= len(parts) - 2 and (match := _of_lms(parts[found.named])):
            return 0, (StudentId(match["id"], match["name"]),)  # named by itself, so it is in no row of such names
        index, _ = _plain(parts, slugs)
        return self.claim(found, slugs) if found.named < index < len(parts) - 1 else nobody

    @property
    def is_plain(self) -> bool:
        """Whether nothing but folders and files says whose things are."""
        return self.level is None and self.submitted is None

    def _by_name(self, found: Found, slugs: Sequence[str]) -> tuple[int, tuple[StudentId, ...]]:
        parts = found.parts
        if self.submitted is not None and len(parts) > self.submitted + 2 and parts[self.submitted] == "submitted":
            return self.submitted + 1, (StudentId(parts[self.submitted + 1]),)
        name = name_at(found, self.level)
        if self.level is None or not name:
            index, name = _plain(parts, slugs)
            return index, (StudentId(name),)
        if GRADESCOPE.match(name):
            return self.level, self.submitters.get(_place(found, name)) or (StudentId(name),)
        match = _of_lms(name)
        return self.level, (StudentId(match["id"], match["name"]) if match else StudentId(name),)


def _of_lms(name: str) -> re.Match[str] | None:
    return MOODLE.match(name) or CANVAS.match(name)


def _place(found: Found, name: str) -> str:
    """Where the folder of that name is, as the metadata's folders are noted."""
    return re.split(rf"(?:^|(?<=[/!])){name}/", str(found.source), maxsplit=1)[0] + name


def layouts_of(named: Sequence[tuple[Path, Sequence[Found]]]) -> list[Layouts]:
    """Look at what was found under each named path.

    Raises:
        GraderError: the only path that is named is a Gradescope export with malformed metadata.
    """
    looks = [Look.at(path, found) for path, found in named]
    places = [path.resolve() for path, _ in named]
    all_lms = all(look.is_lms for look in looks if look.found)
    made = []
    for look, place in zip(looks, places, strict=True):
        siblings = {other for other in places if other.parent == place.parent and other != place}
        beside = frozenset(name for other in siblings for name in (other.name, other.stem)) - {place.name, place.stem}
        below = look.level is not None and look.level > look.named
        course_below = look.submitted is not None and look.submitted > look.named
        beside_classes = all(other.is_class for other in looks if other.found and other is not look)
        one = (course_below and not beside_classes) or (below and not all_lms and not look.has_lms_names)
        remarks = []
        if one:
            remarks.append(
                f"{look.path}: names in it look like an LMS's or nbgrader's, but what is named beside it does not, so"
                " all of it is taken for one student's; if it is a class, name it alone, and `autograder forget` that"
                " one"
            )
        elif course_below:
            remarks.append(f"{look.path}: taken for a course of nbgrader's, whose students are those in submitted/")
        said = _Said() if one else _said_of(look, alone=len(set(places)) == 1, remarks=remarks)
        made.append(Layouts(look.level, said.submitters, look.submitted, beside, one, tuple(remarks), said.times))
    return made


def _plain(parts: tuple[str, ...], slugs: Sequence[str]) -> tuple[int, str]:
    """The folder just below the named one; for a file that is in none, its name without the slug. And where it is."""
    for index, part in enumerate(parts[1:-1], start=1):
        if part not in slugs and not OTTER_ZIP.search(part):
            return index, part
    last = len(parts) - 1
    stem = PurePosixPath(parts[-1]).stem
    if stem in slugs:
        return 0, parts[0]
    for slug in slugs:
        for left in (stem.removeprefix(f"{slug}_"), stem.removesuffix(f"_{slug}")):
            if left not in ("", stem):
                return last, left
    return last, stem


@dataclass(frozen=True, slots=True)
class _Said:
    """What an export's metadata says, by where its folders are: who, and when."""

    submitters: dict[str, tuple[StudentId, ...]] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)


def _said_of(look: Look, *, alone: bool, remarks: list[str]) -> _Said:
    """What an export's metadata says. Only that of the one named export may stop everything when it is malformed."""
    everything = _Said()
    if any(GRADESCOPE.match(name_at(one, look.level)) for one in look.found):
        for source, data, on_top in metadata_of(look.path):
            file = str(source)
            try:
                said, times = read_submitters(data), read_times(data)
            except (ValueError, yaml.YAMLError, RecursionError) as error:
                problem = f"{file}: not the metadata of a Gradescope export ({type(error).__name__}: {error})"
                if on_top and alone:
                    raise GraderError(f"{problem}\n    -> export it again, or give --students FILE.csv") from None
                remarks.append(f"{problem}, so it is not used")
            else:
                beside = file.removesuffix(METADATA)
                everything.submitters.update({f"{beside}{folder}": people for folder, people in said.items()})
                everything.times.update({f"{beside}{folder}": time for folder, time in times.items()})
    return everything
