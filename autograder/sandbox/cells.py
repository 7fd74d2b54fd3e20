"""Follows one attempt through the notebook's cells, and decides when a cell has had its time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.attempt import Attempt
from autograder.sandbox.channel import ChannelError, Kind, new_number
from autograder.sandbox.limits import Limits

MAX_TEXT = 1_000
MAX_CELLS = 10_000
_OUTCOMES = frozenset({"ok", "error", "skipped"})


@dataclass(frozen=True, slots=True)
class CellFact:
    """What became of one code cell, told by the runner, so evidence only.

    `index` counts code cells from 0; people read `index + 1`, Jupyter's number after "Restart and run all".
    """

    index: int
    outcome: str  # ok, error, skipped, died
    error: str = ""
    seconds: float = 0.0


class CellRun:
    """Follows one attempt through its cells."""

    def __init__(self, attempt: Attempt, limits: Limits, wall_left: float, started: float) -> None:
        self.attempt = attempt
        self.number = new_number()
        self.cell: int | None = None
        self.cells: dict[int, CellFact] = {}
        self.notebook_error: str | None = None
        self._limits = limits
        self._wall_left = wall_left
        self._started = started
        self._cell_started = started

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
            event = frame.json()
            if event.get("event") == "ready":
                return
            self._note(event)

    def _note(self, event: Mapping[str, Any]) -> None:
        kind, index = event.get("event"), event.get("index")
        if kind == "notebook" and self.cell is None and not self.cells:
            error = event.get("error")
            self.notebook_error = None if error is None else str(error)[:MAX_TEXT]
            return
        if not isinstance(index, int) or len(self.cells) > MAX_CELLS or not 0 < index <= MAX_CELLS:
            raise ChannelError("a cell that cannot be")
        self.cell = index
        if kind == "cell":
            self._cell_started = time.monotonic()
        elif kind == "ended" and event.get("outcome") in _OUTCOMES:
            self.finish(str(event["outcome"]), str(event.get("error"))[:MAX_TEXT])
            self.cell = None
        else:
            raise ChannelError("an event that is none")

    def finish(self, outcome: str, error: str) -> None:
        """Record what became of the current cell."""
        if self.cell is not None:
            seconds = 0.0 if outcome == "skipped" else self.cell_seconds
            self.cells[self.cell] = CellFact(self.cell - 1, outcome, error, seconds)
