"""A quiz as values: templates as the file has them, and questions with their numbers drawn."""

from __future__ import annotations

import enum
import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.quiz.expressions import Expression, ExpressionError, Value

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
MAX_TRIES = 1000
ROUNDING = 1e-9  # of a float that a reader typed as it was shown


class Kind(enum.Enum):
    """How a question is answered."""

    SINGLE = "single"
    SEVERAL = "several"
    NUMBER = "number"
    SHAPE = "shape"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose; a wrong one says `why`."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True, slots=True)
class Misconception:
    """A typical wrong value, and what whoever gives it should read."""

    value: Expression
    why: str


@dataclass(frozen=True, slots=True)
class Point:
    """A point that a good short answer makes: one stem of each group in `words` has to occur."""

    text: str
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A question of a quiz file. `draw` are the values that each name may take; `let` are computed from them."""

    id: str
    kind: Kind
    text: str
    explanation: str
    line: int
    code: str = ""
    from_lecture: bool = False
    draw: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    where: Expression | None = None
    let: Mapping[str, Expression] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    answer: Expression | None = None
    tolerance: float = 0.0
    misconceptions: tuple[Misconception, ...] = ()
    points: tuple[Point, ...] = ()
    model_answer: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether it has other numbers each time."""
        return bool(self.draw)


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz file; `key` is its name without the suffix, as "2_convolution_layer"."""

    key: str
    title: str
    path: Path
    templates: tuple[Template, ...]

    def template(self, template_id: str) -> Template:
        """The question of that id; raises KeyError."""
        for template in self.templates:
            if template.id == template_id:
                return template
        raise KeyError(template_id)


class DrawError(Exception):
    """A template has no valid numbers; `key` is the part of it that has none."""

    def __init__(self, key: str, problem: str) -> None:
        self.key = key
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question with its numbers; `wrong` are the values of its misconceptions, in their order."""

    template: Template
    names: Mapping[str, Value]
    answer: Value = None
    wrong: tuple[Value, ...] = ()

    def fill(self, text: str) -> str:
        """A text of the template with the numbers in it."""
        return PLACEHOLDER.sub(lambda found: self.shown.get(found[1], found[0]), text)

    @property
    def shown(self) -> dict[str, str]:
        """What stands for each {name} in texts."""
        return {name: show(value) for name, value in {**self.names, "answer": self.answer}.items()}


def draw(template: Template, rng: random.Random) -> Drawn:
    """Draw a template's numbers and compute its key from them; raises DrawError where that cannot be."""
    names: dict[str, Value] = _drawn_names(template, rng)
    for name, expression in template.let.items():
        names[name] = _computed(f"let.{name}", expression, names)
    if template.answer is None:
        return Drawn(template, names)
    answer = _computed("answer", template.answer, names)
    wrong = tuple(
        _computed(f"misconceptions.{number}.value", misconception.value, {**names, "answer": answer})
        for number, misconception in enumerate(template.misconceptions)
    )
    return Drawn(template, names, answer, wrong)


def _drawn_names(template: Template, rng: random.Random) -> dict[str, Value]:
    for _ in range(MAX_TRIES):
        names = {name: rng.choice(values) for name, values in template.draw.items()}
        if template.where is None or _computed("where", template.where, names):
            return names
    raise DrawError("where", f"none of {MAX_TRIES} draws meets {template.where.source if template.where else ''}")


def _computed(key: str, expression: Expression, names: Mapping[str, Value]) -> Value:
    try:
        return expression.value(names)
    except ExpressionError as error:
        numbers = ", ".join(f"{name} = {show(value)}" for name, value in names.items())
        raise DrawError(key, f"{error}, drawn with {numbers or 'nothing'}") from None


def show(value: Value) -> str:
    """A value as texts have it: large numbers with commas, a shape as Python writes a tuple of them."""
    if isinstance(value, tuple):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)


def same(one: Value, other: Value, tolerance: float = 0.0) -> bool:
    """Whether two answers are the same: shapes exactly, numbers within the tolerance."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return bool(one == other)
    try:
        return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=tolerance + ROUNDING)
    except OverflowError:  # hundreds of digits are no answer to anything
        return False
