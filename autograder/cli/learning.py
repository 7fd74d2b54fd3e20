"""The commands that students use, too: data, quiz."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.helping import Command
from autograder.cli.parameters import CourseDir


def register(app: typer.Typer) -> None:
    """Add these commands to the others."""
    for command in (data, quiz):
        app.command(cls=Command)(command)


def data(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="fashion_mnist or sign_language_digits. None means both.")
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make all of the data available: unpack it, or download it.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Of one data set: look here first; with --prepare, put it here."),
    ] = None,
) -> None:
    """Show where this machine has the data, or get all of it.

    Fashion-MNIST is looked for in this order: the folder that you name with --dir or AUTOGRADER_DATA, your cache, the
    package dataset-fashion-mnist of Debian, and last a sample of real images inside autograder (2,000 to train, 1,000
    to test), so that exercises work without a network. The first that is there is used; this command verifies it.

    --prepare fills DIR, or your cache, with the four files, unpacked (55 MB), which the whole class then shares. What
    this machine lacks comes from the official mirrors (30 MB) and counts only with the published checksums.

    The Sign Language Digits are photographs where this machine has or can fetch them (17 MB from GitHub), and otherwise
    hands that autograder draws: the archive in SIGN_DIGITS_ARCHIVE or --dir, TensorFlow Datasets' manual folder, your
    cache. --prepare puts what students' code may read apart from what is held out; grading does it when it must.

    Exits 1 where the data that would be used is damaged or missing.

    \b
    Examples:  autograder data
               autograder data --prepare
               autograder data fashion_mnist --prepare --dir /srv/fashion-mnist
    """
    from autograder.cli.data import data as run

    raise typer.Exit(run(folder, fill=prepare, name=name))


def quiz(
    section: Annotated[
        str | None,
        typer.Argument(
            metavar="SECTION",
            help="A quiz, as 2_convolution_layer, convolution_layer or 2. None: ten questions of all.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="Draw the numbers from this one.")] = None,
    questions: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most so many.")] = None,
    review: Annotated[bool, typer.Option("--review", help="Only what you missed last time.")] = False,
    web: Annotated[bool, typer.Option("--web", help="As a page in your browser, from this machine.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page that works offline.")] = None,
    jupyterquiz: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the questions in jupyterquiz's format.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(metavar="ID", help="Instructors: print this student's questions of a quiz for credit.")
    ] = None,
    course: CourseDir = None,
) -> None:
    """Check your understanding with questions and feedback.

    They have other numbers each time, and a wrong answer is met with why it is wrong. What you miss comes back first.
    q, Ctrl-D or Ctrl-C end with a summary. Nothing leaves this machine.

    \b
    Examples:  autograder quiz 2                   the quiz of lecture section 2
               autograder quiz --review            what you missed
               autograder quiz --html quiz.html    for a phone
    """
    from autograder.cli.quiz import Wishes
    from autograder.cli.quiz import quiz as run

    if sum((web, html is not None, jupyterquiz is not None, student is not None)) > 1:
        raise typer.BadParameter("take one of --web, --html, --jupyterquiz and --student")
    if (review or questions) and (web or html or jupyterquiz or student is not None):
        raise typer.BadParameter("--review and --questions go with the quiz in the terminal")
    if seed is not None and student is not None:
        raise typer.BadParameter("--seed goes without --student: the numbers are the student's own")
    raise typer.Exit(run(Wishes(section, course, seed, questions, review, web, html, jupyterquiz, student)))
