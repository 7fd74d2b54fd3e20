"""How much a notebook may train, and who says so."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import autograder
from autograder import training
from autograder.training import FULL_EPOCHS, TOLD, Budget, Training, budget

TOLD_BUDGETS = {"fashion_mnist": {"images": 2000, "epochs": 3, "seconds": 60, "device": "cuda"}}


@pytest.fixture(autouse=True)
def _nobody_grades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOLD, raising=False)


def test_a_student_at_home_has_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_device", lambda: "cuda")
    assert budget("fashion_mnist") == Budget(images=None, epochs=FULL_EPOCHS, seconds=None, device="cuda")


def test_without_pytorch_the_device_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.importlib.util, "find_spec", lambda name: None)
    assert budget("fashion_mnist").device == "cpu"


def test_all_images_are_a_slice_that_ends_at_none() -> None:
    assert [1, 2, 3][: budget("fashion_mnist").images] == [1, 2, 3]


def test_under_the_grader_it_is_what_the_grader_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOLD, json.dumps(TOLD_BUDGETS))
    assert budget("fashion_mnist") == Budget(2000, 3, 60, "cuda")


def test_a_data_set_that_the_exercise_does_not_have_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOLD, json.dumps(TOLD_BUDGETS))
    with pytest.raises(ValueError, match=r"no budget for 'cifar10', only for fashion_mnist$"):
        budget("cifar10")
    monkeypatch.setenv(TOLD, "{}")
    with pytest.raises(ValueError, match=r"only for nothing$"):
        budget("cifar10")


def test_the_notebook_is_not_told_the_band_or_the_seed() -> None:
    given = Training("fashion_mnist", 100, 2, 30.0, "cpu", full=0.65, none=0.4, seed=7)
    assert given.budget == Budget(100, 2, 30.0, "cpu")


def test_it_is_offered_by_the_package_which_imports_no_framework_for_it() -> None:
    assert autograder.budget is budget
    code = "import autograder, sys; print({'torch', 'numpy', 'tensorflow'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
