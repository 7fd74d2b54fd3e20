"""--students FILE.csv: the instructor's own word on whose a file is."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.errors import GraderError
from autograder.exercise import read_text
from autograder.intake.reading import Found
from autograder.listing import listing
from autograder.submission import StudentId

FEW = 3


@dataclass(frozen=True, slots=True)
class Roster:
    """Rows by what they name: a path as found, a file's name, its stem, or a folder's name."""

    rows: Mapping[str, tuple[StudentId, ...]]

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Read a CSV with the columns file and student, and perhaps name and email.

        Raises:
            GraderError: a column is missing, or a row has no student; with the line.
        """
        lines = read_text(path).lstrip("\ufeff").splitlines()
        try:
            return cls._parse(path, lines)
        except csv.Error as error:
            raise GraderError(f"{path}: not a CSV file ({error})\n    -> save it as CSV, UTF-8") from None

    @classmethod
    def _parse(cls, path: Path, lines: list[str]) -> Roster:
        delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
        reader = csv.DictReader(lines, delimiter=delimiter)
        columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        if "file" not in columns or "student" not in columns:
            raise GraderError(
                f"{path}: its header is {lines[0] if lines else '(nothing)'!r}\n"
                "    -> columns: file,student and perhaps name,email; file is a path, a file's or a folder's name"
            )
        rows: dict[str, tuple[StudentId, ...]] = {}
        for row in reader:
            value = {name: (row.get(column) or "").strip() for name, column in columns.items()}
            if not value["file"] or not value["student"]:
                raise GraderError(
                    f"{path}:{reader.line_num}: file or student is empty\n    -> fill it in or drop the row"
                )
            student = StudentId(value["student"], value.get("name", ""), value.get("email", ""))
            file = _composed(value["file"])
            rows[file] = (*rows.get(file, ()), student)
        return cls(rows)

    def students(self, found: Found) -> tuple[StudentId, ...]:
        """The students of the most exact row that names this file; none where no row does."""
        return next((self.rows[key] for key in self.keys(found)), ())

    def keys(self, found: Found) -> list[str]:
        """What rows call this file, the most exact name first."""
        below = PurePosixPath(*found.parts[1:]) if len(found.parts) > 1 else PurePosixPath(*found.parts)
        names = [str(found.source), str(below), below.name, below.stem, *reversed(below.parts[:-1])]
        return [key for key in map(_composed, names) if key in self.rows]


class Register:
    """A roster, and which of its rows were of use."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._used: set[str] = set()

    def students(self, found: Found) -> tuple[StudentId, ...]:
        """As the roster's."""
        self._used.update(self.roster.keys(found))
        return self.roster.students(found)

    def remarks(self) -> Iterator[str]:
        """What is said twice, and what named nothing."""
        people = {file: sorted({one.id for one in students}) for file, students in self.roster.rows.items()}
        said = {file: f"{file} ({listing(names, FEW)})" for file, names in people.items()}
        idle = [said[file] for file in people if file not in self._used]
        if idle:
            what = f"{len(idle):,} of the {len(people):,} files that it lists are not"
            yield f"--students: {what} among what was found: {listing(idle)}"
        groups = [said[file] for file in people if len(people[file]) > 1 and file in self._used]
        if groups:
            yield f"--students: listed for several students, as a group's, so each of them gets it: {listing(groups)}"


def _composed(name: str) -> str:
    """Accents as one character: macOS writes file names with two, spreadsheets with one."""
    return unicodedata.normalize("NFC", name)
