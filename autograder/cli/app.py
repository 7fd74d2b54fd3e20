"""The commands. Each imports what it needs when it runs, so that --help starts fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder import __version__
from autograder.cli import after, learning, making, onsite
from autograder.cli.helping import Command
from autograder.cli.parameters import CourseDir

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Assessment for deep-learning courses.

Authors edit solutions/ and tests/, then `build` student notebooks and `validate` the assessment.
Instructors `grade` a class; `doctor` says what this machine lacks for it.
A course is a folder with a grading_config.yaml; commands use the current folder's, or --course DIR.""",
    epilog="Exit codes: 0 all is well, 1 something to look at, 2 wrong usage or a broken set-up, 130 stopped (Ctrl-C).",
)


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


making.register(app)


@app.command(cls=Command)
def grade(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Notebooks, folders, zips: as the LMS left them.")
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
        typer.Option(
            *("-j", "--jobs"), min=0, max=256, metavar="N", show_default=False, help="At a time; 0: one a core."
        ),
    ] = 0,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="What notebooks train on.")] = "auto",
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
    cluster: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Grade on the workers of this Dask scheduler, as tcp://HOST:8786."),
    ] = "",
    tls: Annotated[
        Path | None,
        typer.Option("--cluster-tls", metavar="DIR", help="For tls://: a folder with ca.pem, cert.pem, key.pem."),
    ] = None,
    course: CourseDir = None,
) -> None:
    """Grade a class, each notebook in a sandbox of its own.

    Hidden cases and scores are out of a notebook's reach. Which exercise a notebook is, its metadata says; whose it is,
    the path: nbgrader's submitted/STUDENT/..., Canvas', Moodle's and Gradescope's downloads, a folder or a file a
    student; or --students FILE.csv.

    Writes gradebook.db, scores.csv, reports/STUDENT/EXERCISE.json for you, feedback/STUDENT/EXERCISE.md for students.
    The same command again grades only what is new or changed, and says what became stale and why; --regrade grades all
    of it. Either says old and new of each student whose points changed. Ctrl-C keeps all that is done.

    \b
    Examples:  autograder grade submissions/
               autograder grade submissions.zip -o results/week3 --jobs 8
               autograder grade 01_output_size.ipynb
               autograder grade submissions/ --cluster tcp://10.0.0.1:8786    see `autograder worker --help`
    """
    import os

    from autograder.cli.grading import Wishes
    from autograder.cli.grading import grade as run

    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter(f"{device!r} is not auto, cpu or cuda", param_hint="--device")
    if tls and not cluster:
        raise typer.BadParameter("--cluster-tls goes with --cluster ADDRESS")
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
        cluster=cluster,
        tls=tls,
    )
    raise typer.Exit(run(wishes))


@app.command(cls=Command)
def worker(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The Dask scheduler's, as tcp://HOST:8786 or tls://HOST:8786.")
    ],
    jobs: Annotated[
        int,
        typer.Option(
            *("-j", "--jobs"), min=0, max=256, metavar="N", show_default=False, help="At a time; 0: one a core."
        ),
    ] = 0,
    gpus: Annotated[int, typer.Option(min=0, metavar="N", help="GPUs that it may give, one to a submission.")] = 0,
    tls: Annotated[
        Path | None, typer.Option("--tls", metavar="DIR", help="For tls://: a folder with ca.pem, cert.pem, key.pem.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="What the scheduler calls it.")] = "",
    course: CourseDir = None,
) -> None:
    """Grade on this machine for `grade --cluster`.

    It goes on until Ctrl-C, or until the scheduler is gone. It is Dask's own worker (`dask worker`) with the right
    settings. It must have the same autograder, course and data as the command: the same image, or a shared file system.
    One that has not is told apart by digests, and takes no part. Its sandbox is its own: below the tier that the
    command asks for it takes no part either.

    \b
    Examples:  dask scheduler --host 10.0.0.1                   once, on any machine
               autograder worker tcp://10.0.0.1:8786            on each machine that grades
               autograder worker tcp://10.0.0.1:8786 --gpus 1   on one with a GPU
    """
    import os

    from autograder.cluster.worker import WorkerWish, work

    work(WorkerWish(address, course, jobs or len(os.sched_getaffinity(0)), gpus, tls, name))


@app.command(cls=Command)
def doctor(course: CourseDir = None) -> None:
    """Show what this machine has for grading, and what it lacks.

    Frameworks, device, data sources, and the sandbox's tier with its layers, and what to do about what is missing.
    Exits 1 where grading would refuse, or where --course names no course.
    """
    from autograder.cli.doctor import doctor as run

    raise typer.Exit(run(course))


for group in (learning, after, onsite):
    group.register(app)
