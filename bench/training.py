"""What grading adds to training: the judge's own time, and the fork's overhead, for a notebook that trains a network.

    python bench/training.py --submissions 5

The student's code is the reference solution of exercise 4. The judge's share is its processor time (hidden cases,
held-out images, report) in the student's. The overhead is the training of `train` in a confined fork, asked for by the
judge, against the same function called in a fresh Python process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported, as in a worker

from autograder.course import Course, find_course
from autograder.exercise import CellKind
from autograder.grading import Grader
from autograder.messages import Request, Returned, Target
from autograder.samples import solved_notebook
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.tier import find_tier
from autograder.sandbox.warm import Zygote, ZygoteSpec
from autograder.task import Plan, Task

SLUG = "04_fashion_mnist"
TRAIN = """
import time, numpy, torch
def timed_training(images, epochs):
    torch.manual_seed(0)
    draw = numpy.random.RandomState(0)
    pictures = prepare(draw.randint(0, 256, size=(images + 200, 28, 28)).astype("uint8"))
    labels = torch.from_numpy(draw.randint(0, 10, size=images + 200))
    model = build_model()
    sets = (pictures[:images], labels[:images]), (pictures[images:], labels[images:])
    started = time.process_time()
    train(model, *sets, epochs, torch.device("cpu"))
    return time.process_time() - started
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Processor seconds for one submission."""

    judge: float
    student: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=5)
    options = parser.parse_args()
    course = find_course(None)
    shares = list(graded(course, options.submissions))
    judge = statistics.median(one.judge for one in shares)
    student = statistics.median(one.student for one in shares)
    print(f"the student's code {student:.2f} CPU s, the judge {judge:.3f} CPU s: {judge / student:.1%} of it")
    confined, bare = trainings(course, options.submissions)
    print(
        f"training in a confined fork {confined:.2f} CPU s, in a fresh process {bare:.2f}: {confined / bare - 1:+.1%}"
    )


def graded(course: Course, count: int) -> Iterator[Share]:
    """Grade the reference solution as a worker does, after one grading that does not count."""
    grader = Grader(Plan(course.root, find_tier(), "cpu"))
    task = Task(SLUG, json.dumps(solved_notebook(course, SLUG)).encode())
    try:
        grader.grade(task)
        for _ in range(count):
            started = time.process_time()
            document = grader.grade(task)
            assert document.run is not None
            assert document.score == document.possible
            yield Share(time.process_time() - started, document.run.cpu_seconds)
    finally:
        grader.close()


def trainings(course: Course, count: int) -> tuple[float, float]:
    """Median processor seconds of the same training, in a confined fork and in a fresh process, interleaved."""
    training = course.config.exercise(SLUG).training
    assert training is not None
    budget = training.on("cpu").images, training.on("cpu").epochs
    kinds = (CellKind.CODE, CellKind.ANSWER)
    cells = [cell.source for cell in course.exercise(SLUG).cells if cell.kind in kinds and "load(" not in cell.source]
    source = "\n\n".join([*cells, TRAIN])
    limits = course.config.exercise(SLUG).limits
    confined, bare = [], []
    with Zygote.start(ZygoteSpec(warm=("torch", "matplotlib"))) as zygote:
        for _ in range(count):
            with SandboxSession(zygote, notebook(source), limits, 0) as session:
                session.begin_case()
                answer = session.ask(Request(Target.STUDENT, "timed_training", budget))
            assert isinstance(answer, Returned), answer
            confined.append(float(answer.value))
            bare.append(fresh(source, budget))
    return statistics.median(confined), statistics.median(bare)


def notebook(source: str) -> bytes:
    """A notebook of one cell."""
    cell = {"cell_type": "code", "execution_count": None, "id": "all", "metadata": {}, "outputs": [], "source": source}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def fresh(source: str, budget: tuple[int, int]) -> float:
    """The training in a process of its own."""
    program = f"import matplotlib; matplotlib.use('agg')\n{source}\nprint('seconds', timed_training{budget})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path("/"))
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
