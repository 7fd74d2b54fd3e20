"""Asking all of a case's calls at once never changes a verdict: not where all is right, not where anything is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import expect, wire
from autograder.cases import Case
from autograder.judge import run_case, scripts_of
from autograder.local import LocalSession
from autograder.messages import Answer, Death, Died, Raised, Request, Returned, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import question_documents
from autograder.script import Script, ScriptedSession
from autograder.student import Session, Student
from autograder.wire import Packed

from .conftest import Loaded

DEAD = Died(Death.TIMEOUT, "stopped after 20 s")


def assert_same(loaded: Loaded, make_session: Callable[[], Session]) -> Report:
    """Judge with and without scripts; the reports say the same to a reader."""
    without = loaded.judge(make_session(), scripts=False)
    with_scripts = loaded.judge(make_session(), scripts=True)
    assert question_documents(loaded.exercise, with_scripts) == question_documents(loaded.exercise, without)
    return with_scripts


@pytest.fixture(scope="module", params=["demo", "output_size"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Loaded)
    return found


def test_the_reference_the_stub_and_every_mistake_get_the_same_reports(loaded: Loaded) -> None:
    for name, namespace in loaded.namespaces():
        report = assert_same(loaded, partial(LocalSession, namespace))
        full = name == "reference"
        assert (report.earned == report.possible) == full, name
        assert report.earned == 0 or name != "stub"
        assert full or name == "stub" or name in {result.mistake for result in report.results}, name


class Unreliable:
    """The reference with some answers spoilt: which, only the request says. Death lasts until the next case."""

    def __init__(self, namespace: Mapping[str, Any], spoil: Callable[[Answer, int], Answer]) -> None:
        self._session = LocalSession(namespace)
        self._spoil = spoil
        self._died: Died | None = None

    def begin_case(self) -> Died | None:
        self._died = None
        return self._session.begin_case()

    def ask(self, request: Request) -> Answer:
        if self._died:
            return self._died
        number = int.from_bytes(hashlib.sha256(wire.pack_request(request).head).digest()[:4], "big")
        spoilt = self._spoil(self._session.ask(request), number)
        answer = wire.unpack_answer(wire.pack_answer(spoilt, self._session._servant.keep))
        self._died = answer if isinstance(answer, Died) else None
        return answer

    def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
        for request in requests:
            answer = self.ask(wire.unpack_request(request))
            yield answer if isinstance(answer, Died) else wire.pack_answer(answer, self._session._servant.keep)
            if self._died:
                return


SPOILT: list[Callable[[Answer], Answer]] = [
    lambda right: Returned(right.value + 1 if isinstance(right, Returned) and isinstance(right.value, float) else None),
    lambda right: Returned(float("nan")),
    lambda right: Returned([1, "a", {"b": (2.5, None)}]),
    lambda right: Returned(np.float32(1.5)),
    lambda right: Raised(("ValueError", "Exception", "BaseException"), "another text"),
    lambda right: Raised(("NotImplementedError", "RuntimeError", "Exception", "BaseException"), ""),
    lambda right: Raised(("MemoryError", "Exception", "BaseException"), ""),
    lambda right: Raised((), "nameless"),
    lambda right: DEAD,
    lambda right: Died(Death.KILLED, "the process ended"),
]


@given(st.dictionaries(st.integers(0, 11), st.integers(0, len(SPOILT) - 1), max_size=6))
def test_any_mixture_of_right_wrong_raised_and_died_gets_the_same_report(demo: Loaded, spoilt: dict[int, int]) -> None:
    def spoil(right: Answer, number: int) -> Answer:
        return SPOILT[spoilt[number % 12]](right) if number % 12 in spoilt else right

    assert_same(demo, lambda: Unreliable(demo.reference, spoil))


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_any_student_who_is_wrong_now_and_then_gets_the_same_report(demo: Loaded, seed: int, every: int) -> None:
    def mean(patch: Any) -> float:
        if (seed + int(1000 * np.sum(patch))) % every == 0:
            raise ValueError(f"{seed}")
        return float(np.mean(patch))

    assert_same(demo, lambda: LocalSession({**demo.reference, "patch_mean": mean}))


def recorded(function: Callable[..., None], namespace: Mapping[str, Any]) -> tuple[Case, Script]:
    """A case and its script, from a reference that passes it."""
    case = Case("q1", "c", "C", 4, "Hint.", function)
    right = run_case(case, LocalSession(namespace), np.random.default_rng(0))
    return case, scripts_of(Report("01_demo", (right,)))["c"]


class Counting:
    """What a session is asked, in order: ("ask", name, args) and ("ask_all", how many)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.log: list[tuple[Any, ...]] = []

    def begin_case(self) -> Died | None:
        return self._session.begin_case()

    def ask(self, request: Request) -> Answer:
        self.log.append(("ask", request.name, request.args))
        return self._session.ask(request)

    def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
        self.log.append(("ask_all", len(requests)))
        return self._session.ask_all(requests)


