"""Exercise 6 is solvable in PyTorch and in Keras: both references are graded whole, and trained on three seeds."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.course import Course, load_module, open_course
from autograder.datasets import sign_language_digits
from autograder.datasets.sign_language_digits import places
from autograder.datasets.supply import Supply, supply
from autograder.grading import Grader
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.messages import Request, Returned, Target
from autograder.namespace import reference_namespace, reference_notebook
from autograder.report import CaseResult, Verdict
from autograder.reports.document import ReportDocument
from autograder.sandbox import seccomp
from autograder.sandbox.landlock import abi
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.tier import Tier
from autograder.sandbox.warm import Zygote, ZygoteSpec
from autograder.task import Plan, Task

SLUG = "06_sign_language"
KERAS_MODULES = ("tensorflow", "keras", "tensorflow_datasets")
AT_LEAST = {"torch": 0.83, "keras": 0.85}  # on the photographs, within ten epochs, on each of three seeds


def keras_cells(repository: Path) -> list[str]:
    """The code cells of the Keras reference."""
    text = (repository / "solutions" / "keras" / f"{SLUG}.py").read_text(encoding="utf-8")
    cells = [cell.partition("\n") for cell in text.split("# %%")[1:]]
    return [source for head, _, source in cells if "[markdown]" not in head]


def notebook(cells: list[str]) -> bytes:
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": one} for one in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}).encode()


def needs_keras() -> None:
    for name in KERAS_MODULES:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name.upper()} IS NOT HERE, NOT TESTED: make setup")


def needs_sandbox() -> None:
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")


@pytest.fixture(scope="module")
def course(repository: Path) -> Course:
    return open_course(repository)


@pytest.fixture(scope="module")
def photographs(repository: Path) -> Path:
    named = os.environ.get(places.VARIABLE)
    path = Path(named) if named else repository.parent / "shared" / "data" / places.ARCHIVE_NAME
    if not path.is_file():
        pytest.skip(f"THE PHOTOGRAPHS ARE NOT HERE, NOT TESTED: set {places.VARIABLE} to their archive ({path})")
    return path


@pytest.fixture
def photographs_are_here(request: pytest.FixtureRequest) -> bool:
    try:
        request.getfixturevalue("photographs")
    except pytest.skip.Exception:
        return False
    return True


@pytest.fixture(scope="module", params=["photographs", "rendered"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supply]:
    """One of the two versions of the data, prepared in a cache of its own."""
    rendered = request.param == "rendered"
    source = sign_language_digits.RENDERED_WORD if rendered else str(request.getfixturevalue("photographs"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv(places.VARIABLE, source)
        patch.delenv(places.PREPARED_VARIABLE, raising=False)
        made = supply("sign_language_digits")
        assert made.version == request.param
        yield made


def namespace(framework: str, course: Course) -> dict[str, Any]:
    if framework == "torch":
        return reference_namespace(course.exercise(SLUG))
    needs_keras()
    found: dict[str, Any] = {}
    for cell in keras_cells(course.root)[:-1]:  # the last one trains
        exec(compile(cell, "keras reference", "exec"), found)
    return found


def ask(course: Course, names: dict[str, Any], data: Supply, *, trains: bool = False) -> dict[str, CaseResult]:
    """The hidden cases that need no sandbox, those that train or the others."""
    config = course.config.exercise(SLUG).training
    assert config is not None
    session, seed = LocalSession(names, data.environment), course.config.seed
    asked = [case for case in course.suite(SLUG).cases if not case.of_notebook and case.trains is trains]
    training = config.on("cpu", data.version)
    return {case.name: run_case(case, session, case_rng(seed, SLUG, case), None, training) for case in asked}


@pytest.mark.parametrize("framework", ["torch", pytest.param("keras", marks=pytest.mark.exhaustive)])
def test_the_reference_passes_what_needs_no_long_training(
    framework: str, course: Course, data: Supply, photographs_are_here: bool
) -> None:
    if framework == "keras" and data.version == "rendered" and photographs_are_here:
        pytest.skip("asked on the photographs instead")
    results = ask(course, namespace(framework, course), data)
    assert {name: one.message for name, one in results.items() if one.verdict is not Verdict.PASSED} == {}
    assert sum(one.points for one in results.values()) == 88


@pytest.mark.exhaustive
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_on_three_seeds_ten_epochs_are_enough(framework: str, course: Course, data: Supply) -> None:
    """The project's promise on the photographs; on drawn hands the band is what has to hold."""
    names = namespace(framework, course)
    hidden = load_module(course.hidden_path(SLUG))
    config = course.config.exercise(SLUG).training
    assert config is not None
    training = config.on("cpu", data.version)
    least = AT_LEAST[framework] if data.version == "photographs" else training.full
    for seed in (1, 2, 3):
        accuracy = _accuracy(names, hidden, training.images, training.epochs, seed)
        print(f"{framework}, {data.version}, seed {seed}: {accuracy:.3f}")
        assert accuracy >= max(least, training.full)


def _accuracy(names: dict[str, Any], hidden: ModuleType, images: int, epochs: int, seed: int) -> float:
    from autograder.probes import networks

    pictures, labels, given = hidden._known()
    unseen, digits = hidden._held_out(seed)
    order = np.random.default_rng(seed).permutation(given)[: images + hidden.VALIDATION]
    networks.seed(seed)
    model = names["build_model"]()
    sets = [(pictures[part], labels[part]) for part in (order[hidden.VALIDATION :], order[: hidden.VALIDATION])]
    names["train"](model, *sets, epochs)
    return float((names["predict"](model, unseen).argmax(axis=1) == digits).mean())


