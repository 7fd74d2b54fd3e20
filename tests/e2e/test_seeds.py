"""Instructors change the course's seed each term: the assessment has to be right for the new one too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import open_course
from autograder.validate import validate

COURSE = open_course(Path(__file__).parents[2])
QUICK = [slug for slug in COURSE.slugs if COURSE.config.exercise(slug).limits.wall_seconds <= 30]
CHOSEN = [(slug, seed) for slug in QUICK for seed in (0, 2**62)]
TRAINING = [
    pytest.param(slug, seed, marks=pytest.mark.exhaustive)
    for slug in COURSE.slugs
    if slug not in QUICK
    for seed in (0, 2**62)
]


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "seed"), [*CHOSEN, *TRAINING])
def test_the_assessment_is_right_under_another_seed(slug: str, seed: int) -> None:
    course = replace(COURSE, config=replace(COURSE.config, seed=seed))
    assert [str(complaint) for complaint in validate(course, slug).complaints] == []
