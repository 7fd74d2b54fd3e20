"""Asking a student in one go what the reference was asked: the same verdicts, with the oracle run only where needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from autograder import expect, wire
from autograder.cases import Case
from autograder.course import Suite
from autograder.judge import judge, run_case, scripts_of
from autograder.local import LocalSession
from autograder.messages import Death, Died, Handle, Request
from autograder.report import CaseResult, Verdict
from autograder.script import Script
from autograder.student import Student


class Undiagnosed:
    """Stands in for the diagnosis where nothing is to be explained."""

    def explain(self, results: list[CaseResult], scripts: object = None) -> tuple[CaseResult, ...]:
        return tuple(results)


class Oracle:
    """A hidden case that counts how often it runs."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, student: Student, rng: np.random.Generator) -> None:
        self.runs += 1
        size = int(rng.integers(1, 100))
        expect.equal(student.double(size), 2 * size)
        with expect.raises(ValueError):
            student.double(-1)
        expect.equal(student.double(size + 1), 2 * size + 2)


def double(number: int) -> int:
    if number < 0:
        raise ValueError("negative, says the reference")
    return 2 * number


def otherwise(number: int) -> int:
    if number < 0:
        raise ValueError("in other words")
    return number + number


def wrong(number: int) -> int:
    return otherwise(number) + 1


def wrong_from_the_third_call_on() -> Callable[[int], int]:
    calls: list[int] = []

    def answer(number: int) -> int:
        calls.append(number)
        return double(number) + (len(calls) > 2)

    return answer


def endless(number: int) -> Any:
    value: list[Any] = []
    value.append(value)
    return value


def typed(number: int) -> Any:
    return float(otherwise(number))


def asked(oracle: Oracle) -> tuple[Case, Script]:
    """A case and what it asked the reference."""
    case = Case("q1", "doubling", "Doubling", 3, "Twice.", oracle)
    suite = Suite((case,), ())
    report = judge("01_x", suite, LocalSession({"double": double}), Undiagnosed(), seed=1)  # type: ignore[arg-type]
    (script,) = scripts_of(report).values()
    return case, script


def rng() -> np.random.Generator:
    """What `judge` gives the case; the case asks the same only with the same numbers."""
    from autograder.judge import case_rng

    return case_rng(1, "01_x", Case("q1", "doubling", "", 3, "", lambda student, rng: None))


@pytest.mark.parametrize("answer", [double, otherwise])
def test_right_answers_pass_without_the_oracle(answer: Callable[[int], int]) -> None:
    oracle = Oracle()
    case, script = asked(oracle)
    result = run_case(case, LocalSession({"double": answer}), rng(), script)
    assert (result.verdict, result.earned, oracle.runs) == (Verdict.PASSED, 3, 1)
    assert result.exchanges == script.exchanges


@pytest.mark.parametrize("make", [lambda: wrong, wrong_from_the_third_call_on, lambda: typed, lambda: endless])
def test_any_other_answer_gets_the_verdict_that_it_gets_without_a_script(make: Callable[[], Any]) -> None:
    case, script = asked(Oracle())
    scripted = run_case(case, LocalSession({"double": make()}), rng(), script)
    plain = run_case(case, LocalSession({"double": make()}), rng())
    assert scripted.verdict is plain.verdict is not Verdict.PASSED
    assert (scripted.message, scripted.credit) == (plain.message, plain.credit)


class Ending:
    """A session whose process ends after some answers; `garbled` makes the last of them unreadable."""

    def __init__(self, answers: int, *, garbled: bool = False) -> None:
        self.inner, self.answers, self.garbled = LocalSession({"double": double}), answers, garbled

    def begin_case(self) -> Died | None:
        return None

    def ask(self, request: Request) -> Any:
        return Died(Death.TIMEOUT, "asked again")

    def ask_all(self, requests: Sequence[wire.Packed]) -> Iterator[wire.Packed | Died]:
        yield from list(self.inner.ask_all(requests))[: self.answers]
        yield wire.Packed(b"garbage", b"") if self.garbled else Died(Death.KILLED, "ended")


@pytest.mark.parametrize(("answers", "calls"), [(0, 1), (1, 2), (2, 3)])
def test_where_the_process_ends_the_case_ends_with_that_call(answers: int, calls: int) -> None:
    case, script = asked(Oracle())
    result = run_case(case, Ending(answers), rng(), script)
    assert (result.verdict, result.credit, len(result.exchanges)) == (Verdict.DIED, 0, calls)
    assert result.message.endswith("ended")


def test_an_answer_that_cannot_be_read_is_the_end_of_the_process() -> None:
    case, script = asked(Oracle())
    result = run_case(case, Ending(2, garbled=True), rng(), script)
    assert result.verdict is Verdict.DIED
    assert "the answer cannot be read: " in result.message


def test_a_case_that_asks_nothing_has_no_script() -> None:
    silent = Case("q1", "silent", "", 1, "", lambda student, rng: None)
    report = judge("01_x", Suite((silent,), ()), LocalSession({}), Undiagnosed(), seed=1)  # type: ignore[arg-type]
    assert scripts_of(report) == {}


def test_handles_are_part_of_a_script() -> None:
    def keeps(student: Student, rng: np.random.Generator) -> None:
        kept = student.double.keep(4)
        assert isinstance(kept, Handle)
        expect.equal(student.fetch(kept), 8)

    case = Case("q1", "keeps", "", 1, "", keeps)
    session = LocalSession({"double": double})
    script = Script.of(run_case(case, session, rng()).exchanges)
    assert run_case(case, session, rng(), script).verdict is Verdict.PASSED
    assert run_case(case, LocalSession({"double": wrong}), rng(), script).verdict is Verdict.WRONG


class Mortal:
    """A session whose `double(-1)` ends the process; `begin_case` starts another one."""

    def __init__(self, answer: Callable[[int], int]) -> None:
        self.answer, self.starts = answer, 0
        self.begin_case()

    def begin_case(self) -> Died | None:
        self.inner, self.dead, self.starts = LocalSession({"double": self.answer}), False, self.starts + 1
        return None

    def ask(self, request: Request) -> Any:
        if self.dead or request.args == (-1,):
            self.dead = True
            return Died(Death.KILLED, "ended")
        return self.inner.ask(request)

    def ask_all(self, requests: Sequence[wire.Packed]) -> Iterator[wire.Packed | Died]:
        for packed in requests:
            if self.dead or wire.unpack_request(packed).args == (-1,):
                self.dead = True
                yield Died(Death.KILLED, "ended")
                return
            yield from self.inner.ask_all([packed])


def test_a_case_that_leaves_its_script_does_not_meet_the_death_further_down() -> None:
    def adaptive(student: Student, rng: np.random.Generator) -> None:
        if student.double(3) != 6:
            expect.equal(student.double(4), 8)  # not in the script: the reference gave 6
        with expect.raises(ValueError):
            student.double(-1)

    case = Case("q1", "adaptive", "", 3, "Twice.", adaptive)
    report = judge("01_x", Suite((case,), ()), LocalSession({"double": double}), Undiagnosed(), seed=1)  # type: ignore[arg-type]
    (script,) = scripts_of(report).values()
    session = Mortal(lambda number: number * 2 + 1)
    result = run_case(case, session, rng(), script)
    assert (result.verdict, session.starts) == (Verdict.WRONG, 3)  # made, the case, and after the death
    assert "expected 8, got 9" in result.message
