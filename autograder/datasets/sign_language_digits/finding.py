"""Looks through the places, in order, for pictures that this process may open. Never touches the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.places import VARIABLE, Kind, Places, Source, archive_in
from autograder.datasets.sign_language_digits.prepared import HELD_OUT_FILE, TRAIN_FILE, is_prepared, kind_of, origin_of
from autograder.datasets.sign_language_digits.published import RENDERING, TOTAL


@dataclass(frozen=True, slots=True)
class Found:
    """Which pictures, whose, and where: an archive, a prepared folder, or None where they must be drawn first."""

    kind: Kind
    source: Source
    path: Path | None

    @property
    def prepared(self) -> bool:
        """The parts lie in files of their own, of which a sandbox can show one."""
        return self.path is not None and is_prepared(self.path)

    @property
    def place(self) -> str:
        """Whose it is, and where it lies."""
        return f"{self.source.value} ({self.path})" if self.path else self.source.value

    @property
    def sentence(self) -> str:
        """The source in one line."""
        if self.kind is Kind.PHOTOGRAPHS:
            return f"Sign Language Digits, photographs, from {self.place}"
        place = self.place if self.source is Source.DRAWN else f"from {self.place}"
        return (
            f"Sign Language Digits, RENDERED HANDS INSTEAD OF PHOTOGRAPHS, {place};"
            f" `autograder data --prepare` fetches the photographs, or set {VARIABLE} to their archive"
        )

    @property
    def train(self) -> tuple[Path, ...]:
        """What students' code may read, once it is prepared."""
        return (self.path / TRAIN_FILE,) if self.path and self.prepared else ()

    @property
    def held_out(self) -> tuple[Path, ...]:
        """What it must never read, once it is prepared."""
        return (self.path / HELD_OUT_FILE,) if self.path and self.prepared else ()


@dataclass(frozen=True, slots=True)
class Look:
    """One place, and what was found there, or a sentence that says what is missing."""

    source: Source
    place: Path | None
    found: Found | None
    problem: str = ""


def find(places: Places) -> Found:
    """The first place that has pictures; those that we draw are always to be had.

    Raises:
        DataError: an archive was named that is not there: what was asked for is never replaced in silence.
    """
    for look in look_around(places):
        if look.found:
            return look.found
        if look.source in (Source.NAMED, Source.GRADER):
            raise DataError(f"{look.place}: {look.problem}\n    -> name another archive, or none, to use what there is")
    raise AssertionError("the drawn pictures are always found")


def look_around(places: Places) -> Iterator[Look]:
    """Each place in the order in which it is looked for."""
    if places.prepared:
        yield _look_at_prepared(places.prepared)
        return
    if places.named and not places.rendered_only:
        yield _look_at_archive(Source.NAMED, places.named)
    if not places.rendered_only:
        yield _look_at_archive(Source.MANUAL, places.manual)
        yield _look_at_cache(places)
    drawn = places.prepared_folder(Kind.RENDERED)
    path = drawn if is_prepared(drawn) and origin_of(drawn) == RENDERING else None
    yield Look(Source.DRAWN, path, Found(Kind.RENDERED, Source.DRAWN, path))


def _look_at_prepared(folder: Path) -> Look:
    if not is_prepared(folder):
        return Look(Source.GRADER, folder, None, f"there is no {TRAIN_FILE} that can be read")
    return Look(Source.GRADER, folder, Found(kind_of(folder), Source.GRADER, folder))


def _look_at_archive(source: Source, place: Path) -> Look:
    if is_prepared(place):
        return Look(source, place, Found(kind_of(place), source, place))
    archive = archive_in(place)
    if archive:
        return Look(source, place, Found(Kind.PHOTOGRAPHS, source, archive))
    if not place.exists():
        return Look(source, place, None, "no such file or folder")
    return Look(source, place, None, f"holds no archive of the {TOTAL:,} photographs")


def _look_at_cache(places: Places) -> Look:
    for path, there in (
        (places.prepared_folder(Kind.PHOTOGRAPHS), is_prepared(places.prepared_folder(Kind.PHOTOGRAPHS))),
        (places.archive, places.archive.is_file()),
    ):
        if there:
            return Look(Source.CACHE, places.cache, Found(Kind.PHOTOGRAPHS, Source.CACHE, path))
    return Look(Source.CACHE, places.cache, None, "nothing yet")
