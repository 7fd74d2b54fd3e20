"""Says which name a notebook does not define, instead of a hint about what its function should have computed.

The name is one that the judge asked for, and what the notebook's text defines was told before student code ran: nothing
that a student's process chose gets into the sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.exercise import Exercise
from autograder.messages import Exchange, Name, Raised, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.sandbox.servant import NOT_DEFINED

NEAR = 0.75  # of difflib's likeness: samepadding and SamePadding are near same_padding, pool_shape is not
FAILED_CELL = f"{NOT_DEFINED}: cell "


def name_undefined(report: Report, exercise: Exercise, defined: Sequence[str]) -> Report:
    """The report, with a sentence for hint where a case came to a name that the notebook does not define.

    `defined` are the functions and classes that stand in the notebook.
    """
    asked = {name for question in exercise.questions for name in question.names}
    others = [name for name in defined if name not in asked]
    found = [_named(result, others) for result in report.results]
    missing = {result.undefined: result.hint for result in found if result.undefined}
    return replace(report, results=tuple(_within_a_call(result, missing) for result in found))


def _named(result: CaseResult, others: Sequence[str]) -> CaseResult:
    if result.verdict not in (Verdict.RAISED, Verdict.WRONG) or not result.exchanges:
        return result
    last = result.exchanges[-1]
    name = next((name for name in _names(last) if _says_so(last, f"{name}{NOT_DEFINED}")), "")
    if not name:
        return result
    return replace(result, undefined=name, hint=_sentence(name, others, failed=_says_so(last, f"{name}{FAILED_CELL}")))


def _within_a_call(result: CaseResult, missing: Mapping[str, str]) -> CaseResult:
    """The same where an answer to another question needs the name: only one of those that the judge itself missed."""
    if result.verdict not in (Verdict.RAISED, Verdict.WRONG) or not result.exchanges:
        return result
    last = result.exchanges[-1]
    name = next((name for name in missing if _says_so(last, f"name '{name}'{NOT_DEFINED}")), "")
    return replace(result, undefined=name, hint=missing[name]) if name else result


def _says_so(exchange: Exchange, start: str) -> bool:
    answer = exchange.answer
    return isinstance(answer, Raised) and answer.type_names[:1] == ("NameError",) and answer.message.startswith(start)


def _names(exchange: Exchange) -> Iterator[str]:
    """The student's names that a request is about."""
    request = exchange.request
    if request.target is Target.STUDENT:
        yield request.name
    yield from _within([*request.args, *request.kwargs.values()])


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, Name):
        yield value.text
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _within(item)


def _sentence(name: str, others: Sequence[str], *, failed: bool) -> str:
    if failed:
        return f"Your notebook defines no {name}: the cell that should define it stopped with an error."
    near = {other.lower(): other for other in reversed(others)}
    found = difflib.get_close_matches(name.lower(), near, n=1, cutoff=NEAR)
    remark = f" It has {near[found[0]]}: is that the one?" if found else ""
    return f"Your notebook defines no {name}.{remark}"
