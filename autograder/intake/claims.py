"""Whose each thing is that was found, and what the instructor named that can be nobody's."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.intake.layouts import Layouts, layouts_of
from autograder.intake.named import damaged, is_foreign, refuse_foreign
from autograder.intake.packing import pack_found, pack_student, unpack_found, unpack_student
from autograder.intake.reading import Found, find
from autograder.intake.roster import Register
from autograder.intake.shelf import Shelf, View
from autograder.submission import StudentId


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose a thing is by its path, and how far below what the instructor named the name is that says so.

    `nothing` says that it is no notebook, and that whoever handed it in has none.
    """

    found: Found
    depth: int
    students: tuple[StudentId, ...]
    nothing: bool = False

    @classmethod
    def unpack(cls, packed: Any) -> Claim:
        """What `pack` made."""
        found, depth, students, nothing = packed
        return cls(unpack_found(found), depth, tuple(map(unpack_student, students)), nothing)

    def pack(self) -> object:
        """As it lies on a shelf."""
        return pack_found(self.found), self.depth, [pack_student(one) for one in self.students], self.nothing


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims, and those below each named path with its layout."""

    shelf: Shelf[Claim]
    named: Sequence[tuple[Path, Layouts, View[Claim]]]


def shelf_of_claims() -> Shelf[Claim]:
    """For those of a whole class."""
    return Shelf(Claim.pack, Claim.unpack)


def claims_of(paths: Sequence[Path], slugs: Sequence[str], register: Register) -> Claims:
    """Find all notebooks, and say whose they are.

    Raises:
        GraderError: there is no notebook at all, or one of the paths cannot be what was handed in.
    """
    everything, shelf = Shelf(pack_found, unpack_found), shelf_of_claims()
    foreign = [path for path in paths if is_foreign(path)]
    named = [(path, everything.add_all(find(path) if path not in foreign else ())) for path in paths]
    layouts = layouts_of(named)
    views = []
    for number, (layout, (_, found)) in enumerate(zip(layouts, named, strict=True)):
        claims = (_claim(one, slugs, layout, register) for one in found)
        views.append(shelf.add_all(claims, functools.partial(_whose, number)))
    _refuse_damaged(named, views)
    if not any(found for _, found in named):
        refuse_foreign(foreign)
        names = ", ".join(str(path) for path in paths)
        raise GraderError(f"no notebook (.ipynb) in {names}\n    -> name the folder or zip that holds the submissions")
    return Claims(shelf, list(zip(paths, layouts, views, strict=True)))


def _claim(found: Found, slugs: Sequence[str], layouts: Layouts, register: Register) -> Claim:
    listed = register.students(found)
    return Claim(found, 0, listed) if listed else Claim(found, *layouts.claim(found, slugs))


def _whose(number: int, claim: Claim) -> str:
    """The same for all that one student, or one group, has below one of the named paths."""
    return json.dumps([number, *(student.id for student in claim.students)])


def _refuse_damaged(named: Sequence[tuple[Path, View[Found]]], views: Sequence[View[Claim]]) -> None:
    """A class's zip that is cut off is no student. Beside files of single students, it may be a student's own."""
    classes = sum(differ(claim.students for claim in view) for view in views)
    for path, found in named:
        problem = damaged(path, found)
        if problem and (classes or len(named) == 1):
            raise GraderError(problem)


def differ(values: Iterable[object]) -> bool:
    """Whether not all are equal."""
    return any(one != other for one, other in itertools.pairwise(values))


def everybody(claims: Claims) -> Iterator[StudentId]:
    """Who has a notebook, or something that could be one."""
    return (student for _, _, view in claims.named for claim in view for student in claim.students)
