"""The class's results in one SQLite file: each report one transaction, so that a killed batch loses at most one.

The newest report of a student and exercise is in `reports`; those that it replaced are in `past_reports`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.submission import Submission

SCHEMA_VERSION = 1
FILE_NAME = "gradebook.db"
COLUMNS = """
    student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, source TEXT NOT NULL,
    key TEXT NOT NULL, score REAL NOT NULL, possible REAL NOT NULL, status TEXT NOT NULL, needs_review INTEGER NOT NULL,
    device TEXT NOT NULL, tier TEXT NOT NULL, graded_at TEXT NOT NULL, document TEXT NOT NULL
"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reports ({COLUMNS}, written INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (student, exercise));
CREATE TABLE IF NOT EXISTS past_reports ({COLUMNS}, id INTEGER PRIMARY KEY);
"""
NAMES = """student, exercise, name, email, source, key, score, possible, status, needs_review, device, tier,
    graded_at, document"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the gradebook; `document` is the report as in its JSON file."""

    student: str
    exercise: str
    name: str
    email: str
    source: str
    key: str
    score: float
    possible: float
    status: str
    needs_review: bool
    device: str
    tier: str
    graded_at: str
    document: dict[str, Any]

    @property
    def percent(self) -> float:
        """Of the possible points, in percent."""
        return 100 * self.score / self.possible if self.possible else 0.0


def entry(submission: Submission, key: str, graded_at: str, document: dict[str, Any]) -> Entry:
    """The row for one graded submission."""
    student, setting = submission.student, document["setting"]
    return Entry(
        student.id,
        submission.exercise or "",
        student.name,
        student.email,
        str(submission.source),
        key,
        document["score"],
        document["possible"],
        document["status"],
        document["needs_review"],
        setting["device"],
        setting["tier"],
        graded_at,
        document,
    )


class Gradebook:
    """An open gradebook. One process writes at a time: a second one is told so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise GraderError(
                f"{folder}: no folder to write in ({error.strerror})\n    -> choose another with -o"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise GraderError(
                f"another autograder is writing to {folder}\n    -> wait for it, or choose another folder with -o"
            ) from None
        try:
            self._connection = _open(folder / FILE_NAME)
        except GraderError:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Close the file and let others write."""
        self._connection.close()
        os.close(self._lock)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise GraderError(
                f"{self.folder / FILE_NAME} cannot be written ({error})\n"
                "    -> make room on its disk; the same command then goes on from what is kept"
            ) from None
        finally:
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")

    def put(self, new: Entry) -> None:
        """Store a report in one transaction; the one that it replaces moves to the past ones."""
        whose = (new.student, new.exercise)
        with self._transaction() as connection:
            connection.execute(
                f"INSERT INTO past_reports ({NAMES}) SELECT {NAMES} FROM reports WHERE student = ? AND exercise = ?",
                whose,
            )
            connection.execute(f"INSERT OR REPLACE INTO reports ({NAMES}) VALUES ({', '.join('?' * 14)})", _row(new))

    def keys(self) -> dict[tuple[str, str], str]:
        """What each student's report of each exercise was made from."""
        rows = self._connection.execute("SELECT student, exercise, key FROM reports")
        return {(student, exercise): key for student, exercise, key in rows}

    def entries(self) -> Iterator[Entry]:
        """All current reports, by exercise and student."""
        rows = self._connection.execute(f"SELECT {NAMES} FROM reports ORDER BY exercise, student")
        return (_entry(row) for row in rows)

    def graded_since(self, moment: str) -> int:
        """How many current reports were made at or after a moment."""
        (count,) = self._connection.execute("SELECT count(*) FROM reports WHERE graded_at >= ?", (moment,)).fetchone()
        return int(count)

    def find(self, student: str, exercise: str) -> Entry | None:
        """One current report."""
        sql = f"SELECT {NAMES} FROM reports WHERE student = ? AND exercise = ?"
        row = self._connection.execute(sql, (student, exercise)).fetchone()
        return _entry(row) if row else None

    def unwritten(self) -> list[Entry]:
        """Reports whose files are not known to be written."""
        rows = self._connection.execute(f"SELECT {NAMES} FROM reports WHERE written = 0").fetchall()
        return [_entry(row) for row in rows]

    def mark_written(self, entries: list[Entry]) -> None:
        """Remember that the files of these very reports are written."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE reports SET written = 1 WHERE student = ? AND exercise = ? AND graded_at = ?",
                [(one.student, one.exercise, one.graded_at) for one in entries],
            )


def _open(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise _not_a_gradebook(path, error) from None
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise GraderError(
                f"{path} has schema version {version}, this autograder knows {SCHEMA_VERSION}\n"
                "    -> use the autograder that made it, or another folder with -o"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        # sound after any crash; a power cut may take the last reports, which the same command then makes again
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    except sqlite3.Error as error:
        connection.close()
        raise _not_a_gradebook(path, error) from None
    except GraderError:
        connection.close()
        raise
    return connection


def _not_a_gradebook(path: Path, error: sqlite3.Error) -> GraderError:
    return GraderError(f"{path} is not a gradebook ({error})\n    -> move it away, or choose another folder")


def _row(new: Entry) -> tuple[Any, ...]:
    document = json.dumps(new.document, separators=(",", ":"))
    return (
        *(new.student, new.exercise, new.name, new.email, new.source, new.key, new.score, new.possible, new.status),
        *(int(new.needs_review), new.device, new.tier, new.graded_at, document),
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    *texts, key, score, possible, status, needs_review, device, tier, graded_at, document = row
    student, exercise, name, email, source = texts
    return Entry(
        student, exercise, name, email, source, key, score, possible, status,
        bool(needs_review), device, tier, graded_at, json.loads(document),
    )  # fmt: skip
