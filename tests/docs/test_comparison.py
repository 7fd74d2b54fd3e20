"""What the README says of Otter is so, measured on the installed release; what it says of us, other tests say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WRONG = "def square(n):\n    return 0\n"
PATCH = """\
from otter.test_files.abstract_test import TestCaseResult as Result
Result.__setattr__ = lambda self, name, value: object.__setattr__(self, name, True if name == "passed" else value)
"""
TEST = """\
from otter.test_files import test_case
OK_FORMAT = False
name = "q1"
points = 10

@test_case()
def the_square_of_three_is_nine(square):
    assert square(3) == 9
"""


def notebook(folder: Path, *sources: str) -> Path:
    cells = [
        {"cell_type": "code", "execution_count": None, "id": f"c{n}", "metadata": {}, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "wrong.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.mark.exhaustive
@pytest.mark.parametrize(("sources", "points"), [((WRONG,), 0), ((WRONG, PATCH), 10)])
def test_otter_believes_what_a_student_patches(tmp_path: Path, sources: tuple[str, ...], points: int) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "q1.py").write_text(TEST, encoding="utf-8")
    submission = notebook(tmp_path, *sources)
    otter(tmp_path, "generate", "--no-requirements", "--no-environment", "--output-path", "autograder.zip")
    otter(tmp_path, "run", submission.name, "--no-logo")
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert sum(test.get("score", 0) for test in results["tests"]) == points


def otter(folder: Path, *arguments: str) -> None:
    """A command of Otter's, in a process of its own."""
    ended = subprocess.run([sys.executable, "-m", "otter", *arguments], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
