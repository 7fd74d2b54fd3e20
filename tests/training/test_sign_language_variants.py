"""No right way to answer exercise 6 is failed; and each part is asked alone, so that a failure names its variant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, open_course
from autograder.datasets.supply import supply
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession

from . import sign_language_variants as variants
from .test_sign_language import SLUG, namespace, needs_keras


@pytest.fixture(scope="module")
def course(repository: Path) -> Course:
    return open_course(repository)


def lost(course: Course, names: dict[str, Any], question: str, seeds: range = range(1, 3)) -> list[str]:
    """What the cases of a question say against these names, for some seeds of the course."""
    session = LocalSession(names, supply("sign_language_digits").environment)
    asked = [case for case in course.suite(SLUG).cases_of(question) if not case.trains and not case.of_notebook]
    results = [run_case(case, session, case_rng(seed, SLUG, case)) for seed in seeds for case in asked]
    return [f"{one.case}: {one.message}" for one in results if one.credit < 1]


def defined(framework: str, *sources: str) -> dict[str, Any]:
    if framework == "keras":
        needs_keras()
    names: dict[str, Any] = {"__name__": "student"}
    for source in (variants.TORCH if framework == "torch" else variants.KERAS, *sources):
        exec(compile(source, "variant", "exec"), names)
    return names


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", variants.LOAD)
def test_loading(name: str, course: Course) -> None:
    assert lost(course, defined("torch", variants.LOAD[name]), "q1") == []


@pytest.mark.parametrize("name", [*variants.ROTATE, *variants.KERAS_ROTATE])
def test_rotating(name: str, course: Course) -> None:
    if "scipy" in name:
        pytest.importorskip("scipy")
    framework = "keras" if name in variants.KERAS_ROTATE else "torch"
    names = defined(framework, {**variants.ROTATE, **variants.KERAS_ROTATE}[name])
    assert lost(course, names, "q2", range(1, 6)) == []


@pytest.mark.parametrize("name", [*variants.TORCH_MODELS, *variants.KERAS_MODELS])
def test_networks(name: str, course: Course) -> None:
    framework = "keras" if name in variants.KERAS_MODELS else "torch"
    names = defined(framework, {**variants.TORCH_MODELS, **variants.KERAS_MODELS}[name])
    assert lost(course, names, "q3") == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [*variants.TORCH_TRAIN, *variants.KERAS_TRAIN])
def test_training(name: str, course: Course) -> None:
    framework = "keras" if name in variants.KERAS_TRAIN else "torch"
    models = variants.KERAS_MODELS if framework == "keras" else variants.TORCH_MODELS
    source = {**variants.TORCH_TRAIN, **variants.KERAS_TRAIN}[name]
    assert lost(course, defined(framework, next(iter(models.values())), source), "q4", range(1, 2)) == []


@pytest.mark.parametrize("name", variants.REPORT)
def test_tables(name: str, course: Course) -> None:
    if "scikit" in name:
        pytest.importorskip("sklearn")
    assert lost(course, defined("torch", variants.REPORT[name]), "q7") == []


@pytest.mark.parametrize("framework", ["torch", "keras"])
@pytest.mark.parametrize("name", variants.EXPLANATION)
def test_explanations(name: str, framework: str, course: Course) -> None:
    names = namespace(framework, course)
    exec(compile(variants.EXPLANATION[name], "variant", "exec"), names)
    assert lost(course, names, "q9") == []
