"""Lists as long as a class is large: what is in them lies on disk, and little of it is in memory."""

from __future__ import annotations

import json
import sqlite3
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from autograder.errors import GraderError

T = TypeVar("T")
Rank = tuple[str | float, str | float, str]
UNRANKED: Rank = (0, 0, "")
SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000;
"""  # nothing of it outlives the process; the cache is 1 MB
SHELF = """
CREATE TABLE kept (row INTEGER PRIMARY KEY, label TEXT, first, second, third, value TEXT NOT NULL);
CREATE INDEX labels ON kept (label) WHERE label IS NOT NULL;
BEGIN;
"""
NAMES = """
CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID;
BEGIN;
"""
VOTES = """
CREATE TABLE votes (level INTEGER, voter TEXT, yes INTEGER, PRIMARY KEY (level, voter)) WITHOUT ROWID;
BEGIN;
"""


class _Scratch:
    """A private temporary database of SQLite's: a nameless file in TMPDIR or /var/tmp once it is large."""

    def __init__(self, schema: str) -> None:
        # whichever thread collects it closes it
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._connection.close)
        self._connection.executescript(SETTINGS + schema)

    def _do(self, sql: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.OperationalError as error:
            raise GraderError(
                f"no room for the list of what was found ({error})\n"
                "    -> make room in the folder for temporary files, or name another one with TMPDIR"
            ) from None


class Shelf(_Scratch, Generic[T]):
    """Values, each in a row of its own; `pack` makes something of a value that JSON can say, `unpack` a value of that.

    A value may have a label, by which it is found, and a rank, by which all of them can be put in order.
    """

    def __init__(self, pack: Callable[[T], object], unpack: Callable[[Any], T]) -> None:
        super().__init__(SHELF)
        self._pack, self._unpack = pack, unpack

    def add(self, value: T, *, label: str | None = None, rank: Rank = UNRANKED) -> int:
        """Put a value behind all others; gives its row.

        Raises:
            GraderError: the disk for temporary files is full.
        """
        # ASCII: names of files may be no UTF-8, which SQLite does not take
        sql = "INSERT INTO kept (label, first, second, third, value) VALUES (?, ?, ?, ?, ?)"
        return self._do(sql, label, *rank, json.dumps(self._pack(value))).lastrowid or 0

    def add_all(self, values: Iterable[T], label: Callable[[T], str | None] = lambda _: None) -> View[T]:
        """Put values behind all others; gives the list of these. Raises as above."""
        first = last = 0
        for value in values:
            last = self.add(value, label=label(value))
            first = first or last
        return View(self, range(first, last + 1) if first else range(0))

    def put(self, row: int, value: T) -> None:
        """Another value in the place of one."""
        self._do("UPDATE kept SET value = ? WHERE row = ?", json.dumps(self._pack(value)), row)

    def get(self, row: int) -> T:
        """The value in a row."""
        (text,) = self._do("SELECT value FROM kept WHERE row = ?", row).fetchone()
        return self._unpack(json.loads(text))

    def between(self, rows: range) -> Iterator[T]:
        """The values of these rows, of those that are still there."""
        found = self._do("SELECT value FROM kept WHERE row >= ? AND row < ? ORDER BY row", rows.start, rows.stop)
        return (self._unpack(json.loads(text)) for (text,) in found)

    def row_of(self, label: str) -> int | None:
        """The row of a value, by its label."""
        row = self._do("SELECT row FROM kept WHERE label = ?", label).fetchone()
        return int(row[0]) if row else None

    def ranked(self) -> View[T]:
        """All by their ranks, and those of equal rank as they came."""
        rows = self._do("SELECT row FROM kept ORDER BY first, second, third, row")
        return View(self, array("q", (row for (row,) in rows)))

    def crowds(self, most: int) -> Iterator[View[T]]:
        """The values of each label that more than `most` have, in the order of their first ones."""
        sql = "SELECT label FROM kept GROUP BY label HAVING count(*) > ? ORDER BY min(row)"
        for (label,) in self._do(sql, most).fetchall():
            rows = self._do("SELECT row FROM kept WHERE label = ? ORDER BY row", label)
            yield View(self, array("q", (row for (row,) in rows)))

    def drop(self, rows: Iterable[int]) -> None:
        """Take values out."""
        for row in rows:
            self._do("DELETE FROM kept WHERE row = ?", row)


class View(Sequence[T]):
    """Values of a shelf in some order, eight bytes each: each is read when its turn comes."""

    def __init__(self, shelf: Shelf[T], rows: Sequence[int]) -> None:
        self._shelf = shelf
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[T]:
        return self._shelf.between(self.rows) if isinstance(self.rows, range) else map(self._shelf.get, self.rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> View[T]: ...
    def __getitem__(self, index: int | slice) -> T | View[T]:
        """One value, or a part of the list."""
        if isinstance(index, slice):
            return View(self._shelf, self.rows[index])
        return self._shelf.get(self.rows[index])

    def where(self, is_wanted: Callable[[T], bool]) -> View[T]:
        """Those that are wanted."""
        rows = (row for row, value in zip(self.rows, self, strict=True) if is_wanted(value))
        return View(self._shelf, array("q", rows))


class Names(_Scratch):
    """A set of texts."""

    def __init__(self) -> None:
        super().__init__(NAMES)

    def add(self, name: str) -> None:
        """One more."""
        self._do("INSERT OR IGNORE INTO names VALUES (?)", json.dumps(name))

    def __contains__(self, name: str) -> bool:
        return self._do("SELECT 1 FROM names WHERE name = ?", json.dumps(name)).fetchone() is not None

    def __len__(self) -> int:
        return int(self._do("SELECT count(*) FROM names").fetchone()[0])


class Votes(_Scratch):
    """Yes or no by level and voter, where a voter's one no counts over every yes of it."""

    def __init__(self) -> None:
        super().__init__(VOTES)

    def cast(self, level: int, voter: Sequence[str], *, yes: bool) -> None:
        """One vote."""
        sql = "INSERT INTO votes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET yes = min(yes, excluded.yes)"
        self._do(sql, level, json.dumps(voter), yes)

    def majorities(self) -> list[int]:
        """The levels at which more than half of the voters say yes, in order."""
        sql = "SELECT level FROM votes GROUP BY level HAVING 2 * sum(yes) > count(*) ORDER BY level"
        return [level for (level,) in self._do(sql)]
