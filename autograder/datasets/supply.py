"""What a data set gives to grading on this machine, whichever data set it is."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

VERSIONS = {"fashion_mnist": ("full", "sample"), "sign_language_digits": ("photographs", "rendered")}
"""The data sets that an exercise's `training:` may name, packages beside this module, each with a `supply()`; and which
versions of it a machine may have, of which `Supply.version` is one."""


@dataclass(frozen=True, slots=True)
class Supply:
    """Where students' code finds the training part, and what it must not find.

    `sentence` says in one line which data it is, for people; `version` tells data apart that gives other results;
    `readable` and `protected` are files; `environment` is what makes `load` in a student's process see the same data.
    """

    name: str
    sentence: str
    version: str
    readable: tuple[str, ...]
    protected: tuple[str, ...]
    environment: Mapping[str, str]


def supply(name: str) -> Supply:
    """What this machine has of a data set.

    Raises:
        GraderError: it is not there, or damaged.
    """
    if name not in VERSIONS:
        raise ValueError(f"no data set {name!r}: one of {', '.join(VERSIONS)}")
    made: Supply = importlib.import_module(f"autograder.datasets.{name}").supply()
    return made
