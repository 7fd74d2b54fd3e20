"""Reads a source notebook of nbgrader's: what its cells' metadata says is an answer, a test, or marked by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.exercise import BEGIN, END, MARK_LINE
from autograder.scaffold.cells import Cell, Notes
from autograder.scaffold.otter_master import Question, Test, Text, answer_of

HIDDEN = re.compile(
    r"^[ \t]*#+ BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[ \t]*#+ END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE
)
IN_JUPYTER = "set the cell's type in Jupyter's Create Assignment bar, or remove `nbgrader` from its metadata"


def is_source(cells: Sequence[Cell]) -> bool:
    """Whether nbgrader knows this notebook."""
    return any(cell.nbgrader != {} for cell in cells)


def parts_of(cells: Sequence[Cell], notes: Notes) -> Iterator[Question | Text]:
    """Its questions, each from the prose above an answer to the tests below it, and what stands between them.

    `notes` gets what is wrong or to be looked at.
    """
    prose: list[str] = []
    question: Question | None = None
    for cell in cells:
        about = _about(cell, notes)
        if about.get("task") or (about.get("grade") and about.get("solution")):
            yield from (Text(True, text) for text in prose[:-1])
            yield Question(about["grade_id"], about.get("points"), manual=True)
            prose, question = [], None
        elif about.get("solution"):
            if question is None or question.tests:
                *above, last = prose or [f"## {about['grade_id']}"]
                yield from (Text(True, text) for text in above)
                question = Question(about["grade_id"], None, manual=False, prose=[last])
                yield question
            _add_answer(question, cell, notes)
            prose = []
        elif about.get("grade"):
            _add_tests(question, cell, about, notes)
        elif cell.kind == "markdown":
            prose.append(cell.source)
        elif cell.kind == "code":
            source = notes.given(cell)
            yield from (Text(True, text) for text in prose)
            yield from [Text(False, source)] if source is not None else []
            prose = []
    yield from (Text(True, text) for text in prose)


def _about(cell: Cell, notes: Notes) -> dict[str, Any]:
    """What the metadata says, with a name; nothing, and a complaint, where it cannot be read."""
    if not isinstance(cell.nbgrader, dict):
        notes.complain(cell, "", f"its metadata says `nbgrader: {cell.nbgrader!r}`", IN_JUPYTER)
        return {}
    name = cell.nbgrader.get("grade_id")
    marked = any(cell.nbgrader.get(key) for key in ("task", "grade", "solution"))
    if marked and (not isinstance(name, str) or not name.strip()):
        notes.complain(cell, "", "nbgrader's metadata has no grade_id, the cell's name", IN_JUPYTER)
        return {}
    return cell.nbgrader


def _add_answer(question: Question, cell: Cell, notes: Notes) -> None:
    answer = answer_of(cell, question, notes)
    if answer and answer.strip():
        whole = not any(map(MARK_LINE.match, answer.splitlines()))  # to nbgrader the whole cell is the answer then
        question.answers.append(f"{BEGIN}\n{answer}\n{END}" if whole else answer)


def _add_tests(question: Question | None, cell: Cell, about: dict[str, Any], notes: Notes) -> None:
    name = about["grade_id"]
    if question is None:
        notes.complain(cell, "", f"the tests {name} stand below no answer", "move them below the answer that they test")
        return
    source = notes.graded(cell, question.name)
    public = HIDDEN.sub("", source or "")
    if "AUTOTEST" in cell.source:
        notes.complain(cell, question.name, "its tests are made by AUTOTEST", "write out what it makes")
    elif "BEGIN HIDDEN TESTS" in public:
        problem = "### BEGIN HIDDEN TESTS without its end: all below it would be public"
        notes.complain(cell, question.name, problem, "### END HIDDEN TESTS, in a line of its own")
    elif source is not None:
        whole = HIDDEN.sub(r"\1", source)
        if notes.is_python(cell, question.name, public) and notes.is_python(cell, question.name, whole):
            question.tests += _tests(whole, public, about.get("points") or 0)
            return
    question.broken = True


def _tests(whole: str, public: str, points: Any) -> Iterator[Test]:
    """A cell gives its points where none of its assertions fails, so it is one case; what is public is a check, too."""
    hidden = public != whole
    if hidden and ast.parse(public).body:
        yield Test(public, "", hidden=False, points=0, failure_message="")
    if ast.parse(whole).body:  # not comments alone
        yield Test(whole, "", hidden=hidden, points=points, failure_message="")
