"""Follows one attempt through the notebook's cells, and decides when a cell has had its time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.sandbox.attempt import Attempt
from autograder.sandbox.channel import ChannelError, Kind, new_number
from autograder.sandbox.limits import Limits
from autograder.sandbox.notebook import MAX_LINE, MAX_NAMES
from autograder.sandbox.outputs import MAX_ALL_PICTURES, OutputKeeper

MAX_TEXT = 1_000
MAX_CELLS = 10_000
MAX_EVENT_BYTES = 2**18  # the text of a cell's outputs with every character escaped
MAX_ERRORS = 20  # of cells, with what stopped them
MAX_ERROR_BYTES = 20_000  # their texts together
_OUTCOMES = frozenset({"ok", "error", "skipped"})
STOPPED = ("error", "died")


@dataclass(frozen=True, slots=True)
class CellFact:
    """What became of one code cell, told by the runner, so evidence only.

    `index` counts code cells from 0; people read `index + 1`, Jupyter's number after "Restart and run all".
    """

    index: int
    outcome: str  # ok, error, skipped, died
    error: str = ""
    seconds: float = 0.0
    line: str = ""  # its first one, to find it by


class CellRun:
    """Follows one attempt through its cells."""

    def __init__(
        self, attempt: Attempt, limits: Limits, wall_left: float, started: float, outputs: OutputKeeper
    ) -> None:
        self.attempt = attempt
        self.outputs = outputs
        self.printed_before = attempt.printed.count  # bytes, when the current cell began
        self.number = new_number()
        self.cell: int | None = None
        self.cells: dict[int, CellFact] = {}
        self.notebook_error: str | None = None
        self.defined: tuple[str, ...] = ()  # the notebook's functions, by its text: told before student code runs
        self._line = ""
        self._printed_at_start = attempt.printed.count
        self._limits = limits
        self._wall_left = wall_left
        self._started = started
        self._cell_started = started
        self._last = 0

    def deadline(self) -> float:
        """When a cell that still runs is stopped: so that cells and calls of another attempt have time left.

        The time that the cells before it took would be needed again, and then some for a call; but at least half of
        what is left is for this cell.
        """
        until_here = self._cell_started - self._started
        reserve = min(self._wall_left / 2, until_here + self._limits.call_seconds)
        return self._started + self._wall_left - reserve

    @property
    def cell_seconds(self) -> float:
        """For how long the current cell has run."""
        return time.monotonic() - self._cell_started

    def until_ready(self) -> None:
        """Read events until the cells are through, or the notebook turns out to be none."""
        while self.notebook_error is None:
            frame = self.attempt.receive(self.deadline())
            if frame.kind is not Kind.EVENT or frame.number != self.number:
                raise ChannelError("a message came that was not asked for")
            if len(frame.packed.head) > MAX_EVENT_BYTES or len(frame.packed.body) > MAX_ALL_PICTURES:
                raise ChannelError("an event that is too long")
            event = frame.json()
            if frame.packed.body and event.get("event") != "ended":
                raise ChannelError("an event with pictures that shows none")
            if event.get("event") == "ready":
                return
            self._note(event, frame.packed.body)

    def _note(self, event: Mapping[str, Any], body: bytes) -> None:
        """Take an event that student code may have made: of the wrong type, order or length it breaks the protocol."""
        kind, index, error = event.get("event"), event.get("index"), event.get("error")
        if kind == "notebook" and self.cell is None and not self.cells:
            self.notebook_error = None if error is None else plain(error)
            self.defined = _names(event.get("defined", []))
            return
        if type(index) is not int or not self._last < index <= MAX_CELLS:
            raise ChannelError("a cell that cannot be")
        if kind == "cell" and self.cell is None:
            self.cell = index
            self._line = plain(event.get("line", ""))[:MAX_LINE]
            self._cell_started = time.monotonic()
            self.printed_before = self._printed_at_start + _count(event.get("printed", 0))
            return
        outcome = event.get("outcome")
        if kind != "ended" or not isinstance(outcome, str) or outcome not in _OUTCOMES:
            raise ChannelError("an event that is none")
        if index != self.cell and (self.cell is not None or outcome != "skipped"):
            raise ChannelError("the end of a cell that did not run")
        self.cell = index
        self.finish(outcome, plain(error))
        self.outputs.take(index, outcome, event.get("outputs", []), body)
        self.cell = None
        self._last = index

    def finish(self, outcome: str, error: str) -> None:
        """Record what became of the current cell."""
        if self.cell is not None:
            seconds = 0.0 if outcome == "skipped" else self.cell_seconds
            self.cells[self.cell] = CellFact(self.cell - 1, outcome, error, seconds, self._line)


def _count(number: object) -> int:
    if type(number) is not int or not 0 <= number < 2**53:
        raise ChannelError("a number that is none")
    return number


def _names(names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or len(names) > MAX_NAMES:
        raise ChannelError("names that are no list, or too many")
    return tuple(name for name in map(plain, names) if name.isidentifier() and len(name) <= MAX_LINE)


def plain(text: object) -> str:
    """A text of the runner's, bounded, and such that it can be written to a file; raises ChannelError for others."""
    if not isinstance(text, str):
        raise ChannelError("a text that is none")
    return text[:MAX_TEXT].encode(errors="replace").decode()


def within_budget(cells: Iterable[CellFact]) -> tuple[tuple[CellFact, ...], int]:
    """The cells, the first that stopped with a text and later ones without; and how many are without."""
    kept: list[CellFact] = []
    errors, left = 0, MAX_ERROR_BYTES
    for cell in cells:
        if cell.outcome not in STOPPED:
            kept.append(cell)
            continue
        errors += 1
        text = cell.error.encode()[:left].decode(errors="ignore") if errors <= MAX_ERRORS else ""
        left -= len(text.encode())
        kept.append(replace(cell, error=text))
    return tuple(kept), max(0, errors - MAX_ERRORS)
