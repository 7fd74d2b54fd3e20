"""The two frameworks, the networks that are graded on, pictures to look at, and question 8's cases and mistakes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.cnn import network
from autograder.cnn.network import Network
from autograder.course import load_module

from .frameworks import Array, Framework, framework_of

TESTS = Path(__file__).parents[1]
CASE = "def maps_agree_with_the_formula("


@pytest.fixture(params=["torch", "keras"])
def framework(request: pytest.FixtureRequest) -> Framework:
    return framework_of(request.param)


@pytest.fixture(scope="session")
def trained() -> Network:
    return network.trained()


@pytest.fixture(scope="session")
def hidden() -> ModuleType:
    """The file of hidden cases in which question 8 of exercise 6 stands."""
    (path,) = [path for path in (TESTS / "hidden").glob("*.py") if CASE in path.read_text(encoding="utf-8")]
    return load_module(path)


@pytest.fixture(scope="session")
def mistakes(hidden: ModuleType) -> ModuleType:
    return load_module(TESTS / "mistakes" / Path(str(hidden.__file__)).name)


@pytest.fixture(scope="session")
def pictures(hidden: ModuleType) -> list[Array]:
    return hidden._pictures(np.random.default_rng(3), 10)
