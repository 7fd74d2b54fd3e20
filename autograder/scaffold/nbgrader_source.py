"""Reads a source notebook of nbgrader's: what its cells' metadata says is an answer, a test, or marked by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autograder.scaffold.otter_master import MAGIC, Question, Test, Text, with_our_marks

HIDDEN = re.compile(
    r"^[ \t]*#+ BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[ \t]*#+ END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE
)


def is_source(cells: list[Any]) -> bool:
    """Whether nbgrader knows this notebook."""
    return any("nbgrader" in cell.metadata for cell in cells)


def parts_of(cells: list[Any]) -> Iterator[Question | Text]:
    """Its questions, each from the prose above an answer to the tests below it, and what stands between them."""
    prose: list[str] = []
    question: Question | None = None
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("task") or (about.get("grade") and about.get("solution")):
            yield Question(about["grade_id"], about.get("points"), manual=True)
            prose, question = [], None
        elif about.get("solution"):
            if question is None or question.tests:
                *above, last = [*prose, f"## {about['grade_id']}"] if len(prose) < 1 else prose
                yield from (Text(True, text) for text in above)
                question = Question(about["grade_id"], None, manual=False, prose=[last])
                yield question
            question.answers.append(with_our_marks(cell.source))
            prose = []
        elif about.get("grade") and question is not None:
            question.tests += _tests(cell.source, float(about.get("points") or 0))
        elif cell.cell_type == "markdown":
            prose.append(cell.source)
        elif cell.cell_type == "code" and not MAGIC.match(cell.source):
            yield from (Text(True, text) for text in prose)
            yield Text(False, cell.source)
            prose = []
    yield from (Text(True, text) for text in prose)


def _tests(source: str, points: float) -> Iterator[Test]:
    """A cell gives its points where none of its assertions fails, so it is one case; what is public is a check, too."""
    whole = HIDDEN.sub(r"\1", source)
    public = HIDDEN.sub("", source)
    if whole == source:
        yield Test(source, "", hidden=False, points=points, failure_message="")
        return
    if public.strip():
        yield Test(public, "", hidden=False, points=0, failure_message="")
    yield Test(whole, "", hidden=True, points=points, failure_message="")
