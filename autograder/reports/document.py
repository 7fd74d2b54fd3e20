"""The report of one submission as plain values: what the JSON files hold, versioned (docs/report.schema.json)."""

from __future__ import annotations

import base64
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
    """The student's function with its arguments, as a line of Python. Holds hidden inputs."""
    answer: str
    """The value that came back, `raised ...` with the exception, or why no answer came."""


@dataclass(frozen=True, slots=True)
class FigureDocument:
    """A figure of the student's, as PNG in base64. It came from the student's process: show it, do not believe it."""

    name: str
    """What it shows: the hidden case's own name for it."""
    png: str
    """The bytes of the PNG file in base64."""


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """One hidden case. `message` and `calls` hold hidden inputs and expected values: for instructors."""

    case: str
    """The name of the case's function under tests/hidden/."""
    title: str
    """What the case claims, in words."""
    verdict: str
    """How it ended. `judge_error` is a fault of the case or of ours: it asks for review."""
    points: float
    """What it is worth."""
    earned: float
    """What the student earned for it: all, nothing, or a part where the verdict is `partial`."""
    message: str
    """Why it did not pass, with the call that decided; empty where it passed."""
    hint: str
    """What helps a student who fails it: the mistake's hint where one explains the answers, else the case's own."""
    mistake: str | None
    """The known mistake, under tests/mistakes/, that gives this student's answers; null where none does."""
    error: str
    """The type of the exception that the student's code raised where the verdict is `raised`; else empty."""
    calls: tuple[CallDocument, ...]
    """The last calls of the case, at most three; none where it passed."""
    figures: tuple[FigureDocument, ...]
    """Figures that the case kept: a plot's own axes are judged, the picture is for people."""
    undefined: str = ""
    """The name that the case came to and that the notebook does not define; then the hint says so. Else empty."""


@dataclass(frozen=True, slots=True)
class QuestionDocument:
    """One question and its cases."""

    id: str
    """q1, q2, ...: the column of scores.csv."""
    title: str
    """The question's title."""
    possible: float
    """Points that it is worth."""
    earned: float
    """Points that the student earned: the sum over its cases."""
    cases: tuple[CaseDocument, ...]
    """Its hidden cases, in the order of the file; none where the notebook could not be read."""


@dataclass(frozen=True, slots=True)
class CellError:
    """A code cell that stopped with an error; the cells after it ran all the same."""

    cell: int
    """Which code cell, counted from 1."""
    outcome: str
    """`error` for an exception, `died` where the process ended or was stopped in it."""
    error: str
    """The exception, or why the process ended. Text of the student's making."""
    line: str = ""
    """The cell's first line, to find it by; empty in reports of releases that kept none. The student's own."""


@dataclass(frozen=True, slots=True)
class OutputDocument:
    """One output of a code cell while it was graded. It came from the student's process: show it, do not believe it."""

    kind: str
    """`stdout` or `stderr` for printed text, `display` for a value or a picture, `error` for a traceback, `omitted`."""
    text: str
    """The text, its middle left out where it is long; beside a picture what it stands for; what is omitted, and why."""
    html: str
    """The HTML of a table or the like, as the student's code wrote it: not to be shown before it was made harmless."""
    png: str
    """A picture: the bytes of a PNG file in base64. The file was checked, and made anew without its other contents."""


@dataclass(frozen=True, slots=True)
class CellOutputsDocument:
    """What a code cell printed, showed and drew while it was graded, before anything hidden was asked."""

    cell: int
    """Which code cell, counted from 1."""
    outcome: str
    """`ok`, `error`, `died`, or `skipped` where it is one that the notebook brings along, unchanged."""
    outputs: tuple[OutputDocument, ...]
    """Its outputs in order; none where it printed nothing."""


@dataclass(frozen=True, slots=True)
class RunDocument:
    """What running the notebook took, all attempts together."""

    cells: int
    """How many code cells were run."""
    cell_errors: tuple[CellError, ...]
    """The first cells that stopped with an error."""
    more_errors: int
    """How many more did."""
    attempts: int
    """How often a process was started for it: more than 1 where one ended before all cases were asked."""
    wall_seconds: float
    """Seconds that the judge waited for the submission."""
    cpu_seconds: float
    """Seconds of processor time."""
    peak_memory_mb: float
    """Memory at the peak, in MiB."""
    output: str
    """What the notebook printed, cut in the middle where it is long. Evidence only: it never earns or costs points."""
    outputs: tuple[CellOutputsDocument, ...] | None = None
    """The outputs of each code cell that was reached, the first 300; null in reports of releases that kept none."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how it was graded: what another run needs to give the same."""

    device: str
    """The device that notebooks ran on."""
    data: str
    """Which data was trained on, and where it was found; empty where none was."""
    tier: str
    """How well student code was confined: see `autograder doctor`."""
    missing_layers: tuple[str, ...]
    """Layers of confinement that this machine lacked."""
    seeds: Mapping[str, int]
    """`course` draws the hidden inputs, `notebook` is what each student's process starts with."""
    versions: Mapping[str, str]
    """Releases of this package, of Python and of what notebooks use."""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """All that is known about one graded submission."""

    schema_version: int
    """The version of this schema; it grows where a field changes its meaning or goes."""
    exercise: str
    """The exercise's slug; `unknown-1` ... where nothing said which one it is."""
    exercise_title: str
    """The exercise's title."""
    status: str
    """`graded`; `unreadable` for a file that is no notebook; `unknown_exercise`; `error` for a fault of ours."""
    needs_review: bool
    """Whether a person must look at it before the points count."""
    note: str
    """Why it was not graded, or what asks for review; empty otherwise."""
    score: float
    """Points earned, the sum over the questions."""
    possible: float
    """Points that could be earned."""
    questions: tuple[QuestionDocument, ...]
    """The questions, in order; none where it was not graded."""
    run: RunDocument | None
    """What running the notebook took; null where it did not run."""
    setting: Setting
    """Where and how it was graded."""

    def to_json(self) -> dict[str, Any]:
        """As dicts and lists."""
        return asdict(self)


def last_line(document: Mapping[str, Any]) -> str:
    """The end of a report's note, where a traceback says what happened."""
    return str(document["note"]).strip().rpartition("\n")[2]


def cell_label(error: Mapping[str, Any]) -> str:
    """How people find the cell of a report's `CellError`: its number and its first line, which is the student's own."""
    return f"{error['cell']} · {error['line']}" if error.get("line") else str(error["cell"])


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
        tuple(FigureDocument(figure.name, base64.b64encode(figure.png).decode()) for figure in result.figures),
        result.undefined,
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
