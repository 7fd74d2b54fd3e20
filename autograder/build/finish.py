"""From Otter Assign's student files to ours: one set-up cell, names for cells, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat

from autograder.build.master import KERNEL
from autograder.build.set_up import set_up_source
from autograder.exercise import Exercise

SCHEMA_VERSION = 1


def finish(exercise: Exercise, student_dir: Path, notebook_path: Path, checks_dir: Path, install: str) -> None:
    """Write the student notebook and its public check files; `install` is for its set-up cell."""
    checks = {path.stem: path.read_text(encoding="utf-8") for path in sorted((student_dir / "tests").glob("q*.py"))}
    for name, source in checks.items():
        (checks_dir / f"{name}.py").write_text(_tidy(source), encoding="utf-8")
    assigned = nbformat.read(student_dir / f"{exercise.slug}.ipynb", as_version=4)
    set_up = set_up_source(exercise, install)
    notebook = _student_notebook(exercise, set_up, assigned, {name: _tidy(one) for name, one in checks.items()})
    nbformat.validate(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    notebook_path.write_text(text, encoding="utf-8", newline="\n")


def _student_notebook(
    exercise: Exercise, source: str, assigned: nbformat.NotebookNode, checks: dict[str, str]
) -> nbformat.NotebookNode:
    set_up = nbformat.v4.new_code_cell(source, metadata={"autograder": {"role": "setup"}})
    cells = [*assigned.cells]
    first_code = next(index for index, cell in enumerate(cells) if cell.cell_type == "code")
    cells.insert(min(first_code, 1), set_up)
    metadata = {
        "autograder": {"exercise": exercise.slug, "schema_version": SCHEMA_VERSION, "checks": checks},
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    named = _CellNames()
    finished = [_finished(cell, named) for cell in cells]
    return nbformat.from_dict({"cells": finished, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


class _CellNames:
    """Ids that say what a cell is, the same in every build; Otter makes them at random."""

    def __init__(self) -> None:
        self.question = "intro"
        self.counts: dict[str, int] = {}

    def next(self, role: str) -> str:
        stem = f"{self.question}-{role}"
        self.counts[stem] = self.counts.get(stem, 0) + 1
        return stem if self.counts[stem] == 1 else f"{stem}-{self.counts[stem]}"


def _finished(cell: nbformat.NotebookNode, names: _CellNames) -> dict[str, Any]:
    source = cell.source.strip("\n")
    role = _role(cell)
    metadata: dict[str, Any] = {
        key: value for key, value in cell.metadata.items() if key not in ("autograder", "otter")
    }
    names.question = cell.metadata.get("autograder", {}).get("question", names.question)
    if role in ("setup", "figure", "check"):
        # the grader skips these where they are untouched, so it needs to know what they were
        metadata["autograder"] = {"role": role, "sha256": hashlib.sha256(source.encode()).hexdigest()}
    if role == "figure":  # the picture teaches, its code would only be in the way: folded in Jupyter and on Colab
        metadata |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    finished = {"cell_type": cell.cell_type, "id": names.next(role), "metadata": metadata, "source": source}
    if cell.cell_type == "code":
        finished |= {"execution_count": None, "outputs": []}
    return finished


def _role(cell: nbformat.NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return "prose"
    if cell.source.startswith("grader.check("):
        return "check"
    if "otter_answer_cell" in cell.metadata.get("tags", []):
        return "answer"
    return str(cell.metadata.get("autograder", {}).get("role", "code"))


def _tidy(source: str) -> str:
    """Otter's check file without trailing blanks."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip() + "\n"
