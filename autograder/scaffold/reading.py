"""A notebook of another tool as questions with answers and tests: Otter Assign's master, or nbgrader's source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import Complaint, GraderError
from autograder.exercise import read_text
from autograder.sandbox import remedies
from autograder.scaffold import nbgrader_source, otter_master
from autograder.scaffold.cells import Cell, Notes
from autograder.scaffold.otter_master import Question, Text


@dataclass(frozen=True, slots=True)
class Reading:
    """A notebook's questions and what stands between them, in order, and what was noticed while it was read."""

    parts: tuple[Question | Text, ...]
    remarks: tuple[str, ...]
    complaints: tuple[Complaint, ...]


def read_notebook(path: Path) -> Reading:
    """Read a master or source notebook.

    Raises:
        GraderError: it is no notebook, or has no question of either, or what reads it is not installed.
    """
    try:
        import nbformat  # slow, and not needed for --help
        import otter.assign.solutions  # noqa: F401 # its rules for points, and for what is to be ignored
    except ImportError as error:
        raise GraderError(f"--from needs otter-grader ({error})\n    -> {remedies.install('otter')}") from error
    try:
        cells = list(Cell.all_of(nbformat.reads(read_text(path), as_version=4)))
    except (ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise GraderError(f"{path}: not a notebook ({error})\n    -> name an .ipynb that Jupyter opens") from None
    notes = Notes(path)
    if otter_master.is_master(cells):
        parts = tuple(otter_master.parts_of(cells, notes))
    elif nbgrader_source.is_source(cells):
        parts = tuple(nbgrader_source.parts_of(cells, notes))
    else:
        raise GraderError(
            f"{path}: no question of Otter Assign's or nbgrader's in it\n"
            "    -> name the master or source notebook, the one with solutions and tests, not the students'"
        )
    return Reading(parts, tuple(notes.remarks), tuple(notes.complaints))
