"""The class's results in one SQLite file: each report one transaction, so that a killed batch loses at most one.

The newest report of a student and exercise is in `reports`; those that it replaced are in `past_reports`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import GraderError
from autograder.gradebook.entry import (
    BRIEF_COLUMNS,
    COLUMNS,
    MARKS,
    Dated,
    Entry,
    brief,
    document_text,
    entry,
    outputs_of,
    to_row,
)
from autograder.gradebook.overrides import Override
from autograder.gradebook.reading import (
    FILE_NAME,
    OF,
    PAGE,
    WHOLE,
    ZONE,
    OldGradebookError,
    Reader,
    cannot_be_written,
    is_of_the_place,
    not_a_gradebook,
)
from autograder.gradebook.reading import open_for_reading as _open_for_reading
from autograder.gradebook.schema import SCHEMA_VERSION, bring_up_to_date, refuse_newer, version_of

__all__ = [
    "FILE_NAME",
    "SCHEMA_VERSION",
    "ZONE",
    "Dated",
    "Entry",
    "Gradebook",
    "Override",
    "Reader",
    "entry",
    "open_for_reading",
]


class Gradebook(Reader):
    """An open gradebook. One process writes at a time: a second one is told so."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_be_written(folder, error.strerror) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise GraderError(
                f"another autograder is writing to {folder}\n    -> wait for it, or choose another folder with -o"
            ) from None
        try:
            super().__init__(folder, _open(folder / FILE_NAME))
        except GraderError:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Close the file and let others write."""
        self._connection.close()
        os.close(self._lock)

    def __enter__(self) -> Gradebook:
        return self

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise GraderError(
                f"{self.folder / FILE_NAME} cannot be written ({error})\n"
                "    -> make room on its disk, and give the same command again: what it was told before is kept"
            ) from None
        finally:
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    def put(self, new: Entry) -> None:
        """Store a report in one transaction; the one that it replaces moves to the past ones."""
        whose, in_brief = (new.student, new.exercise), replace(new, document=brief(new.document))
        with self._transaction() as connection:
            connection.execute(f"INSERT INTO past_reports ({COLUMNS}) {WHOLE} {OF}", whose)
            connection.execute(f"INSERT OR REPLACE INTO reports ({BRIEF_COLUMNS}) VALUES ({MARKS})", to_row(in_brief))
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (*whose, document_text(new)))
            connection.execute(f"DELETE FROM cell_outputs {OF}", whose)
            outputs = outputs_of(new)
            if outputs is not None:
                connection.execute("INSERT INTO cell_outputs VALUES (?, ?, ?)", (*whose, outputs))

    def put_aside(self, lower: Entry) -> None:
        """Store a report that is lower than the current one among the past ones; the current one counts on."""
        with self._transaction() as connection:
            connection.execute(f"INSERT INTO past_reports ({COLUMNS}) VALUES ({MARKS})", to_row(lower))
            connection.execute(
                "UPDATE reports SET kept_for = ? WHERE student = ? AND exercise = ?",
                (lower.key, lower.student, lower.exercise),
            )

    def graded_since(self, moment: str) -> int:
        """How many current reports were made at or after a moment."""
        (count,) = self._connection.execute("SELECT count(*) FROM reports WHERE graded_at >= ?", (moment,)).fetchone()
        return int(count)

    def unwritten(self) -> Iterator[Entry]:
        """Reports whose files are not known to be written, each read when its turn comes."""
        sql = (
            "SELECT exercise, student FROM reports WHERE written = 0 AND (exercise, student) > (?, ?)"
            f" ORDER BY exercise, student LIMIT {PAGE}"
        )
        last = ("", "")
        while owed := self._connection.execute(sql, last).fetchall():
            yield from filter(None, (self.find(student, exercise) for exercise, student in owed))
            last = owed[-1]

    def mark_written(self, entries: list[Entry]) -> None:
        """Remember that the files of these very reports are written."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE reports SET written = 1 WHERE student = ? AND exercise = ? AND graded_at = ?",
                [(one.student, one.exercise, one.graded_at) for one in entries],
            )

    def remember_course(self, values: Mapping[str, str]) -> None:
        """Keep what pages and exports need of the course, so that they need no course."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO course (name, value) VALUES (?, ?)", list(values.items()))

    def set_lateness(self, changed: Sequence[Dated]) -> None:
        """Store when these were handed in and what that costs; their files are owed again."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE reports SET submitted_at = ?, late_percent = ?, written = 0 WHERE student = ? AND exercise = ?",
                [(one.submitted_at, one.late_percent, one.student, one.exercise) for one in changed],
            )

    def forget(self, student: str, exercise: str, made_by: str, moment: str) -> None:
        """Take a report out, with those that it replaced. Points set by hand stay in the list, undone."""
        whose = (student, exercise)
        with self._transaction() as connection:
            for table in ("reports", "past_reports", "documents", "cell_outputs"):
                connection.execute(f"DELETE FROM {table} {OF}", whose)
            connection.execute(
                f"UPDATE overrides SET undone_by = ?, undone_at = ? {OF} AND undone_at = ''", (made_by, moment, *whose)
            )

    def unknown_before(self, student: str, source: str) -> list[str]:
        """Of one file of a student's, or of what it lies in, reports that were made when nobody knew its exercise."""
        sql = (
            "SELECT exercise FROM reports WHERE student = ? AND exercise LIKE 'unknown-%'"
            " AND substr(?, 1, length(source)) = source AND substr(?, length(source) + 1, 1) IN ('', '/', '!')"
        )
        return [exercise for (exercise,) in self._connection.execute(sql, (student, source, source))]

    def exercises_of(self, student: str) -> list[str]:
        """The exercises of which there is a current report of a student's, those of unknown exercises included."""
        rows = self._connection.execute("SELECT exercise FROM reports WHERE student = ? ORDER BY exercise", (student,))
        return [exercise for (exercise,) in rows]

    def add_override(self, new: Override) -> None:
        """Store points that a person gave (its id is drawn here); the report's files are owed again."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO overrides (student, exercise, question, points, reason, made_by, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new.student, new.exercise, new.question, new.points, new.reason, new.made_by, new.made_at),
            )
            _owe_files(connection, new)

    def undo_override(self, old: Override, made_by: str, moment: str) -> None:
        """Take one back; it stays in the list."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE overrides SET undone_by = ?, undone_at = ? WHERE id = ?", (made_by, moment, old.id)
            )
            _owe_files(connection, old)


def open_for_reading(folder: Path) -> Reader:
    """The gradebook of a results folder as it is now, brought up to date where an older release made it.

    Raises:
        GraderError: there is none, or it is not one.
    """
    with contextlib.suppress(OldGradebookError):
        return _open_for_reading(folder)
    Gradebook(folder).close()
    return _open_for_reading(folder)


def _owe_files(connection: sqlite3.Connection, about: Override) -> None:
    connection.execute(
        "UPDATE reports SET written = 0 WHERE student = ? AND exercise = ?", (about.student, about.exercise)
    )


def _open(path: Path) -> sqlite3.Connection:
    if path.exists() and not path.is_file():
        raise not_a_gradebook(path, "it is no file")
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise cannot_be_written(path, error) from None
    try:
        version = version_of(connection)
        refuse_newer(path, version)
        connection.execute("PRAGMA journal_mode = WAL")
        # sound after any crash; a power cut may take the last reports, which the same command then makes again
        connection.execute("PRAGMA synchronous = NORMAL")
        bring_up_to_date(connection, version)
    except sqlite3.Error as error:
        connection.close()
        raise (cannot_be_written if is_of_the_place(error) else not_a_gradebook)(path, error) from None
    except GraderError:
        connection.close()
        raise
    return connection
