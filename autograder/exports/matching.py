"""Whose row is whose: by id, by address, by name, and a list of everybody for whom none of these is certain."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograder.gradebook import Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """One row of an LMS's file: all that it says about who it is, and whether somebody's work is expected there."""

    row: int
    ids: tuple[str, ...]
    email: str
    name: str
    expected: bool = True

    def __str__(self) -> str:
        return self.name or self.email or next(filter(None, self.ids), "nobody")


@dataclass(frozen=True, slots=True)
class Matches:
    """Entries by row; `remarks` are those found by less than an id or an address, `unmatched` those not found."""

    rows: Mapping[int, Entry]
    remarks: tuple[str, ...]
    unmatched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to tell: what a student and a row must share, alone among all students and rows that are left."""

    how: str
    ours: Callable[[Entry], tuple[str, ...]]
    theirs: Callable[[Person], tuple[str, ...]]


def match(entries: Sequence[Entry], people: Sequence[Person]) -> Matches:
    """Each student's row. What two rows or two students could claim is nobody's."""
    found: dict[int, Entry] = {}
    remarks: list[str] = []
    left, free = list(entries), list(people)
    for way in WAYS:
        theirs, ours = _by_key(free, way.theirs), _by_key(left, way.ours)
        for key in sorted(ours.keys() & theirs.keys()):
            (entry, *others), (person, *rows) = ours[key], theirs[key]
            if others or rows or person.row in found or entry not in left:
                continue
            found[person.row] = entry
            left.remove(entry)
            if way.how:
                remarks.append(f"{entry.student} is taken for {person} (row {person.row + 1}), {way.how}")
        free = [person for person in free if person.row not in found]
    unmatched = [
        f"{entry.student}{f' ({entry.name})' if entry.name else ''}: no row is certainly theirs" for entry in left
    ]
    unmatched += [
        f"{person} (row {person.row + 1}): no result is certainly theirs" for person in free if person.expected
    ]
    return Matches(found, tuple(remarks), tuple(unmatched))


def _by_key(things: Iterable[T], keys: Callable[[T], tuple[str, ...]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for thing in things:
        for key in dict.fromkeys(filter(None, keys(thing))):
            found.setdefault(key, []).append(thing)
    return found


def folded(text: str) -> str:
    """A text for comparing: no case, one kind of accents, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _number(text: str) -> str:
    """An id whose leading zeros a spreadsheet may have eaten."""
    return text.strip().lstrip("0") if text.strip().isdigit() else ""


def _words(name: str) -> str:
    """`Curie, Marie` is `Marie Curie`."""
    return " ".join(sorted(folded(name.replace(",", " ")).split()))


def _squeezed(name: str) -> str:
    """Canvas' downloads write `curiemarie` for `Curie, Marie`."""
    return "".join(character for character in folded(name) if character.isalnum())


def _both_ways(name: str) -> tuple[str, ...]:
    first, comma, last = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return _squeezed(first + last), _squeezed(last + first)


WAYS = (
    _Way("", lambda entry: (folded(entry.student),), lambda person: tuple(map(folded, person.ids))),
    _Way("", lambda entry: (folded(entry.email), folded(entry.student)), lambda person: (folded(person.email),)),
    _Way(
        "by a number without its leading zeros",
        lambda entry: (_number(entry.student),),
        lambda person: tuple(map(_number, person.ids)),
    ),
    _Way("by name", lambda entry: (_words(entry.name), _words(entry.student)), lambda person: (_words(person.name),)),
    _Way("by name", lambda entry: (_squeezed(entry.name),), lambda person: _both_ways(person.name)),
)
