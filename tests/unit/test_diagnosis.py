"""Which misconception a student is told about, and when none is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import expect
from autograder.cases import Case, Mistake
from autograder.course import Suite
from autograder.diagnosis import Diagnosis, mistaken, replay, same_answer, same_value
from autograder.exercise import Exercise, Question
from autograder.judge import judge
from autograder.local import LocalSession
from autograder.messages import Death, Died, Handle, Raised, Returned
from autograder.report import CaseResult, Report, Verdict
from autograder.student import Student

Rng = np.random.Generator
EXERCISE = Exercise(
    "01_sizes", "Sizes", (Question("q1", "", 10, ("size",)), Question("q2", "", 5, ("half", "twice"))), (), Path()
)


def size(pixels: int, padding: int = 0) -> int:
    if pixels < 0:
        raise ValueError("negative")
    return pixels + 2 * padding


def pads_once(pixels: int, padding: int = 0) -> int:
    if pixels < 0:
        raise ValueError("negative")
    return pixels + padding


def accepts_anything(pixels: int, padding: int = 0) -> int:
    return pixels + 2 * padding


def pads_thrice(pixels: int, padding: int = 0) -> int:
    if pixels < 0:
        raise ValueError("negative")
    return pixels + 3 * padding


def plain_sizes(student: Student, rng: Rng) -> None:
    expect.equal(student.size(5), 5)


def padded_sizes(student: Student, rng: Rng) -> None:
    for padding in (1, 2):
        expect.equal(student.size(5, padding=padding), 5 + 2 * padding)


def negative_sizes(student: Student, rng: Rng) -> None:
    with expect.raises(ValueError):
        student.size(-1)


def case(function: Callable[..., None], question: str = "q1") -> Case:
    return Case(question, function.__name__, "", 1, f"the hint of {function.__name__}", function)


def mistake(function: Callable[..., Any], question: str = "q1", replaces: str | None = None) -> Mistake:
    name = function.__name__
    return Mistake(question, name, "", "padded_sizes", f"the hint of {name}", replaces, function)


CASES = tuple(case(function) for function in (plain_sizes, padded_sizes, negative_sizes))
MISTAKES = tuple(mistake(function) for function in (accepts_anything, pads_thrice, pads_once))
REFERENCE = {"size": size, "half": lambda n: n / 2, "twice": lambda n: n * 2}


def graded(answer: Callable[..., Any], *, mistakes: tuple[Mistake, ...] = MISTAKES) -> Report:
    suite = Suite(CASES, mistakes)
    diagnosis = Diagnosis(EXERCISE, suite, REFERENCE)
    return judge("01_sizes", suite, LocalSession({**REFERENCE, "size": answer}), diagnosis, seed=1)


def hints(report: Report) -> dict[str, str]:
    return {result.case: result.hint for result in report.results if result.verdict is not Verdict.PASSED}


class TestNaming:
    @pytest.mark.parametrize("answer", [pads_once, pads_thrice])
    def test_a_students_mistake_is_named_with_its_hint(self, answer: Callable[..., Any]) -> None:
        report = graded(answer)
        assert hints(report) == {"padded_sizes": f"the hint of {answer.__name__}"}
        assert [result.mistake for result in report.results] == [None, answer.__name__, None]

    def test_right_answers_are_not_diagnosed(self) -> None:
        assert hints(graded(size)) == {}

    def test_an_answer_like_no_mistake_keeps_the_cases_hint(self) -> None:
        report = graded(lambda pixels, padding=0: size(pixels) + 7 * padding)
        assert hints(report) == {"padded_sizes": "the hint of padded_sizes"}

    def test_a_mistake_has_to_agree_in_the_cases_that_passed_too(self) -> None:
        def off_by_one_as_well(pixels: int, padding: int = 0) -> int:
            return pads_once(pixels, padding) + (padding == 0)

        report = graded(off_by_one_as_well)
        assert hints(report) == {name: f"the hint of {name}" for name in ("plain_sizes", "padded_sizes")}

    def test_of_two_mistakes_alike_the_first_in_the_file_is_named(self) -> None:
        def also_pads_once(pixels: int, padding: int = 0) -> int:
            return pads_once(pixels, padding)

        report = graded(pads_once, mistakes=(mistake(also_pads_once), mistake(pads_once)))
        assert hints(report) == {"padded_sizes": "the hint of also_pads_once"}

    def test_only_the_cases_in_which_the_mistake_is_wrong_read_its_hint(self) -> None:
        assert hints(graded(accepts_anything)) == {"negative_sizes": "the hint of accepts_anything"}


class TestTwoMistakesAtOnce:
    def test_somebody_who_also_forgets_to_refuse_still_reads_about_padding(self) -> None:
        report = graded(lambda pixels, padding=0: pixels + padding)
        assert hints(report) == {
            "padded_sizes": "the hint of pads_once",
            "negative_sizes": "the hint of negative_sizes",
        }

    def test_a_mistake_about_refusing_alone_explains_no_wrong_number(self) -> None:
        report = graded(lambda pixels, padding=0: pixels + 7 * padding)
        assert hints(report)["padded_sizes"] == "the hint of padded_sizes"


class TestDeaths:
    def test_a_case_in_which_the_process_ended_is_left_out(self) -> None:
        suite = Suite(CASES, MISTAKES)
        diagnosis = Diagnosis(EXERCISE, suite, REFERENCE)
        results = list(graded(pads_once, mistakes=()).results)
        died = Died(Death.TIMEOUT, "")
        exchanges = tuple(type(one)(one.request, died) for one in results[0].exchanges)
        results[0] = CaseResult("q1", "plain_sizes", "", 1, Verdict.TIMEOUT, 0, hint="slow", exchanges=exchanges)
        explained = diagnosis.explain(results)
        assert [result.hint for result in explained] == ["slow", "the hint of pads_once", ""]

    def test_a_question_in_which_nothing_was_answered_is_not_diagnosed(self) -> None:
        result = CaseResult("q1", "plain_sizes", "", 1, Verdict.SKIPPED, 0, hint="skipped")
        assert Diagnosis(EXERCISE, Suite(CASES, MISTAKES), REFERENCE).explain([result]) == (result,)


class TestHandles:
    def test_handles_are_followed_into_the_replay(self) -> None:
        class Box:
            def __init__(self, side: int) -> None:
                self.side = side

        class Flat(Box):
            def __init__(self, side: int) -> None:
                super().__init__(side - 1)

        def boxes_are_as_wide(student: Student, rng: Rng) -> None:
            spare = student.size.keep(9)
            boxes = [student.size(3), student.size(4)]
            expect.equal(student.half(boxes[1], spares=[spare], named={"one": boxes[0]}), 4)

        def half(box: Box, spares: list[Box], named: dict[str, Box]) -> int:
            assert spares[0].side > named["one"].side
            return box.side

        def flat(side: int) -> Box:
            return Flat(side)

        reference = {"size": Box, "half": half}
        suite = Suite((case(boxes_are_as_wide),), (mistake(flat),))
        report = judge(
            "01_sizes",
            suite,
            LocalSession({"size": Flat, "half": half}),
            Diagnosis(EXERCISE, suite, reference),
            seed=1,
        )
        assert hints(report) == {"boxes_are_as_wide": "the hint of flat"}

    def test_a_handle_that_the_replay_does_not_have_raises_there(self) -> None:
        student = Student(LocalSession({"size": object, "half": lambda box: 1}))
        student.half(student.size())
        answers = replay(student.exchanges, {"size": lambda: 5, "half": lambda box: 1})
        assert answers[0] == Returned(5)
        assert isinstance(answers[1], Raised)


class TestReplacing:
    def test_a_mistake_stands_in_for_the_questions_only_function(self) -> None:
        assert mistaken(EXERCISE, REFERENCE, mistake(pads_once))["size"] is pads_once

    def test_or_for_the_one_that_it_names(self) -> None:
        def thrice(number: int) -> int:
            return 3 * number

        names = mistaken(EXERCISE, REFERENCE, mistake(thrice, "q2", replaces="twice"))
        assert names["twice"] is thrice
        assert names["half"] is REFERENCE["half"]

    def test_replays_are_remembered(self) -> None:
        calls: list[int] = []

        def counted(pixels: int, padding: int = 0) -> int:
            calls.append(pixels)
            return pads_once(pixels, padding)

        suite = Suite(CASES, (mistake(counted),))
        diagnosis = Diagnosis(EXERCISE, suite, REFERENCE)
        for _ in range(3):
            judge("01_sizes", suite, LocalSession({"size": pads_once}), diagnosis, seed=1)
        assert len(calls) == 3  # the calls of one student: plain, padded (which ends at the first), negative


NAN = float("nan")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, 2, False),
        (10**400, 1.5, False),
        (1, 1.0, False),
        (3.0, 3.0, True),
        (1.0, 1.00001, True),
        (1.0, 1.1, False),
        (NAN, NAN, True),
        (True, True, True),
        (True, 1, False),
        (0, False, False),
        ("a", "a", True),
        ("1", 1, False),
        (None, None, True),
        ((1, 2), [1, 2], True),
        ([1], [1, 1], False),
        ({"a": [1.0]}, {"a": (1.0,)}, True),
        ({"a": 1}, {"b": 1}, False),
        (np.ones(2), np.ones(2) * 1.00001, True),
        (np.ones(2), np.ones(3), False),
        (np.ones(2), [1, 1], False),
        (np.array([True]), np.array([1]), True),
        (np.array([NAN]), np.array([NAN]), True),
        (Handle(1, "A"), Handle(2, "A"), True),
        (Handle(1, "A"), 1, False),
    ],
)
def test_values_are_the_same_within_rounding(one: Any, other: Any, same: bool) -> None:
    assert same_value(one, other) is same
    assert same_value(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Returned(1), Returned(1), True),
        (Returned(1), Raised(("ValueError",), ""), False),
        (Raised(("ValueError", "Exception"), "a"), Raised(("ValueError", "Exception"), "b"), True),
        (Raised(("UnicodeError", "ValueError"), ""), Raised(("ValueError",), ""), True),
        (Raised(("TypeError",), ""), Raised(("ValueError",), ""), False),
        (Died(Death.TIMEOUT, ""), Died(Death.TIMEOUT, ""), False),
    ],
)
def test_exceptions_are_the_same_by_type(one: Any, other: Any, same: bool) -> None:
    assert same_answer(one, other) is same


def test_a_mistake_may_stand_for_a_value() -> None:
    exercise = Exercise("01_x", "X", (Question("q1", "", 2, (), values=("mean", "total")),), (), Path())

    def adds_up(student: Student, rng: Rng) -> None:
        expect.equal(student.total.fetch(), 6)

    def forgets_the_last() -> int:
        return 3

    wrong = mistake(forgets_the_last, replaces="total")
    reference = {"mean": 2, "total": 6}
    assert mistaken(exercise, reference, wrong) == {"mean": 2, "total": 3}
    suite = Suite((case(adds_up),), (wrong,))
    report = judge("01_x", suite, LocalSession({"total": 3}), Diagnosis(exercise, suite, reference), seed=1)
    assert [(one.mistake, one.hint) for one in report.results] == [("forgets_the_last", wrong.hint)]
