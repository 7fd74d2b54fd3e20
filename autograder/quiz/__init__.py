"""Check your understanding: quiz files, and the terminal, the page and the notebook that ask from them.

`from autograder.quiz import quiz` is what a notebook imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.quiz.notebook import NotebookQuiz


def quiz(section: str) -> NotebookQuiz:
    """The quiz of a section, shown below the cell; `section` is a file's name, its topic or its number."""
    from autograder.quiz.notebook import notebook_quiz

    return notebook_quiz(section)
