"""The table that `nbgrader export` writes: grades.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.escaping import csv_cell
from autograder.gradebook import Entry

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def grades(entries: Sequence[Entry]) -> str:
    """A row for each student and exercise; the penalty is in points. Points that are not settled are left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        last, first = _names(entry.name)
        who = [entry.exercise, "", entry.submitted_at, entry.student, last, first, entry.email]
        points = [entry.raw, round(entry.raw - entry.final, 6), entry.final]
        shown = [f"{number:g}" if entry.is_settled else "" for number in points]
        writer.writerow([*map(csv_cell, who), *shown, f"{entry.possible:g}"])
    return text.getvalue()


def _names(name: str) -> tuple[str, str]:
    """Last and first name; a name of one word is a last name."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return last.strip(), first.strip()
