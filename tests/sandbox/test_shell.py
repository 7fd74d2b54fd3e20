"""The shell does what IPython's own does; where it takes a short cut, nothing is lost."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.course import find_course
from autograder.exercise import CellKind
from autograder.sandbox.shell import is_python

COURSE = find_course(None)
CELLS = [
    "x = 1\ny = x % 2",
    "x = (7\n% 2)\ny = (1\n!= 2)",
    'text = """\n%matplotlib inline\n!ls\nhelp?\n"""\nprint(text)',
    "# %matplotlib inline\nx = 1",
    "x = 1 # what?\ny = 'really?'",
    "f = lambda: ...\nf()",
    "def f():\n    return 1\n\n\nf()\n",
    "@property\ndef f(self):\n    ...",
    "x = 1;\nx;",
    "x: int = 1\ny = [\n    ...\n]",
]
ITS_OWN = [
    "%matplotlib inline\nx = 1",
    "x = 1\n!ls",
    "files = !ls\nprint(files)",
    "%%time\nx = 1",
    "import math\nmath?",
    ">>> x = 1\n>>> y = 2",
    "In [1]: x = 1\n   ...: y = 2",
    "In [1]: x = 5\nIn [2]: y = 6",
    "    x = 1\n    y = 2",
    "\n\nx = 1\ny = 2",
    "ls",
    "x = 1\nawait x",
    "x = 1\nreturn",
    "x = (",
]


def of_the_course() -> list[str]:
    exercises = [COURSE.exercise(slug) for slug in COURSE.slugs]
    kinds = (CellKind.CODE, CellKind.ANSWER)
    return [cell.source for exercise in exercises for cell in exercise.cells if cell.kind in kinds]


@pytest.mark.parametrize("cell", [*CELLS, *of_the_course()])
def test_what_is_taken_for_python_is_what_ipython_would_leave_as_it_is(cell: str) -> None:
    if is_python(cell):
        assert TransformerManager().transform_cell(cell).rstrip("\n") == cell.rstrip("\n")
        assert ast.parse(cell)


@pytest.mark.parametrize("cell", CELLS)
def test_plain_python_takes_the_short_cut(cell: str) -> None:
    assert is_python(cell)


@pytest.mark.parametrize("cell", ITS_OWN)
def test_what_only_ipython_understands_does_not(cell: str) -> None:
    assert not is_python(cell) or "await" in cell or "return" in cell
