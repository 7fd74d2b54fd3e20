"""Question 8 of exercise 6: no right map is failed, no wrong one passes. `pytest -s` prints the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.cases import MARK, Case, Mistake
from autograder.judge import run_case
from autograder.local import LocalSession
from autograder.report import CaseResult

from .frameworks import Array, Framework, framework_of
from .variants import right_variants

GradCam = Callable[[Any, Array, int], Array]
EVERY = {"torch": 9, "keras": 18}  # a Keras map takes thirty times as long
EXHAUSTIVE = pytest.param(3, marks=pytest.mark.exhaustive, id="all-3-seeds")
TORCH_ONLY = {"leaves_its_hooks"}  # Keras models have none


def _marked(module: ModuleType, kind: type) -> list[Any]:
    marks = [getattr(value, MARK) for value in vars(module).values() if hasattr(value, MARK)]
    return [mark for mark in marks if isinstance(mark, kind) and mark.question == "q8"]


def _results(cases: list[Case], framework: Framework, grad_cam: GradCam, seed: int) -> list[CaseResult]:
    session = LocalSession({"grad_cam": grad_cam, "build_model": framework.empty_model})
    return [run_case(case, session, np.random.default_rng([seed, place])) for place, case in enumerate(cases)]


def _row(name: str, results: list[CaseResult]) -> str:
    earned, points = (sum(values) for values in zip(*((r.credit * r.points, r.points) for r in results), strict=True))
    marks = "".join("x" if result.credit < 1 else "." for result in results)
    return f"{name:46} {marks} {earned:4.0f} of {points:.0f}"


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [pytest.param(0, id="some"), EXHAUSTIVE])
@pytest.mark.parametrize("name", ["torch", "keras"])
def test_no_right_variant_is_failed(name: str, seeds: int, hidden: ModuleType) -> None:
    framework, cases = framework_of(name), _marked(hidden, Case)
    failures = []
    variants = [("the reference", framework.grad_cam), *right_variants()]
    for title, grad_cam in variants if seeds else variants[:: EVERY[name]]:
        for seed in range(seeds or 1):
            results = _results(cases, framework, grad_cam, seed)
            print(name, seed, _row(title, results))
            failures += [f"{title}, seed {seed}: {one.case}: {one.message}" for one in results if one.credit < 1]
    assert not failures


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [pytest.param(0, id="some"), EXHAUSTIVE])
@pytest.mark.parametrize("name", ["torch", "keras"])
def test_no_wrong_map_passes(name: str, seeds: int, hidden: ModuleType, mistakes: ModuleType) -> None:
    framework, cases = framework_of(name), _marked(hidden, Case)
    wrong = [one for one in _marked(mistakes, Mistake) if name == "torch" or one.name not in TORCH_ONLY]
    failures = []
    for mistake in wrong if seeds else wrong[:: EVERY[name]]:
        for seed in range(seeds or 1):
            results = _results(cases, framework, mistake.function, seed)
            print(name, seed, _row(mistake.name, results))
            failures += _complaints(mistake, results)
    assert len(wrong) >= 15
    assert not failures


def _complaints(mistake: Mistake, results: list[CaseResult]) -> Iterator[str]:
    by_name = {result.case: result for result in results}
    if by_name[mistake.caught_by].credit == 1:
        yield f"{mistake.name} is not caught by {mistake.caught_by}"
    for result in results:
        if result.credit < 1 and result.verdict.name not in ("WRONG", "RAISED"):
            yield f"{mistake.name}, {result.case}: {result.verdict.name}: {result.message}"


def test_each_case_catches_a_mistake(hidden: ModuleType, mistakes: ModuleType) -> None:
    named = {mistake.caught_by for mistake in _marked(mistakes, Mistake)}
    framework = framework_of("torch")
    for place, case in enumerate(_marked(hidden, Case)):
        if case.name not in named:
            wrong = next(one for one in _marked(mistakes, Mistake) if one.name == "draws_random_numbers")
            session = LocalSession({"grad_cam": wrong.function, "build_model": framework.empty_model})
            assert run_case(case, session, np.random.default_rng([0, place])).credit == 0


@pytest.mark.parametrize(
    "answer", ["none", "text", "handle", "nan", "complex", "bool", "tensor", "three axes", "raises"]
)
def test_an_answer_that_is_no_map_is_the_students_mistake(answer: str, hidden: ModuleType) -> None:
    def grad_cam(model: Any, image: Array, class_index: int) -> Any:
        import torch

        heat = np.zeros(image.shape[:2], np.float32)
        if answer == "raises":
            raise RuntimeError("no")
        return {
            "none": None,
            "text": "hot",
            "handle": model,
            "nan": heat + np.nan,
            "complex": heat + 1j,
            "bool": heat > 0,
            "tensor": torch.tensor(heat),
            "three axes": heat[..., None],
        }[answer]

    for result in _results(_marked(hidden, Case), framework_of("torch"), grad_cam, 0):
        assert result.verdict.name in ("WRONG", "RAISED"), result.message


def test_normalising_before_stretching_is_right(hidden: ModuleType) -> None:
    from .variants import STRETCHES, by_maximum, weighted_sum

    def grad_cam(model: Any, image: Array, class_index: int) -> Array:
        small = by_maximum(np.maximum(weighted_sum(model, image, class_index, "pooled"), 0))
        return STRETCHES["bilinear"](small, image.shape[:2])

    results = _results(_marked(hidden, Case), framework_of("torch"), grad_cam, 0)
    assert [result.message for result in results if result.credit < 1] == []


@pytest.mark.parametrize("name", ["torch", "keras"])
def test_where_build_model_fails_the_framework_is_found_by_trial(name: str, hidden: ModuleType) -> None:
    framework = framework_of(name)
    session = LocalSession({"grad_cam": framework.grad_cam})
    (case,) = [one for one in _marked(hidden, Case) if one.name == "a_class_without_evidence_gets_a_blank_map"]
    result = run_case(case, session, np.random.default_rng(0))
    assert result.credit == 1, result.message
