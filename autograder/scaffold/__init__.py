"""`autograder new`: the files of an exercise that already validates, for an author to change."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import yaml

from autograder.build import build_exercise
from autograder.config import CONFIG_NAME, read_config
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.exercise import SLUG, read_exercise

NEWLINE = "\n"
TOPIC = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
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
    (folder / CONFIG_NAME).write_text(NEW_COURSE.format(title=json.dumps(title, ensure_ascii=False)), encoding="utf-8")
    return open_course(folder)


def _slug(course: Course, name: str) -> str:
    if TOPIC.match(name):  # a topic alone gets the next number
        numbers = [int(slug[:2]) for slug in course.slugs if SLUG.match(slug)]
        name = f"{max(numbers, default=0) + 1:02d}_{name}"
    refuse_malformed(name)
    return name


def refuse_malformed(name: str) -> None:
    """Raise GraderError where `name` is neither a slug nor a topic."""
    if not SLUG.match(name) and not TOPIC.match(name):
        raise GraderError(f"{name!r} is not a slug\n    -> lower-case words and digits: 07_my_topic, or my_topic")


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
    key = slug if yaml.safe_load(slug) == slug else f'"{slug}"'  # 02_1 is a number to YAML
    indent = " " * (node.value[0][0].start_mark.column if node.value and not node.flow_style else 2)
    entry = f"{indent}{key}:\n{indent}  points: 10"
    if not node.flow_style:
        end = _last_content(text, node.end_mark.index)
        text = f"{text[:end]}\n{entry}\n{text[end:].removeprefix(NEWLINE)}"
    elif node.value:  # `exercises: {01_sizes: {points: 100}}`
        end = node.value[-1][1].end_mark.index
        text = f"{text[:end]}, {key}: {{points: 10}}{text[end:]}"
    else:  # `exercises: {}`
        before, after = text[: node.start_mark.index], text[node.end_mark.index :]
        text = f"{before.rstrip(' ')}\n{entry}\n{after.removeprefix(NEWLINE)}"
    path.write_text(text, encoding="utf-8")


def _last_content(text: str, index: int) -> int:
    """Where the mapping's own last line ends: YAML counts the comments and blank lines below it in."""
    lines = text[:index].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return len("".join(lines).rstrip("\n"))
