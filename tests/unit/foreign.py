"""Notebooks of Otter Assign and nbgrader, put together cell by cell."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from autograder.scaffold.converting import Converted, convert

SLUG = "01_padding"
ANSWER = "def double(n):\n    return 2 * n # SOLUTION"


def shows(source: str, text: str) -> nbformat.NotebookNode:
    return new_code_cell(source, outputs=[new_output("execute_result", data={"text/plain": text})])


def question(
    *tests: nbformat.NotebookNode | str, config: str = "name: a\npoints: 4", answer: str = ANSWER
) -> list[nbformat.NotebookNode]:
    cells = [new_code_cell(test) if isinstance(test, str) else test for test in tests]
    return [
        new_raw_cell(f"# BEGIN QUESTION\n{config}"),
        new_markdown_cell("### Double it\n\nTwice the number."),
        new_raw_cell("# BEGIN SOLUTION"),
        new_code_cell(answer),
        new_raw_cell("# END SOLUTION"),
        new_raw_cell("# BEGIN TESTS"),
        *cells,
        new_raw_cell("# END TESTS"),
        new_raw_cell("# END QUESTION"),
    ]


def written(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "master.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def converted(folder: Path, *cells: nbformat.NotebookNode) -> Converted:
    return convert(written(folder, *cells), SLUG)


def graded(source: str, grade_id: str, **about: object) -> nbformat.NotebookNode:
    """A cell as nbgrader marks it."""
    marks = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "grade_id": grade_id} | about
    return new_code_cell(source, metadata={"nbgrader": marks})
