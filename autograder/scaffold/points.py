"""Points of a question's tests, by Otter's own rule."""

from __future__ import annotations

import math
from typing import Any

from autograder.scaffold.otter_master import Question


class PointsError(ValueError):
    """Points that mean nothing; its text is a sentence."""


def points_of_tests(question: Question) -> list[float]:
    """The points of each test.

    Raises:
        PointsError: what the question or a test says is no number, or they do not go together.
    """
    from otter.test_files.abstract_test import TestCase, TestFile

    total = _total(question.points, len(question.tests))
    for number, test in enumerate(question.tests, 1):
        if test.points is not None and not _is_number(test.points):
            raise PointsError(f"test {number} says points: {test.points!r}, which is no number from 0 on")
    cases = [TestCase("", "", test.hidden, test.points, None, None) for test in question.tests]
    try:
        resolved = TestFile.resolve_test_file_points(total, cases)
    except ValueError:  # of a total that is less; everything else was looked at
        of_tests = math.fsum(test.points or 0 for test in question.tests)
        raise PointsError(f"its tests say {of_tests:g} points together, the question {total}") from None
    points = [round(float(case.points or 0), 6) for case in resolved]
    if not any(points):
        raise PointsError("its tests are worth no points")
    return points


def _total(said: Any, tests: int) -> float | list[float | None] | None:
    if said is None or _is_number(said):
        return said  # type: ignore[no-any-return]
    if isinstance(said, list) and all(one is None or _is_number(one) for one in said):
        if len(said) != tests:
            raise PointsError(f"it has points for {len(said)} tests, and {tests} test{'s' * (tests != 1)}")
        return said
    if isinstance(said, dict) and said.keys() <= {"each"} and _is_number(said.get("each", 1)):
        return float(said.get("each", 1) * tests)
    raise PointsError(f"it says points: {said!r}, which are neither a number from 0 on, nor a list, nor `each: NUMBER`")


def _is_number(said: Any) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said) and said >= 0
