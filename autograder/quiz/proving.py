"""Proves a quiz file: each template drawn again and again is valid and unambiguous, each wrong answer a wrong one."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator

from autograder.errors import Complaint
from autograder.quiz.expressions import Value
from autograder.quiz.values import DrawError, Drawn, Kind, Quiz, Template, draw, same

DRAWS = 200


def unproven(quiz: Quiz, draws: int = DRAWS) -> Iterator[Complaint]:
    """What does not hold in one of `draws` draws of a template, the first thing of each template."""
    for template in quiz.templates:
        found = next(_faults(template, draws), None)
        if found is not None:
            key, problem, remedy = found
            yield Complaint(f"{quiz.path}:{template.line}: {template.id}.{key}", problem, remedy)


Fault = tuple[str, str, str]


def _faults(template: Template, draws: int) -> Iterator[Fault]:
    rng = random.Random(template.id)  # noqa: S311 - numbers to practise with
    keys: dict[tuple[str, ...], Drawn] = {}
    for _ in range(draws if template.is_drawn else 1):
        try:
            drawn = draw(template, rng)
        except DrawError as error:
            yield error.key, str(error), "change the formula, or rule these numbers out with where:"
            return
        yield from _value_faults(drawn)
        yield from _choice_faults(drawn)
        before = keys.setdefault(_asked(drawn), drawn)
        if before.answer != drawn.answer:
            problem = (
                f"is ambiguous: the same words have the answers {before.shown['answer']} and {drawn.shown['answer']}"
            )
            yield "text", problem, "name every number that decides, as {name}"
    if template.is_drawn and len(keys) == 1:
        yield "draw", f"gives the same question in all of {draws} draws", "use a drawn {name} in the text"


def _asked(drawn: Drawn) -> tuple[str, ...]:
    """All that a reader sees before answering."""
    template = drawn.template
    return tuple(map(drawn.fill, (template.text, template.code, *(choice.text for choice in template.choices))))


def _value_faults(drawn: Drawn) -> Iterator[Fault]:
    template = drawn.template
    if template.answer is None:
        return
    if not _fits(drawn.answer, template.kind):
        wanted = "a tuple of whole numbers from 1" if template.kind is Kind.SHAPE else "a finite number"
        yield "answer", f"is {drawn.answer!r}, which is not {wanted}{_numbers(drawn)}", "mend the formula"
        return
    if template.kind is Kind.NUMBER and not template.tolerance and not isinstance(drawn.answer, int):
        yield "answer", f"is {drawn.answer!r}, which nobody types exactly{_numbers(drawn)}", "add tolerance: 0.01, say"
    values = [("the answer", drawn.answer)]
    values += [(f"misconception {number}", value) for number, value in enumerate(drawn.wrong, start=1)]
    for (name, value), (other, second) in itertools.combinations(values, 2):
        if _comparable(value, second) and same(value, second, 2 * template.tolerance):
            problem = f"{name} and {other} are both {drawn.fill('{answer}') if value == drawn.answer else value}"
            yield "misconceptions", f"{problem}{_numbers(drawn)}", "rule these numbers out with where:, or drop one"


def _comparable(one: Value, other: Value) -> bool:
    return isinstance(one, tuple) == isinstance(other, tuple)


def _fits(value: Value, kind: Kind) -> bool:
    if kind is Kind.SHAPE:
        return isinstance(value, tuple) and len(value) > 0 and all(type(size) is int and size > 0 for size in value)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _choice_faults(drawn: Drawn) -> Iterator[Fault]:
    texts = [drawn.fill(choice.text) for choice in drawn.template.choices]
    for number, text in enumerate(texts):
        if text in texts[:number]:
            problem = f"{texts.index(text) + 1} and {number + 1} are both {text!r}{_numbers(drawn)}"
            yield "choices", problem, "rule these numbers out with where:, or reword one"


def _numbers(drawn: Drawn) -> str:
    shown = [f"{name} = {drawn.shown[name]}" for name in drawn.names]
    return f", drawn with {', '.join(shown)}" if shown else ""
