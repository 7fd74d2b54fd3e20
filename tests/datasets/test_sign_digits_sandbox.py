"""In the sandbox a notebook has the training part of the Sign Language Digits, through TensorFlow Datasets too."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import training
from autograder.datasets import sign_language_digits
from autograder.datasets.sign_language_digits.finding import Found
from autograder.messages import Request, Returned, Target
from autograder.sandbox import seccomp
from autograder.sandbox.landlock import abi
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec

NOTEBOOK = """
import autograder.datasets
from autograder.datasets import sign_language_digits

def facts():
    pictures, labels = sign_language_digits.load()
    return [list(pictures.shape), str(pictures.dtype), str(labels.dtype), sign_language_digits.find().kind.value]

def through_tensorflow_datasets():
    import tensorflow_datasets as tfds
    data, info = tfds.load("sign_language_digits", split="train", as_supervised=True, batch_size=-1, with_info=True)
    pictures, labels = sign_language_digits.load()
    same = bool((data[0].numpy() == pictures).all() and (data[1].numpy() == labels).all())
    elsewhere = tfds.load("sign_language_digits", split="train[:5%]", data_dir="somewhere", shuffle_files=True)
    return [info.full_name, info.splits["train"].num_examples, same, len(list(elsewhere))]

def asked_for(what, *args):
    try:
        getattr(sign_language_digits, what)(*args)
    except FileNotFoundError as error:
        return str(error)

def opened(path):
    try:
        open(path, "rb").close()
    except OSError as error:
        return type(error).__name__
    return "opened"
"""


@pytest.fixture(scope="module")
def found(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return sign_language_digits.prepare(photographs)


@pytest.fixture(scope="module")
def session(found: Found, photographs: Path) -> Iterator[SandboxSession]:
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": NOTEBOOK}
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()
    readable = tuple(map(str, sign_language_digits.student_paths(found)))
    hidden = tuple(map(str, (*found.held_out, photographs)))
    limits = Limits(wall_seconds=600, cpu_seconds=300, call_seconds=300, memory_mb=2048)
    environment = {**sign_language_digits.student_environment(found), training.TOLD: json.dumps({})}
    with Zygote.start(ZygoteSpec(readable=readable, protected=hidden)) as zygote:
        session = SandboxSession(zygote, notebook, limits, 7, environment=environment)
        try:
            assert session.begin_case() is None
            yield session
        finally:
            session.close()


def ask(session: SandboxSession, name: str, *args: Any) -> Any:
    answer = session.ask(Request(Target.STUDENT, name, args))
    assert isinstance(answer, Returned), answer
    return answer.value


@pytest.mark.slow
def test_the_training_part_is_there(session: SandboxSession) -> None:
    assert ask(session, "facts") == [[1_651, 100, 100, 3], "uint8", "int64", "photographs"]


@pytest.mark.slow
def test_it_is_there_through_tensorflow_datasets_whatever_folder_is_named(session: SandboxSession) -> None:
    if not importlib.util.find_spec("tensorflow_datasets"):
        pytest.skip("TENSORFLOW DATASETS IS NOT HERE, NOT TESTED")
    answer = ask(session, "through_tensorflow_datasets")
    assert answer == ["sign_language_digits/photographs/1.0.0", 1_651, True, 83]


@pytest.mark.slow
def test_the_held_out_part_is_not(session: SandboxSession, found: Found, photographs: Path) -> None:
    for question in (("load", "test"), ("held_out", 1, 10)):
        assert "held-out pictures are not here while grading" in ask(session, "asked_for", *question)
    for path in (*found.held_out, photographs):
        assert ask(session, "opened", str(path)) in ("PermissionError", "FileNotFoundError")
