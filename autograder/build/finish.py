"""From Otter Assign's student files to ours: one set-up cell, names for cells, the same bytes each time."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import nbformat

from autograder.build.master import KERNEL
from autograder.exercise import CellKind, Exercise

SCHEMA_VERSION = 1
PACKAGES = {"autograder": "cnn-autograder", "sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml"}


def finish(exercise: Exercise, student_dir: Path, notebook_path: Path, checks_dir: Path) -> None:
    """Write the student notebook and its public check files."""
    checks = {path.stem: path.read_text(encoding="utf-8") for path in sorted((student_dir / "tests").glob("q*.py"))}
    for name, source in checks.items():
        (checks_dir / f"{name}.py").write_text(_tidy(source), encoding="utf-8")
    assigned = nbformat.read(student_dir / f"{exercise.slug}.ipynb", as_version=4)
    notebook = _student_notebook(exercise, assigned, {name: _tidy(source) for name, source in checks.items()})
    nbformat.validate(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    notebook_path.write_text(text, encoding="utf-8", newline="\n")


def _student_notebook(
    exercise: Exercise, assigned: nbformat.NotebookNode, checks: dict[str, str]
) -> nbformat.NotebookNode:
    set_up = nbformat.v4.new_code_cell(set_up_source(exercise), metadata={"autograder": {"role": "setup"}})
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


def set_up_source(exercise: Exercise) -> str:
    """The set-up cell: installs what is missing, and unpacks the public checks where the notebook came alone."""
    template = resources.files("autograder.build").joinpath("set_up_cell.txt").read_text(encoding="utf-8")
    packages = ", ".join(f'"{module}": "{package}"' for module, package in _needed(exercise).items())
    return template.replace("NEEDED", f"{{{packages}}}").replace("SLUG", exercise.slug).strip()


def _needed(exercise: Exercise) -> dict[str, str]:
    """What the student's notebook imports beyond the standard library: module to the name to install it by."""
    trees = [ast.parse(cell.source) for cell in exercise.cells if cell.kind is not CellKind.PROSE]
    modules = {name.partition(".")[0] for tree in trees for name in _imports(tree)}
    wanted = sorted(modules - sys.stdlib_module_names - {"otter"})
    return {"otter": "otter-grader==7.0.0"} | {module: PACKAGES.get(module, module) for module in wanted}


def _imports(node: ast.AST) -> Iterator[str]:
    """Modules that the code cannot do without: one that is imported in a `try` for ImportError is not among them."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    optional = node.body if isinstance(node, ast.Try) and _handles_import_error(node) else []
    for child in ast.iter_child_nodes(node):
        if child not in optional:
            yield from _imports(child)


def _handles_import_error(node: ast.Try) -> bool:
    return any(isinstance(handler.type, ast.Name) and handler.type.id == "ImportError" for handler in node.handlers)


def _tidy(source: str) -> str:
    """Otter's check file without trailing blanks."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip() + "\n"
