"""The commands about Gradescope: package, and what the package runs there."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.helping import Command
from autograder.cli.parameters import CourseDir

WeakSandbox = Annotated[
    bool,
    typer.Option("--allow-weak-sandbox", help="Grade there below the minimum of confinement: see docs/gradescope.md."),
]

INDEX = re.compile(r"https?://[^\s/:]+(:\d+)?(/\S*)?\Z")


class Visibility(enum.Enum):
    """When students see their results, in Gradescope's words."""

    VISIBLE = "visible"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
    HIDDEN = "hidden"


def register(app: typer.Typer) -> None:
    """Add these commands to the others."""
    app.command(cls=Command)(package)
    app.command(cls=Command, hidden=True)(gradescope)


def package(
    gradescope: Annotated[
        str, typer.Option("--gradescope", metavar="SLUG", help="The exercise, as 01_output_size, output_size or 1.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="The file to upload.")] = Path(
        "autograder.zip"
    ),
    visibility: Annotated[
        Visibility | None,
        typer.Option(
            help="When students see points and feedback. Default: at once; with `feedback: full` after the due date.",
            show_default=False,
        ),
    ] = None,
    allow_weak_sandbox: WeakSandbox = False,
    extra_index_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Another package index for pip there, such as PyTorch's of CPU builds."),
    ] = None,
    course: CourseDir = None,
) -> None:
    """Pack an exercise as a zip that grades it on Gradescope.

    Upload it as the assignment's autograder. It holds this package, the exercise's solution, hidden cases and mistakes,
    and nothing of other exercises. The same course makes the same bytes. Keep it private: it has the answers.

    \b
    Examples:  autograder package --gradescope 1 -o autograder.zip
               autograder package --gradescope 4 --visibility after_published
    """
    if extra_index_url is not None and not INDEX.match(extra_index_url):
        raise typer.BadParameter(
            f"{extra_index_url!r} is no address of an index, as https://HOST/simple", param_hint="--extra-index-url"
        )
    from autograder.cli.packaging import Wish
    from autograder.cli.packaging import package as run

    seen = visibility.value if visibility else None
    raise typer.Exit(run(Wish(gradescope, output, seen, allow_weak_sandbox, extra_index_url, course)))


def gradescope(
    course: Annotated[Path, typer.Option("--course", metavar="DIR", help="The course's folder.")],
    exercise: Annotated[str, typer.Option(metavar="SLUG", help="Which exercise is handed in.")],
    root: Annotated[
        Path, typer.Option(metavar="DIR", help="Where submission/, submission_metadata.json and results/ are.")
    ] = Path("/autograder"),
    visibility: Annotated[Visibility, typer.Option(help="When students see it.")] = Visibility.VISIBLE,
    allow_weak_sandbox: WeakSandbox = False,
) -> None:
    """Grade the one submission in Gradescope's folders and write results/results.json.

    The zip of `autograder package` runs this. Prints what staff may read. Exits 1 where something of ours failed: then
    no score is written.
    """
    from autograder.cli.packaging import grade_there

    raise typer.Exit(grade_there(root, course, exercise, visibility.value, allow_weak=allow_weak_sandbox))
