"""Finds submissions in files, folders and zips, whatever LMS or tool left them, and says whose each one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import GraderError
from autograder.intake.beside import digest_with, weights_beside
from autograder.intake.identity import exercise_of
from autograder.intake.layouts import Layouts
from autograder.intake.reading import Found, find, read
from autograder.intake.roster import Roster
from autograder.submission import StudentId, Submission


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found: submissions to grade, and sentences about what was left out."""

    submissions: tuple[Submission, ...]
    remarks: tuple[str, ...]


def take_in(paths: Sequence[Path], slugs: Sequence[str], exercise: str | None, roster: Roster | None) -> Intake:
    """Find all submissions under `paths`. Nothing of a student's is opened but regular files, read-only, bounded.

    Raises:
        GraderError: a path does not exist, or holds no notebook at all.
    """
    every: list[tuple[float, Submission]] = []
    for path in paths:
        if not path.exists():
            raise GraderError(f"{path} does not exist\n    -> name notebooks, folders or zips of submissions")
        found = list(find(path))
        layouts = Layouts.of(path, found)
        every += (one for item in found for one in _submissions(item, slugs, exercise, layouts, roster))
    if not every:
        names = ", ".join(str(path) for path in paths)
        raise GraderError(f"no notebook (.ipynb) in {names}\n    -> name the folder or zip that holds the submissions")
    return _newest(every)


def _submissions(
    found: Found, slugs: Sequence[str], exercise: str | None, layouts: Layouts, roster: Roster | None
) -> Iterator[tuple[float, Submission]]:
    content = read(found)
    weights = weights_beside(found.source) if content.problem is None else None
    digest = digest_with(content.digest, weights)
    slug = exercise or exercise_of(content, found, slugs)
    students: Sequence[StudentId] = roster.students(found) if roster else ()
    for student in students or layouts.students(found, slugs):
        yield found.modified, Submission(student, slug, found.source, digest, content.problem, weights)


def _newest(dated: list[tuple[float, Submission]]) -> Intake:
    """One submission a student and exercise: the newest, and a remark for those that it replaces."""
    chosen: dict[tuple[str, str | None, str], tuple[float, Submission]] = {}
    remarks: list[str] = []
    for modified, submission in sorted(dated, key=lambda item: (item[0], str(item[1].source))):
        # files of unknown exercise may be anything, so each of them is listed
        other = "" if submission.exercise else str(submission.source)
        key = (submission.student.id, submission.exercise, other)
        if key in chosen and chosen[key][1].source != submission.source:
            older = chosen[key][1]
            remarks.append(
                f"{submission.student.id}, {submission.exercise}: {older.source} is older than {submission.source},"
                " so it is left out"
            )
        chosen[key] = (modified, submission)
    submissions = sorted((one for _, one in chosen.values()), key=lambda one: (one.exercise or "", one.student.id))
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
