"""Hidden cases and mistakes: the decorators that authors write, and the values that they become."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__autograder__"


@dataclass(frozen=True, slots=True)
class Case:
    """A hidden claim about one question; `function(student, rng[, training])` raises where it does not hold.

    One `of_notebook` is about what the cells left behind when they ran, such as figures: only a sandbox runs them all.
    Where its calls are not known `ahead`, each is asked only when the answer before is there.
    """

    question: str
    name: str
    title: str
    points: float
    hint: str
    function: Callable[..., None]
    of_notebook: bool = False
    ahead: bool = True

    @property
    def trains(self) -> bool:
        """Whether it asks for the third argument, `training`: the device's budget and band."""
        return len(_parameters(self.function)) > 2 and not self.personal

    @property
    def personal(self) -> bool:
        """Whether it asks for `quiz`, the numbers of one student: then no two students are asked the same."""
        return "quiz" in _parameters(self.function)

    @property
    def replayable(self) -> bool:
        """Whether the reference's calls and answers say anything about a student's."""
        return not (self.trains or self.personal)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A plausible wrong answer: it stands in for the student's function `replaces` (None: the question's only one)."""

    question: str
    name: str
    title: str
    caught_by: str
    hint: str
    replaces: str | None
    function: Callable[..., Any]


def case(question: str, *, points: float, hint: str, of_notebook: bool = False, ahead: bool = True) -> Callable[[F], F]:
    """Mark `function(student, rng)` as a hidden case of `question`.

    `hint` is what a student reads who fails it; `points` add up to the question's points. `of_notebook` says that it
    looks at what the executed cells left, cells tagged "run" too: `validate` leaves it to the sandbox, in which the
    reference solution is graded before any student's. `ahead=False` is for a case that computes what it asks next from
    an answer (`student.add(mean + 1, 2)`): a student's process, which gets a case's calls ahead, could read it there.
    """
    _refuse_mistyped(points=points, hint=hint)

    def mark(function: F) -> F:
        title = _title(function)
        setattr(function, MARK, Case(question, function.__name__, title, points, hint, function, of_notebook, ahead))
        return function

    return mark


def mistake(question: str, *, caught_by: str, hint: str, replaces: str | None = None) -> Callable[[F], F]:
    """Mark a wrong answer to `question`, which the hidden case `caught_by` must catch.

    `hint` is what a student reads whose answers are those of this mistake.
    """
    _refuse_mistyped(hint=hint)

    def mark(function: F) -> F:
        found = Mistake(question, function.__name__, _title(function), caught_by, hint, replaces, function)
        setattr(function, MARK, found)
        return function

    return mark


@functools.cache  # asked for every case of every submission
def _parameters(function: Callable[..., None]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def _refuse_mistyped(*, hint: object, points: object = 0) -> None:
    if isinstance(points, bool) or not isinstance(points, int | float):
        raise TypeError(f"points={points!r} is not a number")
    if not isinstance(hint, str):
        raise TypeError(f"hint={hint!r} is not a text")


def _title(function: Callable[..., Any]) -> str:
    """The docstring's first line, or else the function's name as words."""
    lines = (function.__doc__ or "").strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else function.__name__.replace("_", " ")
