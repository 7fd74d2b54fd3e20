"""Otter Assign, called in this process (its command line costs seconds an exercise)."""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

import nbformat

from autograder.errors import GraderError
from autograder.sandbox import remedies


def assign(master: nbformat.NotebookNode, slug: str, scratch: Path) -> Path:
    """Run Otter Assign on a master notebook in `scratch`; gives the folder of the student's files.

    Raises:
        GraderError: otter-grader is not installed, or it refuses the notebook.
    """
    try:
        import otter.assign
    except ImportError as error:
        raise GraderError(f"building needs otter-grader ({error})\n    -> {remedies.install('otter')}") from error
    path = scratch / f"{slug}.ipynb"
    nbformat.write(master, path)
    logging.getLogger("otter").setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            otter.assign.main(str(path), str(scratch / "dist"), no_run_tests=True, no_pdfs=True)
    except Exception as error:  # whatever Otter raises is about this exercise's cells
        raise GraderError(f"Otter Assign refuses {slug}: {type(error).__name__}: {error}") from error
    return scratch / "dist" / "student"
