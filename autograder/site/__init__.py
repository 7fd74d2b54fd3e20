"""Builds the report site: a page for the class, and for each submission one for the instructor and one for its student.

It reads the gradebook, with what cells gave when they were graded, and the notebooks as they were handed in; nothing
is run, and no name of a student's becomes a path but through `path_name`.
"""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.config import FeedbackPolicy
from autograder.escaping import path_name
from autograder.gradebook import Entry, Override, Reader, open_for_reading
from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.content import Tree
from autograder.intake.opening import Opener
from autograder.reports.document import Status
from autograder.reports.files import write_atomically
from autograder.site.analysis import Line, line, summaries
from autograder.site.notebook import ShownNotebook, shown_notebook
from autograder.site.pages import Pages, address_of
from autograder.site.prose import Prose

FEWEST = 100  # submissions; below it a second process costs more than it saves
CHUNK = 25
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: of which results, where, for whom, and what each exercise's students may see."""

    results: Path
    site: Path
    instructor: bool
    students: bool
    policies: Mapping[str, FeedbackPolicy]
    title: str
    jobs: int = 1

    def policy(self, exercise: str) -> FeedbackPolicy:
        """The feedback policy; the careful one for an exercise that the course does not know."""
        return self.policies.get(exercise, FeedbackPolicy.NAME)


def build(plan: Plan, keys: Sequence[Key]) -> Iterator[Line]:
    """Write the pages of these submissions; gives what the class page needs of each, as they are done."""
    jobs = plan.jobs if len(keys) >= FEWEST else 1
    chunks = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
    if jobs == 1:
        for chunk in chunks:
            yield from write_pages(plan, chunk)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as executor:
        for lines in executor.map(functools.partial(write_pages, plan), chunks):
            yield from lines


def write_pages(plan: Plan, keys: Sequence[Key]) -> list[Line]:
    """The pages of some submissions. Each call looks at the gradebook as it is then."""
    prose = Prose()
    with open_for_reading(plan.results) as reader, Opener() as opener:
        pages = Pages(reader.zones())
        history = _history(reader)
        found = ((key, reader.find(*key)) for key in keys)
        shown = ((key, entry, _notebook(entry, prose, opener)) for key, entry in found if entry)
        return [_write(plan, pages, entry, notebook, history.get(key, ())) for key, entry, notebook in shown]


def write_class_page(plan: Plan, lines: Sequence[Line], *, refresh: int = 0) -> Path:
    """The class page; a browser that shows it looks again after `refresh` seconds."""
    made_at = datetime.now(timezone.utc).isoformat()
    path = plan.site / "index.html"
    write_atomically(path, Pages().class_page(plan.title, lines, summaries(lines), made_at, refresh))
    return path


def _write(plan: Plan, pages: Pages, entry: Entry, notebook: ShownNotebook, history: Sequence[Override]) -> Line:
    folder, name = path_name(entry.student), f"{path_name(entry.exercise)}.html"
    if plan.instructor:
        page = pages.instructors_page(entry, notebook, history, "../../index.html")
        write_atomically(plan.site / "submissions" / folder / name, page)
    if plan.students:
        page = pages.students_page(entry, notebook, plan.policy(entry.exercise))
        write_atomically(plan.site / "students" / folder / name, page)
    return line(entry, address_of("submissions", folder, name))


def _notebook(entry: Entry, prose: Prose, opener: Opener) -> ShownNotebook:
    """What was graded, from where it was found; anything else is not shown."""
    source = entry.found_at
    if source is None:
        return ShownNotebook(problem="An earlier release graded it, which did not keep where it was: grade it again.")
    content = opener.read_source(source)
    is_readable = entry.status != Status.UNREADABLE.value  # else the report says already what is wrong with the file
    if content.problem:
        return ShownNotebook(problem=f"It cannot be shown: {content.problem}." if is_readable else "")
    mine = (content.digest, Tree.of(content.data).digest)
    graded = {entry.parts.get("submission"), entry.parts.get("content")}
    if graded.isdisjoint(mine) and graded.isdisjoint(digests_with(mine, weights_beside(source, opener), opener)):
        return ShownNotebook(problem="Its file is not what was graded any more.")
    run = entry.document["run"]
    try:
        shown = shown_notebook(content.data, prose, run["outputs"] if run else None)
        return shown if is_readable or not shown.problem else ShownNotebook()
    except Exception as error:  # one notebook that nobody thought of is no reason for no pages at all
        return ShownNotebook(problem=f"It cannot be shown: {type(error).__name__} in the report's own code.")


def _history(reader: Reader) -> dict[Key, tuple[Override, ...]]:
    found: dict[Key, tuple[Override, ...]] = {}
    for one in reader.overrides():
        key = (one.student, one.exercise)
        found[key] = (*found.get(key, ()), one)
    return found
