"""Points that a person gave instead of the grader: who, when and why; never deleted, only undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

NAMES = "id, student, exercise, question, points, reason, made_by, made_at, undone_by, undone_at"


@dataclass(frozen=True, slots=True)
class Override:
    """A question's points as a person set them. Of those of one question that are not undone, the newest counts."""

    id: int
    student: str
    exercise: str
    question: str
    points: float
    reason: str
    made_by: str
    made_at: str
    undone_by: str = ""
    undone_at: str = ""

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back."""
        return bool(self.undone_at)


def every_override(connection: sqlite3.Connection) -> Iterator[Override]:
    """All that were ever made, the oldest first."""
    return (Override(*row) for row in connection.execute(f"SELECT {NAMES} FROM overrides ORDER BY id"))


def overrides_of(connection: sqlite3.Connection, student: str, exercise: str) -> Iterator[Override]:
    """Those of one report."""
    sql = f"SELECT {NAMES} FROM overrides WHERE student = ? AND exercise = ? ORDER BY id"
    return (Override(*row) for row in connection.execute(sql, (student, exercise)))


def in_force(overrides: Iterator[Override]) -> dict[tuple[str, str], tuple[Override, ...]]:
    """Those that count, by student and exercise."""
    newest = {(one.student, one.exercise, one.question): one for one in overrides if not one.is_undone}
    found: dict[tuple[str, str], tuple[Override, ...]] = {}
    for one in sorted(newest.values(), key=lambda one: one.id):
        whose = (one.student, one.exercise)
        found[whose] = (*found.get(whose, ()), one)
    return found
