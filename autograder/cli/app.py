"""The commands. Each imports what it needs when it runs, so that --help starts fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import __version__
from autograder.cli import after

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Assessment for deep-learning courses.

Authors edit solutions/ and tests/, then `build` student notebooks and `validate` the assessment.
Instructors `grade` a class; `doctor` says what this machine lacks for it.
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

    \b
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
    case catches a mistake; no solution line stands under exercises/. Without SLUG also each quiz: every template drawn
    200 times is valid, unambiguous, and none of its wrong answers is right. Exits 1 with the first thing to mend.
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.validate(slugs or [], course))


@app.command()
def new(
    slug: Annotated[
        str, typer.Argument(help="For example 07_transfer_learning; transfer_learning gets the next number.")
    ],
    master: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="NOTEBOOK", help="Convert Otter Assign's master notebook, or nbgrader's source."
        ),
    ] = None,
    course: CourseDir = None,
) -> None:
    """Start an exercise: files that already validate, for you to change.

    With --from, the exercise is what a master notebook of Otter Assign's or a source notebook of nbgrader's has: prose,
    solutions, points, its public tests as checks, all its tests as hidden cases. What cannot be translated is said.
    With --course DIR of a folder that is not a course yet, a new course is made there.

    \b
    Examples:  autograder new transfer_learning
               autograder new padding --from hw2.ipynb
    """
    from autograder.cli import authoring

    raise typer.Exit(authoring.new(slug, course, master))


@app.command()
def grade(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Notebooks, folders, zips: as the LMS left them.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where results go.")] = Path("results"),
    exercise: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Take all notebooks for this exercise, whatever they say.")
    ] = None,
    students: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Whose a file is: columns file,student[,name,email].")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option("-j", "--jobs", min=0, max=256, help="Submissions at a time; 0: one a core.", show_default=False),
    ] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what is graded, and say who changed.")
    ] = False,
    raise_only: Annotated[
        bool, typer.Option("--raise-only", help="Never lower: where a new result is lower, the old one counts on.")
    ] = False,
    submitted_at: Annotated[
        str | None,
        typer.Option(metavar="TIME|FILE.csv", help="When it was handed in: a time for all, or Moodle's worksheet."),
    ] = None,
    allow_weak_sandbox: Annotated[
        bool,
        typer.Option("--allow-weak-sandbox", help="Grade below the minimum of confinement. Stamped on results."),
    ] = False,
    require_tier: Annotated[
        str, typer.Option(metavar="inner|full", help="Refuse to grade below this tier of confinement.")
    ] = "inner",
    no_wall: Annotated[
        bool, typer.Option("--no-wall", help="Do without bubblewrap around the warm process: the inner tier at most.")
    ] = False,
    course: CourseDir = None,
) -> None:
    """Grade a class: each notebook in a sandbox of its own, hidden cases and scores out of its reach.

    Which exercise a notebook is, its metadata says; whose it is, the path: nbgrader's submitted/STUDENT/..., Canvas',
    Moodle's and Gradescope's downloads, a folder or a file a student; or --students FILE.csv.

    Writes gradebook.db, scores.csv, reports/STUDENT/EXERCISE.json for you, feedback/STUDENT/EXERCISE.md for students.
    The same command again grades only what is new or changed, and says what became stale and why; --regrade grades all
    of it. Either says old and new of each student whose points changed. Ctrl-C keeps all that is done.

    \b
    Examples:  autograder grade submissions/
               autograder grade submissions.zip -o results/week3 --jobs 8
               autograder grade 01_output_size.ipynb
    """
    import os

    from autograder.cli.grading import Wishes
    from autograder.cli.grading import grade as run

    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter(f"{device!r} is not auto, cpu or cuda", param_hint="--device")
    if require_tier not in ("full", "inner"):
        raise typer.BadParameter(f"{require_tier!r} is not full or inner", param_hint="--require-tier")
    wishes = Wishes(
        paths=paths,
        output=output,
        course=course,
        exercise=exercise,
        students=students,
        jobs=jobs or len(os.sched_getaffinity(0)),
        device=device,
        regrade=regrade,
        allow_weak=allow_weak_sandbox,
        require_tier=require_tier,
        use_wall=not no_wall,
        raise_only=raise_only,
        submitted_at=submitted_at,
    )
    raise typer.Exit(run(wishes))


@app.command()
def doctor(course: CourseDir = None) -> None:
    """Show what this machine has for grading, and what to do about what is missing.

    Frameworks, device, data sources, and the sandbox's tier with its layers. Exits 1 where grading would refuse.
    """
    from autograder.cli.doctor import doctor as run

    raise typer.Exit(run(course))


@app.command()
def data(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="fashion_mnist or sign_language_digits. None means both.")
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make all of the data available: unpack it, or download it.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Of one data set: look here first; with --prepare, put it here."),
    ] = None,
) -> None:
    """Show where this machine has the data, and with --prepare get all of it.

    Fashion-MNIST is looked for in this order: the folder that you name with --dir or AUTOGRADER_DATA, your cache, the
    package dataset-fashion-mnist of Debian, and last a sample of real images inside autograder (2,000 to train, 1,000
    to test), so that exercises work without a network. The first that is there is used; this command verifies it.

    --prepare fills DIR, or your cache, with the four files, unpacked (55 MB), which the whole class then shares. What
    this machine lacks comes from the official mirrors (30 MB) and counts only with the published checksums.

    The Sign Language Digits are photographs where this machine has or can fetch them (17 MB from GitHub), and otherwise
    hands that autograder draws: the archive in SIGN_DIGITS_ARCHIVE or --dir, TensorFlow Datasets' manual folder, your
    cache. --prepare puts what students' code may read apart from what is held out; grading does it when it must.

    Examples: `autograder data`, or `autograder data --prepare --dir /srv/fashion-mnist`.

    Exits 1 where the data that would be used is damaged or missing.
    """
    from autograder.cli.data import data as run

    raise typer.Exit(run(folder, fill=prepare, name=name))


@app.command()
def quiz(
    section: Annotated[
        str | None,
        typer.Argument(help="A quiz, as 2_convolution_layer, convolution_layer or 2. None: ten questions of all."),
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
    """Check your understanding: questions with other numbers each time, and why a wrong answer is wrong.

    What you miss comes back first. q, Ctrl-D or Ctrl-C end with a summary. Nothing leaves this machine.

    \b
    Examples:  autograder quiz 2                   the quiz of lecture section 2
               autograder quiz --review            what you missed
               autograder quiz --html quiz.html    for a phone
    """
    from autograder.cli.quiz import Wishes
    from autograder.cli.quiz import quiz as run

    if sum((web, html is not None, jupyterquiz is not None, student is not None)) > 1:
        raise typer.BadParameter("take one of --web, --html, --jupyterquiz and --student")
    raise typer.Exit(run(Wishes(section, course, seed, questions, review, web, html, jupyterquiz, student)))


@app.command(name="sample")
def sample_class(
    folder: Annotated[Path, typer.Argument(help="A new folder for the submissions.")],
    slugs: Slugs = None,
    size: Annotated[int, typer.Option(min=3, max=100_000, help="About how many submissions.")] = 30,
    course: CourseDir = None,
) -> None:
    """Make a sample class to try grading with: right, untouched, mistaken, hostile and broken notebooks."""
    from autograder.cli.authoring import sample

    raise typer.Exit(sample(folder, slugs or [], size, course))


after.register(app)
