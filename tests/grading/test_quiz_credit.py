"""`quiz_answers` for credit: a question like any other, with other numbers for each student."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import Command

from autograder.course import open_course
from autograder.expect import Wrong
from autograder.fingerprint import exercise_parts
from autograder.grading import Grader
from autograder.quiz.credit import MIN_SEED
from autograder.task import Plan, Task

from .made import SLUG, notebook
from .test_grading import RIGHT
from .unconfined import TIER, LocalGrader

SEED = 735_209_461_883_027_419
QUIZ = """\
title: Sizes
questions:
  - id: size
    kind: number
    draw: {input_size: {from: 20, to: 200}, kernel_size: [3, 5, 7]}
    text: A kernel of {kernel_size} on {input_size} pixels?
    answer: conv_output_size(input_size, kernel_size)
    misconceptions:
      - {value: answer - 1, why: The first position counts too.}
    explanation: It is {answer}.
  - id: pooled
    kind: shape
    draw: {side: {from: 20, to: 200, step: 2}}
    text: Two by two pools on (1, 3, {side}, {side})?
    answer: pool2d_output_shape((1, 3, side, side), 2)
    misconceptions:
      - {value: "(1, 3, side, side)", why: The pool halves.}
    explanation: It is {answer}.
  - id: odd
    kind: several
    text: Which are odd?
    choices:
      - {text: one, right: true}
      - {text: two, why: It is even.}
      - {text: three, right: true}
      - {text: four, why: It is even.}
    explanation: One and three.
  - id: why
    kind: text
    text: Why?
    points: [{text: Because., words: [[because]]}]
    model_answer: Because.
    explanation: This one is never scored.
"""
QUESTION = """
# %% [markdown] question="q2" points=6 title="The quiz"
# ## Question 2 · The quiz
# Answer the questions of your sheet.


# %%
def quiz_answers():
    \"\"\"A dictionary from each question's id to your answer.\"\"\"
    # BEGIN SOLUTION
    return ANSWERS
    # END SOLUTION


# %% tags=["check"]
def it_is_a_dictionary(quiz_answers):
    assert isinstance(quiz_answers(), dict), "{id: answer}"
"""
CASE = """

@case("q2", points=6, hint="Your own sheet has your own numbers.")
def the_quiz_of_the_section(student, rng, quiz):
    quiz.expect("sizes", student.quiz_answers())
"""
MISTAKE = """

@mistake("q2", caught_by="the_quiz_of_the_section", hint="Answer each question.")
def answers_nothing():
    return {}
"""


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def course(course_dir: Path) -> Path:
    """The scaffolded course with a second question, a quiz for credit."""
    (course_dir / "exercises" / "quizzes").mkdir()
    (course_dir / "exercises" / "quizzes" / "1_sizes.yaml").write_text(QUIZ, encoding="utf-8")
    config = course_dir / "grading_config.yaml"
    text = config.read_text().replace("seed: 1 ", f"seed: {SEED} ").replace("points: 10\n", "points: 16\n")
    config.write_text(text.replace("points: 10 ", "points: 16 "))
    answers = right_answers(course_dir, None)
    append(course_dir / f"solutions/{SLUG}.py", QUESTION.replace("ANSWERS", repr(answers)))
    append(course_dir / f"tests/hidden/{SLUG}.py", CASE)
    append(course_dir / f"tests/mistakes/{SLUG}.py", MISTAKE)
    return course_dir


def right_answers(course: Path, student: str | None) -> dict[str, Any]:
    questions = open_course(course).quiz(student).questions("sizes")
    return {
        one.drawn.template.id: one.drawn.answer if one.drawn.template.answer else one.right_answer for one in questions
    }


def handed_in(answers: object) -> bytes:
    return notebook(SLUG, RIGHT, f"def quiz_answers():\n    return {answers!r}")


def test_the_course_validates(command: Command, course: Path) -> None:
    assert command("build", cwd=course).code == 0
    outcome = command("validate", cwd=course)
    assert (outcome.code, "All is well" in outcome.out) == (0, True), outcome.out


def test_each_student_has_numbers_of_their_own_and_the_judge_knows_whose_they_are(course: Path) -> None:
    grader: Grader = LocalGrader(Plan(course, TIER, "cpu"))
    sheets = {student: right_answers(course, student) for student in ("ada", "bob", "reference", None)}
    assert len({repr(answers) for answers in sheets.values()}) == len(sheets)

    def score(student: str, answers: object) -> float:
        return grader.grade(Task(SLUG, handed_in(answers), student=student)).questions[1].earned

    assert score("ada", sheets["ada"]) == 6
    assert score("bob", sheets["bob"]) == 6
    assert score("bob", sheets["ada"]) < 6
    assert score("ada", sheets[None]) < 6  # the reference's own answers are nobody's
    assert score("ada", sheets["ada"] | {"pooled": None}) == 4


@pytest.mark.parametrize("answers", [None, [1], {}, {"size": True}, {"size": 10**400, "odd": "zz", "pooled": [1, "3"]}])
def test_what_is_no_answer_earns_nothing_and_is_no_fault_of_ours(course: Path, answers: object) -> None:
    with pytest.raises(Wrong) as wrong:
        open_course(course).quiz("ada").expect("sizes", answers)
    assert wrong.value.credit == 0


def test_answers_may_be_typed_and_a_misconception_is_named(course: Path) -> None:
    quiz, answers = open_course(course).quiz("ada"), right_answers(course, "ada")
    quiz.expect("sizes", answers | {"size": str(answers["size"]), "pooled": list(answers["pooled"])})
    with pytest.raises(Wrong, match=r"2 of 3 right; size is '\d+' \(The first position counts too\.\)") as wrong:
        quiz.expect("sizes", answers | {"size": answers["size"] - 1})
    assert wrong.value.credit == pytest.approx(2 / 3)


def test_the_sheet_has_the_students_questions_and_no_answers(command: Command, course: Path) -> None:
    outcome = command("quiz", "sizes", "--student", "ada", cwd=course)
    assert outcome.code == 0
    numbers = [one.drawn.names for one in open_course(course).quiz("ada").questions("sizes")]
    assert f"A kernel of {numbers[0]['kernel_size']} on {numbers[0]['input_size']} pixels?" in outcome.out
    assert "size (number)" in outcome.out
    assert "It is" not in outcome.out
    assert "Why?" not in outcome.out


def test_a_seed_that_could_be_found_from_a_sheet_makes_none(command: Command, course: Path) -> None:
    config = course / "grading_config.yaml"
    config.write_text(config.read_text().replace(str(SEED), str(MIN_SEED - 1)))
    outcome = command("quiz", "sizes", "--student", "ada", cwd=course)
    assert outcome.code == 2
    assert "could be found from a sheet" in outcome.err
    assert "--student needs a section" in command("quiz", "--student", "ada", cwd=course).err


def test_an_edited_quiz_is_graded_again(course: Path) -> None:
    before = exercise_parts(open_course(course), SLUG, "engine")
    append(course / "exercises" / "quizzes" / "1_sizes.yaml", "# edited\n")
    assert exercise_parts(open_course(course), SLUG, "engine") != before
