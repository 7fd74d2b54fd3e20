"""A student's history: four lists of one finite number an epoch, or a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder import curves
from autograder.expect import Wrong

GOOD: dict[str, Any] = {key: [0.5, 0.25] for key in curves.KEYS}


@pytest.mark.parametrize(
    "numbers", [[1, 2], (1.0, 2.0), np.array([1, 2]), [np.float32(1), np.array(2.0)], [np.array([1.0]), 2]]
)
def test_whatever_holds_two_numbers_is_read(numbers: Any) -> None:
    assert curves.read(GOOD | {"loss": numbers, "lr": "more"}, 2)["loss"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "a dict is asked for"),
        ({}, "has no 'loss'"),
        (GOOD | {"loss": 0.5}, "is a list of numbers"),
        (GOOD | {"loss": [0.5]}, "'loss' has 1 entries after 2 epochs"),
        (GOOD | {"loss": [0.5, "x"]}, "a number is asked for"),
        (GOOD | {"loss": [0.5, True]}, "a number is asked for"),
        (GOOD | {"loss": [0.5, np.ones(3)]}, "a number is asked for"),
        (GOOD | {"loss": [0.5, float("nan")]}, "not finite"),
        (GOOD | {"loss": [0.5, 10**900]}, "far too large"),
        (GOOD | {"loss": np.ones((2, 2))}, "is a list of numbers"),
    ],
)
def test_what_is_no_history_is_wrong_with_a_sentence(got: Any, sentence: str) -> None:
    with pytest.raises(Wrong, match=sentence):
        curves.read(got, 2)
