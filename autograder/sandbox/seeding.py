"""Starts every random generator that is loaded from the submission's seed, and gives a child its threads."""

from __future__ import annotations

import functools
import os
import random
import sys
from typing import Any

import numpy as np


def seed_everything(seed: int) -> None:
    """Seed python, numpy, torch and TensorFlow: a child inherits the states of its parent, or draws fresh ones."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    _seed_default_rng(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        tensorflow.random.set_seed(seed % 2**31)


def load() -> None:
    """Touch what seeding touches, before the fork: numpy and torch load parts of it on first use."""
    np.random.seed(0)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(0)


def set_threads(threads: int) -> None:
    """Let this child use more than the one thread that its parent was started with."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    torch = sys.modules.get("torch")
    if torch is not None and threads > 1:
        torch.set_num_threads(threads)
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def _seed_default_rng(seed: int) -> None:
    """`default_rng()` without a seed asks the system; here each such call gets the next of a fixed sequence."""
    original = np.random.default_rng
    children = np.random.SeedSequence(seed)

    @functools.wraps(original)
    def default_rng(seed: Any = None) -> np.random.Generator:
        return original(children.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng
