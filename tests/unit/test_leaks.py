"""A solution line is found wherever students could read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.exercise import Cell, CellKind, Exercise
from autograder.validate.leaks import leaks

SECRET = "return (padded - kernel) // stride + 1"
SOURCE = f"def size():\n    # BEGIN SOLUTION\n    {SECRET}\n    x = 1\n    # END SOLUTION\n    # short: x = 1"
EXERCISE = Exercise("01_sizes", "", (), (Cell(CellKind.ANSWER, SOURCE, "q1"),), Path("solutions/01_sizes.py"))


def found(folder: Path) -> list[str]:
    return [complaint.where.removeprefix(f"{folder}/") for complaint in leaks(EXERCISE, folder)]


def notebook(**parts: Any) -> str:
    return json.dumps({"cells": [], "metadata": {}} | parts)


@pytest.mark.parametrize(
    "text",
    [
        notebook(cells=[{"cell_type": "code", "source": f"def size():\n    {SECRET}\n"}]),
        notebook(cells=[{"cell_type": "code", "source": ["def size():\n", f"    {SECRET}\n"]}]),
        notebook(cells=[{"cell_type": "code", "source": ["    return (padded - kernel)", " // stride + 1\n"]}]),
        notebook(cells=[{"cell_type": "markdown", "source": f"Use `{SECRET}`."}]),
        notebook(cells=[{"outputs": [{"data": {"text/plain": [SECRET]}}]}]),
        notebook(metadata={"autograder": {"checks": {"q1": f"x\n{SECRET}"}}}),
        notebook(metadata={"deep": [[{"a": [1, SECRET]}]]}),
        "not json, but a notebook by its name: " + SECRET,
    ],
)
def test_in_a_notebook_it_is_found_in_any_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "01_sizes.ipynb").write_text(text, encoding="utf-8")
    (where,) = found(tmp_path)
    assert where.startswith("01_sizes.ipynb, line ")


def test_in_other_files_it_is_found_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "checks" / "02_other" / "q1.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"# first\n    {SECRET}  # copied\n", encoding="utf-8")
    (complaint,) = leaks(EXERCISE, tmp_path)
    assert complaint.where == f"{path}, line 2"
    assert complaint.problem == f"a solution line of 01_sizes: {SECRET!r}"
    assert complaint.remedy == "reword one of them; its source is 01_sizes.py"


def test_a_file_that_is_no_text_does_not_stop_the_search(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "b.txt").write_bytes(b"\xff\n" + SECRET.encode())
    assert found(tmp_path) == ["b.txt, line 2"]


@pytest.mark.parametrize("text", ["x = 1", "return", "(padded - kernel) // stride", ""])
def test_short_lines_and_parts_of_lines_are_no_leak(tmp_path: Path, text: str) -> None:
    (tmp_path / "01_sizes.ipynb").write_text(notebook(cells=[{"source": text}]), encoding="utf-8")
    assert found(tmp_path) == []


def test_where_nothing_is_built_nothing_leaks(tmp_path: Path) -> None:
    assert found(tmp_path / "exercises") == []
