"""The commands. Each imports what it needs when it runs, so that --help starts fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import __version__

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Assessment for deep-learning courses.

Authors edit solutions/ and tests/, then `build` student notebooks and `validate` the assessment.
A course is a folder with a grading_config.yaml; commands use the current folder's, or --course DIR.""",
    epilog="Exit codes: 0 all is well, 1 something to look at, 2 wrong usage or a broken set-up.",
)

Slugs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SLUG]...", help="Exercises, as 01_output_size, output_size or 1. None means all."),
]
CourseDir = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course's folder. Default: the current one."),
]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Options that stand before a command."""


@app.command()
def build(
    slugs: Slugs = None,
    course: CourseDir = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing: exit 1 where a file is stale.")] = False,
) -> None:
    """Make student notebooks and public checks from solutions/.

    Examples:  autograder build            all exercises
               autograder build 1 3        exercises 1 and 3
               autograder build --check    for CI: is exercises/ what its sources make?
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.build(slugs or [], course, check=check))


@app.command()
def validate(slugs: Slugs = None, course: CourseDir = None) -> None:
    """Prove that the assessment itself is right.

    For each exercise: the built notebook is up to date; the reference solution earns full marks; the untouched stub
    earns zero; each mistake is caught by the case that it names and its hint is what the student reads; each hidden
    case catches a mistake; no solution line stands under exercises/. Exits 1 with the first thing to mend.
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.validate(slugs or [], course))


@app.command()
def new(
    slug: Annotated[
        str, typer.Argument(help="For example 07_transfer_learning; transfer_learning gets the next number.")
    ],
    course: CourseDir = None,
) -> None:
    """Start an exercise: files that already validate, for you to change.

    With --course DIR of a folder that is not a course yet, a new course is made there.
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.new(slug, course))
