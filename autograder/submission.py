"""A submission as a value: whose it is, which exercise, and where its bytes are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

NO_NOTEBOOK = "handed in no notebook"  # the problem of whoever handed in other files alone


def writable(name: str) -> str:
    """A name with what is not UTF-8 in it as visible escapes: neither a database nor a file takes it otherwise."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True, order=True)
class StudentId:
    """Who handed something in; `id` is what the gradebook is keyed by."""

    id: str
    name: str = field(default="", compare=False)
    email: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a notebook's bytes are: a file, or a member of a zip (of a zip)."""

    path: Path
    members: tuple[str, ...] = ()

    def __str__(self) -> str:
        return writable("!".join((str(self.path), *self.members)))


@dataclass(frozen=True, slots=True)
class Submission:
    """One notebook of one student, with the weights that lie beside it.

    `digest` is of its bytes, `content` of what decides about its grading: two files that differ in the form alone have
    the same. `problem` says why it cannot be graded, `ours` that it is this machine's; `exercise` is None where it is
    unknown. `submitted_at` is when it was handed in, in ISO 8601, where somebody other than the student says so;
    `marked_late` that the LMS calls it late without a time.
    """

    student: StudentId
    exercise: str | None
    source: Source
    digest: str
    problem: str | None = None
    weights: Source | None = None
    submitted_at: str = ""
    content: str = ""
    ours: bool = False
    marked_late: bool = False
