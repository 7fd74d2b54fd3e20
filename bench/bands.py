"""Accuracies of right submissions of different styles on exercise 4's held-out images: what its bands come from.

    python bench/bands.py --seeds 5                        the CPU's budget of grading_config.yaml
    python bench/bands.py --device cuda --seeds 2          CUDA's budget
    python bench/bands.py --images 6000 --epochs 2         another one

The submissions are those of tests/training/variants.py. Each number is one training, with no second try.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from autograder.course import find_course
from autograder.datasets import fashion_mnist
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.namespace import reference_namespace

SLUG = "04_fashion_mnist"
VARIANTS = Path(__file__).resolve().parent.parent / "tests" / "training" / "variants.py"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--images", type=int, help="training images; what the settings say if left out")
    parser.add_argument("--epochs", type=int, help="what the settings say if left out")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--variants", type=int, nargs="*", help="numbers of variants; -1 is the reference")
    options = parser.parse_args()
    variants = variants_module()
    numbers = options.variants if options.variants is not None else range(-1, len(variants.VARIANTS))
    print(fashion_mnist.find().sentence)
    for number in numbers:
        course = find_course(None)
        name = "reference" if number < 0 else variants.VARIANTS[number].name
        namespace = (
            reference_namespace(course.exercise(SLUG)) if number < 0 else variants.namespace(variants.VARIANTS[number])
        )
        started = time.perf_counter()
        accuracies = [accuracy(namespace, seed, options) for seed in range(options.seeds)]
        seconds = (time.perf_counter() - started) / options.seeds
        print(
            f"{number:3d}  {name:58s} {' '.join(f'{one:.3f}' for one in accuracies)}   {seconds:.1f} s each", flush=True
        )


def variants_module() -> ModuleType:
    """The right submissions of the tests."""
    spec = importlib.util.spec_from_file_location("variants", VARIANTS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["variants"] = module
    spec.loader.exec_module(module)
    return module


def accuracy(namespace: Mapping[str, Any], seed: int, options: argparse.Namespace) -> float:
    """Train once by the hidden case of question 7, and take what it measures."""
    course = find_course(None)
    config = course.config.exercise(SLUG).training
    assert config is not None
    training = config.on(options.device)
    # a band from 0 to just above 1: the credit is the accuracy, and nothing is trained twice
    training = replace(training, seed=seed, device=options.device, none=0.0, full=1.2)
    training = replace(training, images=options.images or training.images, epochs=options.epochs or training.epochs)
    (case,) = (case for case in course.suite(SLUG).cases if case.trains)
    result = run_case(case, LocalSession(namespace), case_rng(seed, SLUG, case), None, training)
    if not result.credit:
        sys.exit(f"{result.verdict.value}: {result.message}")
    return result.credit * training.full


if __name__ == "__main__":
    main()
