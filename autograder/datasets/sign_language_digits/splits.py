"""Splits by a seed so that every part has each digit's share; persons are in all parts, which was measured to be fair.

Never by the files' numbers: IMG_1118 to 1322 were taken in another light, and a network that has not seen it fails.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.datasets.sign_language_digits.published import Labels

SEED = 20211
"""Of the split that `load` knows. It keeps no secret: the photographs and their labels are public."""
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2

Indices = npt.NDArray[np.intp]


class Split(enum.Enum):
    """What `load` is asked for. ALL is what TensorFlow Datasets calls "train"; while grading it lacks TEST."""

    ALL = "all"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Parts:
    """Indices of each part, ascending, with none in two parts."""

    train: Indices
    validation: Indices
    test: Indices

    @property
    def shown(self) -> Indices:
        """What students' code may see while it is graded: all but the test part."""
        return np.sort(np.concatenate([self.train, self.validation]))


def stratified_split(
    labels: Labels, *, seed: int, validation: float = VALIDATION_SHARE, test: float = TEST_SHARE
) -> Parts:
    """Indices for training, validation and test; of each digit the named shares, rounded.

    Raises:
        ValueError: a share is negative, or they add up to more than 1.
    """
    if validation < 0 or test < 0 or validation + test > 1:
        raise ValueError(f"shares of {validation} and {test} leave nothing or less than nothing to train on")
    rng = np.random.default_rng(seed)
    parts: tuple[list[Indices], list[Indices], list[Indices]] = ([], [], [])
    for digit in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == digit))
        first, second = (round(len(members) * share) for share in (test, test + validation))
        for part, chosen in zip(parts, (members[second:], members[first:second], members[:first]), strict=True):
            part.append(chosen)
    return Parts(*(np.sort(np.concatenate([*part, np.empty(0, np.intp)])).astype(np.intp) for part in parts))
