"""Who handed in something, and no notebook: a row for each of them, and a sentence about what is nobody's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.intake.claims import Claim, Claims, everybody, shelf_of_claims
from autograder.intake.layouts import Layouts
from autograder.intake.looks import CANVAS
from autograder.intake.others import others
from autograder.intake.reading import Found
from autograder.intake.roster import Register
from autograder.intake.shelf import Names, Shelf, View
from autograder.listing import listing
from autograder.submission import NO_NOTEBOOK, StudentId

NAMED = 3  # files in a sentence
MAX_NAME = 60
DATA = (
    *(".csv", ".tsv", ".npy", ".npz", ".h5", ".hdf5", ".pkl", ".parquet", ".mat"),
    *(".pt", ".pth", ".ckpt", ".onnx", ".safetensors"),
)
PAPERS = (
    *(".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".tex", ".html", ".htm", ".py", ".r"),
    *(".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".png", ".jpg", ".jpeg", ".heic"),
)


def without_notebook(claims: Claims, slugs: Sequence[str], register: Register, remarks: list[str]) -> View[Claim]:
    """A claim for each student, or group, who has files in a place of their own and no notebook anywhere.

    Where folders alone say whose things are, most of them must hold a notebook, and what lies in one be no data: else
    they are other folders, and a remark names them.
    """
    having = Names()
    for student in everybody(claims):
        having.add(student.id)
    made = shelf_of_claims()
    rows = [made.add(one) for looked in _look(claims, slugs, register, having) for one in looked.claims(remarks)]
    return View(made, range(1, len(rows) + 1))


def _look(claims: Claims, slugs: Sequence[str], register: Register, having: Names) -> Iterator[_Looked]:
    """At each named path; who was found in one is not looked for in the next."""
    folders = _are_students(claims)
    for path, layout, view in claims.named:
        looked = _Looked(path, layout, view)
        for found in others(path, layout.level):
            whose = _students(found, slugs, layout, register)
            if not whose[1] and folders and not view and path.is_dir():
                whose = 0, (StudentId(found.parts[found.named]),)
            looked.add(found, whose, having)
        yield looked
        for claim in looked.lacking():
            for student in claim.students:
                having.add(student.id)


def _are_students(claims: Claims) -> bool:
    """Whether most of the named folders are each a student's, as in `grade class/*`."""
    firsts = [(path, view[0]) for path, _, view in claims.named if view and path.is_dir()]
    return 2 * sum(one.students[0].id == path.resolve().name for path, one in firsts) > len(firsts)


def _students(
    found: Found, slugs: Sequence[str], layout: Layouts, register: Register
) -> tuple[int, tuple[StudentId, ...]]:
    listed = register.students(found)
    return (0, listed) if listed else layout.owner(found, slugs)


class _Looked:
    """What lies below a named path that is no notebook: by student, and what is nobody's."""

    def __init__(self, path: Path, layout: Layouts, view: View[Claim]) -> None:
        self.path, self.layout, self.view = path, layout, view
        self.shelf: Shelf[tuple[Claim, list[str]]] = Shelf(_pack, _unpack)
        self.count = 0
        self.nobodys: list[str] = []
        self.more = 0

    def add(self, found: Found, whose: tuple[int, tuple[StudentId, ...]], having: Names) -> None:
        """One file more."""
        depth, students = whose
        if not students:
            self._leave(found)
            return
        lacking = tuple(student for student in students if student.id not in having)
        if not lacking:
            return
        label, name = json.dumps([student.id for student in lacking]), _short(found.parts[-1])
        row = self.shelf.row_of(label)
        if row is None:
            self.shelf.add((Claim(found, depth, lacking, nothing=True), [name]), label=label)
            self.count += 1
            return
        claim, names = self.shelf.get(row)
        if len(names) <= NAMED:
            self.shelf.put(row, (claim, [*names, name]))

    def _leave(self, found: Found) -> None:
        """It is said where it lies on top and is something that people hand in."""
        if len(found.parts) - 1 <= found.named + 1 and found.parts[-1].lower().endswith(PAPERS):
            self.more += len(self.nobodys) == NAMED
            self.nobodys += [_short(found.parts[-1])] * (len(self.nobodys) < NAMED)

    def lacking(self) -> Iterator[Claim]:
        """Who has no notebook, as a problem of theirs."""
        for claim, names in View(self.shelf, range(1, self.count + 1)):
            shown = ", ".join(names[:NAMED]) + " ..." * (len(names) > NAMED)
            yield replace(claim, found=replace(claim.found, problem=f"{NO_NOTEBOOK} ({shown})"))

    def claims(self, remarks: list[str]) -> Iterator[Claim]:
        """The same; nobody, and a remark, where these folders are no students'."""
        if self.nobodys:
            more = f" and {self.more:,} more" if self.more else ""
            remarks.append(
                f"{self.path}: no notebooks, and nothing says whose they are, so they are left out:"
                f" {', '.join(self.nobodys)}{more}"
            )
        is_guessed = self.layout.is_plain and bool(self.view)
        few = is_guessed and self.count > self._having()
        folders = listing((claim.students[0].id for claim in self.lacking() if few or self._is_data(claim)), NAMED)
        if is_guessed and folders:
            remarks.append(f"{self.path}: folders without a notebook, which are taken for no students': {folders}")
        if not few:
            yield from (claim for claim in self.lacking() if not (is_guessed and self._is_data(claim)))

    def _is_data(self, claim: Claim) -> bool:
        return claim.found.parts[-1].lower().endswith(DATA)

    def _having(self) -> int:
        names = Names()
        for claim in self.view:
            for student in claim.students:
                names.add(student.id)
        return len(names)


def _pack(value: tuple[Claim, list[str]]) -> object:
    claim, names = value
    return claim.pack(), names


def _unpack(packed: Any) -> tuple[Claim, list[str]]:
    claim, names = packed
    return Claim.unpack(claim), names


def _short(name: str) -> str:
    """A file's name, as its student knows it."""
    canvas = CANVAS.match(name)
    name = canvas["file"] if canvas else name
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..."
