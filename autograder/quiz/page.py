"""Quizzes as one page: no request leaves it, and nothing in a quiz file can become markup or script."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import random
from collections.abc import Sequence
from importlib import resources
from string import Template as Frame
from typing import Any

from autograder.quiz.values import Quiz, Template, draw

DRAWS = 100
"""So many sets of numbers of each question a page carries: keys are computed here, and formulas stay in one place."""


def page(quizzes: Sequence[Quiz], seed: int) -> str:
    """A self-contained HTML page; equal seeds give equal pages."""
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    title = quizzes[0].title if len(quizzes) == 1 else "Check your understanding"
    data = {"sections": [_section(quiz, seed) for quiz in quizzes]}
    return Frame(_resource("page.html")).substitute(
        policy=html.escape(policy), title=html.escape(title), style=style, data=_json(data), script=script
    )


def _json(data: Any) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _section(quiz: Quiz, seed: int) -> dict[str, Any]:
    return {"title": quiz.title, "questions": [_question(quiz, template, seed) for template in quiz.templates]}


def _question(quiz: Quiz, template: Template, seed: int) -> dict[str, Any]:
    rng = random.Random(f"{seed}/{quiz.key}/{template.id}/page")  # noqa: S311 - numbers to practise with
    drawn = [draw(template, rng) for _ in range(DRAWS if template.is_drawn else 1)]
    return {
        "kind": template.kind.value,
        "text": template.text,
        "code": template.code,
        "choices": [{"text": one.text, "right": one.right, "why": one.why} for one in template.choices],
        "tolerance": template.tolerance,
        "misconceptions": [one.why for one in template.misconceptions],
        "points": [{"text": one.text, "words": one.words} for one in template.points],
        "model_answer": template.model_answer,
        "explanation": template.explanation,
        "draws": [{"shown": one.shown, "answer": one.answer, "wrong": one.wrong} for one in drawn],
    }


def _resource(name: str) -> str:
    return resources.files("autograder.quiz").joinpath(name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    """What a content security policy knows an inline script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
