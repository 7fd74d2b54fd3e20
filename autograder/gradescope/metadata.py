"""submission_metadata.json: whose a submission is, when it came, what was due. Gradescope writes it, not a student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from autograder.late import LatePolicy, read_moment
from autograder.submission import StudentId, writable

MAX_BYTES = 64 * 2**20  # it holds the results of the submission before, pictures and all
NOBODY = StudentId("unknown")


def _or_nothing(value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """What is beside the point and malformed is as if it were not there: it may not cost the rest."""
    try:
        return read(value)
    except ValidationError:
        return () if info.field_name == "previous_submissions" else None


class _Lenient(BaseModel):
    """Numbers are texts at times, texts are null, and more is there than is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class _Assignment(_Lenient):
    due_date: str | None = None
    title: Annotated[str | None, WrapValidator(_or_nothing)] = None
    total_points: Annotated[float | None, WrapValidator(_or_nothing)] = None


class _User(_Lenient):
    id: str | None = None
    email: str | None = None
    name: str | None = None
    assignment: _Assignment | None = None  # with a due date of the student's own: an extension


class _Earlier(_Lenient):
    score: float | None = None
    autograder_error: bool | None = None


class _File(_Lenient):
    created_at: str | None = None
    assignment: _Assignment | None = None
    users: tuple[_User, ...] = ()
    previous_submissions: Annotated[tuple[_Earlier, ...], WrapValidator(_or_nothing)] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a submission beside its files; `problem` says why that is nothing.

    `due` is the latest date of those that hold for its students, `before` the points of the submission before this one.
    Both are None where nothing is said. `total_points` includes those for what people grade by hand.
    """

    students: tuple[StudentId, ...] = (NOBODY,)
    submitted_at: str = ""
    due: datetime | None = None
    total_points: float | None = None
    attempt: int = 1
    before: float | None = None
    problem: str = ""

    @property
    def student(self) -> StudentId:
        """Of a group the first: who is named there, decides nothing but a quiz's numbers."""
        return self.students[0]

    def late_percent(self, late: LatePolicy | None) -> float:
        """What lateness costs. The course says how much, and Gradescope, where it names a date, from when on."""
        if late is None:
            return 0.0
        return replace(late, due=self.due or late.due).percent(self.submitted_at)


def read_metadata(path: Path) -> Metadata:
    """What the file says; an empty Metadata with the reason where it cannot be read."""
    try:
        with path.open("rb") as file:
            said = _File.model_validate_json(file.read(MAX_BYTES))
    except OSError as error:
        return Metadata(problem=f"{path.name} cannot be read ({error.strerror})")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return Metadata(problem=f"{path.name}: {'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}")
    assignment = said.assignment or _Assignment()
    counted = [earlier for earlier in said.previous_submissions if not earlier.autograder_error]
    return Metadata(
        tuple(_students(said.users)) or (NOBODY,),
        said.created_at or "",
        max(_due(said, assignment), default=None),
        assignment.total_points,
        len(counted) + 1,
        counted[-1].score if counted else None,
    )


def _students(users: tuple[_User, ...]) -> Iterator[StudentId]:
    for user in users:
        email, name = writable(user.email or ""), writable(user.name or "")
        if email or user.id or name:
            yield StudentId(email or user.id or name, name, email)


def _due(said: _File, assignment: _Assignment) -> Iterator[datetime]:
    for user in said.users or (_User(),):
        own = (user.assignment.due_date if user.assignment else None) or assignment.due_date
        moment = read_moment(own or "")
        if moment is not None:
            yield moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
