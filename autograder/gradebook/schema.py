"""The gradebook's tables, step by step: an old file is brought up to date when it is opened for writing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from autograder.errors import GraderError

_FIRST_COLUMNS = """
    student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, source TEXT NOT NULL,
    key TEXT NOT NULL, score REAL NOT NULL, possible REAL NOT NULL, status TEXT NOT NULL, needs_review INTEGER NOT NULL,
    device TEXT NOT NULL, tier TEXT NOT NULL, graded_at TEXT NOT NULL, document TEXT NOT NULL
"""
_FIRST = f"""
CREATE TABLE IF NOT EXISTS reports ({_FIRST_COLUMNS}, written INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (student, exercise));
CREATE TABLE IF NOT EXISTS past_reports ({_FIRST_COLUMNS}, id INTEGER PRIMARY KEY);
"""
_LATER_COLUMNS = (
    "origin TEXT NOT NULL DEFAULT '[]'",  # path and members, to read the very notebook again
    "parts TEXT NOT NULL DEFAULT '{}'",  # what the key was made from, to say what became stale
    "submitted_at TEXT NOT NULL DEFAULT ''",
    "late_percent REAL NOT NULL DEFAULT 0",
)
_OVERRIDES = """
CREATE TABLE overrides (id INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, question TEXT NOT NULL,
    points REAL NOT NULL, reason TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL,
    undone_by TEXT NOT NULL DEFAULT '', undone_at TEXT NOT NULL DEFAULT '');
CREATE TABLE course (name TEXT PRIMARY KEY, value TEXT NOT NULL);
ALTER TABLE reports ADD COLUMN kept_for TEXT NOT NULL DEFAULT '';
"""
_SECOND = (
    "".join(
        f"ALTER TABLE {table} ADD COLUMN {column};\n"
        for table in ("reports", "past_reports")
        for column in _LATER_COLUMNS
    )
    + _OVERRIDES
)
_OUTPUTS = """
CREATE TABLE cell_outputs (student TEXT NOT NULL, exercise TEXT NOT NULL, outputs TEXT NOT NULL,
    PRIMARY KEY (student, exercise));
"""  # of current reports only, and beside them: who reads all reports need not read all pictures
STEPS = (_FIRST, _SECOND, _OUTPUTS)
SCHEMA_VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The step that a file is at; 0 for an empty one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def refuse_newer(path: Path, version: int) -> None:
    """Raise GraderError for the file of a later release: nobody here knows what its tables mean."""
    if not 0 <= version <= SCHEMA_VERSION:
        raise GraderError(
            f"{path} has schema version {version}, this autograder knows {SCHEMA_VERSION}\n"
            "    -> use the autograder that made it, or another folder with -o"
        )


def bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Take the steps that a file lacks, all or none of them."""
    if version < SCHEMA_VERSION:
        steps = "".join(STEPS[version:])
        connection.executescript(f"BEGIN; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
