"""Gradescope's results.json: one test a question, with what the student may read about it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.escaping import path_name, visible
from autograder.gradebook import Entry
from autograder.reports.disclosure import not_final, shown_cases

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same results make the same bytes


def results(entry: Entry, policy: FeedbackPolicy) -> dict[str, Any]:
    """What Gradescope's autograder would leave in /autograder/results/results.json."""
    run = entry.document["run"]
    questions = entry.document["questions"]
    return {
        "score": entry.final,
        "execution_time": run["wall_seconds"] if run else 0,
        "output": _output(entry),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(entry, question, str(number), policy) for number, question in enumerate(questions, start=1)],
        "extra_data": {"exercise": entry.exercise, "raw_score": entry.raw, "late_percent": entry.late_percent},
    }


def archive(entries: Sequence[Entry], policy: Callable[[str], FeedbackPolicy]) -> bytes:
    """A zip with STUDENT/EXERCISE/results.json for each."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in entries:
            name = f"{path_name(entry.student)}/{path_name(entry.exercise)}/results.json"
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(member, text(entry, policy(entry.exercise)))
    return file.getvalue()


def text(entry: Entry, policy: FeedbackPolicy) -> str:
    """The file's text."""
    return json.dumps(results(entry, policy), indent=1) + "\n"


def _output(entry: Entry) -> str:
    document = entry.document
    said = [f"{entry.final:g} of {entry.possible:g} points"]
    if entry.late_percent:
        said.append(f"Handed in late: {entry.late_percent:g} % off {entry.raw:g} points.")
    if entry.to_review:
        said.append(not_final(document))
    elif document["status"] != "graded" and document["note"]:
        said.append(f"Your notebook could not be run: {visible(document['note'])}")
    return "\n".join(said)


def _test(entry: Entry, question: dict[str, Any], number: str, policy: FeedbackPolicy) -> dict[str, Any]:
    earned = entry.points(question)
    return {
        "score": earned,
        "max_score": question["possible"],
        "status": "passed" if earned >= question["possible"] else "failed",
        "name": f"{question['id']} · {question['title']}",
        "name_format": "text",
        "number": number,
        "output": "\n".join(_lines(entry, question, policy)),
        "output_format": "text",
        "visibility": "visible",
    }


def _lines(entry: Entry, question: dict[str, Any], policy: FeedbackPolicy) -> list[str]:
    given = entry.override(question["id"])
    lines = [f"Your instructor set these points: {visible(given.reason)}"] if given else []
    for seen in shown_cases(question, policy):
        lines.append(f"{seen.mark} {seen.title} ({seen.earned:g} of {seen.points:g})")
        lines += (f"  {visible(part)}" for part in (seen.sentence, seen.hint, seen.message) if part)
    return lines
