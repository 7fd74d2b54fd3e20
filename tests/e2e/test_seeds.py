"""Instructors change the course's seed each term: the assessment has to be right for the new one too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import open_course
from autograder.validate import validate

COURSE = open_course(Path(__file__).parents[2])
TRAINING = ("04_fashion_mnist", "05_debugging")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2**62])
@pytest.mark.parametrize("slug", COURSE.slugs)
def test_the_assessment_is_right_under_another_seed(slug: str, seed: int, request: pytest.FixtureRequest) -> None:
    if slug in TRAINING and seed and "slow" not in request.config.option.markexpr:
        pytest.skip("networks are trained for a minute: pytest -m slow tests/e2e/test_seeds.py")
    course = replace(COURSE, config=replace(COURSE.config, seed=seed))
    assert [str(complaint) for complaint in validate(course, slug).complaints] == []
