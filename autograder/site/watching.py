"""Keeps the site up to date with a gradebook that somebody else is writing."""

from __future__ import annotations

from pathlib import Path

from autograder.gradebook import open_for_reading
from autograder.site import Key, Plan, build, write_class_page
from autograder.site.analysis import Line


class Watch:
    """What was built so far, and of which state of each report."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._lines: dict[Key, Line] = {}
        self._stamps: dict[Key, tuple[object, ...]] = {}

    @property
    def class_page(self) -> Path:
        """Where the class page is."""
        return self.plan.site / "index.html"

    def step(self, *, refresh: int = 0) -> int:
        """Build what changed since the last step, and the class page; gives how many submissions that were."""
        with open_for_reading(self.plan.results) as reader:
            stamps = reader.stamps()
        changed = [key for key, stamp in stamps.items() if self._stamps.get(key) != stamp]
        # noted before the pages are written: what changes meanwhile differs again at the next step
        self._stamps = stamps
        self._lines |= {(one.student, one.exercise): one for one in build(self.plan, changed)}
        if self.plan.instructor:
            write_class_page(self.plan, list(self._lines.values()), refresh=refresh)
        return len(changed)
