"""The quizzes of this course: the lecture's questions are there, and validate proves every template."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Command

from autograder.quiz.finding import find_quizzes
from autograder.quiz.proving import unproven
from autograder.quiz.values import Kind, Quiz

ROOT = Path(__file__).parent.parent.parent
QUIZZES = find_quizzes(None, ROOT)


def test_each_section_that_asks_has_a_quiz() -> None:
    assert [quiz.key for quiz in QUIZZES] == [
        *("1_pattern_detectors", "2_convolution_layer", "3_spatial_dimensions", "6_debugging"),
    ]


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.key)
def test_it_asks_both_questions_of_the_lecture_and_five_more(quiz: Quiz) -> None:
    of_lecture = [template for template in quiz.templates if template.from_lecture]
    assert len(of_lecture) == 2
    assert len(quiz.templates) >= 2 + 5
    assert sum(template.is_drawn for template in quiz.templates) >= 3
    assert len({template.kind for template in quiz.templates}) >= 3


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.key)
def test_every_template_holds_in_all_draws(quiz: Quiz) -> None:
    assert [str(complaint) for complaint in unproven(quiz)] == []


def test_all_kinds_are_used() -> None:
    assert {template.kind for quiz in QUIZZES for template in quiz.templates} == set(Kind)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("explanation: Pooling", "explanatoin: Pooling", "pooling_parameters.explanatoin: is not a key that is known"),
        ("value: flattened_shape(", "value: global_average_pool_shape(", "the answer and misconception 1 are both"),
    ],
)
def test_validate_names_what_to_mend_in_a_quiz(
    command: Command, course_dir: Path, before: str, after: str, complaint: str
) -> None:
    folder = course_dir / "exercises" / "quizzes"
    folder.mkdir()
    text = (ROOT / "exercises" / "quizzes" / "3_spatial_dimensions.yaml").read_text(encoding="utf-8")
    assert before in text
    (folder / "3_spatial_dimensions.yaml").write_text(text, encoding="utf-8")
    outcome = command("validate", cwd=course_dir)
    assert (outcome.code, "3_spatial_dimensions   9           1200    ✓" in outcome.out) == (0, True)
    (folder / "3_spatial_dimensions.yaml").write_text(text.replace(before, after), encoding="utf-8")
    outcome = command("validate", cwd=course_dir)
    assert outcome.code == 1
    assert "First thing to mend:" in outcome.out
    assert "3_spatial_dimensions.yaml:" in outcome.out
    assert complaint in outcome.out
