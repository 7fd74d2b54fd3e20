"""`autograder new`: the files of an exercise that already validates, for an author to change."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import yaml

from autograder.build import build_exercise
from autograder.config import CONFIG_NAME, read_config
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.exercise import SLUG, read_exercise

NEW_COURSE = """\
# What every key means: docs and comments in the course that comes with cnn-autograder.
title: {title}
seed: 1          # hidden inputs are drawn from it: change it each term
exercises: {{}}
"""


def new_exercise(course: Course, name: str) -> tuple[Path, ...]:
    """Write solution, hidden cases, mistakes and config entry of a small exercise, and build its notebook.

    Raises:
        GraderError: the slug is malformed or there is such a file already; nothing is written then.
    """
    slug = _slug(course, name)
    targets = {
        "solution.txt": course.solution_path(slug),
        "hidden.txt": course.hidden_path(slug),
        "mistakes.txt": course.mistakes_path(slug),
    }
    for path in (*targets.values(), course.notebook_path(slug)):
        if path.exists():
            raise GraderError(f"{path} is there already\n    -> choose another slug, or remove that exercise first")
    for template, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template, slug), encoding="utf-8")
    _add_to_config(course.config.path, slug)
    course.notebook_path(slug).parent.mkdir(exist_ok=True)
    build_exercise(read_exercise(course.solution_path(slug)), course.notebook_path(slug).parent)
    return (*targets.values(), course.notebook_path(slug), course.config.path)


def new_course(folder: Path) -> Course:
    """Make an empty course in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    title = folder.resolve().name.replace("_", " ").replace("-", " ").capitalize()
    (folder / CONFIG_NAME).write_text(NEW_COURSE.format(title=title), encoding="utf-8")
    return open_course(folder)


def _slug(course: Course, name: str) -> str:
    if re.match(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", name):  # a topic alone gets the next number
        numbers = [int(slug[:2]) for slug in course.slugs]
        name = f"{max(numbers, default=0) + 1:02d}_{name}"
    if not SLUG.match(name):
        raise GraderError(f"{name!r} is not a slug\n    -> lower-case words and digits: 07_my_topic, or my_topic")
    return name


def _filled(template: str, slug: str) -> str:
    text = resources.files("autograder.scaffold").joinpath(template).read_text(encoding="utf-8")
    number, _, topic = slug.partition("_")
    return text.replace("TITLE", topic.replace("_", " ").capitalize()).replace("NUMBER", str(int(number)))


def _add_to_config(path: Path, slug: str) -> None:
    """Insert the exercise at the end of `exercises:`; comments and everything else stay as they are."""
    text = path.read_text(encoding="utf-8")
    if slug in {exercise.slug for exercise in read_config(path).exercises}:
        return
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None  # read_config has read it
    node = next(value for key, value in root.value if key.value == "exercises")
    entry = f"  {slug}:\n    points: 10\n"
    if node.flow_style:  # `exercises: {}`
        before, after = text[: node.start_mark.index], text[node.end_mark.index :]
        text = before.rstrip(" ") + "\n" + entry + after.lstrip("\n")
    else:
        end = _last_content(text, node.end_mark.index)
        text = text[:end] + "\n" + entry + text[end:].lstrip("\n")
    path.write_text(text, encoding="utf-8")


def _last_content(text: str, index: int) -> int:
    """Where the mapping's own last line ends: YAML counts the comments and blank lines below it in."""
    lines = text[:index].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return len("".join(lines).rstrip("\n"))
