"""Quizzes for credit: each student's own numbers, and the judge's look at the answers."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.expect import Wrong
from autograder.quiz.answers import Feedback, check_choices, check_value, read_letters, read_number, read_shape
from autograder.quiz.finding import find_quizzes
from autograder.quiz.practice import Asked, asked
from autograder.quiz.values import Kind

MIN_SEED = 2**40
"""A student sees numbers that come from the seed, and could try all seeds of a smaller range, such as dates."""
NOT_ANSWERED = "no answer that can be read"


@dataclass(frozen=True, slots=True)
class PersonalQuiz:
    """What a hidden case's `quiz` is: the quizzes of a course with the numbers of one student.

    `student` is None for the reference solution, whose numbers are the same under every seed.
    """

    course: Path
    seed: int
    student: str | None = None

    def questions(self, section: str) -> tuple[Asked, ...]:
        """The questions that can be scored, with this student's numbers; raises GraderError for an unknown section."""
        (quiz,) = find_quizzes(section, self.course)
        # repr keeps seed 1 of student "2/3" apart from seed "1/2" of student "3"
        seed = "reference" if self.student is None else repr((self.seed, self.student))
        return tuple(asked(quiz, template, seed) for template in quiz.templates if template.kind is not Kind.TEXT)

    def expect(self, section: str, answers: Any) -> None:
        """Compare {question id: answer} with the key; credit is the share of right ones.

        Raises:
            Wrong: not all are right; says which, what is right, and the misconception where it is a known one.
        """
        if not isinstance(answers, dict):
            raise Wrong('quiz_answers() gives a dictionary such as {"output_size": 32}')
        questions = self.questions(section)
        wrong = [line for one in questions for line in _complaint(one, answers.get(one.drawn.template.id))]
        if wrong:
            right = len(questions) - len(wrong)
            raise Wrong(f"{right} of {len(questions)} right; " + "; ".join(wrong), credit=right / len(questions))

    def sheet(self, section: str) -> str:
        """What the student gets: the questions with their ids, and how to answer.

        Raises:
            GraderError: the course's seed could be found from the numbers.
        """
        if self.seed < MIN_SEED:
            raise GraderError(
                f"the course's seed could be found from a sheet: {self.seed} is below {MIN_SEED:,}\n"
                "    -> choose one of 18 random digits, as hidden inputs are drawn from it too"
            )
        lines = [f"{self.student}: your numbers for the quiz of section {section}", ""]
        for one in self.questions(section):
            lines += [*_shown(one), ""]
        return "\n".join(
            [*lines, "In your notebook, quiz_answers() gives {id: answer}: a number, a shape, or letters."]
        )


def _complaint(one: Asked, answer: Any) -> Iterator[str]:
    feedback = _feedback(one, answer)
    if feedback is None or not feedback.right:
        notes = " ".join(feedback.notes) if feedback else NOT_ANSWERED
        yield f"{one.drawn.template.id} is {one.right_answer!r}" + (f" ({notes})" if notes else "")


def _feedback(one: Asked, answer: Any) -> Feedback | None:
    """None for what is no answer of that kind."""
    kind, drawn = one.drawn.template.kind, one.drawn
    if kind in (Kind.SINGLE, Kind.SEVERAL):
        chosen = read_letters(answer, one.order) if isinstance(answer, str) else frozenset()
        return check_choices(drawn, chosen) if chosen and (kind is Kind.SEVERAL or len(chosen) == 1) else None
    value = answer
    if isinstance(answer, str):
        value = read_number(answer) if kind is Kind.NUMBER else read_shape(answer)
    if kind is Kind.NUMBER:
        return check_value(drawn, value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    whole = isinstance(value, list | tuple) and all(type(size) is int for size in value)
    return check_value(drawn, tuple(value)) if whole else None


def _shown(one: Asked) -> Iterator[str]:
    drawn = one.drawn
    yield f"{drawn.template.id} ({drawn.template.kind.value})"
    yield f"  {drawn.fill(drawn.template.text)}"
    yield from (f"      {line}" for line in drawn.fill(drawn.template.code).splitlines())
    for letter, position in zip(string.ascii_lowercase, one.order, strict=False):
        yield f"  {letter}) {drawn.fill(drawn.template.choices[position].text)}"
