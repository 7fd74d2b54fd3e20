"""The quiz below a notebook's cell: the same page, in a frame of its own."""

from __future__ import annotations

import html
import secrets
from dataclasses import dataclass

from autograder.quiz.finding import find_quizzes
from autograder.quiz.page import page
from autograder.quiz.values import Quiz

HEIGHT = 640


@dataclass(frozen=True, slots=True)
class NotebookQuiz:
    """What a cell displays; without a notebook, a line that says where to look."""

    quiz: Quiz
    seed: int

    def _repr_html_(self) -> str:
        """A frame without an origin, which reaches nothing of the notebook.

        It may run its script, which handles its forms; the page's own policy lets no form be sent anywhere.
        """
        source = html.escape(page([self.quiz], self.seed), quote=True)
        return (
            f'<iframe title="Quiz: {html.escape(self.quiz.title, quote=True)}" sandbox="allow-scripts allow-forms"'
            f' style="width: 100%; height: {HEIGHT}px; border: 0; resize: vertical" srcdoc="{source}"></iframe>'
        )

    def __repr__(self) -> str:
        """For where no HTML is shown."""
        return f"Quiz: {self.quiz.title}. In a terminal: autograder quiz {self.quiz.key}"


def notebook_quiz(section: str) -> NotebookQuiz:
    """The quiz of one section, with numbers drawn anew each time the cell runs."""
    (quiz,) = find_quizzes(section)
    return NotebookQuiz(quiz, secrets.randbelow(1_000_000))
