"""What the quiz tests share: quizzes made from a text, and a browser that says where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Command, command

from autograder.quiz.reading import read_quiz
from autograder.quiz.values import Quiz

__all__ = ["Command", "command"]

MakeQuiz = Callable[[str], Quiz]


@pytest.fixture
def make_quiz(tmp_path: Path) -> MakeQuiz:
    """`make_quiz(questions)` reads a file with these questions."""

    def make(questions: str) -> Quiz:
        path = tmp_path / "1_sizes.yaml"
        path.write_text(f"title: Sizes\nquestions:\n{questions}", encoding="utf-8")
        return read_quiz(path)

    return make


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the progress of whoever runs it."""
    folder = tmp_path / "user data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def browser(chromium: Any) -> Any:
    """Headless Chromium; the tests that need it are skipped where there is none, with the reason."""
    return chromium
