"""Answers that a process makes to hurt the judge: each costs the process, and never the judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder import expect, wire
from autograder.cases import Case, Mistake
from autograder.course import Suite
from autograder.diagnosis import Diagnosis
from autograder.exercise import Exercise, Question
from autograder.judge import judge, run_case, scripts_of
from autograder.local import LocalSession
from autograder.messages import Answer, Handle, Raised, Request, Returned
from autograder.report import Verdict
from autograder.student import Student

RNG = np.random.default_rng(0)


class Forger(LocalSession):
    """Answers a request of some name with whatever it likes."""

    def __init__(self, namespace: dict[str, Any], **forged: Any) -> None:
        super().__init__(namespace)
        self.forged = forged

    def ask(self, request: Request) -> Answer:
        if request.name.rpartition(".")[2] in self.forged:
            return Returned(self.forged[request.name.rpartition(".")[2]])
        return super().ask(request)


def keeps(student: Student, rng: np.random.Generator) -> None:
    layers = student.keep([1, 2])
    expect.equal(student.size(layers), 2)


def test_a_value_in_the_place_of_an_object_that_was_to_stay_there_ends_the_case() -> None:
    case = Case("q1", "keeps", "", 1, "h", keeps)
    assert run_case(case, LocalSession({"size": len}), RNG).verdict is Verdict.PASSED
    result = run_case(case, Forger({"size": len}, identity=[9] * 1000), RNG)
    assert result.verdict is Verdict.DIED
    assert "where it was to keep an object" in result.message


def sends_on(student: Student, rng: np.random.Generator) -> None:
    student.size([student.first()])


def test_an_answer_too_deep_to_be_sent_on_is_no_fault_of_the_case() -> None:
    deep: Any = []
    for _ in range(31):
        deep = [deep]
    result = run_case(
        Case("q1", "sends", "", 1, "h", sends_on), LocalSession({"size": len, "first": lambda: deep}), RNG
    )
    assert result.verdict is Verdict.DIED
    assert "cannot be used" in result.message


class Counting:
    """A reference that counts its calls."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def __call__(self, value: Any) -> Any:
        self.calls.append(value)
        return value


def asks_twice(student: Student, rng: np.random.Generator) -> None:
    answer = student.same(1)
    expect.equal(student.same(answer), 1)


@pytest.mark.parametrize("answer", [10**100, [1] * 100])
def test_what_a_student_chose_is_not_handed_to_the_reference(answer: Any) -> None:
    reference = Counting()
    case = Case("q1", "asks_twice", "", 1, "h", asks_twice)
    suite = Suite((case,), (Mistake("q1", "other", "", "asks_twice", "hint", None, lambda value: 2),))
    exercise = Exercise("01_x", "X", (Question("q1", "", 1, ("same",)),), (), None)  # type: ignore[arg-type]
    diagnosis = Diagnosis(exercise, suite, {"same": reference})
    scripts = scripts_of(judge("01_x", suite, LocalSession({"same": reference}), diagnosis, seed=1))
    reference.calls.clear()
    student = LocalSession({"same": lambda value: answer})
    (result,) = judge("01_x", suite, student, diagnosis, seed=1, scripts=scripts).results
    assert result.verdict is Verdict.WRONG
    assert answer not in reference.calls


def test_texts_of_an_exception_are_cut_on_our_side_too() -> None:
    sent = wire.pack_answer(Raised(("E" * 10**4,) * 100, "m" * 10**6, "t" * 10**6), lambda value: Handle(0))
    raised = wire.unpack_answer(sent)
    assert isinstance(raised, Raised)
    assert (len(raised.type_names), len(raised.type_names[0])) == (64, 200)
    assert (len(raised.message), len(raised.traceback)) == (2_000, 6_000)


@pytest.mark.parametrize("shape", [(4,) * 9, (1,) * 16, (2, 3), (1000, 1000), (0, 5)])
def test_an_array_of_any_shape_is_shown_in_a_line(shape: tuple[int, ...]) -> None:
    shown = expect.show(np.ones(shape, dtype=bool))
    assert len(shown) <= 200
    assert "\n" not in shown
    assert f"array of shape {shape}" in shown
