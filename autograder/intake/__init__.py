"""Finds submissions in files, folders and zips, whatever LMS or tool left them, and says whose each one is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.content import Tree
from autograder.intake.identity import exercise_of
from autograder.intake.layouts import Layouts, layouts_of
from autograder.intake.reading import Found, find, read
from autograder.intake.roster import Roster
from autograder.intake.times import Times, times_in_zip, zip_time
from autograder.submission import StudentId, Submission

MAX_NOTEBOOKS = 20  # of one student, where there are others; more where a course has more than ten exercises


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found: submissions to grade, and sentences about what was left out."""

    submissions: tuple[Submission, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whose a notebook is by its path, and how far below what the instructor named the name is that says so."""

    found: Found
    depth: int
    students: tuple[StudentId, ...]
    submitted_at: str = ""


@dataclass(frozen=True, slots=True)
class _Dated:
    """A submission with what decides between two of them."""

    depth: int
    modified: float
    submission: Submission


def take_in(
    paths: Sequence[Path],
    slugs: Sequence[str],
    exercise: str | None,
    roster: Roster | None,
    times: Times | None = None,
) -> Intake:
    """Find all submissions under `paths`. Nothing of a student's is opened but regular files, read-only, bounded.

    Raises:
        GraderError: a path does not exist, or holds no notebook at all.
    """
    for path in paths:
        if not path.exists():
            raise GraderError(f"{path} does not exist\n    -> name notebooks, folders or zips of submissions")
    named = [(path, list(find(path))) for path in paths]
    layouts = layouts_of(named)
    claims = [
        _dated([_claim(one, slugs, layout, roster) for one in found], layout, _zip_times(paths))
        for layout, (_, found) in zip(layouts, named, strict=True)
    ]
    if not any(claims):
        names = ", ".join(str(path) for path in paths)
        raise GraderError(f"no notebook (.ipynb) in {names}\n    -> name the folder or zip that holds the submissions")
    remarks = [remark for layout in layouts for remark in layout.remarks]
    every = [
        one
        for claim in _without_floods(claims, slugs, remarks)
        for one in _submissions(claim, slugs, exercise, times or Times())
    ]
    return _newest(every, remarks)


def _claim(found: Found, slugs: Sequence[str], layouts: Layouts, roster: Roster | None) -> _Claim:
    listed = roster.students(found) if roster else ()
    return _Claim(found, 0, listed) if listed else _Claim(found, *layouts.claim(found, slugs))


def _zip_times(paths: Sequence[Path]) -> Mapping[str, str]:
    """When the members of the one zip that is named were handed in: one of several may be a student's own."""
    return times_in_zip(paths[0]) if len(paths) == 1 else {}


def _dated(claims: list[_Claim], layout: Layouts, zipped: Mapping[str, str]) -> list[_Claim]:
    """With the times that an LMS noted: a Gradescope export's, or a zip's where that holds more than one student."""
    is_class = len({claim.students for claim in claims}) > 1
    return [
        replace(
            claim, submitted_at=layout.submitted_at(claim.found) or (zip_time(claim.found, zipped) if is_class else "")
        )
        for claim in claims
    ]


def _without_floods(claims: list[list[_Claim]], slugs: Sequence[str], remarks: list[str]) -> Iterator[_Claim]:
    """All claims but those that are too many for one student of several; each is at most a row."""
    limit = max(MAX_NOTEBOOKS, 2 * len(slugs))
    alone = len({claim.students for group in claims for claim in group}) == 1
    for group in claims:
        whose: dict[tuple[StudentId, ...], list[_Claim]] = {}
        for claim in group:
            whose.setdefault(claim.students, []).append(claim)
        for mine in whose.values():
            if len(mine) > limit and not alone:
                remarks.append(f"{_common(mine)} holds {len(mine):,} notebooks: the first {limit} are looked at")
                del mine[limit:]
            yield from mine


def _common(claims: Sequence[_Claim]) -> str:
    """The folder or zip that they are all in."""
    first, *others = (re.split(r"(?<=[/!])", str(claim.found.source)) for claim in claims)
    shared = itertools.takewhile(lambda names: len(set(names)) == 1, zip(first, *others, strict=False))
    return "".join(names[0] for names in shared).rstrip("/!")


def _submissions(claim: _Claim, slugs: Sequence[str], exercise: str | None, times: Times) -> Iterator[_Dated]:
    found, content = claim.found, read(claim.found)
    weights = weights_beside(found.source) if content.problem is None else None
    tree = Tree.of(content.data)
    digest, decisive = digests_with((content.digest, tree.digest), weights)
    slug = exercise or exercise_of(tree, found, slugs)
    for student in claim.students:
        submitted_at = times.of(student) or claim.submitted_at
        made = Submission(student, slug, found.source, digest, content.problem, weights, submitted_at, decisive)
        yield _Dated(claim.depth, found.modified, made)


def _newest(every: list[_Dated], remarks: list[str]) -> Intake:
    """One submission a student and exercise: the newest, and a remark for those that it replaces.

    One that is the student's by a name further out counts more than any that is so by a name further in: what lies in
    a folder or zip was named by whoever handed that in.
    """
    chosen: dict[tuple[str, str | None, str], _Dated] = {}
    for one in sorted(every, key=lambda one: (-one.depth, one.modified, str(one.submission.source))):
        new = one.submission
        # files of unknown exercise may be anything, so each of them is listed
        key = (new.student.id, new.exercise, "" if new.exercise else str(new.source))
        old = chosen.get(key)
        if old and old.submission.source != new.source:
            why = f"is older than {new.source}"
            if old.depth > one.depth:
                why = f"is {new.student.id}'s by a name further in than that of {new.source}"
            remarks.append(f"{new.student.id}, {new.exercise}: {old.submission.source} {why}, so it is left out")
        chosen[key] = one
    submissions = sorted(
        (one.submission for one in chosen.values()), key=lambda one: (one.exercise or "", one.student.id)
    )
    return Intake(tuple(_distinct(submissions)), tuple(remarks))


def _distinct(submissions: list[Submission]) -> Iterator[Submission]:
    """Unknown exercises of one student get numbered, so that no row of the gradebook hides another."""
    unknown: dict[str, int] = {}
    for submission in submissions:
        if submission.exercise is None:
            unknown[submission.student.id] = count = unknown.get(submission.student.id, 0) + 1
            yield replace(submission, exercise=f"unknown-{count}")
        else:
            yield submission
