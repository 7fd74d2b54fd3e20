"""Reads a gradebook, also while a batch writes it: what was there at one moment, however long reading takes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from autograder.errors import GraderError
from autograder.gradebook.entry import BRIEF_COLUMNS, COLUMNS, OUTPUTS, Dated, Entry, dated_row, from_row, whole_entry
from autograder.gradebook.overrides import Override, every_override, in_force, overrides_of
from autograder.gradebook.schema import SCHEMA_VERSION, refuse_newer, version_of

FILE_NAME = "gradebook.db"
ZONE = "zone:"  # of what is noted about the course: an exercise's time zone
OF = "WHERE student = ? AND exercise = ?"
_JOINED = "FROM reports JOIN documents USING (student, exercise)"
WHOLE = f"SELECT {COLUMNS} {_JOINED}"
WITH_OUTPUTS = f"SELECT {COLUMNS}, {OUTPUTS} {_JOINED}"
BRIEF = f"SELECT {BRIEF_COLUMNS} FROM reports"
DATED = "SELECT student, exercise, submitted_at, late_percent, parts FROM reports"
PAGE = 500  # rows
OF_THE_PLACE = (  # of errors that SQLite has one class for, with others
    "unable to open database file",
    "attempt to write a readonly database",
    "disk I/O error",
    "database or disk is full",
    "database is locked",
)


class Reader:
    """What can be asked of an open gradebook."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __enter__(self) -> Reader:
        return self

    def keys(self) -> dict[tuple[str, str], str]:
        """What each student's report of each exercise answers to.

        Its own key, or that of a newer one that was lower and not taken under --raise-only.
        """
        rows = self._connection.execute("SELECT student, exercise, key, kept_for FROM reports")
        return {(student, exercise): kept_for or key for student, exercise, key, kept_for in rows}

    def key(self, student: str, exercise: str) -> str | None:
        """What one report answers to, as in `keys`."""
        row = self._connection.execute(f"SELECT key, kept_for FROM reports {OF}", (student, exercise)).fetchone()
        return str(row[1] or row[0]) if row else None

    def parts(self, student: str, exercise: str) -> Mapping[str, str] | None:
        """What one report's key was made from."""
        row = self._connection.execute(f"SELECT parts FROM reports {OF}", (student, exercise)).fetchone()
        return json.loads(row[0]) if row else None

    def dated(self, exercises: Sequence[str]) -> Iterator[Dated]:
        """Of each current report of these exercises, and of each late one, when it was handed in and what that was.

        A page of them is in memory, and what was given already may be written to meanwhile.
        """
        marks = ", ".join("?" * len(exercises))
        wanted = f"(late_percent != 0 OR exercise IN ({marks})) AND (student, exercise) > (?, ?)"
        sql, last = f"{DATED} WHERE {wanted} ORDER BY student, exercise LIMIT {PAGE}", ("", "")
        while rows := self._connection.execute(sql, (*exercises, *last)).fetchall():
            yield from map(dated_row, rows)
            last = rows[-1][:2]

    def dated_of(self, student: str, exercise: str) -> Dated | None:
        """The same of one current report, of whichever exercise."""
        row = self._connection.execute(f"{DATED} {OF}", (student, exercise)).fetchone()
        return dated_row(row) if row else None

    def stamps(self) -> dict[tuple[str, str], tuple[object, ...]]:
        """Something for each current report that differs once anything about it changed."""
        given: dict[tuple[str, str], tuple[object, ...]] = {}
        for one in every_override(self._connection):
            given[one.student, one.exercise] = (*given.get((one.student, one.exercise), ()), one.id, one.undone_at)
        rows = self._connection.execute("SELECT student, exercise, graded_at, submitted_at, late_percent FROM reports")
        return {(row[0], row[1]): (*row[2:], *given.get((row[0], row[1]), ())) for row in rows}

    def entries(self) -> Iterator[Entry]:
        """All current reports, by exercise and student; without their cells' outputs."""
        return self._entries(f"{WHOLE} ORDER BY exercise, student")

    def briefs(self) -> Iterator[Entry]:
        """The same without most of their documents: quick to read for a whole class."""
        return self._entries(f"{BRIEF} ORDER BY exercise, student")

    def _entries(self, sql: str) -> Iterator[Entry]:
        given = in_force(every_override(self._connection))
        return (from_row(row, given.get(row[:2], ())) for row in self._connection.execute(sql))

    def find(self, student: str, exercise: str) -> Entry | None:
        """One current report, whole."""
        row = self._connection.execute(f"{WITH_OUTPUTS} {OF}", (student, exercise)).fetchone()
        return whole_entry(row, self._given(student, exercise)) if row else None

    def brief(self, student: str, exercise: str) -> Entry | None:
        """One current report without most of its document."""
        row = self._connection.execute(f"{BRIEF} {OF}", (student, exercise)).fetchone()
        return from_row(row, self._given(student, exercise)) if row else None

    def _given(self, student: str, exercise: str) -> tuple[Override, ...]:
        return in_force(overrides_of(self._connection, student, exercise)).get((student, exercise), ())

    def people(self) -> list[tuple[str, str, str]]:
        """Id, name and address of each student."""
        return list(self._connection.execute("SELECT DISTINCT student, name, email FROM reports ORDER BY student"))

    def overrides(self) -> list[Override]:
        """All that were ever made, the oldest first."""
        return list(every_override(self._connection))

    def course(self) -> dict[str, str]:
        """What the last `grade` said about the course: its title, each exercise's feedback policy and time zone."""
        return dict(self._connection.execute("SELECT name, value FROM course").fetchall())

    def zones(self) -> dict[str, str]:
        """In which time zone an exercise's times without one are, by its slug; of those with a due date."""
        return {name.removeprefix(ZONE): zone for name, zone in self.course().items() if name.startswith(ZONE)}


