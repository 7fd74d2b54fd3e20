"""The files beside the gradebook: a JSON report and a Markdown feedback for each submission, and scores.csv."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.escaping import csv_cell, path_name
from autograder.gradebook import Entry, Gradebook
from autograder.reports.feedback import feedback

LEFT = ("student", "exercise", "score", "possible", "percent", "status", "needs_review")
RIGHT = ("device", "tier", "graded_at")


def report_path(folder: Path, entry: Entry) -> Path:
    """Where an entry's JSON report is."""
    return folder / "reports" / path_name(entry.student) / f"{path_name(entry.exercise)}.json"


def feedback_path(folder: Path, entry: Entry) -> Path:
    """Where an entry's feedback for the student is."""
    return folder / "feedback" / path_name(entry.student) / f"{path_name(entry.exercise)}.md"


def write_entry(folder: Path, entry: Entry, policy: FeedbackPolicy) -> None:
    """Write an entry's report and feedback."""
    whose = {"student": entry.student, "name": entry.name, "email": entry.email, "file": entry.source}
    made = {"key": entry.key, "graded_at": entry.graded_at}
    report = json.dumps(whose | made | entry.document, indent=1, ensure_ascii=True)
    write_atomically(report_path(folder, entry), report + "\n")
    write_atomically(feedback_path(folder, entry), feedback(entry.document, policy))


def write_scores(gradebook: Gradebook) -> Path:
    """Write scores.csv from the gradebook: a row for each student and exercise."""
    path = gradebook.folder / "scores.csv"
    write_atomically(path, scores_csv(gradebook.entries()))
    return path


def scores_csv(entries: Iterable[Entry]) -> str:
    """The rows of scores.csv. A cell that a spreadsheet would take for a formula opens with an apostrophe.

    Names stand in quotes: where a spreadsheet splits at semicolons, `a;=1+1` stays one cell all the same.
    """
    rows = list(entries)
    ids = {question["id"] for entry in rows for question in entry.document["questions"]}
    questions = sorted(ids, key=lambda name: (int(re.sub(r"\D", "", name) or 0), name))
    text = io.StringIO()
    names = csv.writer(text, lineterminator=",", quoting=csv.QUOTE_ALL)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*LEFT, *questions, *RIGHT])
    for entry in rows:
        names.writerow([csv_cell(entry.student), csv_cell(entry.exercise)])
        writer.writerow([csv_cell(value) for value in _row(entry, questions)])
    return text.getvalue()


def _row(entry: Entry, questions: list[str]) -> list[object]:
    """What stands behind the student and the exercise: nothing in it is a student's own words."""
    earned = {question["id"]: f"{question['earned']:g}" for question in entry.document["questions"]}
    left = [f"{entry.score:g}", f"{entry.possible:g}", f"{entry.percent:.2f}", entry.status]
    review = "yes" if entry.needs_review else "no"
    return [*left, review, *(earned.get(name, "") for name in questions), entry.device, entry.tier, entry.graded_at]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one and nothing between.

    Raises:
        GraderError: it cannot be written there.
    """
    scratch = path.with_name(f".{path.name}.new")  # the gradebook's lock sees to it that one process writes
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace")
        scratch.replace(path)
    except OSError as error:
        raise GraderError(
            f"{path} cannot be written ({error.strerror})\n"
            "    -> make room, or remove what is in its way; the same command then goes on from what is kept"
        ) from None
