"""Moodle's offline grading worksheet: a fresh one, or the instructor's own download with its grades filled in.

The importer needs `Identifier`, `Grade` and `Last modified (grade)`; a row whose grade was changed in Moodle after that
time is left alone by it.
"""

from __future__ import annotations

import csv
import io

from autograder.errors import GraderError
from autograder.escaping import csv_cell
from autograder.exports.filling import Column, Filled, Fit, Ours, fill_in, finished
from autograder.exports.matching import Person, match
from autograder.exports.sheet import Sheet
from autograder.gradebook import Entry

COLUMNS = (
    *("Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
NEEDED = ("identifier", "grade", "last modified (grade)")
NAME_COLUMNS = ("full name", "first name", "last name", "surname")
PARTICIPANT = "Participant "
NEVER = "-"  # what Moodle writes where nothing was graded yet


def fresh(ours: Ours) -> str:
    """A worksheet of one exercise. Students whose id is no participant number have to be looked up: see --into."""
    slug = ours.only()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in ours.of(slug):
        writer.writerow([*map(csv_cell, _row(entry)), NEVER, ""])
    return text.getvalue()


def _row(entry: Entry) -> list[object]:
    is_number = entry.student.isdigit()
    who = [
        f"{PARTICIPANT}{entry.student}" if is_number else "",
        entry.name,
        "" if is_number else entry.student,
        entry.email,
    ]
    grade = f"{entry.final:g}" if entry.is_settled else ""
    return [*who, "Submitted for grading", grade, f"{entry.possible:g}", "Yes", entry.submitted_at]


def unknown_participants(ours: Ours) -> list[str]:
    """Those for whom a fresh worksheet has no identifier."""
    return [f"{entry.student}: no participant number is known" for entry in ours.entries if not entry.student.isdigit()]


def fill(sheet: Sheet, ours: Ours, fit: Fit = Fit.EXACT) -> Filled:
    """Put one exercise's points into a worksheet of Moodle's.

    Raises:
        GraderError: it is no such worksheet, or points do not fit its maximum.
    """
    header = sheet.header()
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise GraderError(
            f"{sheet.path}: no grading worksheet of Moodle's (no column {', '.join(map(repr, missing))})\n"
            "    -> the assignment's submissions, Download grading worksheet"
        )
    slug = ours.only()
    matches = match(ours.of(slug), [_person(sheet, row) for row in range(1, len(sheet.rows)) if any(sheet.rows[row])])
    locked = {
        row: f"{entry.student}: their grade cannot be changed there: left as it is"
        for row, entry in matches.rows.items()
        if _get(sheet, row, "grade can be changed").lower() in ("no", "nein", "non")
    }
    filled = fill_in(sheet, matches, Column(header.index("grade"), slug, _maximum(sheet)), ours, fit, locked)
    return finished(sheet, filled, [index for index, name in enumerate(header) if name in NAME_COLUMNS])


def _get(sheet: Sheet, row: int, name: str) -> str:
    header = sheet.header()
    return sheet.get(row, header.index(name)) if name in header else ""


def _maximum(sheet: Sheet) -> float | None:
    for row in range(1, len(sheet.rows)):
        try:
            return float(_get(sheet, row, "maximum grade").replace(",", "."))
        except ValueError:
            continue
    return None


def _person(sheet: Sheet, row: int) -> Person:
    identifier = _get(sheet, row, "identifier")
    ids = (identifier, identifier.removeprefix(PARTICIPANT), _get(sheet, row, "id number"))
    name = _get(sheet, row, "full name") or f"{_get(sheet, row, 'first name')} {_get(sheet, row, 'last name')}".strip()
    return Person(row, ids, _get(sheet, row, "email address"), name)
