"""Looks through the places, in order, for files that this process may open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.datasets.errors import DataError
from autograder.datasets.fashion_mnist.places import SAMPLE_TEST, SAMPLE_TRAIN, Places, Source
from autograder.datasets.fashion_mnist.published import FASHION_MNIST, Pair, Publication, PublishedFile, Split

TORCHVISION = Path("FashionMNIST") / "raw"


@dataclass(frozen=True, slots=True)
class Found:
    """Where the data is: images and labels of each split, or the sample's one file; () for a split that is not here."""

    source: Source
    folder: Path
    train: tuple[Path, ...]
    test: tuple[Path, ...]

    @property
    def full(self) -> bool:
        """All 60,000 training images are here, not the sample alone."""
        return self.source is not Source.SAMPLE

    @property
    def place(self) -> str:
        """Whose it is, and where it lies or how much it is."""
        return f"{self.source.value} ({self.folder if self.full else '2,000 of 60,000 training images'})"

    @property
    def sentence(self) -> str:
        """The source in one line."""
        remedy = "" if self.full else "; `autograder data --prepare` fetches all"
        return f"Fashion-MNIST from {self.place}{remedy}"

    def files(self, split: Split) -> tuple[Path, ...]:
        """The files of one split."""
        return self.train if split is Split.TRAIN else self.test


@dataclass(frozen=True, slots=True)
class Look:
    """One place, and what was found there: the files, or a sentence that says what is missing."""

    source: Source
    place: Path
    found: Found | None
    problem: str = ""


def find(places: Places, publication: Publication = FASHION_MNIST) -> Found:
    """The first place that has the training images. Never touches the network.

    Raises:
        DataError: a folder was named and does not hold them: what was asked for is never replaced in silence.
    """
    for look in look_around(places, publication):
        if look.found:
            return look.found
        if look.source is Source.FOLDER:
            raise DataError(f"{look.place}: {look.problem}\n    -> name another folder, or none, to use what there is")
    raise DataError(f"{SAMPLE_TRAIN}: missing; install autograder again")


def look_around(places: Places, publication: Publication = FASHION_MNIST) -> Iterator[Look]:
    """Each place in the order in which it is looked for."""
    if places.explicit and not places.sample_only:
        yield _look(Source.FOLDER, places.explicit, publication)
    if not places.sample_only:
        yield _look(Source.CACHE, places.cache, publication)
        yield _look(Source.DEBIAN, places.debian, publication)
    yield _look_at_sample()


def _look(source: Source, folder: Path, publication: Publication) -> Look:
    for candidate in (folder, folder / TORCHVISION):
        train = _pair_in(candidate, publication.train)
        if train:
            return Look(source, folder, Found(source, candidate, train, _pair_in(candidate, publication.test)))
    missing = [file.name for file in publication.train if openable_file(folder, file) is None]
    if not folder.is_dir():
        return Look(source, folder, None, "no such folder")
    return Look(source, folder, None, f"there is no {' and no '.join(missing)} (plain or .gz) that can be read")


def _look_at_sample() -> Look:
    if not _opens(SAMPLE_TRAIN):
        return Look(Source.SAMPLE, SAMPLE_TRAIN.parent, None, "missing")
    test = (SAMPLE_TEST,) if _opens(SAMPLE_TEST) else ()
    return Look(Source.SAMPLE, SAMPLE_TRAIN.parent, Found(Source.SAMPLE, SAMPLE_TRAIN.parent, (SAMPLE_TRAIN,), test))


def _pair_in(folder: Path, pair: Pair) -> tuple[Path, ...]:
    images, labels = openable_file(folder, pair.images), openable_file(folder, pair.labels)
    return (images, labels) if images and labels else ()


def openable_file(folder: Path, file: PublishedFile) -> Path | None:
    """The file, plain or gzipped, that this process may open."""
    candidates = (folder / file.name, folder / f"{file.name}.gz")
    return next((path for path in candidates if _opens(path)), None)


def _opens(path: Path) -> bool:
    """Opened to know: in a sandbox a file can be seen, and still not be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb"):
            return True
    except OSError:
        return False
