"""A notebook of another tool as questions with answers and tests: Otter Assign's master, or nbgrader's source."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import GraderError
from autograder.exercise import read_text
from autograder.scaffold import nbgrader_source, otter_master
from autograder.scaffold.otter_master import Question, Text


def read_parts(path: Path) -> list[Question | Text]:
    """Its questions and what stands between them, in order.

    Raises:
        GraderError: it is no notebook, or has no question of either.
    """
    import nbformat  # slow, and not needed for --help

    try:
        cells = nbformat.reads(read_text(path), as_version=4).cells
    except (ValueError, nbformat.ValidationError) as error:
        raise GraderError(f"{path}: not a notebook ({error})") from None
    if otter_master.is_master(cells):
        return list(otter_master.parts_of(cells, path))
    if nbgrader_source.is_source(cells):
        return list(nbgrader_source.parts_of(cells))
    raise GraderError(
        f"{path}: no question of Otter Assign's or nbgrader's in it\n"
        "    -> name the master or source notebook, the one with solutions and tests, not the students'"
    )
