"""How far a batch is: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LINE_SECONDS = 15.0  # where there is no terminal


class _Rate(ProgressColumn):
    """Submissions a second, or seconds a submission where they are slow."""

    def render(self, task: Task) -> Text:
        return Text(rate(task.finished_speed or task.speed))


def rate(per_second: float | None) -> str:
    """A rate as people say it."""
    if not per_second:
        return "-"
    return f"{per_second:.1f}/s" if per_second >= 1 else f"{1 / per_second:.1f} s each"


class Meter:
    """Counts what is done: number, rate, time left, and how many are to be looked at."""

    def __init__(self, total: int, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self._console = console
        self._clock = clock
        self._started = self._said = clock()
        self._bar = Progress(
            TextColumn("Grading"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failed]} to look at"),
            console=console,
            disable=not console.is_terminal or total == 0,
            transient=True,
        )
        self._task = self._bar.add_task("Grading", total=total, failed=0)

    def __enter__(self) -> Meter:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def advance(self, *, failed: bool) -> None:
        """One more is done."""
        self.done += 1
        self.failed += failed
        self._bar.update(self._task, advance=1, failed=self.failed)
        now = self._clock()
        if not self._console.is_terminal and now - self._said >= LINE_SECONDS:
            self._said = now
            speed = self.done / (now - self._started)
            left = (self.total - self.done) / speed
            self._console.print(
                f"{self.done}/{self.total} graded, {rate(speed)}, {left:.0f} s left, {self.failed} to look at"
            )
