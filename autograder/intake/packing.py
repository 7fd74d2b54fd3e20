"""What was found as what JSON can say, and back: how it lies on a shelf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.intake.reading import Found
from autograder.submission import Source, StudentId, Submission


def pack_found(found: Found) -> object:
    """All of it."""
    return _source(found.source), found.parts, found.modified, found.problem, found.named, found.ours


def unpack_found(packed: Any) -> Found:
    """The very same."""
    source, parts, modified, problem, named, ours = packed
    return Found(_unpack_source(source), tuple(parts), modified, problem, named, ours)


def pack_student(student: StudentId) -> object:
    """All of it."""
    return student.id, student.name, student.email


def unpack_student(packed: Any) -> StudentId:
    """The very same."""
    return StudentId(*packed)


def pack_submission(made: Submission) -> object:
    """All of it."""
    weights = _source(made.weights) if made.weights else None
    return (
        *(pack_student(made.student), made.exercise, _source(made.source), made.digest, made.problem, weights),
        *(made.submitted_at, made.content, made.ours, made.marked_late),
    )


def unpack_submission(packed: Any) -> Submission:
    """The very same."""
    student, exercise, source, digest, problem, weights, *later = packed
    return Submission(
        *(unpack_student(student), exercise, _unpack_source(source), digest, problem),
        *(_unpack_source(weights) if weights else None, *later),
    )


def _source(source: Source) -> object:
    return str(source.path), source.members


def _unpack_source(packed: Any) -> Source:
    path, members = packed
    return Source(Path(path), tuple(members))