def open_for_reading(folder: Path) -> Reader:
    """The gradebook of a results folder as it is now; whoever writes it goes on.

    Raises:
        GraderError: there is none, it is not one, or an older release made it.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise GraderError(f"{folder} has no {FILE_NAME}\n    -> name the folder that `autograder grade` wrote")
    try:
        connection, version = _opened(path, "mode=ro")
    except sqlite3.Error as error:
        connection, version = _without_its_log(path, error)
    if version < SCHEMA_VERSION:
        connection.close()
        raise OldGradebookError(
            f"{path} was made by an older autograder (schema version {version})\n"
            "    -> end what writes to it, and give the command again: it then brings the file up to date"
        )
    return Reader(folder, connection)


def _opened(path: Path, how: str) -> tuple[sqlite3.Connection, int]:
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, isolation_level=None)
    try:
        version = version_of(connection)
        refuse_newer(path, version)
        connection.execute("BEGIN")  # what is read from here on is of one moment
    except (sqlite3.Error, GraderError):
        connection.close()
        raise
    return connection, version


def _without_its_log(path: Path, error: sqlite3.Error) -> tuple[sqlite3.Connection, int]:
    """Open it where nothing can be written: SQLite wants to make the files of its log there, even for reading.

    Where there is a log with something in it, the last results are in there, and the file alone would lack them.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if not is_of_the_place(error):
            raise error
        if log.exists() and log.stat().st_size:
            raise GraderError(
                f"{path} cannot be read where it is ({error}): {log.name} holds results that are not yet in it\n"
                "    -> copy the whole folder to where you can write, and name the copy"
            )
        return _opened(path, "mode=ro&immutable=1")
    except sqlite3.Error as again:
        if not is_of_the_place(again):
            raise not_a_gradebook(path, again) from None
        raise GraderError(f"{path} cannot be read ({again})\n    -> let this account read it") from None


class OldGradebookError(GraderError):
    """It has to be opened for writing once."""


def is_of_the_place(error: sqlite3.Error) -> bool:
    """Whether SQLite failed through the disk or the permissions there: that says nothing about the file."""
    return any(words in str(error) for words in OF_THE_PLACE)


def cannot_be_written(path: Path, why: object) -> GraderError:
    """The sentence for a sound place where this account may not write, or not now."""
    return GraderError(f"{path} cannot be written ({why})\n    -> let this account write there, or name another folder")


def not_a_gradebook(path: Path, error: sqlite3.Error | str) -> GraderError:
    """The sentence for a file that SQLite does not take."""
    return GraderError(f"{path} is not a gradebook ({error})\n    -> move it away, or choose another folder")
