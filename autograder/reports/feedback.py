"""What a student may read about a submission, as Markdown, under the course's feedback policy.

Messages of hidden calls hold hidden inputs and expected values, and an exception's text may have been made from them by
the student's code: both are shown under the policy `full` only. Hints are written to be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.escaping import markdown_block, markdown_line
from autograder.report import Verdict

# The everyday ones alone: which of Python's seventy exceptions is raised could spell out a hidden input bit by bit.
NAMED = frozenset(
    "AttributeError IndexError KeyError NameError RecursionError RuntimeError TypeError ValueError "
    "ZeroDivisionError".split()
)
SENTENCES = {
    Verdict.TIMEOUT.value: "Your code took longer than the time limit here.",
    Verdict.MEMORY.value: "Your code asked for more memory than the limit here.",
    Verdict.DIED.value: "The process that runs your notebook ended here: a crash, or a call that ends Python.",
    Verdict.SKIPPED.value: "This could not be asked.",
    Verdict.REVIEW.value: "Your instructor looks at this.",
    Verdict.JUDGE_ERROR.value: "This could not be judged because of a fault of ours. Your instructor looks at it.",
}


def feedback(document: dict[str, Any], policy: FeedbackPolicy) -> str:
    """A student's feedback from a report document."""
    return "\n".join(_lines(document, policy)).rstrip() + "\n"


def _lines(document: dict[str, Any], policy: FeedbackPolicy) -> Iterator[str]:
    yield f"# {markdown_line(document['exercise_title'] or document['exercise'])}\n"
    if document["needs_review"] and document["status"] == "graded":
        yield "These points are not final: your instructor looks at this submission.\n"
    elif document["needs_review"]:
        yield "Something of ours went wrong, so these points are not final: your instructor looks at it.\n"
    yield f"**{document['score']:g} of {document['possible']:g} points**\n"
    if document["status"] != "graded" and document["note"] and not document["needs_review"]:
        yield f"Your notebook could not be run: {markdown_line(document['note'])}\n"
    yield from _cells(document)
    for question in document["questions"]:
        points = f"{question['earned']:g} of {question['possible']:g}"
        yield f"## {question['id']} · {markdown_line(question['title'])}: {points}\n"
        if policy is not FeedbackPolicy.NOTHING:
            for case in question["cases"]:
                yield from _case(case, policy)
            yield ""


def _cells(document: dict[str, Any]) -> Iterator[str]:
    errors = document["run"]["cell_errors"] if document["run"] else []
    if errors:
        yield "Cells that stopped with an error (the cells after them ran all the same):\n"
    for error in errors:
        yield f"Cell {error['cell']}:\n\n{markdown_block(error['error'])}\n"
    if errors and document["run"]["more_errors"]:
        yield f"... and {document['run']['more_errors']:,} more cells.\n"


def _case(case: dict[str, Any], policy: FeedbackPolicy) -> Iterator[str]:
    mark = {Verdict.PASSED.value: "✓", Verdict.PARTIAL.value: "◐"}.get(case["verdict"], "✗")
    yield f"- {mark} {markdown_line(case['title'])} ({case['earned']:g} of {case['points']:g})"
    if case["verdict"] == Verdict.PASSED.value or policy is FeedbackPolicy.NAME:
        return
    if case["error"] == "NotImplementedError":
        yield "  Not answered yet."
        return
    sentence = SENTENCES.get(case["verdict"]) or _raised(case)
    if sentence:
        yield f"  {sentence}"
    if case["verdict"] in (Verdict.WRONG.value, Verdict.PARTIAL.value, Verdict.RAISED.value):
        yield f"  {markdown_line(case['hint'])}"
    if policy is FeedbackPolicy.FULL and case["message"]:
        yield "\n" + "\n".join("  " + line for line in markdown_block(case["message"]).splitlines())


def _raised(case: dict[str, Any]) -> str:
    """Name an everyday exception; the name of one that the student made could carry a hidden input."""
    if case["verdict"] != Verdict.RAISED.value:
        return ""
    error = case["error"]
    return f"Your code raised {error} here." if error in NAMED else "Your code raised an exception here."
