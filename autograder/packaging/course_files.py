"""The part of a course that one exercise needs: nothing in it tells about the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from autograder.config import CONFIG_NAME
from autograder.course import Course
from autograder.exercise import read_text
from autograder.yaml_file import YamlFile

TESTS = "tests"


def course_files(course: Course, slug: str) -> Mapping[str, bytes]:
    """Each file by its path in the packaged course.

    Raises:
        GraderError: one of them is not there.
    """
    found = {
        CONFIG_NAME: _settings(course, slug),
        f"solutions/{slug}.py": _read(course.solution_path(slug)),
        f"{TESTS}/hidden/{slug}.py": _read(course.hidden_path(slug)),
        f"{TESTS}/mistakes/{slug}.py": _read(course.mistakes_path(slug)),
    }
    return found | {f"exercises/quizzes/{path.name}": _read(path) for path in course.quiz_paths(slug)}


def _settings(course: Course, slug: str) -> bytes:
    """The course's settings with this exercise alone."""
    said = dict(YamlFile.read(course.config.path).raw)
    said |= {"tests_dir": TESTS, "exercises": {slug: said["exercises"][slug]}}
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True).encode()


def _read(path: Path) -> bytes:
    return read_text(path).encode()
