"""Tries what was made of another tool's tests on the reference solution, before an author reads it."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder import expect
from autograder.cases import MARK, Case
from autograder.course import load_module
from autograder.errors import GraderError
from autograder.exercise import CellKind, Exercise, read_exercise
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.messages import Handle
from autograder.namespace import reference_namespace
from autograder.scaffold import Files
from autograder.student import Student, StudentRaised

SEED = 1  # converted tests draw nothing


@dataclass(frozen=True, slots=True)
class Trial:
    """Files with which the reference gets further, what to look at, and by question the value that does not cross."""

    files: Files
    remarks: tuple[str, ...]
    objects: dict[str, str]


def tried(files: Files, slug: str) -> Trial:
    """Run the reference through its public checks and hidden cases.

    Where an equal value is asked for and the reference gives a close one, as 2.0 for 2, the case says `expect.close`.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-trial-") as folder, _silent():
        script, hidden = Path(folder) / f"{slug}.py", Path(folder) / "hidden.py"
        script.write_text(files.solution, encoding="utf-8")
        hidden.write_text(files.hidden, encoding="utf-8")
        try:
            exercise = read_exercise(script)
            namespace = reference_namespace(exercise)
            lines = _lines_that_are_close(load_module(hidden), slug, namespace)
        except (GraderError, SystemExit) as error:
            why = str(error).replace(f"{folder}/", "")
            return Trial(files, (f"the reference solution could not be tried on these tests: {why}",), {})
        except KeyboardInterrupt:
            return Trial(files, ("the reference solution was not tried on all of these tests: it was stopped",), {})
        made = replace(files, hidden=_with_close(files.hidden, lines))
        return Trial(made, tuple(_failing_checks(exercise, namespace)), _objects(exercise, namespace))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """What a notebook prints is of no interest here."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


class _Lenient:
    """Stands for `expect`: its `equal` takes what is close, too, and keeps the lines in which that was needed."""

    def __init__(self) -> None:
        self.lines: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(expect, name)

    def equal(self, got: Any, expected: Any) -> None:
        try:
            expect.equal(got, expected)
        except expect.Wrong as wrong:
            if not _is_close(got, expected):
                raise wrong from None
            self.lines.add(sys._getframe(1).f_lineno)


def _is_close(got: Any, expected: Any) -> bool:
    try:
        expect.close(got, expected)
    except (expect.Wrong, TypeError, ValueError):  # of what is no number
        return False
    return True


def _lines_that_are_close(module: ModuleType, slug: str, namespace: dict[str, Any]) -> set[int]:
    lenient = _Lenient()
    cases = [mark for value in list(vars(module).values()) if isinstance(mark := getattr(value, MARK, None), Case)]
    vars(module)["expect"] = lenient  # the cases look it up when they run
    for case in cases:
        run_case(case, LocalSession(namespace), case_rng(SEED, slug, case))
    return lenient.lines


def _with_close(hidden: str, lines: set[int]) -> str:
    """The hidden cases with `expect.close` in these lines; a converted claim has a line of its own."""
    return "".join(
        line.replace("expect.equal(", "expect.close(", 1) if number in lines else line
        for number, line in enumerate(hidden.splitlines(keepends=True), 1)
    )


def _failing_checks(exercise: Exercise, namespace: dict[str, Any]) -> Iterator[str]:
    """A public check that fails on the reference would tell every student that a right answer is wrong."""
    for cell in exercise.cells:
        if cell.kind is CellKind.CHECK:
            own = dict(namespace)
            exec(compile(cell.source, "check", "exec", dont_inherit=True), own)
            function = own[cell.source.partition("(")[0].removeprefix("def ")]
            try:
                function(*(own[name] for name in inspect.signature(function).parameters))
            except Exception as error:  # whatever the author's test raises
                said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                yield f"{cell.question}: the public check {function.__name__} fails on the reference solution ({said})"


def _objects(exercise: Exercise, namespace: dict[str, Any]) -> dict[str, str]:
    """The questions that ask for nothing but values, one of which stays in the student's process."""
    found: dict[str, str] = {}
    student = Student(LocalSession(namespace))
    for question in (question for question in exercise.questions if not question.names):
        for name in question.values:
            with contextlib.suppress(StudentRaised):
                value = getattr(student, name).fetch()
                if isinstance(value, Handle):
                    found[question.id] = f"asks for {name}, a {value.type_name}"
    return found
