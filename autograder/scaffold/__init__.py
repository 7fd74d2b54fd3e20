"""`autograder new`: the files of an exercise that already validates, for an author to change."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import yaml

from autograder.build import build_exercise
from autograder.config import CONFIG_NAME, read_config
from autograder.course import Course, open_course
from autograder.errors import GraderError, writing
from autograder.exercise import SLUG, read_exercise
from autograder.scaffold.undoing import all_or_nothing

NEWLINE = "\n"
TEMPLATES = ("solution.txt", "hidden.txt", "mistakes.txt")
POINTS = 10.0  # what the template's question is worth
TOPIC = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
NEW_COURSE = """\
# What every key means: docs and comments in the course that comes with cnn-autograder.
title: {title}
seed: {seed}  # hidden inputs are drawn from it: tell nobody, and take another each term
exercises: {{}}
"""


@dataclass(frozen=True, slots=True)
class Files:
    """The texts of an exercise's three files, and the points that its questions add up to."""

    solution: str
    hidden: str
    mistakes: str
    points: float


def new_exercise(course: Course, name: str, files: Files | None = None) -> tuple[Path, ...]:
    """Write solution, hidden cases, mistakes and config entry of an exercise, and build its notebook.

    `files` has their texts; None means a small exercise to be changed. On any error nothing is left of it.

    Raises:
        GraderError: the slug is malformed, there is such a file already, or the notebook cannot be built.
    """
    slug = slug_of(course.slugs, name)
    targets = (course.solution_path(slug), course.hidden_path(slug), course.mistakes_path(slug))
    for path in (*targets, course.notebook_path(slug)):
        if path.exists():
            raise GraderError(f"{path} is there already\n    -> choose another slug, or remove that exercise first")
    notebook, config = course.notebook_path(slug), course.config.path
    try:
        with all_or_nothing(*targets, notebook, course.checks_dir(slug), config):
            _write(course, slug, targets, files or template(slug))
    except GraderError as error:
        raise GraderError(f"{error}\n(Nothing was made: what was written is gone again.)") from None
    return (*targets, notebook, config)


def _write(course: Course, slug: str, targets: Sequence[Path], made: Files) -> None:
    for path, text in zip(targets, (made.solution, made.hidden, made.mistakes), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _add_to_config(course.config.path, slug, made.points)
    course.notebook_path(slug).parent.mkdir(exist_ok=True)
    build_exercise(read_exercise(course.solution_path(slug)), course.notebook_path(slug).parent, course.config.install)


def new_course(folder: Path, seed: int) -> Course:
    """Make an empty course in `folder`; raises GraderError where it cannot be written."""
    title = json.dumps(folder.resolve().name.replace("_", " ").replace("-", " ").capitalize(), ensure_ascii=False)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CONFIG_NAME).write_text(NEW_COURSE.format(title=title, seed=seed), encoding="utf-8")
    return open_course(folder)


def random_seed() -> int:
    """A seed of 18 digits, for a course: nobody guesses it, and no sheet of a quiz for credit gives it away."""
    return secrets.randbelow(9 * 10**17) + 10**17


def slug_of(slugs: Sequence[str], name: str) -> str:
    """The slug that a name means, a topic's with the next number.

    Raises:
        GraderError: it is neither a slug nor a topic, or an exercise has that topic already.
    """
    for slug in slugs:
        if SLUG.match(slug) and slug[3:] == name:
            raise GraderError(
                f"{slug} is there already\n    -> choose another name, or remove that exercise: {removal(slug)}"
            )
    if TOPIC.match(name):  # a topic alone gets the next number
        numbers = [int(slug[:2]) for slug in slugs if SLUG.match(slug)]
        name = f"{max(numbers, default=0) + 1:02d}_{name}"
    refuse_malformed(name)
    return name


def removal(slug: str) -> str:
    """What an exercise consists of, in words."""
    sources = f"solutions/{slug}.py, tests/hidden/{slug}.py, tests/mistakes/{slug}.py"
    return f"{sources}, exercises/{slug}.ipynb, exercises/checks/{slug}/ and its entry in {CONFIG_NAME}"


def refuse_malformed(name: str) -> None:
    """Raise GraderError where `name` is neither a slug nor a topic."""
    if not SLUG.match(name) and not TOPIC.match(name):
        raise GraderError(f"{name!r} is not a slug\n    -> lower-case words and digits: 07_my_topic, or my_topic")


def template(slug: str) -> Files:
    """A small exercise about the mean of a patch, which validates as it is."""
    solution, hidden, mistakes = (_filled(name, slug) for name in TEMPLATES)
    return Files(solution, hidden, mistakes, POINTS)


def _filled(template: str, slug: str) -> str:
    text = resources.files("autograder.scaffold").joinpath(template).read_text(encoding="utf-8")
    number, _, topic = slug.partition("_")
    return text.replace("TITLE", topic.replace("_", " ").capitalize()).replace("NUMBER", str(int(number)))


def _add_to_config(path: Path, slug: str, points: float) -> None:
    """Insert the exercise at the end of `exercises:`; comments and everything else stay as they are."""
    text = path.read_text(encoding="utf-8")
    if slug in {exercise.slug for exercise in read_config(path).exercises}:
        return
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None  # read_config has read it
    node = next(value for key, value in root.value if key.value == "exercises")
    key = slug if yaml.safe_load(slug) == slug else f'"{slug}"'  # 02_1 is a number to YAML
    indent = " " * (node.value[0][0].start_mark.column if node.value and not node.flow_style else 2)
    entry = f"{indent}{key}:\n{indent}  points: {points:g}"
    if not node.flow_style:
        end = _last_content(text, node.end_mark.index)
        text = f"{text[:end]}\n{entry}\n{text[end:].removeprefix(NEWLINE)}"
    elif node.value:  # `exercises: {01_sizes: {points: 100}}`
        end = node.value[-1][1].end_mark.index
        text = f"{text[:end]}, {key}: {{points: {points:g}}}{text[end:]}"
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
