"""Names the misconception behind wrong answers: replays a student's recorded calls on each known mistake.

A mistake explains a student where it gives the student's answers to all recorded calls of the question and differs
from the right answer in at least one. Where no mistake agrees on everything, calls whose right answer is an exception
are left out, so that somebody who counts the padding once and also forgets to refuse bad arguments still reads about
padding.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder import wire
from autograder.cases import Mistake
from autograder.course import Suite
from autograder.exercise import Exercise
from autograder.local import LocalSession
from autograder.messages import Answer, Died, Exchange, Handle, Raised, Request, Returned
from autograder.report import CaseResult, Verdict
from autograder.script import Script

RTOL = 1e-4  # a student's float32 sums in another order than ours
ATOL = 1e-6
DIAGNOSED = frozenset({Verdict.WRONG, Verdict.PARTIAL, Verdict.RAISED})


class Diagnosis:
    """Explains failed cases of one exercise. Replays are remembered: a class asks the same calls again and again."""

    def __init__(
        self,
        exercise: Exercise,
        suite: Suite,
        reference: Mapping[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = environment
        self._exercise = exercise
        self._suite = suite
        self._reference = reference
        self._unreplayed = frozenset(case.name for case in suite.cases if not case.replayable)
        self._replays: dict[tuple[str | None, bytes], tuple[Answer, ...]] = {}

    def explain(
        self, results: Sequence[CaseResult], scripts: Mapping[str, Script] | None = None
    ) -> tuple[CaseResult, ...]:
        """The results, where a mistake explains a failed case with that mistake's hint instead of the case's.

        With `scripts`, only calls that the reference was asked too are replayed: a call with a value that a student's
        process chose could keep the judge busy for ever.
        """
        explained = list(results)
        for question in self._exercise.questions:
            own = [index for index, result in enumerate(results) if result.question == question.id]
            if any(results[index].verdict in DIAGNOSED for index in own):
                hinted = self._explain_question(question.id, [results[index] for index in own], scripts)
                for index, result in zip(own, hinted, strict=True):
                    explained[index] = result
        return tuple(explained)

    def _explain_question(
        self, question_id: str, results: list[CaseResult], scripts: Mapping[str, Script] | None
    ) -> list[CaseResult]:
        # training takes as long as the student's own did, once for every mistake; a quiz has another student's numbers
        scripted = [_as_scripted(result, scripts) for result in results if result.case not in self._unreplayed]
        asked = [self._asked(result) for result in scripted if result.exchanges and _complete(result)]
        for strict in (True, False):
            for mistake in self._suite.mistakes_of(question_id):
                differing = self._differing(mistake, asked, strict=strict)
                if differing:
                    return [_hinted(result, mistake) if result.case in differing else result for result in results]
        return results

    def _asked(self, result: CaseResult) -> _Asked:
        key = _key(result)
        return _Asked(result, key, self._replay(None, key, result))

    def _differing(self, mistake: Mistake, asked: Sequence[_Asked], *, strict: bool) -> frozenset[str]:
        """The failed cases in which the mistake departs from what is right; none where it is not the student's."""
        departing: set[str] = set()
        for one in asked:
            answers = self._replay(mistake, one.key, one.result)
            for exchange, answer, right in zip(one.result.exchanges, answers, one.right, strict=True):
                if not strict and isinstance(right, Raised):
                    continue
                if not same_answer(exchange.answer, answer):
                    return frozenset()
                if one.result.verdict in DIAGNOSED and not same_answer(answer, right):
                    departing.add(one.result.case)
        return frozenset(departing)

    def _replay(self, mistake: Mistake | None, key: bytes, result: CaseResult) -> tuple[Answer, ...]:
        name = mistake.name if mistake else None
        if (name, key) not in self._replays:
            namespace = mistaken(self._exercise, self._reference, mistake) if mistake else self._reference
            self._replays[name, key] = replay(result.exchanges, namespace, self._environment)
        return self._replays[name, key]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case's recorded calls: their key among the replays, and the right answers."""

    result: CaseResult
    key: bytes
    right: tuple[Answer, ...]


