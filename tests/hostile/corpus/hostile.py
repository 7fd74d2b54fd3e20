"""What a hostile submission is, as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .course import QUESTIONS, SLUG, notebook

ALL = tuple(QUESTIONS)
NONE: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the things are that no student should reach; handed to hostile notebooks, so that they need not guess."""

    course: Path
    submissions: Path
    results: Path
    tmp: Path
    secrets: Path  # other folders of the instructor's
    token: str  # part of the name of everything that hostile notebooks try to leave behind
    tcp: int
    unix: str
    abstract: str


Writer = Callable[[Path, Places], None]


@dataclass(frozen=True, slots=True)
class Hostile:
    """One submission and what must become of it.

    `credited` are the questions that keep their full points, all others get none; `says` is a regular expression that
    the report of the instructor's must match somewhere; `student` is whose report it is.
    """

    name: str
    category: str
    write: Writer
    credited: tuple[str, ...]
    says: str
    student: str
    status: str = "graded"
    exercise: str = SLUG
    partly: str = ""  # a question that may earn some of its points


def cells(
    category: str,
    name: str,
    sources: Sequence[str],
    credited: tuple[str, ...],
    says: str,
    *,
    partly: str = "",
) -> Hostile:
    """A readable notebook with hostile code; "PLACES" in it becomes what is known about the places."""

    def write(folder: Path, places: Places) -> None:
        known = repr({key: str(getattr(places, key)) for key in Places.__slots__})
        data = notebook(*(source.replace("PLACES", known) for source in sources))
        put(folder / name / f"{SLUG}.ipynb", data)

    return Hostile(name, category, write, credited, says, name, partly=partly)


def file(
    name: str,
    data: bytes | Callable[[], bytes],
    says: str,
    credited: tuple[str, ...] = NONE,
    *,
    path: str = "",
    student: str = "",
    status: str = "unreadable",
    exercise: str = SLUG,
) -> Hostile:
    """A malformed file, or one with a hostile name."""

    def write(folder: Path, _: Places) -> None:
        put(folder / (path or f"{name}/{SLUG}.ipynb"), data if isinstance(data, bytes) else data())

    return Hostile(name, "files", write, credited, says, student or name, status, exercise)


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def distinct(cases: Iterable[Hostile]) -> tuple[Hostile, ...]:
    """The cases, after making sure that no name stands for two of them."""
    found = tuple(cases)
    names = [case.name for case in found]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return found
