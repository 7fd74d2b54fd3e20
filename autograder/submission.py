"""A submission as a value: whose it is, which exercise, and where its bytes are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


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
        return "!".join((str(self.path), *self.members))


@dataclass(frozen=True, slots=True)
class Submission:
    """One notebook of one student. `problem` says why it cannot be graded; `exercise` is None where unknown."""

    student: StudentId
    exercise: str | None
    source: Source
    digest: str
    problem: str | None = None
