"""Verdicts: what a hidden case makes of answers, and that a fault of ours is never the student's."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from autograder import expect
from autograder.cases import Case
from autograder.course import Suite
from autograder.judge import case_rng, judge, run_case, show_call
from autograder.local import LocalSession
from autograder.messages import Answer, Death, Died, Handle, Name, Raised, Request, Returned, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.student import Student


def hidden(function: Callable[..., None], *, points: float = 4, name: str = "some_case") -> Case:
    return Case("q1", name, "Some case", points, "Divide first.", function)


class Scripted:
    """A session that gives the same answer to everything."""

    def __init__(self, answer: Answer, refusal: Died | None = None) -> None:
        self.answer, self.refusal = answer, refusal

    def begin_case(self) -> Died | None:
        return self.refusal

    def ask(self, request: Request) -> Answer:
        return self.answer


class Undiagnosed:
    """Stands in for the diagnosis where nothing is to be explained."""

    def explain(self, results: list[CaseResult], scripts: object = None) -> tuple[CaseResult, ...]:
        return tuple(results)


def result_of(function: Callable[..., None], namespace: Mapping[str, Any] | None = None) -> CaseResult:
    return run_case(hidden(function), LocalSession(namespace or {}), np.random.default_rng(0))


def size(pixels: int, *, stride: int = 1) -> int:
    if pixels < 0:
        raise ValueError("negative")
    return pixels // stride


class TestVerdicts:
    def test_a_case_that_holds_earns_its_points(self) -> None:
        result = result_of(lambda student, rng: expect.equal(student.size(8, stride=2), 4), {"size": size})
        assert (result.verdict, result.earned, result.message, result.hint) == (Verdict.PASSED, 4, "", "")

    def test_a_wrong_answer_is_shown_with_the_last_call(self) -> None:
        result = result_of(lambda student, rng: expect.equal(student.size(8, stride=2), 5), {"size": size})
        assert (result.verdict, result.earned, result.hint) == (Verdict.WRONG, 0, "Divide first.")
        assert result.message == "size(8, stride=2): expected 5, got 4"

    @pytest.mark.parametrize(
        ("credit", "verdict", "earned"),
        [(0.25, Verdict.PARTIAL, 1), (0.0, Verdict.WRONG, 0), (-3, Verdict.WRONG, 0), (7, Verdict.PARTIAL, 4)],
    )
    def test_partial_credit_stays_between_nothing_and_all(self, credit: float, verdict: Verdict, earned: float) -> None:
        def nearly(student: Student, rng: np.random.Generator) -> None:
            raise expect.Wrong("nearly", credit=credit)

        result = result_of(nearly)
        assert (result.verdict, result.earned, result.hint) == (verdict, earned, "Divide first.")

    def test_an_exception_of_the_student_is_named(self) -> None:
        result = result_of(lambda student, rng: student.size(-1), {"size": size})
        assert (result.verdict, result.earned) == (Verdict.RAISED, 0)
        assert result.message == "size(-1): raised ValueError: negative"

    def test_a_name_that_is_not_defined_is_the_students_exception(self) -> None:
        result = result_of(lambda student, rng: student.sise(1), {"size": size})
        assert result.verdict is Verdict.RAISED
        assert "NameError: sise is not defined in the notebook" in result.message

    def test_student_code_that_ends_the_process_has_raised(self) -> None:
        def leave() -> None:
            raise SystemExit(0)

        assert result_of(lambda student, rng: student.leave(), {"leave": leave}).verdict is Verdict.RAISED

    def test_a_memory_error_is_the_verdict_memory(self) -> None:
        def hoard() -> None:
            raise MemoryError

        result = result_of(lambda student, rng: student.hoard(), {"hoard": hoard})
        assert (result.verdict, result.message) == (Verdict.MEMORY, "hoard(): ran out of memory")

    @pytest.mark.parametrize(
        ("death", "verdict"),
        [
            (Death.TIMEOUT, Verdict.TIMEOUT),
            (Death.MEMORY, Verdict.MEMORY),
            (Death.KILLED, Verdict.DIED),
            (Death.PROTOCOL, Verdict.DIED),
        ],
    )
    def test_a_process_that_ended_is_a_verdict_with_its_reason(self, death: Death, verdict: Verdict) -> None:
        session = Scripted(Died(death, "stopped after 20 s"))
        result = run_case(hidden(lambda student, rng: student.size(1)), session, np.random.default_rng(0))
        assert (result.verdict, result.earned, result.message) == (verdict, 0, "size(1): stopped after 20 s")

    def test_a_case_that_could_not_be_asked_is_skipped(self) -> None:
        session = Scripted(Returned(1), Died(Death.KILLED, "4 attempts are used up"))
        result = run_case(hidden(lambda student, rng: None), session, np.random.default_rng(0))
        assert (result.verdict, result.credit) == (Verdict.SKIPPED, 0)
        assert result.message == "not asked: 4 attempts are used up"


def test_a_wrong_value_is_named() -> None:
    result = result_of(lambda student, rng: expect.equal(student.mean.fetch(), 2), {"mean": 3})
    assert (result.verdict, result.message) == (Verdict.WRONG, "mean: expected 2, got 3")


class TestFaultsOfOurs:
    @pytest.mark.parametrize(
        "broken",
        [
            lambda student, rng: len(student.nothing()),
            lambda student, rng: 1 / 0,
            lambda student, rng: student.nothing({1, 2}),
            lambda student, rng: expect.Wrong("nearly", credit=float("nan")),
        ],
    )
    def test_a_bug_in_a_case_asks_for_review_and_names_its_line(self, broken: Callable[..., None]) -> None:
        result = result_of(broken, {"nothing": lambda *args: None})
        assert result.verdict is Verdict.JUDGE_ERROR
        assert "the hidden case itself failed" in result.message
        assert "test_judge.py" in result.message
        assert Report("01_x", (result,)).needs_review

    def test_what_cannot_cross_is_a_sentence_with_its_line(self) -> None:
        result = result_of(lambda student, rng: student.nothing({1, 2}), {"nothing": lambda *args: None})
        assert "Traceback" not in result.message
        assert re.search(r"^the hidden case itself failed \(.*test_judge.py, line \d+\): a set is not", result.message)
        assert "make it there" in result.message

    def test_the_other_cases_are_asked_all_the_same(self) -> None:
        def broken(student: Student, rng: np.random.Generator) -> None:
            raise RuntimeError

        def fine(student: Student, rng: np.random.Generator) -> None:
            expect.equal(student.size(3), 3)

        suite = Suite((hidden(broken, name="a"), hidden(fine, points=6, name="b")), ())
        report = judge("01_x", suite, LocalSession({"size": size}), Undiagnosed(), seed=1)  # type: ignore[arg-type]
        assert [result.verdict for result in report.results] == [Verdict.JUDGE_ERROR, Verdict.PASSED]
        assert (report.earned, report.possible, report.needs_review) == (6, 10, True)

    def test_a_report_without_a_fault_of_ours_needs_no_review(self) -> None:
        results = [
            CaseResult("q1", "a", "A", 1, verdict, 0)
            for verdict in Verdict
            if verdict not in (Verdict.JUDGE_ERROR, Verdict.REVIEW)
        ]
        report = Report("01_x", tuple(results))
        assert not report.needs_review
        assert report.of_question("q1") == report.results
        assert report.of_question("q2") == ()


class TestRandomness:
    def draws(self, seed: int, slug: str = "01_x", name: str = "some_case", question: str = "q1") -> list[int]:
        case = Case(question, name, "", 1, "", lambda student, rng: None)
        return [int(number) for number in case_rng(seed, slug, case).integers(0, 2**40, size=4)]

    def test_the_same_case_draws_the_same_for_every_student(self) -> None:
        assert self.draws(7) == self.draws(7)

    @pytest.mark.parametrize("other", [{"seed": 8}, {"slug": "02_x"}, {"name": "other"}, {"question": "q2"}])
    def test_anything_else_draws_other_numbers(self, other: dict[str, Any]) -> None:
        assert self.draws(7) != self.draws(**({"seed": 7} | other))

    def test_a_case_is_given_its_own_generator(self) -> None:
        seen: list[int] = []
        case = hidden(lambda student, rng: seen.append(int(rng.integers(0, 2**40))))
        suite = Suite((case,), ())
        for seed in (1, 1, 2):
            judge("01_x", suite, LocalSession({}), Undiagnosed(), seed=seed)  # type: ignore[arg-type]
        assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (Request(Target.STUDENT, "size", (8,), {"stride": 2}), "size(8, stride=2)"),
        (Request(Target.STUDENT, "model"), "model()"),
        (Request(Target.STUDENT, "run", (Handle(1, "Net"), Name("relu"))), "run(an object of type Net, relu)"),
        (Request(Target.STUDENT, "mean", (np.zeros(2),)), "mean(array of shape (2,): [0. 0.])"),
    ],
)
def test_a_call_is_shown_as_python(request_: Request, text: str) -> None:
    assert show_call(request_) == text


def test_calls_of_probes_are_not_shown_as_the_students() -> None:
    def fails(student: Student, rng: np.random.Generator) -> None:
        handle = student.size.keep(3)
        expect.equal(student.fetch(handle), 4)

    assert result_of(fails, {"size": size}).message == "size(3): expected 4, got 3"


def test_an_unnamed_exception_is_still_a_sentence() -> None:
    session = Scripted(Raised((), "odd"))
    result = run_case(hidden(lambda student, rng: student.f()), session, np.random.default_rng(0))
    assert result.message == "f(): raised Exception: odd"


class DyingSession(LocalSession):
    """Ends for good after a number of calls that end the process."""

    def __init__(self, namespace: dict[str, Any], *, lives: int) -> None:
        super().__init__(namespace)
        self.lives = lives

    def begin_case(self) -> Died | None:
        if self.lives == 0:
            return Died(Death.KILLED, "no more attempts")
        return super().begin_case()

    def ask(self, request: Request) -> Answer:
        answer = super().ask(request)
        if isinstance(answer, Raised) and answer.type_names[0] == "SystemExit":
            self.lives -= 1
            return Died(Death.TIMEOUT, "stopped")
        return answer


def test_a_question_that_ends_the_process_every_time_leaves_the_others_their_points() -> None:
    def asks(name: str) -> Any:
        return lambda student, rng: getattr(student, name)()

    cases = [Case("q1", f"first_{n}", "", 1, "h", asks("loops")) for n in range(5)]
    cases += [Case("q2", f"second_{n}", "", 1, "h", asks("answers")) for n in range(2)]
    suite = Suite(tuple(cases), ())
    session = DyingSession({"loops": sys.exit, "answers": lambda: 1}, lives=3)
    results = judge("01_x", suite, session, Undiagnosed(), seed=0).results
    verdicts = [result.verdict for result in results]
    assert verdicts[:5] == [Verdict.TIMEOUT] * 3 + [Verdict.SKIPPED] * 2
    assert verdicts[5:] == [Verdict.PASSED] * 2