def _as_scripted(result: CaseResult, scripts: Mapping[str, Script] | None) -> CaseResult:
    """The result with the calls up to the first that the reference was not asked."""
    if scripts is None:
        return result
    known = scripts[result.case].requests if result.case in scripts else ()
    same = itertools.takewhile(
        lambda pair: wire.pack_request(pair[0].request) == pair[1], zip(result.exchanges, known, strict=False)
    )
    return replace(result, exchanges=tuple(exchange for exchange, _ in same))


def _complete(result: CaseResult) -> bool:
    """Whether every recorded call was answered: a process that ended gave nothing to compare."""
    return not any(isinstance(exchange.answer, Died) for exchange in result.exchanges)


def mistaken(exercise: Exercise, reference: Mapping[str, Any], mistake: Mistake) -> dict[str, Any]:
    """The reference's names with the mistake in the place of the function that it gets wrong, or of the value."""
    question = exercise.question(mistake.question)
    name = mistake.replaces or question.asked[0]
    return {**reference, name: mistake.function() if name in question.values else mistake.function}


def replay(
    exchanges: Sequence[Exchange], namespace: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> tuple[Answer, ...]:
    """Answers of `namespace` to recorded requests; handles are followed from the recorded numbers to new ones."""
    session = LocalSession(namespace, environment)
    numbers: dict[int, int] = {}
    answers: list[Answer] = []
    for exchange in exchanges:
        answer = session.ask(_renumbered(exchange.request, numbers))
        _match_handles(exchange.answer, answer, numbers)
        answers.append(answer)
    return tuple(answers)


def _match_handles(recorded: Answer, fresh: Answer, numbers: dict[int, int]) -> None:
    old, new = (answer.value if isinstance(answer, Returned) else None for answer in (recorded, fresh))
    if isinstance(old, Handle) and isinstance(new, Handle):
        numbers[old.number] = new.number


def _renumbered(request: Request, numbers: dict[int, int]) -> Request:
    args = tuple(_follow(value, numbers) for value in request.args)
    kwargs = {key: _follow(value, numbers) for key, value in request.kwargs.items()}
    return replace(request, args=args, kwargs=kwargs)


def _follow(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, Handle):
        return Handle(numbers.get(value.number, 0), value.type_name)
    if isinstance(value, list | tuple):
        return type(value)(_follow(item, numbers) for item in value)
    if isinstance(value, dict):
        return {key: _follow(item, numbers) for key, item in value.items()}
    return value


def _key(result: CaseResult) -> bytes:
    """The recorded requests of a case as bytes."""
    packed = [wire.pack_request(exchange.request) for exchange in result.exchanges]
    digest = hashlib.sha256(result.case.encode())
    for one in packed:
        digest.update(len(one.head).to_bytes(8, "big") + one.head + one.body)
    return digest.digest()


def _hinted(result: CaseResult, mistake: Mistake) -> CaseResult:
    return replace(result, hint=mistake.hint, mistake=mistake.name)


def same_answer(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same to a reader: values within rounding, exceptions of the same type."""
    if isinstance(one, Returned) and isinstance(other, Returned):
        return same_value(one.value, other.value)
    if isinstance(one, Raised) and isinstance(other, Raised):
        return one.type_names[:1] == other.type_names[:1] or (
            "ValueError" in one.type_names and "ValueError" in other.type_names
        )
    return False


def same_value(one: Any, other: Any) -> bool:
    """Whether two plain values are the same within rounding; Handles stand for themselves and are the same."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return _same_arrays(one, other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return _same_numbers(one, other)
    if isinstance(one, Handle) and isinstance(other, Handle):
        return True
    return type(one) is type(other) and bool(one == other)


def _same_numbers(one: float, other: float) -> bool:
    if isinstance(one, int) or isinstance(other, int):
        return type(one) is type(other) and one == other  # 3 and 3.0: giving the wrong one is a mistake of its own
    return bool(np.isclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True))


def _same_arrays(one: Any, other: Any) -> bool:
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)) or one.shape != other.shape:
        return False
    return bool(np.allclose(one.astype(float), other.astype(float), rtol=RTOL, atol=ATOL, equal_nan=True))
