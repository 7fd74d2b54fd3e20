"""The course in this repository: the floor that every exercise keeps, and that it validates."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from autograder.course import Suite, open_course
from autograder.exercise import CellKind, Exercise, marked_lines

COURSE = open_course(Path(__file__).parent.parent.parent)
FIRST_THREE = ("01_output_size", "02_parameters", "03_convolution")


@pytest.fixture(scope="module", params=COURSE.slugs)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return COURSE.exercise(request.param)


@pytest.fixture(scope="module")
def suite(exercise: Exercise) -> Suite:
    return COURSE.suite(exercise.slug)


def test_the_first_three_exercises_are_there() -> None:
    assert set(FIRST_THREE) <= set(COURSE.slugs)
    assert {exercise.slug for exercise in COURSE.config.exercises} == set(COURSE.slugs)


def test_an_exercise_is_worth_100_points(exercise: Exercise) -> None:
    assert exercise.points == 100
    assert COURSE.config.exercise(exercise.slug).points == 100


def test_each_question_has_three_hidden_cases_and_two_mistakes(exercise: Exercise, suite: Suite) -> None:
    for question in exercise.questions:
        assert len(suite.cases_of(question.id)) >= 3, question.id
        assert len(suite.mistakes_of(question.id)) >= 2, question.id


def test_what_the_solution_refuses_some_hidden_case_asks_for(exercise: Exercise, suite: Suite) -> None:
    refusing = {
        cell.question
        for cell in exercise.cells
        if cell.kind is CellKind.ANSWER
        and any(inside and "raise ValueError" in line for line, inside in marked_lines(cell.source))
    }
    assert refusing
    for question in exercise.questions:
        sources = [inspect.getsource(case.function) for case in suite.cases_of(question.id)]
        if question.id in refusing:
            assert any("raises(ValueError)" in source for source in sources), question.id


def test_hints_are_whole_sentences(exercise: Exercise, suite: Suite) -> None:
    hints = [mistake.hint for mistake in suite.mistakes]
    for text in (*hints, *(case.hint for case in suite.cases)):
        assert text.rstrip()[-1] in ".?!)`", text
        assert len(text) >= 25, text


@pytest.mark.slow
def test_it_validates(process, repository: Path) -> None:
    outcome = process("-m", "autograder", "validate", cwd=repository)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.out.endswith("All is well: the assessment holds what it promises.\n")
    assert outcome.err == ""
