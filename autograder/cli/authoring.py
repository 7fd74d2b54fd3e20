"""build, validate and new, as a person sees them."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from autograder.build import build_exercise, orphaned_files, stale_files
from autograder.config import CONFIG_NAME
from autograder.course import Course, find_course, open_course
from autograder.samples import sample_class, write_class
from autograder.scaffold import new_course, new_exercise, random_seed, slug_of
from autograder.scaffold.converting import Converted, convert
from autograder.scaffold.undoing import all_or_nothing
from autograder.validate import CHECKS, Validation
from autograder.validate import validate as validate_exercise
from autograder.validate.quizzes import QuizValidation, validate_quizzes

OK, FAILURES = 0, 1
PIPED_WIDTH = 120
VALIDATES = "It validates already."


def build(slugs: Sequence[str], folder: Path | None, *, check: bool) -> int:
    """Build the notebooks, or with `check` name what is stale."""
    course = find_course(folder)
    console = _console()
    chosen = course.select(slugs)
    if check:
        return _check(course, chosen, console)
    for slug in _tracked(chosen, "Building", console):
        build_exercise(course.exercise(slug), course.notebook_path(slug).parent, course.config.install)
        console.print(Text(f"built {_short(course.notebook_path(slug))}"), soft_wrap=True)
    return OK


def _check(course: Course, slugs: Sequence[str], console: Console) -> int:
    stale = [(slug, file) for slug in slugs for file in stale_files(course, course.exercise(slug))]
    orphans = list(orphaned_files(course))
    for file in (*(file for _, file in stale), *orphans):
        console.print(Text(f"{_short(file.path)} {file.reason}", style="red"), soft_wrap=True)
    if stale:
        names = " ".join(dict.fromkeys(slug for slug, _ in stale))
        console.print(Text(f"mend with:  autograder build {names}{course.option}"), soft_wrap=True)
    if orphans:
        console.print(f"mend with:  remove {'it' if len(orphans) == 1 else 'them'}, or bring the source back")
    if stale or orphans:
        return FAILURES
    console.print(f"{len(slugs)} exercise{'s' * (len(slugs) != 1)} up to date")
    return OK


def validate(slugs: Sequence[str], folder: Path | None) -> int:
    """Validate the exercises and print a table; the first thing to mend stands below it."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: threads only wait for each other on tiny tensors
    course = find_course(folder)
    console = _console()
    chosen = course.select(slugs)
    validations = [validate_exercise(course, slug) for slug in _tracked(chosen, "Validating", console)]
    quizzes = () if slugs else tuple(validate_quizzes(course))
    console.print(_table(course, validations))
    if quizzes:
        console.print(_quiz_table(quizzes))
    complaints = [complaint for validation in validations for complaint in validation.complaints]
    complaints += [complaint for quiz in quizzes for complaint in quiz.complaints]
    if not complaints:
        console.print(Text("All is well: the assessment holds what it promises.", style="green"))
        return OK
    console.print(Text("First thing to mend:", style="bold red"))
    console.print(Text(f"  {complaints[0]}"), soft_wrap=True)
    for complaint in complaints[1:6]:
        console.print(Text(f"  {complaint.where}: {complaint.problem.splitlines()[0]}", style="dim"), soft_wrap=True)
    if len(complaints) > 6:
        console.print(Text(f"  ... and {len(complaints) - 6} more", style="dim"))
    return FAILURES


def _table(course: Course, validations: Sequence[Validation]) -> Table:
    table = Table(
        title=course.config.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False
    )
    table.add_column("exercise", no_wrap=True)
    for name in CHECKS:
        table.add_column(name, no_wrap=True)
    for validation in validations:
        cells = {check.name: check for check in validation.checks}
        row = [Text(validation.slug)]
        for name in CHECKS:
            check = cells.get(name)
            if check is None:
                row.append(Text("-", style="dim"))
            elif check.holds:
                row.append(Text(f"✓ {check.shown}", style="green"))
            else:
                row.append(Text(f"✗ {check.shown}", style="red"))
        table.add_row(*row)
    return table


def _quiz_table(quizzes: Sequence[QuizValidation]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for name in ("quiz", "questions", "draws", "holds"):
        table.add_column(name, no_wrap=True)
    for quiz in quizzes:
        count = len(quiz.complaints)
        holds = Text(f"✗ {count} to mend", style="red") if count else Text("✓", style="green")
        table.add_row(Text(quiz.key), str(quiz.questions), str(quiz.draws), holds)
    return table


def new(slug: str, folder: Path | None, master: Path | None = None) -> int:
    """Scaffold an exercise, or convert another tool's notebook, and say what to do next."""
    makes_course = folder is not None and not (folder / CONFIG_NAME).exists()
    slug = slug_of(() if makes_course else find_course(folder).slugs, slug)
    converted = _converted(master, slug) if master else None
    with all_or_nothing(*([folder / CONFIG_NAME] if makes_course and folder else [])):
        course = new_course(folder, random_seed()) if makes_course and folder else find_course(folder)
        paths = new_exercise(course, slug, converted.files if converted else None)
    console = _console()
    for path, what in zip(
        paths, ("prose, solution, public checks", "hidden cases", "mistakes with hints"), strict=False
    ):
        console.print(Text.assemble(f"  {_short(path)}  ", (what, "dim")), soft_wrap=True)
    for remark in converted.remarks if converted else ():
        console.print(Text(f"look at  {remark}", style="yellow"), soft_wrap=True)
    done = _tried(course, paths[0].stem, console) if converted else VALIDATES
    console.print(f"{done} Change these three files, then:")
    for command in ("build", "validate"):
        console.print(Text(f"  autograder {command} {paths[0].stem}{course.option}"), soft_wrap=True)
    return OK


def _converted(master: Path, slug: str) -> Converted:
    with _progress().status("trying the reference solution on its tests; Ctrl-C leaves that out"):
        return convert(master, slug)


def _tried(course: Course, slug: str, console: Console) -> str:
    """Validate what was made of somebody else's notebook, and say what an author has to mend."""
    try:
        with _progress().status("validating; Ctrl-C leaves that out"), contextlib.redirect_stdout(io.StringIO()):
            complaints = validate_exercise(open_course(course.root), slug).complaints
    except KeyboardInterrupt:
        return "Its tests are hidden cases now."
    for complaint in complaints:
        console.print(Text(f"to mend  {complaint}", style="red"), soft_wrap=True)
    return "Its tests are hidden cases now." if complaints else f"Its tests are hidden cases now. {VALIDATES}"


def _progress() -> Console:
    """Standard error as it is now: what runs a notebook takes away what that prints."""
    return Console(file=sys.stderr)


def _console() -> Console:
    """Standard output; where it is no terminal, wide enough that no cell of a table is cut."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, PIPED_WIDTH)
    return console


def sample(folder: Path, slugs: Sequence[str], size: int, course_folder: Path | None) -> int:
    """Make a sample class."""
    course = find_course(course_folder)
    count = write_class(sample_class(course, course.select(slugs), size), folder)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"made {count} submissions in {folder}; grade them with:")
    console.print(f"  autograder grade {shlex.quote(str(folder))}{course.option}")
    return OK


def _tracked(slugs: Sequence[str], what: str, console: Console) -> Sequence[str]:
    """A progress bar on a terminal, nothing elsewhere."""
    return list(slugs) if not console.is_terminal else track(slugs, what, console=console, transient=True)  # type: ignore[return-value]


def _short(path: Path) -> Path:
    """The path as seen from here, where that is shorter."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
