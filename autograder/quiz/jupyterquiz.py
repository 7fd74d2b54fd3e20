"""Quizzes in jupyterquiz's format (github.com/jmshea/jupyterquiz), for courses that show theirs with it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from autograder.quiz.values import Drawn, Kind, Quiz, draw, show

NO_KNOWN_MISTAKE = "Not quite. "


def exported(quizzes: Sequence[Quiz], seed: int) -> tuple[str, tuple[str, ...]]:
    """The file's text with one set of numbers, and the ids of the short texts, which that format does not have."""
    made: list[dict[str, Any]] = []
    left_out: list[str] = []
    for quiz in quizzes:
        for template in quiz.templates:
            if template.kind is Kind.TEXT:
                left_out.append(template.id)
                continue
            rng = random.Random(f"{seed}/{quiz.key}/{template.id}")  # noqa: S311 - numbers to practise with
            made.append(_question(draw(template, rng)))
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n", tuple(left_out)


def _question(drawn: Drawn) -> dict[str, Any]:
    template = drawn.template
    question: dict[str, Any] = {"question": drawn.fill(template.text)}
    if template.code:
        question["code"] = drawn.fill(template.code)
    if template.kind is Kind.NUMBER:
        return question | {"type": "numeric", "answers": _numbers(drawn)}
    kind = "many_choice" if template.kind is Kind.SEVERAL else "multiple_choice"
    return question | {"type": kind, "answers": _shapes(drawn) if template.kind is Kind.SHAPE else _choices(drawn)}


def _choices(drawn: Drawn) -> list[dict[str, Any]]:
    explanation = drawn.fill(drawn.template.explanation)
    return [
        {
            "answer": drawn.fill(choice.text),
            "correct": choice.right,
            "feedback": explanation if choice.right else drawn.fill(choice.why),
        }
        for choice in drawn.template.choices
    ]


def _shapes(drawn: Drawn) -> list[dict[str, Any]]:
    """That format has no shapes: the typical misconceptions become choices."""
    right = {"answer": show(drawn.answer), "correct": True, "feedback": drawn.fill(drawn.template.explanation)}
    pairs = zip(drawn.wrong, drawn.template.misconceptions, strict=True)
    return [
        right,
        *({"answer": show(value), "correct": False, "feedback": drawn.fill(one.why)} for value, one in pairs),
    ]


def _numbers(drawn: Drawn) -> list[dict[str, Any]]:
    template = drawn.template
    explanation = drawn.fill(template.explanation)
    pairs = zip(drawn.wrong, template.misconceptions, strict=True)
    return [
        {**_matched(drawn.answer, template.tolerance), "correct": True, "feedback": explanation},
        *(
            {**_matched(value, template.tolerance), "correct": False, "feedback": drawn.fill(one.why)}
            for value, one in pairs
        ),
        {"type": "default", "feedback": NO_KNOWN_MISTAKE + explanation},
    ]


def _matched(value: float, tolerance: float) -> dict[str, Any]:
    if tolerance:
        return {"type": "range", "range": [value - tolerance, value + tolerance]}
    return {"type": "value", "value": value}
