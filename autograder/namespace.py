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
from autograder.exercise import CellKind, Exercise

OURS = frozenset({"setup", "figure", "check"})


def reference_namespace(exercise: Exercise) -> dict[str, Any]:
    """Execute a solution script's code cells, without its figures and checks; raises GraderError."""
    wanted = (CellKind.CODE, CellKind.ANSWER)
    sources = [cell.source for cell in exercise.cells if cell.kind in wanted]
    return _run(sources, str(exercise.path))


def notebook_namespace(path: Path) -> dict[str, Any]:
    """Execute a built notebook's code cells, without those that the build added; raises GraderError."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    sources = [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and cell["metadata"].get("autograder", {}).get("role") not in OURS
    ]
    return _run(sources, str(path))


def _run(sources: Iterable[str], path: str) -> dict[str, Any]:
    module = ModuleType(f"autograder_notebook_{abs(hash(path))}")
    sys.modules[module.__name__] = module  # dataclasses and inspect look their module up
    for number, source in enumerate(sources, start=1):
        file_name = f"{path}[code cell {number}]"
        linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
        try:
            exec(compile(source, file_name, "exec"), module.__dict__)
        except Exception as error:  # the author's own code: say where it stopped
            raise GraderError(f"{file_name}: {type(error).__name__}: {error}") from error
    return module.__dict__
