"""Courses that are loaded once, and submissions that run in this process instead of a sandbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commands import Command, Outcome, command

from autograder.course import Course, Suite, open_course
from autograder.diagnosis import Diagnosis, mistaken
from autograder.exercise import Exercise
from autograder.intake.opening import Opener
from autograder.judge import judge, scripts_of
from autograder.local import LocalSession
from autograder.namespace import notebook_namespace, reference_namespace
from autograder.report import Report
from autograder.script import Script
from autograder.student import Session

__all__ = ["Command", "Outcome", "Unprivileged", "command"]

NOBODY = 65534
Unprivileged = Callable[[], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, repr=False)
class Loaded:
    """An exercise with all that judging needs."""

    course: Course
    exercise: Exercise
    suite: Suite
    reference: Mapping[str, Any]
    diagnosis: Diagnosis
    scripts: Mapping[str, Script]

    @classmethod
    def of(cls, course: Course, slug: str) -> Loaded:
        exercise, suite = course.exercise(slug), course.suite(slug)
        reference = reference_namespace(exercise)
        diagnosis = Diagnosis(exercise, suite, reference)
        right = judge(slug, suite, LocalSession(reference), diagnosis, seed=course.config.seed)
        return cls(course, exercise, suite, reference, diagnosis, scripts_of(right))

    def judge(self, session: Session, *, scripts: bool) -> Report:
        asked = self.scripts if scripts else None
        seed = self.course.config.seed
        return judge(self.exercise.slug, self.suite, session, self.diagnosis, seed=seed, scripts=asked)

    def namespaces(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The reference, the untouched stub and each mistake, as students of those names."""
        yield "reference", self.reference
        yield "stub", notebook_namespace(self.course.notebook_path(self.exercise.slug))
        for mistake in self.suite.mistakes:
            yield mistake.name, mistaken(self.exercise, self.reference, mistake)


@pytest.fixture(scope="session")
def demo(scaffolded: Path) -> Loaded:
    """The exercise that the scaffold makes."""
    return Loaded.of(open_course(scaffolded), "01_demo")


@pytest.fixture(scope="session")
def output_size(repository: Path) -> Loaded:
    """Exercise 1 of this project's own course."""
    pytest.importorskip("torch")
    return Loaded.of(open_course(repository), "01_output_size")


@pytest.fixture
def opener() -> Iterator[Opener]:
    with Opener() as made:
        yield made


@pytest.fixture
def unprivileged() -> Unprivileged:
    """Permissions count within it, for root, too: who grades in a container is root."""

    @contextlib.contextmanager
    def switched() -> Iterator[None]:
        before = os.geteuid()
        os.seteuid(before or NOBODY)
        try:
            yield
        finally:
            os.seteuid(before)

    return switched


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody reaches: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o777)
    shutil.rmtree(folder)
