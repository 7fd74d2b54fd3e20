"""Accuracy for credit: neither luck nor a promise decides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import expect, measuring
from autograder.expect import NeedsReview, Wrong
from autograder.measuring import MAX_TRAININGS, SEED_SPREAD, Measured, measure
from autograder.training import Training

IMAGES = 2_000
TRAINED = Training("fashion_mnist", 100, 1, 10.0, "cpu", full=0.65, none=0.4, seed=40)
SUBMITTED = replace(TRAINED, weights={"w": np.ones(2, dtype=np.float32)})


class Trainings:
    """Stands in for training: the accuracies that come of it, one after another, the last one for ever."""

    def __init__(self, *accuracies: float) -> None:
        self.accuracies = accuracies
        self.seeds: list[int] = []

    def __call__(self, seed: int) -> float:
        self.seeds.append(seed)
        return self.accuracies[min(len(self.seeds), len(self.accuracies)) - 1]


def never() -> float:
    raise AssertionError("there are no submitted weights to be tested")


def submitted(accuracy: float) -> Callable[[], float]:
    return lambda: accuracy


def credit(accuracy: float) -> float:
    return expect.credit_in_band(accuracy, full=TRAINED.full, none=TRAINED.none)


class TestCredit:
    def test_it_is_linear_between_none_and_full(self) -> None:
        assert [credit(x) for x in (0.4, 0.525, 0.65)] == pytest.approx([0, 0.5, 1])

    def test_it_ends_at_0_and_1(self) -> None:
        assert [credit(x) for x in (0.0, 0.39, 0.66, 1.0)] == [
            0,
            0,
            1,
            1,
        ]

    @given(st.floats(0, 1))
    def test_a_case_gives_the_same_credit_and_says_how_sure_it_is(self, accuracy: float) -> None:
        if accuracy >= TRAINED.full:
            expect.banded(accuracy, full=TRAINED.full, none=TRAINED.none, images=IMAGES)
            return
        with pytest.raises(Wrong) as raised:
            expect.banded(accuracy, full=TRAINED.full, none=TRAINED.none, images=IMAGES)
        assert raised.value.credit == pytest.approx(credit(accuracy))
        low, high = expect.interval(accuracy, IMAGES)
        assert f"2,000 held-out images (95 % interval {low:.3f} to {high:.3f})" in str(raised.value)


class TestInterval:
    @pytest.mark.parametrize(("right", "count"), [(0, 10), (5, 10), (10, 10), (81, 263), (1300, 2000)])
    def test_its_ends_solve_the_equation_that_defines_them(self, right: int, count: int) -> None:
        """Wilson 1927: the ends are the shares p of which the measured share is z standard deviations away."""
        share = right / count
        for end in expect.interval(share, count):
            assert (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / count, abs=1e-12)

    def test_it_is_the_published_one(self) -> None:
        """Newcombe 1998, table I, 81 of 263 by the score method: 0.2553 to 0.3662."""
        assert expect.interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)

    @given(st.integers(1, 5_000), st.data())
    def test_it_holds_the_share_and_stays_within_0_and_1(self, count: int, data: Any) -> None:
        share = data.draw(st.integers(0, count)) / count
        low, high = expect.interval(share, count)
        assert 0 <= low <= share + 1e-12
        assert share - 1e-12 <= high <= 1

    def test_more_images_make_it_narrower(self) -> None:
        widths = [math.dist(*([end] for end in expect.interval(0.65, count))) for count in (100, 1_000, 10_000)]
        assert widths[0] > 3 * widths[1] > 9 * widths[2]


class TestTraining:
    def test_who_reaches_full_is_trained_once(self) -> None:
        trainings = Trainings(0.65)
        assert measure(TRAINED, trainings, never, images=IMAGES) == Measured(0.65, 1)
        assert trainings.seeds == [40]

    @pytest.mark.parametrize("unlucky", [0.649, 0.608, 0.6])
    def test_bad_luck_is_trained_again_with_another_seed(self, unlucky: float) -> None:
        trainings = Trainings(unlucky, 0.69)
        assert measure(TRAINED, trainings, never, images=IMAGES) == Measured(0.69, 2)
        assert trainings.seeds == [40, 41]

    def test_the_better_one_counts(self) -> None:
        assert measure(TRAINED, Trainings(0.64, 0.61), never, images=IMAGES).accuracy == 0.64

    def test_it_ends_after_a_few(self) -> None:
        trainings = Trainings(0.64)
        assert measure(TRAINED, trainings, never, images=IMAGES) == Measured(0.64, MAX_TRAININGS)
        assert trainings.seeds == list(range(40, 40 + MAX_TRAININGS))
        assert MAX_TRAININGS <= 3

    @pytest.mark.parametrize("far", [0.0, 0.1, 0.4, 0.57])
    def test_who_is_far_away_is_not_trained_again(self, far: float) -> None:
        trainings = Trainings(far)
        assert measure(TRAINED, trainings, never, images=IMAGES) == Measured(far, 1)

    def test_fewer_held_out_images_leave_more_room_for_luck(self) -> None:
        far = TRAINED.full - SEED_SPREAD - 0.03
        assert [measure(TRAINED, Trainings(far), never, images=count).trainings for count in (200, 20_000)] == [2, 1]

    def test_the_noise_is_that_of_the_sample(self) -> None:
        high = expect.interval(0.62, IMAGES)[1]
        for full, trained in ((high, 2), (high + 0.001, 1)):
            band, trainings = replace(TRAINED, full=full), Trainings(0.62 - SEED_SPREAD)
            assert measure(band, trainings, never, images=IMAGES).trainings == trained

    def test_near_the_top_there_is_nothing_above(self) -> None:
        assert measure(replace(TRAINED, full=1.0), Trainings(0.99), never, images=IMAGES).trainings == MAX_TRAININGS


class TestSubmittedWeights:
    def test_they_are_tested_and_nothing_is_trained(self) -> None:
        trainings = Trainings(0.0)
        measured = measure(SUBMITTED, trainings, submitted(0.9), images=IMAGES)
        assert measured == Measured(0.9, 0)
        assert trainings.seeds == []

    def test_poor_ones_are_poor_all_the_same(self) -> None:
        assert measure(SUBMITTED, Trainings(0.9), submitted(0.3), images=IMAGES).accuracy == 0.3

    @pytest.mark.parametrize("again", [0.65, 0.61, 0.9])
    def test_an_audit_that_comes_near_them_agrees(self, again: float) -> None:
        audited, trainings = replace(SUBMITTED, audit=True), Trainings(again)
        measured = measure(audited, trainings, submitted(0.66), images=IMAGES)
        assert measured == Measured(0.66, 1)
        assert trainings.seeds == [40]

    def test_code_that_reaches_full_by_itself_needs_no_review(self) -> None:
        """Who trained longer at home than the grader does has better weights, and nothing to gain by a forgery."""
        audited = replace(SUBMITTED, audit=True)
        assert measure(audited, Trainings(0.66), submitted(0.93), images=IMAGES).accuracy == 0.93

    def test_weights_that_the_code_could_not_have_made_are_looked_at_with_both_numbers(self) -> None:
        audited = replace(SUBMITTED, audit=True)
        with pytest.raises(NeedsReview, match=r"weights reach 0\.910 on 2,000 .* own code trains to 0\.312 ") as raised:
            measure(audited, Trainings(0.312), submitted(0.91), images=IMAGES)
        assert raised.value.credit == 1.0

    def test_until_then_they_earn_what_they_would(self) -> None:
        with pytest.raises(NeedsReview) as raised:
            measure(replace(SUBMITTED, audit=True), Trainings(0.1), submitted(0.525), images=IMAGES)
        assert raised.value.credit == pytest.approx(0.5)

    def test_the_slack_is_wider_than_the_spread_over_seeds(self) -> None:
        assert measuring.AUDIT_SLACK >= SEED_SPREAD
        audited = replace(SUBMITTED, audit=True)
        for weights, again in itertools.product((0.6, 0.64), repeat=2):
            assert measure(audited, Trainings(again), submitted(weights), images=IMAGES).accuracy == weights
