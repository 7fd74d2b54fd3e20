"""Alters held-out photographs by a seed, so that no table of the public ones has them.

The photographs and their labels are public, so a notebook could carry them. As with Fashion-MNIST (see
`fashion_mnist.alteration`, which measured it) looking a picture up shall fail, and an honest network hardly notice.
"""

from __future__ import annotations

import numpy as np

from autograder.datasets.fashion_mnist.alteration import Strength, alter, stratified
from autograder.datasets.sign_language_digits.archive import Collection

STRENGTH = Strength(shift=0.75, contrast=0.08, brightness=0.02, uneven=0.03, noise=0.02)
"""A shift in pixels of 100; bench/sign_digits.py shows what the whole costs a network."""


def alter_held_out(collection: Collection, *, seed: int, count: int) -> Collection:
    """`count` of the pictures, as many of each digit as can be, mixed and altered; all of them where there are fewer.

    Raises:
        ValueError: `seed` is negative.
    """
    rng = np.random.default_rng(seed)
    chosen = collection.take(stratified(collection.labels, count, rng))
    draw = int(rng.integers(2**63))  # the same for all three colours: light moves, colours do not
    channels = [alter(chosen.pictures[..., i], np.random.default_rng(draw), STRENGTH) for i in range(3)]
    return Collection(np.stack(channels, axis=-1), chosen.labels, chosen.names)
