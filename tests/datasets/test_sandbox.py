"""In the sandbox a notebook has the training images, and nothing else of the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.datasets import fashion_mnist
from autograder.datasets.fashion_mnist.finding import Found
from autograder.datasets.fashion_mnist.places import DEBIAN, SAMPLE_TEST
from autograder.messages import Request, Returned, Target
from autograder.sandbox import paths, seccomp, wall
from autograder.sandbox.landlock import abi
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec

NOTEBOOK = """
from autograder.datasets import fashion_mnist

def facts():
    images, labels = fashion_mnist.load("train", full=True)
    return [list(images.shape), str(images.dtype), str(labels.dtype), fashion_mnist.find().sentence]

def asked_for_the_test():
    try:
        fashion_mnist.load("test")
    except FileNotFoundError as error:
        return str(error)

def opened(path, mode):
    try:
        open(path, mode).close()
    except OSError as error:
        return type(error).__name__
    return "opened"
"""


@pytest.fixture(scope="module", params=["inner", "full"])
def tier(request: pytest.FixtureRequest) -> bool:
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")
    if request.param == "full":
        trial = wall.try_wall(paths.for_student(()))
        if not trial.works:
            pytest.skip(f"NO FULL TIER HERE: {trial.reason}")
    return bool(request.param == "full")


@pytest.fixture(scope="module", params=["debian", "sample"])
def found(request: pytest.FixtureRequest) -> Found:
    if request.param == "debian":
        return request.getfixturevalue("debian")  # type: ignore[no-any-return]
    return fashion_mnist.find("sample")


@pytest.fixture(scope="module")
def session(found: Found, tier: bool) -> Iterator[SandboxSession]:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": NOTEBOOK}
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()
    readable = tuple(map(str, fashion_mnist.student_paths(found)))
    hidden = tuple(str(path) for path in (*found.test, SAMPLE_TEST))
    with Zygote.start(ZygoteSpec(readable=readable, protected=hidden, wall=tier)) as zygote:
        environment = fashion_mnist.student_environment(found)
        session = SandboxSession(zygote, notebook, Limits(wall_seconds=600), 7, environment=environment)
        try:
            assert session.begin_case() is None
            yield session
        finally:
            session.close()


def ask(session: SandboxSession, name: str, *args: Any) -> Any:
    answer = session.ask(Request(Target.STUDENT, name, args))
    assert isinstance(answer, Returned), answer
    return answer.value


def test_the_training_images_are_there(session: SandboxSession, found: Found) -> None:
    count = 60_000 if found.full else 2_000
    assert ask(session, "facts") == [[count, 28, 28], "uint8", "int64", found.sentence]


def test_the_test_images_are_not(session: SandboxSession, found: Found) -> None:
    assert "held-out images are not here while grading" in ask(session, "asked_for_the_test")
    for path in (*found.test, SAMPLE_TEST, DEBIAN / "t10k-labels-idx1-ubyte.gz"):
        assert ask(session, "opened", str(path), "rb") in ("PermissionError", "FileNotFoundError")


def test_nothing_can_be_written_there(session: SandboxSession, found: Found) -> None:
    for path in (*found.train, Path(found.folder) / "new"):
        assert ask(session, "opened", str(path), "ab") != "opened"
