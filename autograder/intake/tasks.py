"""Reads a submission's bytes when its turn comes, so that few are in memory."""

from __future__ import annotations

from pathlib import PurePosixPath

from autograder.intake.beside import read_weights_file
from autograder.intake.opening import Opener
from autograder.submission import Submission
from autograder.task import Task


def task_of(submission: Submission, opener: Opener) -> Task:
    """The task, or the reason why there is none."""
    content = opener.read_source(submission.source) if submission.problem is None else None
    if content is None or content.problem:
        return Task(submission.exercise or "", b"", content.problem if content else submission.problem)
    student = submission.student.id
    return Task(submission.exercise or "", content.data, weights=_weights(submission, opener), student=student)


def _weights(submission: Submission, opener: Opener) -> tuple[str, bytes] | None:
    """A weights file as it was handed in. One that cannot be read is sent empty: the report then says so."""
    if submission.weights is None:
        return None
    inside = submission.weights.members or (submission.weights.path.name,)
    return PurePosixPath(inside[-1]).name, read_weights_file(submission.weights, opener).data
