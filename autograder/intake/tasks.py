"""Reads a submission's bytes when its turn comes, so that few are in memory."""

from __future__ import annotations

from pathlib import PurePosixPath

from autograder.intake.beside import read_weights_file
from autograder.intake.opening import Opener
from autograder.submission import Source, Submission
from autograder.task import Task


def task_of(submission: Submission, opener: Opener) -> Task:
    """The task, or the reason why there is none."""
    content = opener.read_source(submission.source) if submission.problem is None else None
    slug = submission.exercise or ""
    if content is None:
        return Task(slug, b"", submission.problem, submission.ours)
    weights = read_weights_file(submission.weights, opener) if submission.weights else None
    for one in (content, weights):
        if one and one.problem and (one is content or one.ours):
            return Task(slug, b"", one.problem, one.ours)
    # weights that are damaged are sent empty: the report then says so
    named = (_name(submission.weights), weights.data) if submission.weights and weights else None
    return Task(slug, content.data, weights=named, student=submission.student.id)


def _name(weights: Source) -> str:
    return PurePosixPath((weights.members or (weights.path.name,))[-1]).name
