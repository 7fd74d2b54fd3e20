"""The commands about what is graded already: report, export, override, overrides, forget."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.helping import Command

RESULTS = Path("results")
EVERY_SECONDS = 10
Results = Annotated[Path, typer.Argument(metavar="RESULTS", help="The folder that `autograder grade` wrote.")]
ResultsLast = Annotated[
    Path | None, typer.Argument(metavar="RESULTS", help="The folder that `autograder grade` wrote. Default: results.")
]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", metavar="RESULTS", help="The same folder, said as an option.")
]
CourseDir = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="Take the feedback policy of this course, not of the last grading."),
]
Student = Annotated[
    str, typer.Argument(metavar="STUDENT", help="The student's id, as scores.csv has it, or the e-mail address.")
]
Exercise = Annotated[str, typer.Argument(metavar="EXERCISE", help="As 01_output_size, output_size or 1.")]
OneExercise = Annotated[str | None, typer.Option(metavar="SLUG", help="Only this exercise.")]


class Edition(enum.Enum):
    """Whose pages to make."""

    BOTH = "both"
    INSTRUCTOR = "instructor"
    STUDENTS = "students"


class Format(enum.Enum):
    """What can be exported."""

    CSV = "csv"
    GRADESCOPE = "gradescope"
    CANVAS = "canvas"
    MOODLE = "moodle"
    NBGRADER = "nbgrader"


def register(app: typer.Typer) -> None:
    """Add these commands to the others."""
    for command in (report, export, override, overrides, forget):
        app.command(cls=Command)(command)


def report(
    results: Results = RESULTS,
    edition: Annotated[Edition, typer.Option(help="Whose pages to make.")] = Edition.BOTH,
    watch: Annotated[bool, typer.Option("--watch", help="Go on while grading runs, until Ctrl-C.")] = False,
    every: Annotated[
        int | None,
        typer.Option(min=1, max=3600, metavar="SECONDS", help=f"How often --watch looks. Default: {EVERY_SECONDS}."),
    ] = None,
    course: CourseDir = None,
) -> None:
    """Make pages of the class and of each submission.

    RESULTS/site/index.html leads to them; they work without a network. The class page and site/submissions/ are for
    instructors. What is below site/students/ holds what the feedback policy lets each student know, and may be handed
    out.

    \b
    Examples:  autograder report results/
               autograder report results/ --watch            beside `autograder grade`
               autograder report results/ --edition students
    """
    from autograder.errors import GraderError

    if every and not watch:
        raise typer.BadParameter("--every goes with --watch")
    try:
        from autograder.cli.reporting import report as run
    except ModuleNotFoundError as error:
        needed = "jinja2 markdown-it-py mdit-py-plugins latex2mathml nh3"
        raise GraderError(f"pages need {error.name}\n    -> pip install {needed}") from None
    seconds = (every or EVERY_SECONDS) if watch else 0
    who = (edition is not Edition.STUDENTS, edition is not Edition.INSTRUCTOR)
    raise typer.Exit(run(results, course, instructor=who[0], students=who[1], every=seconds))


def export(
    format_: Annotated[
        Format, typer.Option("--format", metavar="FORM", help=f"One of {', '.join(one.value for one in Format)}.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")],
    results: Results = RESULTS,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Canvas', Moodle's: fill the file that you downloaded there.")
    ] = None,
    exercise: OneExercise = None,
    column: Annotated[str | None, typer.Option(metavar="TITLE", help="Canvas: the assignment's column.")] = None,
    scale: Annotated[bool, typer.Option("--scale", help="Convert points to the maximum of the LMS.")] = False,
    unscaled: Annotated[
        bool, typer.Option("--unscaled", help="Write points as they are, whatever the maximum of the LMS.")
    ] = False,
    course: CourseDir = None,
) -> None:
    """Write results as another tool imports them.

    csv is scores.csv; gradescope a results.json (a zip of them for several submissions); canvas, moodle and nbgrader
    their CSV files. With --into, students are found by id, e-mail or name; who is not certain is listed and left out,
    and the exit code is 1. So it is with points that are not settled: what could not be read or asks for a review.

    \b
    Examples:  autograder export results/ --format canvas --into 2026-11-26_Grades.csv -o upload.csv
               autograder export results/ --format moodle --exercise 1 --into Grades.csv -o upload.csv
    """
    from autograder.cli.exporting import Wish
    from autograder.cli.exporting import export as run
    from autograder.exports.filling import Fit

    if scale and unscaled:
        raise typer.BadParameter("take one of --scale and --unscaled")
    fit = Fit.SCALED if scale else Fit.AS_THEY_ARE if unscaled else Fit.EXACT
    raise typer.Exit(run(Wish(results, format_.value, output, into, exercise, column, fit, course)))


def override(
    student: Student,
    exercise: Exercise,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="q1, q2 ...")],
    last: ResultsLast = None,
    points: Annotated[float | None, typer.Option(min=0, metavar="N", help="What counts for the question.")] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why. The student reads it, too.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back the last one of this question.")] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so. Default: who is logged in.")] = "",
    results: ResultsOption = None,
) -> None:
    """Set a question's points by hand.

    For where grading was wrong, or a free-form answer wants a person. It survives regrading, shows on pages and in
    exports, and ends a review of that question.

    \b
    Examples:  autograder override ada 1 q3 --points 8 --reason "a right idea, a wrong sign"
               autograder override ada 1 q3 results/week3 --undo
    """
    from autograder.cli.overriding import override as run
    from autograder.cli.overriding import undo as take_back

    if undo and (points is not None or reason):
        raise typer.BadParameter("--undo goes with neither --points nor --reason")
    if not undo and (points is None or not reason.strip()):
        raise typer.BadParameter("--points and --reason are both needed, or --undo")
    folder = _one_of(last, results)
    if undo or points is None:
        raise typer.Exit(take_back(folder, student, exercise, question, by))
    raise typer.Exit(run(folder, (student, exercise, question), points, reason.strip(), by))


def overrides(last: ResultsLast = None, results: ResultsOption = None) -> None:
    """List all points that were set by hand.

    Who set them, when and why, and which were undone.
    """
    from autograder.cli.overriding import show

    raise typer.Exit(show(_one_of(last, results)))


def forget(
    student: Student,
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="As 01_output_size, 1 or unknown-1. Without: all.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says so. Default: who is logged in.")] = "",
    results: Annotated[
        Path, typer.Option("--results", metavar="RESULTS", help="The folder that `autograder grade` wrote.")
    ] = RESULTS,
) -> None:
    """Take a student's results out of a gradebook for good.

    For results that are nobody's, or belong elsewhere. Goes: the result and those that it replaced, its report,
    feedback and pages. Stays: the list of points set by hand, where they are undone. Says what it is and asks first.
    What is handed in is not touched: `grade` on it makes the result again.

    \b
    Examples:  autograder forget nbgrader
               autograder forget ada unknown-1 --yes
    """
    from autograder.cli.forgetting import forget as run

    raise typer.Exit(run(results, student, exercise, by, yes=yes))


def _one_of(argument: Path | None, option: Path | None) -> Path:
    """The results folder, however it was said."""
    if argument and option and argument != option:
        raise typer.BadParameter(f"the results are in {argument}, or in {option}? Name one folder")
    return argument or option or RESULTS
