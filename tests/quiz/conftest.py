"""What the quiz tests share: quizzes made from a text, and a browser that says where it is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Command, command

from autograder.quiz.reading import read_quiz
from autograder.quiz.values import Quiz

__all__ = ["Command", "command"]

MakeQuiz = Callable[[str], Quiz]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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
def browser() -> Iterator[Any]:
    """Headless Chromium; the tests that need it are skipped where there is none, with the reason."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"NO BROWSER TESTS: none of {', '.join(BROWSERS)} is installed (apt install chromium)")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()
