"""Gradescope's results.json: a test for each hidden case, with what the student may read about it.

The same file is exported for a class that was graded here and written where Gradescope runs the packaged grader.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.escaping import markdown_block, markdown_line, path_name
from autograder.gradebook import Entry
from autograder.pictures import picture
from autograder.reports.disclosure import ShownCase, not_final, not_run, shown_cases
from autograder.reports.document import Status
from autograder.reports.feedback import case_lines, cell_errors, why

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same results make the same bytes
VISIBLE = "visible"
VISIBILITIES = (VISIBLE, "after_due_date", "after_published", "hidden")
MAX_OUTPUT = 95_000  # characters: Gradescope cuts the middle out of what is longer than 100,000
LATER = {
    "after_due_date": "You see your points after the due date.",
    "after_published": "You see your points when your instructor publishes the grades.",
    "hidden": "Your instructor tells you your points.",
}
FAULT = (
    "Something of ours went wrong while your notebook was graded, so there are no points yet. **This is not a zero, and"
    " not your mistake.** Your instructor sees what failed, mends it and has your notebook graded again; you need not"
    " hand it in again."
)

NO_POINTS = "There are no points yet: your instructor looks at this submission."

Test = dict[str, Any]


def results(
    entry: Entry, policy: FeedbackPolicy, visibility: str = VISIBLE, *, settled: bool = False
) -> dict[str, Any]:
    """What Gradescope's autograder would leave in /autograder/results/results.json.

    Where something of ours failed there is no score at all, above the tests or in them: Gradescope needs it in one of
    these places, and takes a file without for a failure of the autograder, not of the student. With `settled` that is
    so for all points that are not settled; where Gradescope runs us, a student sees at once what a file gave.
    """
    scored = entry.is_settled if settled else not _failed(entry)
    tests = [test for question in entry.document["questions"] for test in _tests(entry, question, policy)]
    for test in tests:
        test["visibility"] = visibility
        if not scored:
            test.pop("score", None)
    return {
        **({"score": entry.final} if scored else {}),
        "output": _cut("\n".join(_output(entry, visibility, scored=scored)).rstrip()),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
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
            made.writestr(member, text(results(entry, policy(entry.exercise), settled=True)))
    return file.getvalue()


def text(made: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(made, indent=1) + "\n"


def _output(entry: Entry, visibility: str, *, scored: bool) -> Iterator[str]:
    document = entry.document
    if _failed(entry):
        yield f"{FAULT}\n"
    elif not scored:
        yield f"{NO_POINTS}\n"
    elif visibility != VISIBLE:
        yield f"{LATER[visibility]}\n"
    else:
        yield f"**{entry.final:g} of {entry.possible:g} points**\n"
    if entry.to_review and scored:
        yield f"{not_final(document)}\n"
    if entry.late_percent and scored:
        of = f" {entry.raw:g} points" if visibility == VISIBLE else ""
        yield f"Handed in late: {entry.late_percent:g} % off{of}.\n"
    if why_not := not_run(document):
        yield f"{markdown_line(why_not)}\n"
    yield from cell_errors(document)


def _failed(entry: Entry) -> bool:
    """Whether something of ours failed, and no person has given points instead."""
    return entry.document["status"] == Status.ERROR.value and entry.to_review


def _tests(entry: Entry, question: dict[str, Any], policy: FeedbackPolicy) -> Iterator[Test]:
    """One for each case; one for the question where a person set its points, or where students see no cases."""
    shown = shown_cases(question, policy, apart=True)
    if not shown or entry.override(question["id"]):
        yield _whole(entry, question, shown_cases(question, policy))
        return
    for number, (case, seen) in enumerate(zip(question["cases"], shown, strict=True), start=1):
        yield {
            "score": case["earned"],
            "max_score": case["points"],
            "status": _status(case["earned"], case["points"]),
            "name": f"{question['title']} · {case['title']}",
            "number": f"{question['id']}.{number}",
            "output": _case_output(case, seen, policy),
            "output_format": "md",
        }


def _whole(entry: Entry, question: dict[str, Any], shown: Sequence[ShownCase]) -> Test:
    given, earned = entry.override(question["id"]), entry.points(question)
    lines = [f"Your instructor set these points: {markdown_line(given.reason)}\n"] if given else []
    lines += [line for case in shown for line in case_lines(case)]
    return {
        "score": earned,
        "max_score": question["possible"],
        "status": _status(earned, question["possible"]),
        "name": question["title"],
        "number": question["id"],
        "output": _cut("\n".join(lines)),
        "output_format": "md",
    }


def _status(earned: float, possible: float) -> str:
    return "passed" if earned >= possible else "failed"


def _case_output(case: dict[str, Any], seen: ShownCase, policy: FeedbackPolicy) -> str:
    parts = [*why(seen), *([markdown_block(seen.message)] if seen.message else [])]
    said = _cut("\n\n".join(parts))
    for figure in case["figures"] if policy is FeedbackPolicy.FULL else ():
        shown = _figure(figure)
        fits = len(said) + len(shown) <= MAX_OUTPUT
        said += shown if fits else f"\n\n(The figure {markdown_line(figure['name'])} is too large to be shown here.)"
    return said.strip()


def _figure(figure: dict[str, Any]) -> str:
    """A student's code can draw a hidden input, so figures are for the policy that shows those."""
    address = picture(figure["png"])
    return f"\n\n![{markdown_line(figure['name'])}]({address})" if address else ""


def _cut(said: str) -> str:
    return said if len(said) <= MAX_OUTPUT else said[:MAX_OUTPUT] + "\n\n(What follows is too long to be shown here.)"
