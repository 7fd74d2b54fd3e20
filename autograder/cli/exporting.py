"""export: results in the form of another tool, and what a person must look at before importing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from autograder.cli.overriding import slug_of
from autograder.cli.summary import plain_console
from autograder.cli.terms import course_terms
from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.escaping import printable
from autograder.exports import canvas, gradescope, moodle, nbgrader
from autograder.exports.filling import Filled, Fit, Ours, unsettled
from autograder.exports.sheet import Sheet
from autograder.gradebook import Entry, open_for_reading
from autograder.reports.document import Status, last_line
from autograder.reports.files import scores_csv, write_output

OK, TO_LOOK_AT = 0, 1
SHOWN = 20  # results without points
MAX_NOTE = 200
FILLABLE = ("canvas", "moodle")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    results: Path
    format: str
    output: Path
    into: Path | None
    exercise: str | None
    column: str | None
    fit: Fit
    course: Path | None


def export(wish: Wish) -> int:
    """Write the file, and say what is not certain about it."""
    console = plain_console(soft_wrap=True)
    _refuse(wish)
    entries = _entries(wish)
    filled = _filled(wish, Ours(tuple(entries))) if wish.into else _fresh(wish, entries)
    write_output(wish.output, filled.data)
    for remark in filled.remarks:
        console.print(Text(f"note: {printable(remark)}"))
    for sentence in filled.unmatched:
        console.print(Text(f"not matched: {printable(sentence)}", style="yellow"))
    for sentence in _withheld(wish, filled.withheld):
        console.print(Text(printable(sentence), style="yellow"))
    console.print(f"written   {wish.output}")
    return TO_LOOK_AT if filled.unmatched or filled.withheld else OK


def _withheld(wish: Wish, entries: Sequence[Entry]) -> Iterator[str]:
    """Who has no points in the file, and why; in our own table all points stand."""
    what = "not final" if wish.format == "csv" else "no points written"
    for one in entries[:SHOWN]:
        note = last_line(one.document)
        why = "needs review" if one.to_review else one.status.replace("_", " ")
        yield f"{what}: {one.student}, {one.exercise} {why}{f' ({note[:MAX_NOTE]})' if note else ''}"
    if len(entries) > SHOWN:
        yield f"{what}: {len(entries) - SHOWN:,} more: filter scores.csv by status and needs_review"


def _refuse(wish: Wish) -> None:
    """What would be wrong usage, said before anything is read."""
    if wish.into and wish.format not in FILLABLE:
        raise GraderError(f"--into goes with {' and '.join(FILLABLE)}\n    -> leave it out for {wish.format}")
    if wish.column and not (wish.into and wish.format == "canvas"):
        raise GraderError("--column goes with --format canvas --into FILE")
    if wish.fit is not Fit.EXACT and not wish.into:
        raise GraderError("--scale and --unscaled go with --into FILE: without it there is no other maximum")
    if wish.course and wish.format != "gradescope":
        raise GraderError("--course goes with --format gradescope: the others say nothing that a policy could hide")
    if wish.into and wish.output.exists() and wish.into.exists() and wish.output.samefile(wish.into):
        raise GraderError(f"{wish.into} would be overwritten\n    -> another name for -o: the download stays as it is")
    if wish.output.is_dir():
        raise GraderError(f"{wish.output} is a folder\n    -> name a file with -o")


def _entries(wish: Wish) -> list[Entry]:
    """What has points: not what is of no known exercise."""
    with open_for_reading(wish.results) as reader:
        entries = list(reader.entries() if wish.format == "gradescope" else reader.briefs())
    slug = slug_of(wish.exercise, [entry.exercise for entry in entries]) if wish.exercise else None
    if wish.format != "csv":
        entries = [entry for entry in entries if entry.status != Status.UNKNOWN_EXERCISE.value]
    chosen = [entry for entry in entries if slug in (None, entry.exercise)]
    if not chosen:
        raise GraderError(f"{wish.results} has no results to export")
    return chosen


def _filled(wish: Wish, ours: Ours) -> Filled:
    assert wish.into is not None  # asked for by who calls
    sheet = Sheet.read(wish.into)
    if wish.format == "canvas":
        return canvas.fill(sheet, ours, wish.column, wish.fit)
    return moodle.fill(sheet, ours, wish.fit)


def _fresh(wish: Wish, entries: list[Entry]) -> Filled:
    ours, withheld = Ours(tuple(entries)), unsettled(entries)
    if wish.format == "canvas":
        remarks = (
            "Canvas makes a new assignment of each column that it does not know; --into fills one that it has",
            "ids that are numbers are taken for Canvas' own, as its download of submissions has them",
        )
        return Filled(canvas.fresh(ours).encode(), remarks, withheld=withheld)
    if wish.format == "moodle":
        note = "ids that are numbers are taken for participants', as Moodle's download of submissions has them"
        return Filled(moodle.fresh(ours).encode(), (note,), tuple(moodle.unknown_participants(ours)), withheld)
    if wish.format == "nbgrader":
        return Filled(nbgrader.grades(entries).encode(), withheld=withheld)
    if wish.format == "gradescope":
        return Filled(_gradescope(wish, entries), withheld=withheld)
    return Filled(scores_csv(entries).encode("utf-8", "backslashreplace"), withheld=withheld)


def _gradescope(wish: Wish, entries: list[Entry]) -> bytes:
    """One results.json where there is one submission, else a zip of them."""
    _, seen = course_terms(wish.results, wish.course)

    def policy(slug: str) -> FeedbackPolicy:
        return seen.get(slug, FeedbackPolicy.NAME)

    if len(entries) == 1 and wish.output.suffix == ".json":
        return gradescope.text(gradescope.results(entries[0], policy(entries[0].exercise), settled=True)).encode()
    if wish.output.suffix != ".zip":
        raise GraderError(f"{len(entries)} submissions are as many results.json\n    -> name a zip: -o results.zip")
    return gradescope.archive(entries, policy)
