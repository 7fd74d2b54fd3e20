"""A student's process never has a request that holds the right answer to one that it has not answered yet."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import carried
from autograder.messages import Exchange, Raised, Request, Returned, Target


def exchange(answer: Any, *args: Any, **kwargs: Any) -> Exchange:
    return Exchange(Request(Target.STUDENT, "f", args, kwargs), Returned(answer))


def drawn(*runs: Callable[[np.random.Generator], list[Exchange]]) -> tuple[int, ...]:
    (run,) = runs
    return carried.starts([run(np.random.default_rng(seed)) for seed in range(3)])


@pytest.mark.parametrize(
    "hand_on",
    [
        lambda answer: exchange(1, answer),
        lambda answer: exchange(1, 0, other=answer),
        lambda answer: exchange(1, [{"deep": (answer, 2)}]),
        lambda answer: exchange(1, np.array([0.5, answer])),
    ],
)
def test_what_hands_an_answer_on_is_asked_when_it_is_there(hand_on: Callable[[Any], Exchange]) -> None:
    def run(rng: np.random.Generator) -> list[Exchange]:
        mean = float(rng.normal())
        return [exchange(mean, [1.0]), exchange(7.5, "unrelated"), hand_on(mean), exchange(2, "and on")]

    assert drawn(run) == (0, 2)


def test_so_is_what_takes_an_answer_apart() -> None:
    def run(rng: np.random.Generator) -> list[Exchange]:
        maps = rng.normal(size=(2, 3, 3))
        shape = (int(rng.integers(100, 1_000)), int(rng.integers(1_000, 9_000)))
        return [exchange(maps), exchange(None, maps[1, 2, 2]), exchange(shape), exchange(None, shape[1])]

    assert drawn(run) == (0, 1, 3)


def test_large_arrays_are_told_by_their_bytes() -> None:
    def run(rng: np.random.Generator) -> list[Exchange]:
        maps = rng.normal(size=(40, 40))
        return [exchange(maps), exchange(None, rng.normal(size=(40, 40))), exchange(None, maps.copy())]

    assert drawn(run) == (0, 2)


def test_what_only_happens_to_be_the_same_number_is_asked_at_once() -> None:
    def run(rng: np.random.Generator) -> list[Exchange]:
        return [exchange(int(rng.integers(1, 4)), int(rng.integers(1, 4))) for _ in range(20)]

    whole = run(np.random.default_rng(0))
    assert len(carried.starts([whole])) > 5
    assert len(drawn(run)) < len(carried.starts([whole]))


def test_a_frame_of_its_own_each_where_each_hands_on() -> None:
    def run(rng: np.random.Generator) -> list[Exchange]:
        values = rng.normal(size=6).tolist()
        return [exchange(after, before) for before, after in itertools.pairwise(values)]

    assert drawn(run) == (0, 1, 2, 3, 4)


def test_true_none_and_exceptions_are_nothing_that_could_be_handed_on() -> None:
    raised = Exchange(Request(Target.STUDENT, "f", (1,)), Raised(("ValueError",), "no"))
    assert carried.starts([[exchange(True), exchange(None, True), raised, exchange(1, None, False)]]) == (0,)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20))
def test_no_frame_holds_an_answer_of_its_own(run: list[tuple[int, int]]) -> None:
    exchanges = [exchange(answer, argument) for argument, answer in run]
    ends = (*carried.starts([exchanges]), len(run))
    for start, end in itertools.pairwise(ends):
        for later in range(start, end):
            assert run[later][0] not in [answer for _, answer in run[start:later]]
