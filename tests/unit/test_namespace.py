"""Trusted notebooks as names: the reference solution and the stub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import GraderError
from autograder.exercise import Cell, CellKind, Exercise
from autograder.namespace import notebook_namespace, reference_namespace


def reference(*cells: Cell) -> dict[str, Any]:
    return reference_namespace(Exercise("01_sizes", "", (), cells, Path("solutions/01_sizes.py")))


def notebook(folder: Path, *sources: Any, role: str | None = None) -> Path:
    metadata = {"autograder": {"role": role}} if role else {}
    cells = [{"cell_type": "code", "source": source, "metadata": metadata} for source in sources]
    cells.append({"cell_type": "markdown", "source": "not code", "metadata": {}})
    path = folder / "01_sizes.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_the_reference_is_its_code_and_answers_without_figures_and_checks() -> None:
    kinds = [CellKind.CODE, CellKind.PROSE, CellKind.FIGURE, CellKind.ANSWER, CellKind.CHECK]
    names = reference(*(Cell(kind, f"{kind.value} = 1") for kind in kinds))
    assert {"code", "answer"} <= names.keys()
    assert not {"figure", "check", "prose"} & names.keys()


def test_its_annotations_and_dataclasses_work_as_in_a_notebook() -> None:
    source = "from dataclasses import dataclass\n@dataclass\nclass A:\n    n: int\ndef f(x: int) -> int: return x"
    names = reference(Cell(CellKind.CODE, source))
    assert names["A"](2).n == 2
    assert names["f"].__annotations__["x"] is int


def test_where_it_fails_cell_and_error_are_named() -> None:
    with pytest.raises(GraderError, match=r"01_sizes\.py\[code cell 2\]: ZeroDivisionError: division by zero"):
        reference(Cell(CellKind.CODE, "x = 1"), Cell(CellKind.ANSWER, "x / 0"))


def test_a_notebook_is_its_own_code_in_either_form_of_source(tmp_path: Path) -> None:
    names = notebook_namespace(notebook(tmp_path, "a = 1\nb = 2", ["c = 3\n", "d = 4"]))
    assert [names[name] for name in "abcd"] == [1, 2, 3, 4]


@pytest.mark.parametrize("role", ["setup", "figure", "check"])
def test_cells_that_the_build_added_are_not_run(tmp_path: Path, role: str) -> None:
    assert "a" not in notebook_namespace(notebook(tmp_path, "a = 1\nnot_defined", role=role))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [[]]}', '{"cells": [{"cell_type": "code"}]}'],
)
def test_a_file_that_is_no_notebook_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "01_sizes.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GraderError, match=r"01_sizes\.ipynb: not a notebook \("):
        notebook_namespace(path)


def test_a_notebook_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "01_sizes.ipynb"
    path.write_bytes(b"\xff")
    with pytest.raises(GraderError, match="byte 0 is not UTF-8"):
        notebook_namespace(path)
