"""The files beside the gradebook: a JSON report and a Markdown feedback for each submission, and scores.csv."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pydantic_core

from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.escaping import csv_cell, path_name
from autograder.gradebook import Entry, Reader
from autograder.reports.feedback import feedback

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
LEFT = ("student", "exercise", "score", "possible", "percent", "status", "needs_review")
RIGHT = ("raw_score", "late_percent", "overridden", "submitted_at", "device", "tier", "graded_at")


def report_path(folder: Path, entry: Entry) -> Path:
    """Where an entry's JSON report is."""
    return folder / "reports" / path_name(entry.student) / f"{path_name(entry.exercise)}.json"


def feedback_path(folder: Path, entry: Entry) -> Path:
    """Where an entry's feedback for the student is."""
    return folder / "feedback" / path_name(entry.student) / f"{path_name(entry.exercise)}.md"


def files_of(folder: Path, entry: Entry) -> tuple[Path, ...]:
    """The files that are made of an entry: report, feedback, and its pages."""
    page = Path(path_name(entry.student)) / f"{path_name(entry.exercise)}.html"
    pages = (folder / "site" / edition / page for edition in ("submissions", "students"))
    return report_path(folder, entry), feedback_path(folder, entry), *pages


def remove_files(folder: Path, entry: Entry) -> int:
    """Remove an entry's files, and the folders that are empty then; gives how many there were.

    Raises:
        GraderError: one cannot be removed.
    """
    there = [path for path in files_of(folder, entry) if path.exists()]
    for path in there:
        try:
            path.unlink()
        except OSError as error:
            raise GraderError(f"{path} cannot be removed ({error.strerror})\n    -> {_remedy(error)}") from None
        with contextlib.suppress(OSError):  # others are in it
            path.parent.rmdir()
    return len(there)


def write_entry(folder: Path, entry: Entry, policy: FeedbackPolicy) -> None:
    """Write an entry's report and feedback."""
    whose = {"student": entry.student, "name": entry.name, "email": entry.email, "file": entry.source}
    made = {"key": entry.key, "graded_at": entry.graded_at, "submitted_at": entry.submitted_at}
    counts = {
        "final_score": entry.final,
        "late_percent": entry.late_percent,
        "overrides": [
            {"question": one.question, "points": one.points, "reason": one.reason, "by": one.made_by, "at": one.made_at}
            for one in entry.overrides
        ],
    }
    write_atomically(report_path(folder, entry), _indented(whose | made | counts | entry.document))
    write_atomically(feedback_path(folder, entry), feedback(entry, policy))


def _indented(report: Mapping[str, Any]) -> str:
    """JSON to read, in ASCII. Where json indents it encodes in Python, which takes longer than all else here."""
    try:
        text = pydantic_core.to_json(report, indent=1, inf_nan_mode="constants").decode()
    except pydantic_core.PydanticSerializationError:  # half a character, in the name of a file
        return json.dumps(report, indent=1) + "\n"
    return _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text) + "\n"


def write_scores(gradebook: Reader) -> Path:
    """Write scores.csv from the gradebook: a row for each student and exercise, of which few are in memory."""
    path = gradebook.folder / "scores.csv"
    write_atomically(path, scores_lines(gradebook.briefs))
    return path


def scores_csv(entries: Iterable[Entry]) -> str:
    """The text of scores.csv for these reports."""
    rows = list(entries)
    return "".join(scores_lines(lambda: rows))


def scores_lines(entries: Callable[[], Iterable[Entry]]) -> Iterator[str]:
    """The rows of scores.csv: the points that count, after overrides (in the questions' columns, too) and lateness.

    A cell that a spreadsheet would take for a formula opens with an apostrophe. Names stand in quotes: where a
    spreadsheet splits at semicolons, `a;=1+1` stays one cell all the same. `entries` are asked for twice.
    """
    questions = sorted({name for entry in entries() for name in _questions(entry)}, key=_in_order)
    text = io.StringIO()
    names = csv.writer(text, lineterminator=",", quoting=csv.QUOTE_ALL)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*LEFT, *questions, *RIGHT])
    for entry in entries():
        names.writerow([csv_cell(entry.student), csv_cell(entry.exercise)])
        writer.writerow([csv_cell(value) for value in _row(entry, questions)])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _in_order(question: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", question) or 0), question


def _questions(entry: Entry) -> dict[str, float]:
    """What counts for each question, those of a report that has none included where a person gave points."""
    given = {one.question: one.points for one in entry.overrides}
    return {question["id"]: float(question["earned"]) for question in entry.document["questions"]} | given


def _row(entry: Entry, questions: list[str]) -> list[object]:
    """What stands behind the student and the exercise: nothing in it is a student's own words."""
    earned = {name: f"{points:g}" for name, points in _questions(entry).items()}
    left = [f"{entry.final:g}", f"{entry.possible:g}", f"{entry.percent:.2f}", entry.status]
    review = "yes" if entry.to_review else "no"
    overridden = " ".join(one.question for one in entry.overrides)
    right = [f"{entry.raw:g}", f"{entry.late_percent:g}", overridden, entry.submitted_at]
    made = [entry.device, entry.tier, entry.graded_at]
    return [*left, review, *(earned.get(name, "") for name in questions), *right, *made]


def write_output(path: Path, content: bytes) -> None:
    """Write a file that somebody named: as below, in a folder that is there, so that a slip of the pen makes none.

    Raises:
        GraderError: there is no such folder, or it cannot be written there.
    """
    if not path.parent.is_dir():
        raise GraderError(f"{path}: there is no folder {path.parent}\n    -> make it, or name another one")
    write_atomically(path, content)


def write_atomically(path: Path, content: str | bytes | Iterable[str]) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one and nothing between.

    Raises:
        GraderError: it cannot be written there.
    """
    scratch = path.with_name(f".{path.name}.new")  # the gradebook's lock sees to it that one process writes
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            scratch.write_bytes(content)
        else:
            with scratch.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.writelines([content] if isinstance(content, str) else content)
        scratch.replace(path)
    except OSError as error:
        raise GraderError(f"{path} cannot be written ({error.strerror})\n    -> {_remedy(error)}") from None


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room on its disk, and give the same command again"
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY):
        return "move away what is in its place, or name another place"
    return "let this account write there, or name another place"
