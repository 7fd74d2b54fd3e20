"""Finds submissions in files, folders and zips, whatever LMS or tool left them, and says whose each one is."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.content import Tree
from autograder.intake.identity import exercise_of
from autograder.intake.layouts import Layouts, layouts_of
from autograder.intake.newest import Dated, newest, shelf_of_dated
from autograder.intake.opening import Opener
from autograder.intake.packing import pack_found, pack_student, unpack_found, unpack_student
from autograder.intake.reading import Found, find
from autograder.intake.roster import Roster
from autograder.intake.shelf import Shelf, View
from autograder.intake.times import Times, times_in_zip, zip_time
from autograder.submission import StudentId, Submission

MAX_NOTEBOOKS = 20  # of one student, where there are others; more where a course has more than ten exercises


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found: submissions to grade, and sentences about what was left out."""

    submissions: View[Submission]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whose a notebook is by its path, and how far below what the instructor named the name is that says so."""

    found: Found
    depth: int
    students: tuple[StudentId, ...]

    @classmethod
    def unpack(cls, packed: Any) -> _Claim:
        """What `pack` made."""
        found, depth, students = packed
        return cls(unpack_found(found), depth, tuple(map(unpack_student, students)))

    def pack(self) -> object:
        """As it lies on a shelf."""
        return pack_found(self.found), self.depth, [pack_student(one) for one in self.students]


@dataclass(frozen=True, slots=True)
class _Claims:
    """All claims, and those below each named path with its layout."""

    shelf: Shelf[_Claim]
    named: Sequence[tuple[Layouts, View[_Claim]]]


def take_in(
    paths: Sequence[Path],
    slugs: Sequence[str],
    exercise: str | None,
    roster: Roster | None,
    times: Times | None = None,
) -> Intake:
    """Find all submissions under `paths`. Nothing of a student's is opened but regular files, read-only, bounded.

    Raises:
        GraderError: a path does not exist, or holds no notebook at all; or there is no room for a list of them on disk.
    """
    for path in paths:
        if not path.exists():
            raise GraderError(f"{path} does not exist\n    -> name notebooks, folders or zips of submissions")
    claims = _claims(paths, slugs, roster)
    remarks = [remark for layout, _ in claims.named for remark in layout.remarks]
    remarks += _without_floods(claims, slugs)
    every, read = shelf_of_dated(), _Read(slugs, exercise, times or Times())
    with Opener() as opener:
        for claim, submitted_at in _dated(claims, _zip_times(paths)):
            for one in read.submissions(claim, submitted_at, opener):
                every.add(one, rank=one.rank)
    submissions = newest(every, remarks)
    return Intake(submissions, tuple(remarks))


def _claims(paths: Sequence[Path], slugs: Sequence[str], roster: Roster | None) -> _Claims:
    everything, shelf = Shelf(pack_found, unpack_found), Shelf(_Claim.pack, _Claim.unpack)
    named = [(path, everything.add_all(find(path))) for path in paths]
    layouts = layouts_of(named)
    if not any(found for _, found in named):
        names = ", ".join(str(path) for path in paths)
        raise GraderError(f"no notebook (.ipynb) in {names}\n    -> name the folder or zip that holds the submissions")
    views = []
    for number, (layout, (_, found)) in enumerate(zip(layouts, named, strict=True)):
        claims = (_claim(one, slugs, layout, roster) for one in found)
        views.append(shelf.add_all(claims, functools.partial(_whose, number)))
    return _Claims(shelf, list(zip(layouts, views, strict=True)))


def _claim(found: Found, slugs: Sequence[str], layouts: Layouts, roster: Roster | None) -> _Claim:
    listed = roster.students(found) if roster else ()
    return _Claim(found, 0, listed) if listed else _Claim(found, *layouts.claim(found, slugs))


def _whose(number: int, claim: _Claim) -> str:
    """The same for all that one student, or one group, has below one of the named paths."""
    return json.dumps([number, *(student.id for student in claim.students)])


def _zip_times(paths: Sequence[Path]) -> Mapping[str, str]:
    """When the members of the one zip that is named were handed in: one of several may be a student's own."""
    return times_in_zip(paths[0]) if len(paths) == 1 else {}


def _dated(claims: _Claims, zipped: Mapping[str, str]) -> Iterator[tuple[_Claim, str]]:
    """With the times that an LMS noted: a Gradescope export's, or a zip's where that holds more than one student."""
    for layout, mine in claims.named:
        is_class = _differ(claim.students for claim in mine)
        for claim in mine:
            yield claim, layout.submitted_at(claim.found) or (zip_time(claim.found, zipped) if is_class else "")


def _differ(values: Iterable[object]) -> bool:
    return any(one != other for one, other in itertools.pairwise(values))


def _without_floods(claims: _Claims, slugs: Sequence[str]) -> Iterator[str]:
    """Drop those that are too many for one student of several, since each is at most a row; gives the remarks."""
    limit = max(MAX_NOTEBOOKS, 2 * len(slugs))
    if not _differ(claim.students for _, mine in claims.named for claim in mine):
        return
    for mine in claims.shelf.crowds(limit):
        yield f"{_common(mine)} holds {len(mine):,} notebooks: the first {limit} are looked at"
        claims.shelf.drop(mine.rows[limit:])


def _common(claims: Iterable[_Claim]) -> str:
    """The folder or zip that they are all in."""
    parts: Iterator[list[str]] = (re.split(r"(?<=[/!])", str(claim.found.source)) for claim in claims)
    shared: list[str] = functools.reduce(_shared, parts)
    return "".join(shared).rstrip("/!")


def _shared(some: list[str], other: list[str]) -> list[str]:
    return [one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(some, other, strict=False))]


@dataclass(frozen=True, slots=True)
class _Read:
    """How claims become submissions."""

    slugs: Sequence[str]
    exercise: str | None
    times: Times

    def submissions(self, claim: _Claim, submitted_at: str, opener: Opener) -> Iterator[Dated]:
        """One for each student whose it is."""
        found, content = claim.found, opener.read(claim.found)
        weights = weights_beside(found.source, opener) if content.problem is None else None
        tree = Tree.of(content.data)
        digest, decisive = digests_with((content.digest, tree.digest), weights, opener)
        slug = self.exercise or exercise_of(tree, found, self.slugs)
        for student in claim.students:
            when = self.times.of(student) or submitted_at
            made = Submission(student, slug, found.source, digest, content.problem, weights, when, decisive)
            yield Dated(claim.depth, found.modified, made)
