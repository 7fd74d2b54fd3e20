"""data, its second part: where the Sign Language Digits are, and how to get them ready for grading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.finding import Found, Look, find, look_around
from autograder.datasets.sign_language_digits.loading import load_found
from autograder.datasets.sign_language_digits.places import Places, Source
from autograder.datasets.sign_language_digits.preparing import fetch_or_draw, prepare
from autograder.datasets.sign_language_digits.published import ARCHIVE_URL
from autograder.datasets.sign_language_digits.splits import Split

OK, TO_MEND = 0, 1
GITHUB = f"- {ARCHIVE_URL}: asked only by --prepare, and by a notebook that finds no photographs"


def sign_digits(source: Path | None, console: Console, *, fill: bool) -> int:
    """Show each place in order and verify what is used; with `fill` fetch the photographs and prepare them first."""
    places = Places.here(source)
    console.print()
    try:
        prepared = _prepare(places, console) if fill else None
        console.print("The Sign Language Digits are looked for in this order; ✓ is what is used.\n")
        for line in _lines(places):
            console.print(line)
        found = prepared or find(places)
        console.print("\n" + found.sentence)
        parts = {split.value: len(load_found(found, split, grading=False).labels) for split in _parts(found)}
    except DataError as error:
        console.print(Text(str(error), style="bold red"))
        return TO_MEND
    if parts:
        console.print("read " + " and ".join(f"{count:,} {name}" for name, count in parts.items()) + " pictures")
    return OK


def _parts(found: Found) -> tuple[Split, ...]:
    """What is worth reading to verify it: what must be drawn first is right."""
    return (Split.TRAIN, Split.VALIDATION, Split.TEST) if found.prepared else (Split.ALL,) if found.path else ()


def _lines(places: Places) -> Iterator[Text | str]:
    decided = False
    for look in look_around(places):
        if look.source is Source.DRAWN and not places.rendered_only:
            yield GITHUB
        yield _line(look, used=look.found is not None and not decided)
        decided = decided or look.found is not None or look.source is Source.NAMED


def _line(look: Look, *, used: bool) -> Text:
    mark = Text("✓ ", style="green") if used else Text("· " if look.found else "- ", style="yellow")
    place = f" ({look.place})" if look.place else ""
    return mark + f"{look.source.value}{place}: {_contents(look.found) if look.found else look.problem}"


def _contents(found: Found) -> str:
    return found.kind.value + (", ready for grading" if found.prepared else "")


def _prepare(places: Places, console: Console) -> Found:
    columns = TextColumn("Downloading"), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("data", total=None)
        found, problem = fetch_or_draw(places, progress=lambda size: bar.advance(task, size))
    if problem:
        console.print(Text(problem, style="bold red"))
    ready = prepare(found, places)
    console.print(f"Ready for grading in {ready.path}.\n")
    return ready
