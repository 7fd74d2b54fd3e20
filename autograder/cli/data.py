"""data: where the course's data is, and how to get all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from autograder.cli.summary import plain_console
from autograder.datasets.errors import DataError
from autograder.datasets.fashion_mnist.cache import missing_bytes, prepare
from autograder.datasets.fashion_mnist.finding import Found, Look, find, look_around
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.places import Places, Source
from autograder.datasets.fashion_mnist.published import Split
from autograder.errors import GraderError

OK, TO_MEND = 0, 1
FASHION_MNIST, SIGN_LANGUAGE_DIGITS = "fashion_mnist", "sign_language_digits"
MIRRORS = "- the official mirrors: asked only by --prepare, or by load(..., full=True) in a notebook"


def data(folder: Path | None, *, fill: bool, name: str | None = None) -> int:
    """Show each data set's places in order, verify what is used; with `fill` make all of the data available first.

    `name` is one data set's. A folder without a name is Fashion-MNIST's.

    Raises:
        GraderError: there is no data set of that name.
    """
    if name not in (None, FASHION_MNIST, SIGN_LANGUAGE_DIGITS):
        raise GraderError(f"no data set {name!r}: there are {FASHION_MNIST} and {SIGN_LANGUAGE_DIGITS}")
    status = OK
    if name in (None, FASHION_MNIST):
        status = _fashion_mnist(folder, fill=fill)
    if status is OK and (name == SIGN_LANGUAGE_DIGITS or (name is None and folder is None)):
        from autograder.cli.sign_digits import sign_digits

        status = sign_digits(folder, plain_console(soft_wrap=True), fill=fill)
    return status


def _fashion_mnist(folder: Path | None, *, fill: bool) -> int:
    console = plain_console(soft_wrap=True)
    places = Places.here(folder)
    if fill:
        _prepare(places, console)
    console.print("Fashion-MNIST is looked for in this order; ✓ is what is used.\n")
    for line in _lines(places):
        console.print(line)
    console.print()
    try:
        found = find(places)
        sizes = {split.value: len(load_found(found, split)[1]) for split in Split if found.files(split)}
    except DataError as error:
        console.print(Text(str(error), style="bold red"))
        return TO_MEND
    console.print(found.sentence)
    counts = " and ".join(f"{size:,} {name}" for name, size in sizes.items())
    console.print(f"read {counts} images" + (", with the published checksums" if found.full else ""))
    return OK


def _lines(places: Places) -> Iterator[Text | str]:
    decided = False
    for look in look_around(places):
        if look.source is Source.SAMPLE and not places.sample_only:
            yield MIRRORS
        yield _line(look, used=look.found is not None and not decided)
        decided = decided or look.found is not None or look.source is Source.FOLDER


def _line(look: Look, *, used: bool) -> Text:
    mark = Text("✓ ", style="green") if used else Text("· " if look.found else "- ", style="yellow")
    return mark + f"{look.source.value} ({look.place}): {_contents(look.found) if look.found else look.problem}"


def _contents(found: Found) -> str:
    splits = " and ".join(split.value for split in Split if found.files(split))
    return f"{splits}, {'all images' if found.full else '2,000 and 1,000 images'}"


def _prepare(places: Places, console: Console) -> None:
    total = missing_bytes(places)
    with Progress(
        TextColumn("Downloading"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        disable=not console.is_terminal or not total,
        transient=True,
    ) as bar:
        task = bar.add_task("data", total=total or None)
        found = prepare(places, progress=lambda size: bar.advance(task, size))
    console.print(f"All of Fashion-MNIST is in {found.folder}.\n")
