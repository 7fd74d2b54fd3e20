"""What a quiz file may say, as pydantic models: only `reading` sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from autograder.quiz.values import Kind

Text = Annotated[str, Field(min_length=1, max_length=4000)]
EXAMPLES = {
    "title": "title: Anatomy of a convolution layer",
    "id": "id: output_size",
    "text": 'text: "How many ...?"',
    "answer": "answer: conv_output_size(input_size, kernel_size), a formula and never the number itself",
    "why": "why: one sentence that tells who chose this what is wrong with it",
    "right": "right: true",
    "tolerance": "tolerance: 0.01, a number from 0",
    "draw": "draw: {kernel_size: [3, 5, 7], input_size: {from: 8, to: 64}}",
    "where": "where: kernel_size <= input_size",
    "value": "value: answer + 1, a formula",
    "words": "words: [[share, same, reuse], [weight, kernel, filter]]",
    "explanation": "explanation: why the answer is right",
}


class Strict(BaseModel):
    """No unknown keys, no conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Range(Strict):
    """Whole numbers to draw from, both ends included."""

    from_: int = Field(alias="from")
    to: int
    step: int = Field(default=1, ge=1)


class ChoiceModel(Strict):
    """Something to choose."""

    text: Text
    right: bool = False
    why: str = ""


class MisconceptionModel(Strict):
    """A typical wrong value."""

    value: str | int
    why: Text


class PointModel(Strict):
    """A point that a good answer makes."""

    text: Text
    words: list[Annotated[list[Text], Field(min_length=1)]] = Field(min_length=1)


class QuestionModel(Strict):
    """What all kinds have."""

    id: str
    kind: Kind = Field(strict=False)
    text: Text
    explanation: Text
    code: str = ""
    lecture: bool = False
    draw: dict[str, Range | Annotated[list[int | float], Field(min_length=1)]] = {}
    where: str | None = None
    let: dict[str, str] = {}


class Choosing(QuestionModel):
    """Single choice, several choices."""

    choices: list[ChoiceModel] = Field(min_length=2, max_length=8)


class ShapeModel(QuestionModel):
    """A value that is typed."""

    answer: str
    misconceptions: list[MisconceptionModel] = Field(min_length=1)


class NumberModel(ShapeModel):
    """A number, exact or within a tolerance."""

    tolerance: float = Field(default=0.0, ge=0)


class Writing(QuestionModel):
    """Short text."""

    points: list[PointModel] = Field(min_length=1)
    model_answer: Text


class QuizModel(Strict):
    """The whole file; questions are parsed one by one, by their kind."""

    title: Text
    questions: list[Any] = Field(min_length=1)


MODELS: Mapping[Any, type[QuestionModel]] = {
    "single": Choosing,
    "several": Choosing,
    "number": NumberModel,
    "shape": ShapeModel,
    "text": Writing,
}
