"""The data set that needs no photographs: as many pictures of each digit, drawn from a seed."""

from __future__ import annotations

import numpy as np

from autograder.datasets.sign_language_digits.archive import Collection, served_order
from autograder.datasets.sign_language_digits.drawing import draw_all
from autograder.datasets.sign_language_digits.published import COUNTS, Labels

PUBLIC_SEED = 9
"""Of what students train on. Held-out pictures come from another stream, by a seed that only the judge has."""
PUBLIC_STREAM, HELD_OUT_STREAM = 0, 1


def rendered(counts: tuple[int, ...] = COUNTS) -> Collection:
    """Pictures for everyone, `counts` of each digit; the same on every call. About 8 seconds for all."""
    names = served_order(tuple(f"{digit}/{number}" for digit, count in enumerate(counts) for number in range(count)))
    labels = np.array([int(name[0]) for name in names], np.int64)
    return Collection(draw_all(labels, (PUBLIC_STREAM, PUBLIC_SEED)), labels, names)


def rendered_held_out(seed: int, count: int) -> Collection:
    """For the judge: `count` pictures that nobody has seen, as many of each digit as can be, in mixed order.

    Raises:
        ValueError: `seed` is negative.
    """
    rng = np.random.default_rng((HELD_OUT_STREAM, seed))
    labels: Labels = rng.permutation(np.arange(max(0, count), dtype=np.int64) % 10)
    pictures = draw_all(labels, (HELD_OUT_STREAM, seed))
    return Collection(pictures, labels, tuple(f"{label}/{index}" for index, label in enumerate(labels)))
