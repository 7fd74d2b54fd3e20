"""What the schema of a quiz file cannot see: right choices, and expressions and texts that use unknown names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.quiz.expressions import Expression, ExpressionError
from autograder.quiz.schema import EXAMPLES, Choosing, QuestionModel, Range, ShapeModel
from autograder.quiz.values import PLACEHOLDER, Kind
from autograder.yaml_file import Location

ID = re.compile(r"^[a-z][a-z0-9_]*\Z")
MAX_RANGE = 10_000

Problem = tuple[Location, str, str]
"""The key within the question, what is wrong, and what would be right."""


def inconsistencies(question: QuestionModel) -> Iterator[Problem]:
    """Everything that the parts of a question do not agree on."""
    if not ID.match(question.id):
        yield ("id",), f"is {question.id!r}", EXAMPLES["id"]
    yield from _choice_problems(question)
    yield from _range_problems(question)
    yield from _name_problems(question)


def _choice_problems(question: QuestionModel) -> Iterator[Problem]:
    if not isinstance(question, Choosing):
        return
    right = sum(choice.right for choice in question.choices)
    if right == 0:
        yield ("choices",), "has no right one, so that the answer is missing", EXAMPLES["right"]
    elif question.kind is Kind.SINGLE and right > 1:
        yield ("choices",), f"has {right} right ones", "mark one, or write kind: several"
    elif right == len(question.choices):
        yield ("choices",), "has no wrong one", "add a typical misconception"
    for number, choice in enumerate(question.choices):
        if not choice.right and not choice.why.strip():
            yield ("choices", number, "why"), "is missing: a wrong choice says why it is wrong", EXAMPLES["why"]


def _range_problems(question: QuestionModel) -> Iterator[Problem]:
    for name, values in question.draw.items():
        if isinstance(values, Range) and not 0 <= values.to - values.from_ < MAX_RANGE:
            yield ("draw", name), f"goes from {values.from_} to {values.to}", "from the smaller to the larger number"


def _name_problems(question: QuestionModel) -> Iterator[Problem]:
    known = set(question.draw)
    for name in (*question.draw, *question.let):
        if not ID.match(name) or name == "answer" or (name in question.draw and name in question.let):
            yield ("draw" if name in question.draw else "let", name), "is not a name for a number", "kernel_size"
    if question.where is not None:
        yield from _expression_problems(("where",), question.where, known)
    for name, source in question.let.items():
        yield from _expression_problems(("let", name), source, known)
        known.add(name)
    yield from _text_problems("text", question.text, known)
    yield from _text_problems("code", question.code, known)
    if isinstance(question, ShapeModel):
        yield from _expression_problems(("answer",), question.answer, known)
        with_answer = known | {"answer"}
        for number, misconception in enumerate(question.misconceptions):
            yield from _expression_problems(("misconceptions", number, "value"), str(misconception.value), with_answer)
            yield from _text_problems(("misconceptions", number, "why"), misconception.why, with_answer)
        known = with_answer
        if _is_literal(question.answer):
            yield ("answer",), "is a stored number: a key is computed", EXAMPLES["answer"]
    if isinstance(question, Choosing):
        for number, choice in enumerate(question.choices):
            yield from _text_problems(("choices", number, "text"), choice.text, known)
            yield from _text_problems(("choices", number, "why"), choice.why, known)
    yield from _text_problems("explanation", question.explanation, known)


def _expression_problems(key: Location, source: str, known: set[str]) -> Iterator[Problem]:
    try:
        unknown = sorted(Expression.parse(source).names - known)
    except ExpressionError as error:
        yield key, str(error), EXAMPLES.get(str(key[-1]), "")
        return
    if unknown:
        yield key, f"uses {', '.join(unknown)}", f"known here: {', '.join(sorted(known)) or 'no name, draw: none'}"


def _text_problems(key: str | Location, text: str, known: set[str]) -> Iterator[Problem]:
    place = (key,) if isinstance(key, str) else key
    for name in dict.fromkeys(PLACEHOLDER.findall(text)):
        if name not in known:
            remedy = f"known here: {', '.join(sorted(known)) or 'no name, since nothing is drawn'}"
            yield place, f"has {{{name}}} in it, which stands for nothing", remedy


def _is_literal(source: str) -> bool:
    try:
        return Expression.parse(source).is_literal
    except ExpressionError:
        return False  # complained about already
