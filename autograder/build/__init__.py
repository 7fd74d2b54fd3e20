"""A solution script to a student notebook and public check files, through jupytext and Otter Assign."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.build.assign import assign
from autograder.build.finish import finish
from autograder.build.master import master_notebook
from autograder.course import Course
from autograder.errors import writing
from autograder.exercise import Exercise


@dataclass(frozen=True, slots=True)
class Stale:
    """A generated file that is not what its source makes, and why."""

    path: Path
    reason: str


def build_exercise(exercise: Exercise, exercises_dir: Path, install: str = "") -> None:
    """Write `<slug>.ipynb` and `checks/<slug>/` below `exercises_dir`; equal sources give equal bytes.

    `install` is from where students' machines get this package, as grading_config.yaml says.

    Raises:
        GraderError: something of it cannot be written.
    """
    with writing(exercises_dir), tempfile.TemporaryDirectory(prefix="autograder-build-") as scratch:
        exercises_dir.mkdir(exist_ok=True)
        student_dir = assign(master_notebook(exercise), exercise.slug, Path(scratch))
        checks_dir = exercises_dir / "checks" / exercise.slug
        shutil.rmtree(checks_dir, ignore_errors=True)
        checks_dir.mkdir(parents=True)
        finish(exercise, student_dir, exercises_dir / f"{exercise.slug}.ipynb", checks_dir, install)


def stale_files(course: Course, exercise: Exercise) -> Iterator[Stale]:
    """Compare what is under exercises/ with a fresh build in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as scratch:
        fresh = Path(scratch)
        build_exercise(exercise, fresh, course.config.install)
        here = course.notebook_path(exercise.slug).parent
        for wanted in sorted(path for path in fresh.rglob("*") if path.is_file()):
            built = here / wanted.relative_to(fresh)
            if not built.is_file():
                yield Stale(built, "is missing")
            elif not filecmp.cmp(wanted, built, shallow=False):
                yield Stale(built, "is not what its source makes (edited by hand, or the source changed)")
        for extra in sorted(course.checks_dir(exercise.slug).glob("*")):
            if not (fresh / "checks" / exercise.slug / extra.name).exists():
                yield Stale(extra, "has no source any more")


def orphaned_files(course: Course) -> Iterator[Stale]:
    """Generated notebooks whose solution script is gone."""
    for path in sorted((course.root / "exercises").glob("[0-9]*.ipynb")):
        if path.stem not in course.slugs:
            yield Stale(path, f"has no source: {course.solution_path(path.stem).name} is gone")
