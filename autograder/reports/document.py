"""The report of one submission as plain values: what the JSON files hold, versioned (docs/report.schema.json)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.exercise import Exercise
from autograder.expect import show
from autograder.judge import show_call
from autograder.messages import Answer, Exchange, Raised, Returned
from autograder.report import CaseResult, Report, Verdict

SCHEMA_VERSION = 1
SHOWN_CALLS = 3  # the last ones: the call that decided a case is the last that it made


class Status(enum.Enum):
    """How grading a submission ended. Whatever is ours to mend is `error`, and never a zero."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    UNKNOWN_EXERCISE = "unknown_exercise"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CallDocument:
    """A call that the judge made and what came back, as lines to read."""

    call: str
    answer: str


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """One hidden case. `message` and `calls` hold hidden inputs: for instructors.

    `error` is the type of the exception that the student's code raised, `mistake` the known mistake that explains it.
    """

    case: str
    title: str
    verdict: str
    points: float
    earned: float
    message: str
    hint: str
    mistake: str | None
    error: str
    calls: tuple[CallDocument, ...]


@dataclass(frozen=True, slots=True)
class QuestionDocument:
    """One question and its cases."""

    id: str
    title: str
    possible: float
    earned: float
    cases: tuple[CaseDocument, ...]


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that stopped with an error. Code cells are counted from 1."""

    cell: int
    outcome: str
    error: str


@dataclass(frozen=True, slots=True)
class RunDocument:
    """What running the notebook took. Seconds; memory in MiB at the peak; `output` is cut at 64 kB."""

    cells: int
    cell_errors: tuple[CellError, ...]
    attempts: int
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mb: float
    output: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how it was graded: what another run needs to give the same."""

    device: str
    tier: str
    missing_layers: tuple[str, ...]
    seeds: Mapping[str, int]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """All that is known about one graded submission."""

    schema_version: int
    exercise: str
    exercise_title: str
    status: str
    needs_review: bool
    note: str
    score: float
    possible: float
    questions: tuple[QuestionDocument, ...]
    run: RunDocument | None
    setting: Setting

    def to_json(self) -> dict[str, Any]:
        """As dicts and lists."""
        return asdict(self)


def question_documents(exercise: Exercise, report: Report) -> tuple[QuestionDocument, ...]:
    """The questions of an exercise with what a report says about them."""
    return tuple(
        QuestionDocument(
            question.id,
            question.title,
            question.points,
            round(sum(result.earned for result in report.of_question(question.id)), 6),
            tuple(_case(result) for result in report.of_question(question.id)),
        )
        for question in exercise.questions
    )


def _case(result: CaseResult) -> CaseDocument:
    calls = () if result.verdict is Verdict.PASSED else _calls(result.exchanges)
    return CaseDocument(
        result.case,
        result.title,
        result.verdict.value,
        result.points,
        round(result.earned, 6),
        result.message,
        result.hint,
        result.mistake,
        _error(result),
        calls,
    )


def _error(result: CaseResult) -> str:
    last = result.exchanges[-1].answer if result.exchanges else None
    if result.verdict is Verdict.RAISED and isinstance(last, Raised) and last.type_names:
        return last.type_names[0][:100]
    return ""


def _calls(exchanges: Sequence[Exchange]) -> tuple[CallDocument, ...]:
    return tuple(
        CallDocument(show_call(exchange.request), show_answer(exchange.answer)) for exchange in exchanges[-SHOWN_CALLS:]
    )


def show_answer(answer: Answer) -> str:
    """An answer as a line to read."""
    if isinstance(answer, Returned):
        return show(answer.value)
    if isinstance(answer, Raised):
        return f"raised {answer.type_names[0] if answer.type_names else 'Exception'}: {answer.message[:200]}"
    return answer.message
