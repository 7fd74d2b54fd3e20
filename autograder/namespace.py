"""Runs trusted notebooks in this process: the reference solution and the untouched stub."""

from __future__ import annotations

import json
import linecache
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.errors import GraderError
from autograder.exercise import CellKind, Exercise, read_text

OURS = frozenset({"setup", "figure", "check"})


def reference_namespace(exercise: Exercise) -> dict[str, Any]:
    """Execute a solution script's code cells, without its figures, its checks and what is slow; raises GraderError."""
    return _run(_sources(exercise, CellKind.CODE, CellKind.ANSWER), str(exercise.path))


def reference_notebook(exercise: Exercise) -> bytes:
    """The reference solution as a notebook that a student could have handed in."""
    return _notebook(_sources(exercise, CellKind.CODE, CellKind.ANSWER, CellKind.RUN))


def empty_notebook() -> bytes:
    """A notebook of no cells."""
    return _notebook([])


def _notebook(sources: list[str]) -> bytes:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook).encode()


def _sources(exercise: Exercise, *wanted: CellKind) -> list[str]:
    return [cell.source for cell in exercise.cells if cell.kind in wanted]


def notebook_namespace(path: Path) -> dict[str, Any]:
    """Execute a built notebook's code cells, without those that the build added; raises GraderError."""
    try:
        cells = json.loads(read_text(path))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code" and _role(cell) not in OURS]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise GraderError(f"{path}: not a notebook ({type(error).__name__}: {error})") from None
    return _run(sources, str(path))


def _role(cell: dict[str, Any]) -> Any:
    return cell["metadata"].get("autograder", {}).get("role")


def _run(sources: Iterable[str], path: str) -> dict[str, Any]:
    module = ModuleType(f"autograder_notebook_{abs(hash(path))}")
    sys.modules[module.__name__] = module  # dataclasses and inspect look their module up
    for number, source in enumerate(sources, start=1):
        file_name = f"{path}[code cell {number}]"
        linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
        try:
            exec(compile(source, file_name, "exec", dont_inherit=True), module.__dict__)
        except Exception as error:  # the author's own code: say where it stopped
            raise GraderError(f"{file_name}: {type(error).__name__}: {error}") from error
    return module.__dict__
