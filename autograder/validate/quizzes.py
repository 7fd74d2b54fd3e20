"""Proves the quiz files of a course: readable, and each template valid and unambiguous in many draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import Complaint, CourseError, GraderError
from autograder.quiz.proving import DRAWS, unproven
from autograder.quiz.reading import read_quiz


@dataclass(frozen=True, slots=True)
class QuizValidation:
    """What came out for one file."""

    key: str
    questions: int
    draws: int
    complaints: tuple[Complaint, ...]


def validate_quizzes(course: Course) -> Iterator[QuizValidation]:
    """Validate every quiz file of the course; a course may have none."""
    for path in sorted((course.root / "exercises" / "quizzes").glob("*.y*ml")):
        yield _validate(path)


def _validate(path: Path) -> QuizValidation:
    if path.suffix != ".yaml":
        return QuizValidation(path.stem, 0, 0, (Complaint(str(path), "would not be found", "name it .yaml"),))
    try:
        quiz = read_quiz(path)
    except CourseError as error:
        return QuizValidation(path.stem, 0, 0, error.complaints)
    except GraderError as error:
        return QuizValidation(path.stem, 0, 0, (Complaint(str(path), str(error)),))
    draws = sum(DRAWS for template in quiz.templates if template.is_drawn)
    return QuizValidation(quiz.key, len(quiz.templates), draws, tuple(unproven(quiz)))
