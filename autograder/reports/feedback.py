"""What a student may read about a submission, as Markdown, under the course's feedback policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.escaping import markdown_block, markdown_line
from autograder.gradebook import Entry
from autograder.reports.disclosure import ShownCase, not_final, not_run, shown_cases
from autograder.reports.document import cell_label


def feedback(entry: Entry, policy: FeedbackPolicy) -> str:
    """A student's feedback."""
    return "\n".join(_lines(entry, policy)).rstrip() + "\n"


def _lines(entry: Entry, policy: FeedbackPolicy) -> Iterator[str]:
    document = entry.document
    yield f"# {markdown_line(document['exercise_title'] or document['exercise'])}\n"
    if entry.to_review:
        yield f"{not_final(document)}\n"
    yield f"**{entry.final:g} of {entry.possible:g} points**\n"
    if entry.late_percent:
        yield f"Handed in late: {entry.late_percent:g} % off {entry.raw:g} points.\n"
    if why_not := not_run(document):
        yield f"{markdown_line(why_not)}\n"
    yield from cell_errors(document)
    for question in document["questions"]:
        if question["cases"] or entry.override(question["id"]):  # nothing was asked where the file could not be read
            yield from _question(entry, question, policy)


def _question(entry: Entry, question: dict[str, Any], policy: FeedbackPolicy) -> Iterator[str]:
    points = f"{entry.points(question):g} of {question['possible']:g}"
    yield f"## {question['id']} · {markdown_line(question['title'])}: {points}\n"
    given = entry.override(question["id"])
    if given:
        yield f"Your instructor set these points: {markdown_line(given.reason)}\n"
    shown = shown_cases(question, policy)
    for case in shown:
        yield from case_lines(case)
    if shown:
        yield ""


def cell_errors(document: dict[str, Any]) -> Iterator[str]:
    """The cells that stopped with an error, as Markdown."""
    errors = document["run"]["cell_errors"] if document["run"] else []
    if errors:
        yield "Cells that stopped with an error (the cells after them ran all the same):\n"
    for error in errors:
        yield f"Cell {markdown_line(cell_label(error))}:\n\n{markdown_block(error['error'])}\n"
    if errors and document["run"]["more_errors"]:
        yield f"... and {document['run']['more_errors']:,} more cells.\n"


def case_lines(case: ShownCase) -> Iterator[str]:
    """A case as an item of a list, as Markdown."""
    yield f"- {case.mark} {markdown_line(case.title)} ({case.earned:g} of {case.points:g})"
    yield from (f"  {line}" for line in why(case))
    if case.message:
        yield "\n" + "\n".join("  " + line for line in markdown_block(case.message).splitlines())


def why(case: ShownCase) -> Iterator[str]:
    """What a student reads about a case beside its points and its message, as lines of Markdown."""
    if case.sentence:
        yield case.sentence
    if case.hint:
        yield markdown_line(case.hint)
