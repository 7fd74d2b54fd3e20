"""What to install is said where a framework is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.messages import Request, Target
from autograder.sandbox import remedies
from autograder.sandbox.servant import Servant


@pytest.mark.parametrize(
    ("module", "command"),
    [("keras", "pip install tensorflow"), ("seaborn", "pip install seaborn")],
)
def test_a_module_has_a_command_that_brings_it(module: str, command: str) -> None:
    assert remedies.install(module) == command


def test_an_answer_about_a_missing_framework_says_what_to_install() -> None:
    def student() -> None:
        raise ModuleNotFoundError("No module named 'keras'", name="keras.layers")

    answer = Servant({"student": student}).answer(Request(Target.STUDENT, "student"))
    assert "not installed where this was graded: pip install tensorflow)" in str(answer)


@pytest.mark.parametrize("error", [ModuleNotFoundError("no"), ModuleNotFoundError("x", name="seaborn"), OSError("no")])
def test_of_other_errors_nothing_is_said(error: Exception) -> None:
    assert remedies.for_missing(error) == ""


def test_nobody_is_sent_to_an_index_for_this_package_where_somebody_else_could_own_its_name() -> None:
    root = Path(__file__).parent.parent.parent
    kinds = ("autograder/**/*.py", "autograder/**/*.txt", "solutions/**/*.py", "exercises/*.ipynb", "docs/*.md", "*.md")
    texts = [path for kind in kinds for path in root.glob(kind)]
    assert len(texts) > 200
    named = re.compile(r"install\b[^\n|]*['\" ]cnn-autograder[\[\"' ]")
    assert [path for path in texts if named.search(path.read_text("utf-8"))] == []
