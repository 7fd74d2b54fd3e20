"""Digests that say whether a result is still what grading again would give."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autograder import __version__
from autograder.course import Course
from autograder.exercise import read_text


def engine_fingerprint() -> str:
    """The release and the source of this package: an edited engine is another engine."""
    digest = hashlib.sha256(__version__.encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def exercise_fingerprint(course: Course, slug: str, engine: str, data: str = "") -> str:
    """All that decides about a notebook beside itself: solution, cases, mistakes, settings, data, engine.

    Raises:
        GraderError: one of the exercise's files, or its entry in the settings, is not there.
    """
    digest = hashlib.sha256(engine.encode())
    for path in (course.solution_path(slug), course.hidden_path(slug), course.mistakes_path(slug)):
        digest.update(hashlib.sha256(read_text(path).encode()).digest())
    if "quiz" in read_text(course.hidden_path(slug)):  # a quiz for credit
        for path in sorted((course.root / "exercises" / "quizzes").glob("*.yaml")):
            digest.update(path.name.encode() + hashlib.sha256(read_text(path).encode()).digest())
    config = course.config.exercise(slug)
    # the feedback policy decides about a file's text, the weight about a course's total: neither about this score
    decisive = (course.config.seed, config.points, config.warm, config.limits, config.training, data)
    digest.update(repr(decisive).encode())
    return digest.hexdigest()


def submission_key(content_digest: str, exercise_digest: str, device: str) -> str:
    """What a report was made from; equal keys need no second grading."""
    return hashlib.sha256(f"{content_digest}/{exercise_digest}/{device}".encode()).hexdigest()
