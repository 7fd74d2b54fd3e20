"""The commands of those who make a course: build, validate, new, sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.helping import Command
from autograder.cli.parameters import CourseDir, Slugs


def register(app: typer.Typer) -> None:
    """Add these commands to the others."""
    for command in (build, validate, new, sample):
        app.command(cls=Command)(command)


def build(
    slugs: Slugs = None,
    course: CourseDir = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing: exit 1 where a file is stale.")] = False,
) -> None:
    """Make student notebooks and public checks from solutions/.

    \b
    Examples:  autograder build            all exercises
               autograder build 1 3        exercises 1 and 3
               autograder build --check    for CI: is exercises/ what its sources make?
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.build(slugs or [], course, check=check))


def validate(slugs: Slugs = None, course: CourseDir = None) -> None:
    """Prove that the assessment itself is right.

    For each exercise: the built notebook is up to date; the reference solution earns full marks; the untouched stub
    earns zero; each mistake is caught by the case that it names and its hint is what the student reads; each hidden
    case catches a mistake; no solution line stands under exercises/. Without SLUG also each quiz: every template drawn
    200 times is valid, unambiguous, and none of its wrong answers is right. Exits 1 with the first thing to mend.
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.validate(slugs or [], course))


def new(
    slug: Annotated[
        str,
        typer.Argument(metavar="SLUG", help="As 07_transfer_learning; transfer_learning gets the next number."),
    ],
    master: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="NOTEBOOK", help="Convert Otter Assign's master notebook, or nbgrader's source."
        ),
    ] = None,
    course: CourseDir = None,
) -> None:
    """Start an exercise, as files that already validate.

    They are for you to change. With --from, the exercise is what a master notebook of Otter Assign's or a source
    notebook of nbgrader's has: prose, solutions, points, its public tests as checks, all its tests as hidden cases.
    What cannot be translated is said. With --course DIR of a folder that is not a course yet, a new course is made
    there.

    \b
    Examples:  autograder new transfer_learning
               autograder new padding --from hw2.ipynb
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.new(slug, course, master))


def sample(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the submissions.")],
    slugs: Slugs = None,
    size: Annotated[int, typer.Option(min=3, max=100_000, metavar="N", help="About how many submissions.")] = 30,
    course: CourseDir = None,
) -> None:
    """Make a sample class to try grading with.

    Its notebooks are right, untouched, mistaken, hostile and broken ones.

    \b
    Examples:  autograder sample class/          of all exercises
               autograder sample class/ 1 --size 12
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.sample(folder, slugs or [], size, course))
