"""What a student may know about a hidden case, as values: the Markdown feedback and the student's page say the same.

Messages of hidden calls hold hidden inputs and expected values, and an exception's text may have been made from them by
the student's code: both are shown under the policy `full` only. Hints are written to be read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.report import Verdict
from autograder.submission import NO_NOTEBOOK

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
SECONDS, MEBIBYTES = (1, 10, 60, 600), (256, 512, 1024, 2048, 4096, 8192)
HINTED = (Verdict.WRONG.value, Verdict.PARTIAL.value, Verdict.RAISED.value)
MARKS = {Verdict.PASSED.value: "✓", Verdict.PARTIAL.value: "◐"}


@dataclass(frozen=True, slots=True)
class ShownCase:
    """One hidden case as its student sees it; what the policy hides is empty."""

    mark: str
    title: str
    earned: float
    points: float
    sentence: str = ""
    hint: str = ""
    message: str = ""


def not_final(document: dict[str, Any]) -> str:
    """Why points that need a review are not final: a person is to judge an answer, or something of ours failed."""
    if document["status"] == "graded":
        return "These points are not final: your instructor looks at this submission."
    return "Something of ours went wrong, so these points are not final: your instructor looks at it."


def not_run(document: dict[str, Any]) -> str:
    """Why a student's notebook could not be run; nothing where it was, or where a person looks into that."""
    note = document["note"]
    if document["status"] == "graded" or document["needs_review"] or not note:
        return ""
    return f"You {note}." if note.startswith(NO_NOTEBOOK) else f"Your notebook could not be run: {note}"


def what_it_took(run: dict[str, Any]) -> str:
    """What running took, in steps: numbers could be made to say what a hidden call was given."""
    seconds = next((step for step in SECONDS if run["cpu_seconds"] <= step), None)
    memory = next((step for step in MEBIBYTES if run["peak_memory_mb"] <= step), None)
    took = f"no more than {seconds} s" if seconds else f"more than {SECONDS[-1]} s"
    held = f"no more than {memory:,} MiB" if memory else f"more than {MEBIBYTES[-1]:,} MiB"
    return f"Running it took {took} of processor time and {held} of memory."


def shown_cases(question: dict[str, Any], policy: FeedbackPolicy, *, apart: bool = False) -> list[ShownCase]:
    """A question's cases, none where the policy shows none.

    A hint that several of them share stands at the first; at each where they are read `apart` from one another.
    """
    if policy is FeedbackPolicy.NOTHING:
        return []
    shown = [_shown(case, policy) for case in question["cases"]]
    if apart:
        return shown
    first = {one.hint: number for number, one in reversed(list(enumerate(shown)))}
    return [one if first[one.hint] == number else replace(one, hint="") for number, one in enumerate(shown)]


def _shown(case: dict[str, Any], policy: FeedbackPolicy) -> ShownCase:
    verdict = case["verdict"]
    what = (MARKS.get(verdict, "✗"), case["title"], case["earned"], case["points"])
    if verdict == Verdict.PASSED.value or policy is FeedbackPolicy.NAME:
        return ShownCase(*what)
    if case["error"] == "NotImplementedError":
        return ShownCase(*what, "Not answered yet.")
    sentence = SENTENCES.get(verdict) or ("" if case.get("undefined") else _raised(case))
    hint = case["hint"] if verdict in HINTED else ""
    return ShownCase(*what, sentence, hint, case["message"] if policy is FeedbackPolicy.FULL else "")


def _raised(case: dict[str, Any]) -> str:
    """Name an everyday exception; the name of one that the student made could carry a hidden input."""
    if case["verdict"] != Verdict.RAISED.value:
        return ""
    error = case["error"]
    return f"Your code raised {error} here." if error in NAMED else "Your code raised an exception here."
