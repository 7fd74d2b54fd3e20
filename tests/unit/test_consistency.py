"""What the files of an exercise must agree on, and what an author reads where they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cases import Case, Mistake
from autograder.config import Config, ExerciseConfig, FeedbackPolicy
from autograder.course import Course, Suite
from autograder.errors import GraderError
from autograder.exercise import Exercise, Question
from autograder.sandbox.limits import Limits
from autograder.validate.consistency import inconsistencies

ROOT = Path("course")
CONFIG = Config(
    ROOT / "grading_config.yaml",
    "A course",
    1,
    ROOT / "tests",
    (ExerciseConfig("01_sizes", 10, 1, (), Limits(), FeedbackPolicy.HINT),),
)
EXERCISE = Exercise(
    "01_sizes",
    "Sizes",
    (Question("q1", "One", 6, ("size",)), Question("q2", "Two", 4, ("half", "twice"))),
    (),
    ROOT / "solutions/01_sizes.py",
)


def case(name: str, question: str, points: float = 2, hint: str = "A hint.") -> Case:
    return Case(question, name, name, points, hint, lambda student, rng: None)


def mistake(question: str = "q1", **changes: Any) -> Mistake:
    good = Mistake(question, "a_mistake", "", "a1", "A hint.", None, lambda: None)
    return replace(good, **changes)


CASES = (case("a1", "q1"), case("a2", "q1", 4), case("b1", "q2"), case("b2", "q2", 2.0))


def said(suite: Suite, *, exercise: Exercise = EXERCISE, config: Config = CONFIG) -> list[str]:
    return [str(complaint) for complaint in inconsistencies(Course(ROOT, config), exercise, suite)]


def test_files_that_agree_have_nothing_said() -> None:
    assert said(Suite(CASES, (mistake(), mistake("q2", caught_by="b1", replaces="twice")))) == []


def test_a_mistake_may_replace_a_value() -> None:
    values = Question("q2", "Two", 4, ("half",), values=("total",))
    exercise = replace(EXERCISE, questions=(EXERCISE.questions[0], values))
    assert said(Suite(CASES, (mistake("q2", caught_by="b1", replaces="total"),)), exercise=exercise) == []
    (complaint,) = said(Suite(CASES, (mistake("q2", caught_by="b1"),)), exercise=exercise)
    assert "q2 asks for half and total" in complaint


def test_points_that_add_up_within_rounding_agree() -> None:
    thirds = tuple(case(f"a{i}", "q1", 0.6) for i in range(10))
    assert said(Suite((*thirds, *CASES[2:]), ())) == []


@pytest.mark.parametrize(
    ("cases", "sentence"),
    [
        ((*CASES, case("x", "q3")), "x: is about question 'q3'\n    -> one of: q1, q2"),
        ((*CASES, case("x", "q1", 0)), "x: has points=0\n    -> more than 0"),
        ((*CASES, case("x", "q1", -1)), "x: has points=-1\n    -> more than 0"),
        ((CASES[0], *CASES[2:]), "q1: its cases' points add up to 2, the question has 6\n    -> change the cases"),
        ((*CASES[:3], case("b2", "q2", float("nan"))), "q2: its cases' points add up to nan"),
        (CASES[:2], 'q2: has no hidden case\n    -> @case("q2", points=..., hint=...)'),
        ((*CASES[:3], case("b2", "q2", 2, " \n")), "b2: has no hint\n    -> one sentence that a student who fails"),
    ],
)
def test_hidden_cases_that_do_not_fit_are_named(cases: tuple[Case, ...], sentence: str) -> None:
    expected = f"{ROOT / 'tests/hidden/01_sizes.py'}: {sentence}"
    assert any(one.startswith(expected) for one in said(Suite(cases, ())))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (mistake("q7"), "is about question 'q7'\n    -> one of: q1, q2"),
        (mistake(caught_by="a9"), "caught_by='a9' is no hidden case of q1\n    -> one of: a1, a2"),
        (mistake(caught_by="b1"), "caught_by='b1' is no hidden case of q1\n    -> one of: a1, a2"),
        (mistake("q2", caught_by="b1"), 'q2 asks for half and twice\n    -> say replaces="..."'),
        (
            mistake("q2", caught_by="b1", replaces="size"),
            "replaces='size' is not asked in q2\n    -> one of: half, twice",
        ),
        (mistake(replaces="helper"), "replaces='helper' is not asked in q1\n    -> one of: size"),
        (mistake(hint=""), "has no hint\n    -> name the misconception"),
    ],
)
def test_mistakes_that_do_not_fit_are_named(wrong: Mistake, sentence: str) -> None:
    (one,) = said(Suite(CASES, (wrong,)))
    assert one.startswith(f"{ROOT / 'tests/mistakes/01_sizes.py'}: a_mistake: {sentence}")


def test_a_question_without_cases_has_no_names_to_offer() -> None:
    complaints = said(Suite(CASES[:2], (mistake("q2", caught_by="b1", replaces="half"),)))
    assert complaints[-1].endswith("caught_by='b1' is no hidden case of q2\n    -> one of: (there are none)")


def test_points_of_config_and_questions_have_to_agree() -> None:
    other = replace(CONFIG, exercises=(replace(CONFIG.exercises[0], points=100),))
    (one,) = said(Suite(CASES, ()), config=other)
    assert one.startswith(
        f"{CONFIG.path}: exercises.01_sizes.points: says 100, but the questions of 01_sizes.py add up"
    )


def test_an_exercise_that_the_config_does_not_list_is_named() -> None:
    with pytest.raises(GraderError, match="exercises has no 01_sizes"):
        said(Suite(CASES, ()), config=replace(CONFIG, exercises=()))


def test_everything_is_said_at_once() -> None:
    suite = Suite((*CASES[:3], case("x", "q9", hint="")), (mistake("q8"), mistake(caught_by="", hint="")))
    assert len(said(suite)) == 6
