"""override and overrides: points that a person sets, listed and undone."""

from __future__ import annotations

import contextlib
import difflib
import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.text import Text

from autograder.cli.summary import plain_console
from autograder.cli.terms import course_terms, now
from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.escaping import printable
from autograder.gradebook import FILE_NAME, Entry, Gradebook, Override, Reader, open_for_reading
from autograder.reports.files import write_entry, write_scores

OK = 0
Whose = tuple[str, str, str]


def override(results: Path, whose: Whose, points: float, reason: str, by: str) -> int:
    """Set the points that count for a question."""
    _, seen = course_terms(results, None)
    with open_gradebook(results) as gradebook:
        entry = _entry(gradebook, *whose[:2])
        question = _question(gradebook, entry, whose[2], points)
        gradebook.add_override(
            Override(0, entry.student, entry.exercise, question, points, reason, by or user(), now())
        )
        _write(gradebook, entry, seen)
    return OK


def undo(results: Path, student: str, exercise: str, question: str, by: str) -> int:
    """Take back the newest of a question; the one before it counts again, if there is one."""
    _, seen = course_terms(results, None)
    with open_gradebook(results) as gradebook:
        entry = _entry(gradebook, student, exercise)
        old = entry.override(question)
        if old is None:
            raise GraderError(f"{student}, {entry.exercise}: no points of {question} are set by hand")
        gradebook.undo_override(old, by or user(), now())
        _write(gradebook, entry, seen)
    return OK


def show(results: Path) -> int:
    """List all that were ever made."""
    console = plain_console(soft_wrap=True)
    with open_for_reading(results) as reader:
        made = reader.overrides()
    for one in made:
        line = f"{one.student}, {one.exercise} {one.question}: {one.points:g} points. {one.reason}"
        line += f" ({one.made_by}, {one.made_at[:16]})"
        line += f" UNDONE by {one.undone_by}, {one.undone_at[:16]}" if one.is_undone else ""
        console.print(Text(printable(line), style="dim" if one.is_undone else ""))
    if not made:
        console.print("no points are set by hand")
    return OK


def slug_of(wanted: str, slugs: Iterable[str]) -> str:
    """The exercise that is meant by 01_output_size, output_size or 1; raises GraderError where none is."""
    known = sorted(set(slugs))
    for slug in known:
        number, _, topic = slug.partition("_")
        if wanted in (slug, topic, number, number.lstrip("0")):
            return slug
    raise GraderError(
        f"no result is of an exercise {wanted!r}\n    -> one of: {', '.join(known) or '(there are none)'}"
    )


def open_gradebook(results: Path) -> Gradebook:
    """The gradebook of a folder, to write; raises GraderError where there is none."""
    if not (results / FILE_NAME).is_file():
        raise GraderError(
            f"{results} has no {FILE_NAME}\n    -> name the folder that grade wrote, as the last argument"
        )
    return Gradebook(results)


def person(gradebook: Reader, student: str) -> str:
    """The id of a student, by id or e-mail address; raises GraderError where nobody, or several, have it."""
    people = gradebook.people()
    ids = {one for one, _, _ in people}
    by_email = {one for one, _, email in people if email and email == student}
    chosen = {student} if student in ids else by_email
    if len(chosen) != 1:
        close = difflib.get_close_matches(student, ids, n=3)
        said = f": did you mean {' or '.join(map(printable, close))}?" if close else ": scores.csv has their ids"
        raise GraderError(f"no student {printable(student)!r}\n    -> id or e-mail address{said}")
    (found,) = chosen
    return found


def _entry(gradebook: Reader, student: str, exercise: str) -> Entry:
    found = person(gradebook, student)
    slug = slug_of(exercise, (one for _, one in gradebook.keys()))  # noqa: SIM118  (not a dict's)
    entry = gradebook.find(found, slug)
    if entry is None:
        raise GraderError(f"{printable(found)} handed in no {slug}")
    return entry


def _question(gradebook: Reader, entry: Entry, question: str, points: float) -> str:
    """Its id, if it has that many points. A report that has no questions takes those of the others' reports."""
    possible = {one["id"]: one["possible"] for one in entry.document["questions"]}
    if not possible:
        others = (one for one in gradebook.briefs() if one.exercise == entry.exercise)
        possible = {one["id"]: one["possible"] for other in others for one in other.document["questions"]}
    if question not in possible:
        raise GraderError(f"{entry.exercise} has no question {question!r}\n    -> one of: {', '.join(possible)}")
    if points > possible[question]:
        raise GraderError(f"{question} has {possible[question]:g} points, {points:g} are more")
    return question


def _write(gradebook: Gradebook, old: Entry, seen: Mapping[str, FeedbackPolicy]) -> None:
    """The files of the entry as it is now, and what changed for a person."""
    new = gradebook.find(old.student, old.exercise)
    assert new is not None  # it was there, and nobody else writes
    write_entry(gradebook.folder, new, seen.get(new.exercise, FeedbackPolicy.NAME))
    gradebook.mark_written([new])
    write_scores(gradebook)
    name = printable(f"{new.student}, {new.exercise}")
    plain_console(soft_wrap=True).print(f"{name}: {old.final:g} -> {new.final:g} of {new.possible:g} points")


def user() -> str:
    """Who is logged in."""
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"
