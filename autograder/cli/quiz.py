"""quiz, as a person sees it: in the terminal, as a page, or as a file for others."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.errors import GraderError
from autograder.escaping import printable
from autograder.quiz.finding import find_quizzes
from autograder.quiz.practice import Asked, practice
from autograder.quiz.progress import load_progress, progress_path, save_progress
from autograder.quiz.terminal import Terminal
from autograder.quiz.values import Quiz

OK = 0
MIXED = 10  # questions of a sitting over all sections
PIPED_WIDTH = 100
ALL_RIGHT = "Nothing to repeat: your last answers were all right."
NONE_ANSWERED = "Nothing to repeat: you have answered none of these yet. Begin without --review."


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    section: str | None = None
    course: Path | None = None
    seed: int | None = None
    questions: int | None = None
    review: bool = False
    web: bool = False
    html: Path | None = None
    jupyterquiz: Path | None = None
    student: str | None = None


def quiz(wishes: Wishes) -> int:
    """Ask, serve or write."""
    if wishes.student is not None:
        return _sheet(wishes.section, wishes.student, wishes.course)
    quizzes = find_quizzes(wishes.section, wishes.course)
    seed = secrets.randbelow(1_000_000) if wishes.seed is None else wishes.seed
    if wishes.html is not None:
        from autograder.quiz.page import page

        return _write(wishes.html, page(quizzes, seed))
    if wishes.jupyterquiz is not None:
        from autograder.quiz.jupyterquiz import exported

        text, left_out = exported(quizzes, seed)
        if left_out:
            _console().print(f"left out, as jupyterquiz has no short texts that are not scored: {', '.join(left_out)}")
        return _write(wishes.jupyterquiz, text)
    if wishes.web:
        from autograder.quiz.serving import serve

        return serve(quizzes, wishes.seed)
    return _ask(quizzes, seed, wishes)


def _sheet(section: str | None, student: str, folder: Path | None) -> int:
    """Print a student's numbers of a quiz for credit."""
    from autograder.course import find_course

    if section is None:
        raise GraderError("--student needs a section\n    -> autograder quiz 2 --student ID")
    print(find_course(folder).quiz(student).sheet(section))
    return OK


def _write(path: Path, text: str) -> int:
    if not path.parent.is_dir():
        raise GraderError(f"{path}: there is no folder {path.parent}\n    -> make it, or name another one")
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise GraderError(f"{path}: cannot be written ({error.strerror})") from None
    _console().print(Text(f"wrote {path}"), soft_wrap=True)
    return OK


def _ask(quizzes: tuple[Quiz, ...], seed: int, wishes: Wishes, read: Callable[[str], str] | None = None) -> int:
    console = _console()
    kept = progress_path(os.environ, sys.platform)
    progress = load_progress(kept)
    count = wishes.questions or (MIXED if wishes.section is None else None)
    questions = practice(quizzes, seed, progress, count=count, review=wishes.review)
    if not questions:
        seen = any(not progress.is_new(asked.key) for asked in practice(quizzes, seed, progress))
        console.print(ALL_RIGHT if seen else NONE_ANSWERED)
        return OK

    def answered(asked: Asked, right: bool) -> None:
        nonlocal progress
        progress = progress.with_answer(asked.key, right)
        try:
            save_progress(kept, progress)
        except OSError as error:
            console.print(Text(f"your progress is not kept: {kept}: {error.strerror}", style="yellow"), soft_wrap=True)

    Terminal(console, read or _reader(console), answered).ask_all(questions)
    console.print(f"The same questions again: --seed {seed}", style="dim")
    return OK


def _reader(console: Console) -> Callable[[str], str]:
    """Reads a line; one that comes from a pipe is shown, as a terminal shows what is typed."""

    def from_pipe(prompt: str) -> str:
        line = console.input(prompt)
        console.print(Text(printable(line)), soft_wrap=True)
        return line

    return console.input if sys.stdin.isatty() else from_pipe


def _console() -> Console:
    """Standard output; where it is no terminal, of a width that does not depend on where the command runs."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console