def both(
    function: Callable[..., None], right: Mapping[str, Any], student: Mapping[str, Any]
) -> tuple[CaseResult, Counting]:
    """The result with a script, which is that without one, and what was asked for it."""
    case, script = recorded(function, right)
    session = Counting(LocalSession(student))
    scripted = run_case(case, session, np.random.default_rng(0), script)
    plain = run_case(case, LocalSession(student), np.random.default_rng(0))
    assert (scripted.verdict, scripted.credit, scripted.message) == (plain.verdict, plain.credit, plain.message)
    assert [one.request for one in scripted.exchanges] == [one.request for one in plain.exchanges]
    return scripted, session


def chain(student: Student, rng: np.random.Generator) -> None:
    """Each question depends on the answer before."""
    value = 1
    for _ in range(4):
        value = student.f(value)
    expect.equal(value, 16)


DOUBLE = {"f": lambda x: 2 * x}


class TestOneCase:
    def test_where_all_is_right_one_question_is_asked_and_the_oracle_rests(self) -> None:
        asked: list[int] = []

        def case(student: Student, rng: np.random.Generator) -> None:
            asked.append(1)
            expect.equal(student.f(3), 6)

        result, session = both(case, DOUBLE, {"f": lambda x: x + x})
        assert (result.verdict, session.log) == (Verdict.PASSED, [("ask_all", 1)])
        assert len(asked) == 2  # for the reference, and for the student without a script

    def test_where_one_is_wrong_the_answers_that_are_there_are_used(self) -> None:
        def case(student: Student, rng: np.random.Generator) -> None:
            for number in range(3):
                expect.equal(student.f(number), 2 * number)

        result, session = both(case, DOUBLE, {"f": lambda x: 2 * x if x < 2 else 0})
        assert result.message == "f(2): expected 4, got 0"
        assert session.log == [("ask_all", 2), ("ask_all", 1)]  # the last one is asked for 2, which is an answer before

    def test_a_case_that_goes_its_own_way_asks_anew_from_there(self) -> None:
        result, session = both(chain, DOUBLE, {"f": lambda x: 2 * x + (x == 2)})
        assert result.verdict is Verdict.WRONG
        assert session.log == [("ask_all", 1), ("ask_all", 1), ("ask", "f", (5,)), ("ask", "f", (10,))]

    def test_an_answer_asked_ahead_is_not_taken_for_another_question(self) -> None:
        """After the ways part, a question that stood further on in the script is asked again."""
        result, session = both(chain, DOUBLE, {"f": lambda x: {1: 8, 8: 4, 4: 2, 2: 16}[x]})
        assert result.verdict is Verdict.PASSED
        assert session.log[1:] == [("ask", "f", (8,)), ("ask", "f", (4,)), ("ask", "f", (2,))]

    def test_a_process_that_dies_in_the_middle_has_its_answers_until_there(self) -> None:
        case, script = recorded(chain, DOUBLE)
        session = Unreliable(
            DOUBLE, lambda right, _: DEAD if isinstance(right, Returned) and right.value == 8 else right
        )
        result = run_case(case, session, np.random.default_rng(0), script)
        assert (result.verdict, result.message) == (Verdict.TIMEOUT, "f(4): stopped after 20 s")
        assert [one.answer for one in result.exchanges] == [Returned(2), Returned(4), DEAD]

    def test_wrong_before_the_process_died_is_wrong(self) -> None:
        def case(student: Student, rng: np.random.Generator) -> None:
            for number in range(3):
                expect.equal(student.f(number), 2 * number)

        made, script = recorded(case, DOUBLE)

        def spoil(right: Answer, _: int) -> Answer:
            return DEAD if right == Returned(4) else Returned(7)

        result = run_case(made, Unreliable(DOUBLE, spoil), np.random.default_rng(0), script)
        assert (result.verdict, result.message) == (Verdict.WRONG, "f(0): expected 0, got 7")

    def test_a_session_that_gives_too_few_answers_is_not_believed(self) -> None:
        class Lazy(LocalSession):
            def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
                return iter(())

        case, script = recorded(chain, DOUBLE)
        assert run_case(case, Lazy(DOUBLE), np.random.default_rng(0), script).verdict is Verdict.PASSED
        assert run_case(case, Lazy({"f": abs}), np.random.default_rng(0), script).verdict is Verdict.WRONG

    @pytest.mark.parametrize(
        ("head", "body"),
        [(b"", b""), (b"{}", b""), (b'{"returned":', b""), (b'{"raised":[1]}', b""), (b"\xff", b"\0" * 9)],
    )
    def test_bytes_that_are_no_answer_are_a_process_that_died(self, head: bytes, body: bytes) -> None:
        class Garbled(LocalSession):
            def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
                return (Packed(head, body) for _ in requests)

        case, script = recorded(chain, DOUBLE)
        result = run_case(case, Garbled(DOUBLE), np.random.default_rng(0), script)
        assert result.verdict is Verdict.DIED
        assert "the answer cannot be read" in result.message

    def test_a_case_that_asks_nothing_has_no_script(self) -> None:
        case = Case("q1", "c", "C", 4, "", lambda student, rng: None)
        result = run_case(case, LocalSession({}), np.random.default_rng(0))
        assert result.verdict is Verdict.PASSED
        assert scripts_of(Report("01_demo", (result,))) == {}

    def test_a_case_that_the_reference_fails_has_no_script(self) -> None:
        case = Case("q1", "c", "C", 4, "", chain)
        result = run_case(case, LocalSession({"f": abs}), np.random.default_rng(0))
        assert scripts_of(Report("01_demo", (result,))) == {}

    @pytest.mark.parametrize("text", ["in other words", ""])
    def test_an_exception_of_the_right_type_is_right_whatever_it_says(self, text: str) -> None:
        def refusing(said: str) -> Callable[[int], int]:
            def f(x: int) -> int:
                raise ValueError(said)

            return f

        def case(student: Student, rng: np.random.Generator) -> None:
            with expect.raises(ValueError):
                student.f(-1)

        result, session = both(case, {"f": refusing("negative")}, {"f": refusing(text)})
        assert (result.verdict, session.log) == (Verdict.PASSED, [("ask_all", 1)])

    def test_an_exception_of_a_subclass_is_left_to_the_case(self) -> None:
        class Own(ValueError):
            pass

        def raising(error: type[Exception]) -> Callable[[int], int]:
            def f(x: int) -> int:
                raise error

            return f

        def case(student: Student, rng: np.random.Generator) -> None:
            with expect.raises(ValueError):
                student.f(-1)

        result, _ = both(case, {"f": raising(ValueError)}, {"f": raising(Own)})
        assert result.verdict is Verdict.PASSED
        result, _ = both(case, {"f": raising(ValueError)}, {"f": raising(KeyError)})
        assert result.verdict is Verdict.WRONG

    @pytest.mark.parametrize("value", [6.0, True, "6", None, np.int64(6), [6]])
    def test_a_value_of_another_type_is_not_the_same_answer(self, value: Any) -> None:
        def case(student: Student, rng: np.random.Generator) -> None:
            expect.equal(student.f(3), 6)

        both(case, DOUBLE, {"f": lambda x: value})

    def test_a_case_asked_beside_a_script_may_ask_through_it(self) -> None:
        _, script = recorded(chain, DOUBLE)
        session = ScriptedSession(LocalSession(DOUBLE), script)
        assert session.begin_case() is None
        assert list(session.ask_all(script.requests)) == list(script.answers)