def _graded(course: Course, data: bytes, *, epochs: int | None = None) -> ReportDocument:
    """A notebook, graded in the sandbox; `epochs` shortens the training, and then the band is lower, too."""
    needs_sandbox()
    grader = Grader(Plan(course.root, Tier("inner", (), ()), "cpu"))
    config = grader.course.config
    if epochs is not None:
        (mine,) = [one for one in config.exercises if one.slug == SLUG]
        assert mine.training is not None
        devices = tuple(replace(one, epochs=epochs, full=0.1, none=0.05) for one in mine.training.devices)
        short = replace(mine, training=replace(mine.training, devices=devices, other_bands=()))
        grader.course = replace(grader.course, config=replace(config, exercises=(short,)))
    try:
        return grader.grade(Task(SLUG, data))
    finally:
        grader.close()


# before it grades the notebook in Keras, the grader rehearses the reference solution, which is in PyTorch
@pytest.mark.slow
@pytest.mark.parametrize("framework", [pytest.param("torch", marks=pytest.mark.exhaustive), "keras"])
def test_the_reference_is_graded_whole_in_the_sandbox(
    framework: str, course: Course, data: Supply, photographs_are_here: bool
) -> None:
    if data.version == "rendered" and photographs_are_here:
        pytest.skip("graded on the photographs instead")
    if framework == "keras":
        needs_keras()
    cells = keras_cells(course.root)
    document = _graded(course, reference_notebook(course.exercise(SLUG)) if framework == "torch" else notebook(cells))
    lost = [
        (case.name, case.message)
        for question in document.questions
        for case in question.cases
        if case.verdict != "passed"
    ]
    assert lost == []
    assert document.score == 100
    assert document.run is not None
    print(f"{framework}, {data.version}: {document.run.cpu_seconds:.0f} CPU seconds")
    shown = [figure for question in document.questions for case in question.cases for figure in case.figures]
    assert shown, "the notebook's figure is not in the report"


def test_without_tensorflow_the_pytorch_path_is_graded(repository: Path, tmp_path: Path) -> None:
    """With drawn hands, in a process that does not find TensorFlow, Keras and TensorFlow Datasets."""
    blocked = repr(KERAS_MODULES)
    script = f"""
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = staticmethod(
    lambda name, path=None, target=None: None if name.partition(".")[0] in {blocked} else find(name, path, target)
)
from pathlib import Path
from autograder.course import open_course
from autograder.datasets import sign_language_digits
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.namespace import reference_namespace
course = open_course(Path({str(repository)!r}))
found = sign_language_digits.prepare(download=False, tfds=False)
variables = sign_language_digits.student_environment(found)
session = LocalSession(reference_namespace(course.exercise({SLUG!r})), variables)
for case in course.suite({SLUG!r}).cases:
    if not case.trains and not case.of_notebook:
        result = run_case(case, session, case_rng(1, {SLUG!r}, case))
        assert result.credit == 1, (case.name, result.message)
exercise = course.exercise({SLUG!r})
source = next(cell.source for cell in exercise.cells if "FRAMEWORK =" in cell.source and cell.kind.value == "code")
try:
    exec(source.replace('FRAMEWORK = "torch"', 'FRAMEWORK = "keras"'), dict())
except ImportError as error:
    print(error)
"""
    environment = {
        **os.environ,
        places.VARIABLE: sign_language_digits.RENDERED_WORD,
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "pip install tensorflow tensorflow-datasets" in done.stdout


@pytest.fixture(scope="module")
def keras_zygote() -> Iterator[Zygote]:
    needs_keras()
    needs_sandbox()
    with Zygote.start(ZygoteSpec(warm=("torch", "tensorflow?", "keras?"))) as zygote:
        yield zygote


TRAINS = """
import keras
import numpy as np

def losses():
    images = np.random.default_rng(0).uniform(0, 1, size=(64, 32, 32, 1)).astype("float32")
    model = keras.Sequential([
        keras.Input((32, 32, 1)), keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(2),
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(images, np.arange(64) % 10, epochs=2, verbose=0).history["loss"]
"""


def _train_in_a_child(zygote: Zygote, slot: int) -> Any:
    limits = Limits(wall_seconds=600, cpu_seconds=300, call_seconds=300, memory_mb=4096)
    with SandboxSession(zygote, notebook([TRAINS]), limits, 7, slot=slot) as session:
        assert session.begin_case() is None
        answer = session.ask(Request(Target.STUDENT, "losses"))
    assert isinstance(answer, Returned), answer
    return answer.value


@pytest.mark.slow
@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.exhaustive)])
def test_keras_trains_in_forked_children_in_a_row(keras_zygote: Zygote, count: int) -> None:
    found = [_train_in_a_child(keras_zygote, 0) for _ in range(count)]
    assert all(losses == found[0] for losses in found)


@pytest.mark.slow
def test_keras_trains_in_two_forked_children_at_a_time(keras_zygote: Zygote) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda number: _train_in_a_child(keras_zygote, number % 2), range(12)))
    assert all(losses == found[0] for losses in found)


def test_a_table_of_precision_and_recall_is_scikit_learns(course: Course) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    hidden = load_module(course.hidden_path(SLUG))
    rng = np.random.default_rng(5)
    for classes in (tuple(range(10)), (0, 3, 4, 7)):
        labels, predictions = hidden._guesses(rng, 200, classes)
        found = hidden._table(labels, predictions)
        precision, recall, _, support = metrics.precision_recall_fscore_support(
            labels, predictions, labels=range(10), zero_division=0
        )
        for key, right in (("precision", precision), ("recall", recall), ("support", support)):
            np.testing.assert_allclose(found[key], right)
