"""Quiz files, parsed once into frozen values; every complaint names file, line, question and key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from autograder.errors import Complaint, CourseError
from autograder.quiz.consistency import inconsistencies
from autograder.quiz.expressions import Expression, Value
from autograder.quiz.schema import (
    EXAMPLES,
    MODELS,
    ChoiceModel,
    Choosing,
    MisconceptionModel,
    NumberModel,
    PointModel,
    QuestionModel,
    QuizModel,
    Range,
    ShapeModel,
    Strict,
    Writing,
)
from autograder.quiz.values import Choice, Misconception, Point, Quiz, Template
from autograder.yaml_file import Location, YamlFile, did_you_mean


def read_quiz(path: Path) -> Quiz:
    """Read a quiz file.

    Raises:
        CourseError: everything that is wrong with it, at once, with line, question and key.
    """
    return _Reader(YamlFile.read(path)).read()


class _Reader:
    """Collects complaints while it turns one file into values."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.complaints = list(file.duplicate_keys())
        self.lines: dict[str, int] = {}

    def read(self) -> Quiz:
        parsed = self.parse(QuizModel, self.file.raw, ())
        questions = parsed.questions if isinstance(parsed, QuizModel) else []
        templates = [self.question(number, raw) for number, raw in enumerate(questions)]
        if self.complaints:
            raise CourseError(self.complaints)
        assert isinstance(parsed, QuizModel)  # else there is a complaint
        return Quiz(self.file.path.stem, parsed.title, self.file.path, tuple(filter(None, templates)))

    def parse(self, model: type[Strict], raw: Any, within: Location, name: str = "") -> Strict | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for problem in _first_of_each_place(error):
                said = problem | {"loc": (*within, *problem["loc"])}
                complaint = self.file.complaint(
                    said, lambda place: did_you_mean(place, _model_of(place, model)), lambda key: EXAMPLES.get(key, "")
                )
                self.complaints.append(_named(complaint, within, name))
            return None

    def question(self, number: int, raw: Any) -> Template | None:
        within: Location = ("questions", number)
        kind = raw.get("kind") if isinstance(raw, dict) else None
        name = str(raw.get("id", "")) if isinstance(raw, dict) else ""
        # an unknown kind is one complaint: what else the question needs depends on it
        model = MODELS.get(kind if isinstance(kind, str) else None)
        if model is None:
            problem = "is missing" if kind is None else f"is not known (it says {kind!r})"
            place = self.file.place((*within, "kind"))
            complaint = Complaint(place, problem, f"kind: one of {', '.join(map(str, MODELS))}")
            self.complaints.append(_named(complaint, within, name))
            return None
        parsed = self.parse(model, raw, within, name)
        if not isinstance(parsed, QuestionModel):
            return None
        found = list(self.problems(parsed, within))
        self.complaints += (_named(complaint, within, name) for complaint in found)
        return None if found else _template(parsed, self.file.line(within))

    def problems(self, question: QuestionModel, within: Location) -> Iterator[Complaint]:
        if question.id in self.lines:
            problem = f"is {question.id!r}, as in line {self.lines[question.id]}"
            yield Complaint(self.file.place((*within, "id")), problem, "give each question an id of its own")
        self.lines.setdefault(question.id, self.file.line(within))
        for key, problem, remedy in inconsistencies(question):
            yield Complaint(self.file.place((*within, *key)), problem, remedy)


def _template(question: QuestionModel, line: int) -> Template:
    template = Template(
        question.id,
        question.kind,
        question.text.strip(),
        question.explanation.strip(),
        line,
        code=question.code.strip("\n"),
        from_lecture=question.lecture,
        draw={name: _values(values) for name, values in question.draw.items()},
        where=None if question.where is None else Expression.parse(question.where),
        let={name: Expression.parse(source) for name, source in question.let.items()},
    )
    match question:
        case Choosing():
            choices = (Choice(choice.text, choice.right, choice.why) for choice in question.choices)
            return replace(template, choices=tuple(choices))
        case ShapeModel():
            wrong = (Misconception(Expression.parse(str(one.value)), one.why) for one in question.misconceptions)
            tolerance = question.tolerance if isinstance(question, NumberModel) else 0.0
            answer = Expression.parse(question.answer)
            return replace(template, answer=answer, tolerance=tolerance, misconceptions=tuple(wrong))
        case Writing():
            points = (Point(point.text, tuple(map(tuple, point.words))) for point in question.points)
            return replace(template, points=tuple(points), model_answer=question.model_answer.strip())
    raise TypeError(type(question).__name__)


def _values(values: Range | list[int | float]) -> tuple[Value, ...]:
    return tuple(range(values.from_, values.to + 1, values.step)) if isinstance(values, Range) else tuple(values)


def _first_of_each_place(error: ValidationError) -> Iterator[dict[str, Any]]:
    """A value that may have one of two types fails once for each: the first, or what is wrong inside, says enough."""
    seen: set[tuple[Any, ...]] = set()
    for problem in error.errors():
        place = tuple(part for part in problem["loc"] if not str(part).startswith(("Range", "constrained", "list[")))
        place = place[:-1] if place[-1:] in (("str",), ("int",), ("float",)) else place
        if not any(before[: len(place)] == place for before in seen):
            seen.add(place)
            yield {**problem, "loc": place}


def _model_of(place: Location, model: type[Strict]) -> type[Strict]:
    inner: dict[str, type[Strict]] = {
        "choices": ChoiceModel,
        "misconceptions": MisconceptionModel,
        "points": PointModel,
        "draw": Range,
    }
    return next((inner[str(part)] for part in place[:-1] if str(part) in inner), model)


def _named(complaint: Complaint, within: Location, name: str) -> Complaint:
    """The complaint with the question's id in the place of its number, where it has one."""
    number = ".".join(map(str, within))
    named = complaint.where.replace(f": {number}", f": {name}", 1) if name and number else complaint.where
    return replace(complaint, where=named)