class Box:
    """Something that does not cross."""

    def __init__(self, value: float) -> None:
        self.value = value


class TestHandles:
    @staticmethod
    def case(student: Student, rng: np.random.Generator) -> None:
        box = student.make(3)
        other = student.make.keep(4)
        kept = student.keep([1, 2])
        expect.equal(student.open(box), 3)
        expect.equal(student.open(other), 4)
        expect.equal(student.fetch(kept), [1, 2])

    RIGHT: Mapping[str, Any] = {"make": Box, "open": lambda box: box.value}

    def test_objects_that_stay_are_followed(self) -> None:
        result, session = both(self.case, self.RIGHT, dict(self.RIGHT))
        assert (result.verdict, session.log) == (Verdict.PASSED, [("ask_all", 6)])

    def test_so_they_are_where_the_answers_are_wrong(self) -> None:
        result, _ = both(self.case, self.RIGHT, {"make": Box, "open": lambda box: 3})
        assert result.verdict is Verdict.WRONG

    def test_a_student_whose_object_crosses_is_asked_as_ever(self) -> None:
        result, _ = both(self.case, self.RIGHT, {"make": lambda x: x, "open": lambda box: box})
        assert result.verdict is Verdict.PASSED

    def test_a_script_holds_nothing_that_is_not_plain(self) -> None:
        with pytest.raises(wire.WireError, match="a recorded object is not plain"):
            Script.of((wire_exchange(object()),))


def wire_exchange(value: object) -> Any:
    from autograder.messages import Exchange

    return Exchange(Request(Target.STUDENT, "f"), Returned(value))
