"""A warm process per tier, shared by all tests of a run, and a notebook in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.messages import Answer, Request, Returned, Target
from autograder.sandbox import paths, seccomp, wall
from autograder.sandbox.landlock import abi
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec

# times that no test waits for: what they do takes moments, and on a busy machine longer
LIMITS = Limits(wall_seconds=600, cpu_seconds=300, call_seconds=200, memory_mb=1024, disk_mb=16, attempts=4)


def notebook(*cells: str | dict[str, Any]) -> bytes:
    """The bytes of a notebook with these code cells; a dict gives a whole cell."""
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_cell(cell) for cell in cells]}
    ).encode()


def _cell(cell: str | dict[str, Any]) -> dict[str, Any]:
    made = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ""}
    return {**made, **({"source": cell} if isinstance(cell, str) else cell)}


class Submission(SandboxSession):
    """A session with short ways to ask."""

    def call(self, name: str, *args: Any, **kwargs: Any) -> Answer:
        return self.ask(Request(Target.STUDENT, name, args, kwargs))

    def value(self, name: str, *args: Any, **kwargs: Any) -> Any:
        answer = self.call(name, *args, **kwargs)
        assert isinstance(answer, Returned), answer
        return answer.value

    @property
    def errors(self) -> dict[int, str]:
        """What stopped each cell that did not end well."""
        return {cell.index: cell.error for cell in self.facts.cells if cell.outcome in ("error", "died")}


Submit = Callable[..., Submission]


def _skip_without_the_minimum() -> None:
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")


@pytest.fixture(scope="session")
def inner_zygote() -> Iterator[Zygote]:
    """The inner jail alone, without frameworks."""
    _skip_without_the_minimum()
    with Zygote.start(ZygoteSpec()) as zygote:
        yield zygote


@pytest.fixture(scope="session")
def full_zygote() -> Iterator[Zygote]:
    """With bubblewrap around it."""
    _skip_without_the_minimum()
    trial = wall.try_wall(paths.for_student(()))
    if not trial.works:
        pytest.skip(f"NO FULL TIER HERE: {trial.reason}")
    with Zygote.start(ZygoteSpec(wall=True)) as zygote:
        yield zygote


@pytest.fixture(params=["inner", "full"])
def zygote(request: pytest.FixtureRequest) -> Zygote:
    """Each tier that this machine has, one after the other."""
    found = request.getfixturevalue(f"{request.param}_zygote")
    assert isinstance(found, Zygote)
    return found


@pytest.fixture(scope="session")
def torch_zygote() -> Iterator[Zygote]:
    """Warm with torch and matplotlib."""
    pytest.importorskip("torch")
    _skip_without_the_minimum()
    with Zygote.start(ZygoteSpec(warm=("torch", "matplotlib.pyplot"))) as zygote:
        yield zygote


@pytest.fixture
def submit(zygote: Zygote) -> Iterator[Submit]:
    """Start a notebook; it is ended after the test."""
    yield from submissions(zygote)


@pytest.fixture
def submit_inner(inner_zygote: Zygote) -> Iterator[Submit]:
    """The same in the inner tier only, for what no tier changes."""
    yield from submissions(inner_zygote)


def submissions(zygote: Zygote) -> Iterator[Submit]:
    """Give a function that starts sessions; close them all at the end."""
    opened: list[Submission] = []

    def start(
        *cells: str | dict[str, Any], raw: bytes | None = None, limits: Limits = LIMITS, seed: int = 7
    ) -> Submission:
        data = notebook(*cells) if raw is None else raw
        opened.append(Submission(zygote, data, limits, seed))
        return opened[-1]

    try:
        yield start
    finally:
        for session in opened:
            session.close()
