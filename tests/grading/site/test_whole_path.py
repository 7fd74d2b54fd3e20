"""From a notebook through the sandbox to its pages: what they show is what was really printed, and nothing hidden."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

import pytest

from autograder.config import FeedbackPolicy
from autograder.gradebook import Gradebook, entry
from autograder.grading import Grader
from autograder.sandbox import seccomp
from autograder.sandbox.landlock import abi
from autograder.submission import Source, StudentId, Submission
from autograder.task import Plan, Task

from ..made import SLUG
from ..unconfined import TIER
from .conftest import built

CELLS = (
    "import numpy as np\n\ndef patch_mean(patch):\n    print('asked for', np.shape(patch), flush=True)\n"
    "    display('asked')\n    if np.size(patch) == 0:\n        raise ValueError('no patch')\n"
    "    return float(np.mean(patch))",
    "print('by', 'hand', 40 + 1)",
    "patch_mean([])",
    "from IPython.display import HTML\nHTML('<b>bold</b><script>alert(1)</script><table><tr><td>7</td></tr></table>')",
)


def lying(source: str) -> dict[str, object]:
    stored = [{"output_type": "stream", "name": "stdout", "text": "by hand 42"}]
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": stored}


@pytest.fixture(scope="module")
def site(scaffolded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")
    folder = tmp_path_factory.mktemp("whole")
    cells = [lying(source) for source in CELLS]
    metadata = {"autograder": {"exercise": SLUG}}
    data = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()
    path, digest = folder / "ada.ipynb", hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    with contextlib.closing(Grader(Plan(scaffolded, TIER, "cpu"))) as grader:
        document = grader.grade(Task(SLUG, data, None))
    assert document.score == 10
    submission = Submission(StudentId("ada"), SLUG, Source(path), digest)
    with Gradebook(folder) as gradebook:
        gradebook.put(entry(submission, "key", "2026-09-01", document.to_json(), parts={"submission": digest}))
    return built(folder, FeedbackPolicy.HINT)


@pytest.mark.parametrize("edition", ["submissions", "students"])
def test_a_page_shows_what_the_run_gave_and_not_what_the_file_says(site: Path, edition: str) -> None:
    text = (site / edition / "ada" / f"{SLUG}.html").read_text("utf-8")
    notebook = text[text.index('<div class="cell">') :]
    assert "<pre>by hand 41\n</pre>" in notebook
    assert "by hand 42" not in text
    assert "asked for (0,)" in notebook  # the cell's own call
    assert "ValueError: no patch" in notebook
    assert "Code cell 3, line 1, in &lt;module&gt;" in notebook
    assert "<b>bold</b><table><tbody><tr><td>7</td></tr></tbody></table>" in notebook


def test_what_hidden_calls_printed_is_not_on_the_students_page(site: Path) -> None:
    student, instructor = (
        (site / edition / "ada" / f"{SLUG}.html").read_text() for edition in ("students", "submissions")
    )
    assert student.count("asked for (") == 1
    assert instructor.count("asked for (") > 2  # among what was printed while it was graded
