"""Digests that say whether a result is still what grading again would give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from autograder import __version__
from autograder.course import Course
from autograder.exercise import read_text

# An installed package carries the course's student side, in course/.
NOT_DECISIVE = ("course", "exports", "gradescope", "packaging", "site")


def engine_fingerprint() -> str:
    """The release and the source of this package: an edited engine is another one. Pages and exports grade nothing."""
    digest = hashlib.sha256(__version__.encode())
    package = Path(__file__).parent
    decisive = (path for path in package.rglob("*") if path.suffix in (".py", ".npz"))  # code, networks and images
    for path in sorted(decisive):
        if path.relative_to(package).parts[0] in NOT_DECISIVE:
            continue
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def exercise_parts(course: Course, slug: str, engine: str, data: str = "") -> dict[str, str]:
    """All that decides about a notebook beside itself, each with its digest.

    Raises:
        GraderError: one of the exercise's files, or its entry in the settings, is not there.
    """
    config = course.config.exercise(slug)
    # the feedback policy decides about a file's text, the weight about a course's total, lateness about what counts of
    # a score: none of them about the score
    decisive = (course.config.seed, config.points, config.warm, config.limits, config.training)
    texts = {
        "engine": engine,
        "solution": read_text(course.solution_path(slug)),
        "cases": read_text(course.hidden_path(slug)),
        "mistakes": read_text(course.mistakes_path(slug)),
        "settings": repr(decisive),
        "data": data,
        "quizzes": _quizzes(course, slug),
    }
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def _quizzes(course: Course, slug: str) -> str:
    """The quizzes, where the exercise has one for credit."""
    paths = course.quiz_paths(slug)
    return "".join(path.name + hashlib.sha256(read_text(path).encode()).hexdigest() for path in paths)


def fingerprint_of(parts: Mapping[str, str]) -> str:
    """One digest of an exercise's parts."""
    return hashlib.sha256("/".join(f"{name}={parts[name]}" for name in sorted(parts)).encode()).hexdigest()


def is_same_submission(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether two results were made from one submission, in whatever form: by the parts of their keys."""
    name = "content" if "content" in old else "submission"  # an earlier release knew the bytes alone
    return old.get(name) == new.get(name)


def submission_key(content_digest: str, exercise_digest: str, device: str) -> str:
    """What a report was made from; equal keys need no second grading."""
    return hashlib.sha256(f"{content_digest}/{exercise_digest}/{device}".encode()).hexdigest()
