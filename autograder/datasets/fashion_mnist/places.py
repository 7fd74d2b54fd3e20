"""Where the data may lie: an explicit folder, the user's cache, Debian's folder, last the sample in this package."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.datasets import caches

VARIABLE = "AUTOGRADER_DATA"
SAMPLE_WORD = "sample"
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
PACKAGE = Path(__file__).resolve().parent.parent.parent
SAMPLE_TRAIN = Path(__file__).resolve().parent / "sample" / "train.npz"
SAMPLE_TEST = PACKAGE / "held_out" / "fashion_mnist_test.npz"
"""Outside `datasets/`: that folder is open to students' code while grading."""


class Source(enum.Enum):
    """Who has the data; in the order in which it is looked for."""

    FOLDER = "the folder that you named"
    CACHE = "your cache"
    DEBIAN = "Debian's dataset-fashion-mnist"
    SAMPLE = "the sample inside autograder"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of this user on this machine; `explicit` is a folder, or the word "sample"."""

    cache: Path
    explicit: Path | None = None
    debian: Path = DEBIAN

    @classmethod
    def here(cls, folder: Path | str | None = None) -> Places:
        """As this process' environment has them; an argument goes before AUTOGRADER_DATA."""
        named = folder or os.environ.get(VARIABLE) or None
        return cls(cache=user_cache(os.environ, sys.platform), explicit=Path(named).expanduser() if named else None)

    @property
    def sample_only(self) -> bool:
        """The sample is asked for by its word."""
        return self.explicit == Path(SAMPLE_WORD)


def user_cache(environment: Mapping[str, str], platform: str) -> Path:
    """The folder for Fashion-MNIST where this platform keeps what can be fetched again."""
    return caches.user_cache(environment, platform, "fashion-mnist")
