"""Turns answers into verdicts."""

from __future__ import annotations

import functools
import hashlib
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from autograder.cases import Case
from autograder.course import Suite
from autograder.diagnosis import Diagnosis
from autograder.expect import NeedsReview, Wrong
from autograder.messages import Death, Died, Exchange, Request, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.script import Script, ScriptedSession
from autograder.student import Session, Student, StudentDied, StudentRaised
from autograder.training import Training

DEATH_VERDICTS = {
    Death.TIMEOUT: Verdict.TIMEOUT,
    Death.MEMORY: Verdict.MEMORY,
    Death.KILLED: Verdict.DIED,
    Death.PROTOCOL: Verdict.DIED,
}
DEATHS = frozenset(DEATH_VERDICTS.values())


def judge(
    slug: str,
    suite: Suite,
    session: Session,
    diagnosis: Diagnosis,
    *,
    seed: int,
    scripts: Mapping[str, Script] | None = None,
    training: Training | None = None,
    told: Callable[[CaseResult], None] | None = None,
) -> Report:
    """Ask all hidden cases of one exercise and give a verdict on each; a case's failure costs that case only.

    `scripts`, by case, are what the reference was asked (see `autograder.script`); without them the code that is judged
    is trusted. `training` is for cases that train. `told` hears of each result at once, before mistakes explain it.
    """
    results: dict[str, CaseResult] = {}
    for case in _in_turn(suite.cases, results):
        make_rng = functools.partial(case_rng, seed, slug, case)
        results[case.name] = _run(case, session, make_rng, (scripts or {}).get(case.name), training)
        if told is not None:
            told(results[case.name])
    return Report(slug, diagnosis.explain([results[case.name] for case in suite.cases], scripts))


def _in_turn(cases: Sequence[Case], results: Mapping[str, CaseResult]) -> Iterator[Case]:
    """The cases in order; after one that ended the process, those of its question wait until all others were asked.

    Restarts and time are bounded, so that a question which ends the process again and again would use up what the
    others need.
    """
    troubled: set[str] = set()
    waiting: list[Case] = []
    for case in cases:
        if case.question in troubled:
            waiting.append(case)
            continue
        yield case
        if results[case.name].verdict in DEATHS:
            troubled.add(case.question)
    yield from waiting


def scripts_of(report: Report, again: Callable[[str], list[CaseResult]] | None = None) -> dict[str, Script]:
    """The scripts that the reference's report holds; `again` asks it the case of that name with other random numbers.

    Cases that ask nothing, or that the reference does not pass, have none; nor have those that keep a figure, which has
    to be the student's own.
    """

    def others(name: str) -> list[tuple[Exchange, ...]]:
        return [result.exchanges for result in again(name)] if again else []

    return {
        result.case: Script.of(result.exchanges, functools.partial(others, result.case))
        for result in report.results
        if result.verdict is Verdict.PASSED and result.exchanges and not result.figures
    }


def case_rng(seed: int, slug: str, case: Case) -> np.random.Generator:
    """The random generator of one case: the same for every student, another for every course seed."""
    text = f"{seed}/{slug}/{case.question}/{case.name}"
    return np.random.default_rng(np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.uint32))


def run_case(
    case: Case,
    session: Session,
    rng: np.random.Generator,
    script: Script | None = None,
    training: Training | None = None,
) -> CaseResult:
    """Ask one hidden case. Whatever else than a student's failure happens in it is ours, not the student's."""
    return _run(case, session, lambda: rng, script, training)


def _run(
    case: Case,
    session: Session,
    make_rng: Callable[[], np.random.Generator],
    script: Script | None,
    training: Training | None,
) -> CaseResult:
    """The generator is made where it is needed: a case whose script was answered rightly does not run."""
    refusal = session.begin_case()
    if refusal is not None:
        return _result(case, Verdict.SKIPPED, 0.0, f"not asked: {refusal.message}", ())
    if script is not None:
        session = scripted = ScriptedSession(session, script)
        right = scripted.exchanges_if_right()
        if right is not None:
            return _result(case, Verdict.PASSED, 1.0, "", right)
    student = Student(session)
    verdict, credit, message = _ask(case, student, make_rng(), training)
    if verdict is Verdict.TIMEOUT and case.trains and training is not None:
        message += _how_to_shorten(training)
    return replace(_result(case, verdict, credit, message, student.exchanges), figures=student.figures)


def _how_to_shorten(training: Training) -> str:
    return (
        f". On this {training.device} training gets {training.images:,} images, {training.epochs} epochs and"
        f" {training.seconds:g} s: train as many epochs as you are asked for, in batches rather than image by image"
    )


def _ask(
    case: Case, student: Student, rng: np.random.Generator, training: Training | None
) -> tuple[Verdict, float, str]:
    try:
        if case.trains:
            case.function(student, rng, training)
        else:
            case.function(student, rng)
    except NeedsReview as review:
        return Verdict.REVIEW, review.credit, str(review)
    except Wrong as wrong:
        credit = min(max(wrong.credit, 0.0), 1.0)
        return (Verdict.PARTIAL if credit else Verdict.WRONG), credit, f"{_last_call(student)}{wrong}"
    except StudentRaised as error:
        if "MemoryError" in error.answer.type_names:
            return Verdict.MEMORY, 0.0, f"{_last_call(student)}ran out of memory"
        return Verdict.RAISED, 0.0, f"{_last_call(student)}raised {error}"
    except StudentDied as error:
        return _dead(error.answer, student)
    except Exception:  # a bug in a hidden case is ours: never a zero, always looked at
        # the first frames: this one, the case's and its helpers'
        return Verdict.JUDGE_ERROR, 0.0, f"the hidden case itself failed:\n{traceback.format_exc(limit=6)}"
    return Verdict.PASSED, 1.0, ""


def _dead(answer: Died, student: Student) -> tuple[Verdict, float, str]:
    return DEATH_VERDICTS[answer.death], 0.0, f"{_last_call(student)}{answer.message}"


def _result(case: Case, verdict: Verdict, credit: float, message: str, exchanges: tuple[Exchange, ...]) -> CaseResult:
    hint = "" if verdict is Verdict.PASSED else case.hint
    return CaseResult(
        case.question, case.name, case.title, case.points, verdict, credit, message, hint, None, exchanges
    )


def _last_call(student: Student) -> str:
    calls = [exchange.request for exchange in student.exchanges if exchange.request.target is Target.STUDENT]
    return f"{show_call(calls[-1])}: " if calls else ""


def show_call(request: Request) -> str:
    """A request as the line of Python that it stands for."""
    from autograder.expect import show

    parts = [show(value) for value in request.args]
    parts += [f"{key}={show(value)}" for key, value in request.kwargs.items()]
    return f"{request.name}({', '.join(parts)})"
