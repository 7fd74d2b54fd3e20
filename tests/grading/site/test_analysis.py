"""The class in numbers, against numbers worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.site.analysis import BINS, Line, bins, correlation, line, summaries
from autograder.site.charts import HEIGHT, WIDTH, histogram, shares

from ..made import overridden, row


def class_of(*earned: tuple[float, float], **changes: object) -> list[Line]:
    """Submissions with these points in q1 (of 10) and q2 (of 4)."""
    made = []
    for number, (first, second) in enumerate(earned):
        entry = row(f"s{number}", score=first + second, **changes)
        for question, points in zip(entry.document["questions"], (first, second), strict=True):
            question["earned"] = points
        made.append(line(entry, "x.html"))
    return made


class TestAnExercise:
    def test_its_numbers_are_percent_of_what_was_graded(self) -> None:
        (made,) = summaries([*class_of((10, 4), (3, 4), (0, 0)), *class_of((0, 0), status="unreadable")])
        assert (made.handed_in, made.graded, made.to_look_at) == (4, 3, 1)
        assert (made.mean, made.median, made.lowest, made.highest) == (50.0, 50.0, 0.0, 100.0)
        assert sum(made.bins) == 3

    def test_difficulty_is_the_mean_share(self) -> None:
        (made,) = summaries(class_of((10, 4), (5, 0), (0, 0)))
        assert [(item.question, item.difficulty) for item in made.items] == [("q1", 0.5), ("q2", pytest.approx(1 / 3))]
        assert [(item.full, item.partial, item.none) for item in made.items] == [(1, 1, 1), (1, 0, 2)]

    def test_discrimination_compares_a_question_with_the_others(self) -> None:
        (made,) = summaries(class_of((0, 0), (2, 1), (4, 2), (6, 3), (8, 4)))
        assert [item.discrimination for item in made.items] == [pytest.approx(1.0)] * 2
        (made,) = summaries(class_of((0, 4), (2, 3), (4, 2), (6, 1), (8, 0)))
        assert [item.discrimination for item in made.items] == [pytest.approx(-1.0)] * 2
        assert "look at its cases" in made.items[0].remark

    def test_few_or_equal_answers_give_none(self) -> None:
        (made,) = summaries(class_of((0, 0), (10, 4)))
        assert [item.discrimination for item in made.items] == [None, None]
        assert [item.remark for item in made.items] == ["too few submissions to say"] * 2
        assert correlation([1.0] * 9, [float(number) for number in range(9)]) is None

    def test_a_misconception_counts_once_a_student(self) -> None:
        (made,) = summaries(class_of((0, 0), (0, 0)))
        assert [(one.question, one.name, one.count) for one in made.misconceptions] == [("q1", "counts rows", 2)]

    def test_points_set_by_hand_count(self) -> None:
        (made,) = summaries([line(overridden(row()), "x")])
        assert made.items[1].full == 1
        assert made.mean == 50.0

    def test_what_is_of_no_known_exercise_is_in_none(self) -> None:
        assert summaries([line(row(exercise="unknown-1", status="unknown_exercise"), "x")]) == ()

    def test_nobody_graded_is_no_error(self) -> None:
        (made,) = summaries(class_of((0, 0), status="unreadable"))
        assert (made.graded, made.mean, made.items) == (0, 0.0, ())


class TestCharts:
    @given(st.lists(st.floats(0, 100)))
    def test_every_submission_is_in_one_bin(self, percents: list[float]) -> None:
        assert sum(bins(percents)) == len(percents)
        assert len(bins(percents)) == BINS

    def test_the_edges_lie_in_their_bins(self) -> None:
        assert bins([0, 9.99, 10, 99.9, 100, 120, -1]) == (3, 1, 0, 0, 0, 0, 0, 0, 0, 3)

    @given(st.lists(st.integers(0, 3000), min_size=BINS, max_size=BINS))
    def test_no_bar_leaves_the_drawing(self, counts: list[int]) -> None:
        for bar in histogram(counts):
            assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
            assert -0.01 <= bar.y <= bar.y + bar.height <= HEIGHT + 0.01

    def test_shares_fill_their_bar(self) -> None:
        assert [(bar.label, bar.x, bar.width) for bar in shares(1, 1, 2)] == [
            ("full", 0.0, 30.0),
            ("partial", 30.0, 30.0),
            ("none", 60.0, 60.0),
        ]
        assert [bar.width for bar in shares(0, 0, 0)] == [0.0] * 3
