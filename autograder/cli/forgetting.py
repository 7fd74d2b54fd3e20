"""forget: take a student's results out of a gradebook, with the files that were made of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.text import Text

from autograder.cli.overriding import open_gradebook, person, slug_of, user
from autograder.cli.summary import plain_console
from autograder.cli.terms import now
from autograder.errors import GraderError
from autograder.escaping import printable
from autograder.gradebook import Entry, Gradebook
from autograder.reports.files import files_of, remove_files, write_scores

OK, NOT_DONE = 0, 1


def forget(results: Path, student: str, exercise: str | None, by: str, *, yes: bool) -> int:
    """Say what would go, ask, and take it out."""
    console = plain_console(soft_wrap=True)
    with open_gradebook(results) as gradebook:
        entries = list(_chosen(gradebook, student, exercise))
        for entry in entries:
            console.print(Text(printable(_sentence(results, entry))))
        if not yes and not _agreed(len(entries)):
            console.print("nothing is removed")
            return NOT_DONE
        count = sum(remove_files(results, entry) for entry in entries)  # first: what fails here can be said again
        for entry in entries:
            gradebook.forget(entry.student, entry.exercise, by or user(), now())
        write_scores(gradebook)
    console.print(f"removed   {len(entries)} results, {count} files; scores.csv is written anew")
    if (results / "site" / "index.html").exists():
        console.print("pages     the class page still has them: `autograder report` makes it anew")
    return OK


def _chosen(gradebook: Gradebook, student: str, exercise: str | None) -> Iterator[Entry]:
    found = person(gradebook, student)
    slugs = gradebook.exercises_of(found)
    wanted = slugs if exercise is None else [slug_of(exercise, slugs)]
    yield from filter(None, (gradebook.brief(found, slug) for slug in wanted))


def _sentence(results: Path, entry: Entry) -> str:
    hand = f", {len(entry.overrides)} questions set by hand" if entry.overrides else ""
    count = sum(path.exists() for path in files_of(results, entry))
    who = f"{entry.student}{f' ({entry.name})' if entry.name else ''}, {entry.exercise}"
    return (
        f"{who}: {entry.final:g} of {entry.possible:g} points, {entry.status}{hand}, {count} files, from {entry.source}"
    )


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise GraderError("nobody is there to ask, so nothing is removed\n    -> --yes removes what is listed above")
    return typer.confirm(f"Remove {'this result' if count == 1 else f'these {count} results'} for good?")
