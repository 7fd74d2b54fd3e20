"""Exercises in PyTorch need no TensorFlow: graded where it cannot be imported, they give the same."""

from __future__ import annotations

from pathlib import Path

import pytest

PROGRAM = """
import sys
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path

class WithoutTensorFlow(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        absent = name.partition(".")[0] in ("tensorflow", "keras", "tensorflow_datasets")
        return None if absent else super().find_spec(name, path, target)

sys.meta_path[:] = [WithoutTensorFlow if finder is PathFinder else finder for finder in sys.meta_path]
from autograder.course import open_course
from autograder.diagnosis import Diagnosis
from autograder.judge import judge
from autograder.local import LocalSession
from autograder.namespace import reference_namespace

course = open_course(Path(sys.argv[1]))
for slug in sys.argv[2:]:
    exercise, suite = course.exercise(slug), course.suite(slug)
    config = course.config.exercise(slug).training
    training = replace(config.on("cpu"), images=200, epochs=1, full=0.1, none=0.0) if config else None
    reference = reference_namespace(exercise)
    diagnosis = Diagnosis(exercise, suite, reference)
    report = judge(slug, suite, LocalSession(reference), diagnosis, seed=1, training=training)
    print(slug, f"{report.earned:g}", report.possible)
"""
SLUGS = ("01_output_size", "02_parameters", "03_convolution", "04_fashion_mnist", "05_debugging")


def test_exercises_1_to_5_are_graded_without_tensorflow(process, repository: Path) -> None:
    pytest.importorskip("torch")
    outcome = process("-c", PROGRAM, repository, *SLUGS, cwd=repository)
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines() == [f"{slug} 100 100" for slug in SLUGS]
