"""package: the zip for Gradescope, and what to do with it. Also what that zip runs there."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from autograder.batch import MAX_ADDRESS_SPACE
from autograder.cli.summary import plain_console
from autograder.config import ExerciseConfig, FeedbackPolicy
from autograder.course import find_course
from autograder.errors import GraderError
from autograder.exports.gradescope import VISIBLE
from autograder.gradescope.grading import Layout, Wishes, grade
from autograder.packaging.archive import Package, made_zip
from autograder.packaging.needs import room
from autograder.reports.files import write_output

OK = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for; a `visibility` of None is the feedback policy's own."""

    exercise: str
    output: Path
    visibility: str | None
    allow_weak: bool
    extra_index_url: str | None
    course: Path | None


def package(wish: Wish) -> int:
    """Write the zip, and say how the assignment is set up with it."""
    console = plain_console(soft_wrap=True)
    if wish.output.is_dir():
        raise GraderError(f"{wish.output} is a folder\n    -> name a file with -o")
    course = find_course(wish.course)
    (slug,) = course.select([wish.exercise])
    config = course.config.exercise(slug)
    seen = wish.visibility or _default_visibility(config)
    data = made_zip(course, Package(slug, seen, wish.allow_weak, wish.extra_index_url))
    write_output(wish.output, data)
    needed = room(config)
    console.print(f"written   {wish.output} ({len(data) / 2**20:.1f} MiB): keep it private, the answers are in it")
    console.print(f"points    {config.points:g}: give the assignment's autograder as many")
    console.print(f"container {needed.container}, timeout {needed.minutes} minutes")
    console.print(f"students  read `feedback: {config.feedback.value}`, {seen.replace('_', ' ')}")
    if wish.allow_weak:
        console.print(
            Text("weak sandbox allowed: read docs/gradescope.md about what then protects the tests", "yellow")
        )
    console.print("Now: Gradescope, your assignment, Configure Autograder, upload it, then Test Autograder.")
    return OK


def _default_visibility(config: ExerciseConfig) -> str:
    """At once; but who may hand in again must not read expected values before that ends."""
    return "after_due_date" if config.feedback is FeedbackPolicy.FULL else VISIBLE


def grade_there(root: Path, course: Path, exercise: str, visibility: str, *, allow_weak: bool) -> int:
    """Grade the one submission that is there; gives the exit code."""
    # an answer that unfolds in the judge ends as MemoryError here, as in a worker of `autograder grade`
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))
    return grade(Layout(root), Wishes(course, exercise, visibility, allow_weak), lambda text: print(text, flush=True))
