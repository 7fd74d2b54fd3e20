"""What grading an exercise needs where it runs: frameworks, memory, time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.config import ExerciseConfig
from autograder.course import Course
from autograder.errors import GraderError
from autograder.exercise import read_text

EXTRA_OF = {"torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow", "tensorflow_datasets": "tensorflow"}
"""This package's extra for each framework that an exercise may use."""
START_SECONDS = 120  # for imports and self-test, on half a CPU with room
JUDGE_SECONDS = 60
MAX_MINUTES = 40
SMALLEST = "the smallest (0.5 CPU, 768 MB)"
LARGER = "one with at least 1 CPU and 1.5 GB"
FORMULA_SECONDS = 60  # that a notebook may run, as limits are unless a course says otherwise


@dataclass(frozen=True, slots=True)
class Room:
    """The container to choose in the assignment's settings, in words, and its time limit."""

    container: str
    minutes: int


def extras(course: Course, slug: str) -> tuple[str, ...]:
    """The extras of this package that grading the exercise needs, `run` the first.

    A framework is needed where submissions are warm with it, or where the solution, a hidden case or a mistake imports
    it: oracles run in the judge, so that exercises without a framework may need one all the same.
    """
    warm = {name.rstrip("?").partition(".")[0] for name in course.config.exercise(slug).warm}
    files = (course.solution_path(slug), course.hidden_path(slug), course.mistakes_path(slug))
    imported = {name for path in files for name in _imports(read_text(path), str(path))}
    return ("run", *sorted({EXTRA_OF[name] for name in warm | imported if name in EXTRA_OF}))


def _imports(text: str, path: str) -> Iterator[str]:
    """The top-level packages that a file imports anywhere in it; raises GraderError where it is not Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise GraderError(f"{path}:{error.lineno}: not Python: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def room(config: ExerciseConfig) -> Room:
    """Formula exercises fit the smallest container. Each grading runs twice: the reference before the student."""
    limits = config.limits
    minutes = -(-int(2 * limits.wall_seconds + JUDGE_SECONDS + START_SECONDS) // 60)
    return Room(_container(config), min(MAX_MINUTES, max(10, minutes)))


def _container(config: ExerciseConfig) -> str:
    if config.training:
        return f"one with at least 2 CPUs and {-(-config.limits.memory_mb // 1024) + 1} GB"
    return LARGER if config.limits.wall_seconds > FORMULA_SECONDS else SMALLEST
