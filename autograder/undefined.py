"""Says which name a notebook does not define, instead of a hint about what its function should have computed.

The name is one that the judge asked for, and what the notebook's text defines was told before student code ran: nothing
that a student's process chose gets into the sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from autograder.exercise import Exercise
from autograder.messages import Name, Raised, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.sandbox.servant import NOT_DEFINED

NEAR = 0.75  # of difflib's likeness: samepadding and SamePadding are near same_padding, pool_shape is not


def name_undefined(report: Report, exercise: Exercise, defined: Sequence[str]) -> Report:
    """The report, with a sentence for hint where a case came to a name that the notebook does not define.

    `defined` are the functions and classes that stand in the notebook.
    """
    asked = {name for question in exercise.questions for name in question.names}
    missed = {name for result in report.results for name in _asked_of(result) if _says(result, f"{name}{NOT_DEFINED}")}
    sentences = {name: _sentence(name, defined, asked) for name in sorted(missed)}
    return replace(report, results=tuple(_named(result, sentences) for result in report.results))


def _named(result: CaseResult, sentences: Mapping[str, str]) -> CaseResult:
    """Said by us, or by Python where an answer to another question needs a name that the judge itself missed."""
    for name, sentence in sentences.items():
        if any(_says(result, f"{shown}{NOT_DEFINED}") for shown in (name, f"name '{name}'")):
            return replace(result, undefined=name, hint=sentence)
    return result


def _says(result: CaseResult, start: str) -> bool:
    """Whether the call that decided a failed case ended in a NameError with such a message."""
    if result.verdict not in (Verdict.RAISED, Verdict.WRONG) or not result.exchanges:
        return False
    answer = result.exchanges[-1].answer
    return isinstance(answer, Raised) and answer.type_names[:1] == ("NameError",) and answer.message.startswith(start)


def _asked_of(result: CaseResult) -> Iterator[str]:
    """The student's names that the last request was about."""
    for exchange in result.exchanges[-1:]:
        if exchange.request.target is Target.STUDENT:
            yield exchange.request.name
        yield from _within([*exchange.request.args, *exchange.request.kwargs.values()])


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, Name):
        yield value.text
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _within(item)


def _sentence(name: str, defined: Sequence[str], asked: Set[str]) -> str:
    none = f"Your notebook defines no {name}"
    if name in defined:
        return f"{none}: its cell did not run to the end."
    near = {other.lower(): other for other in reversed(defined) if other not in asked}
    found = difflib.get_close_matches(name.lower(), near, n=1, cutoff=NEAR)
    return f"{none}. It has {near[found[0]]}: is that the one?" if found else f"{none}."
