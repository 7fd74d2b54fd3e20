"""Small charts as numbers for a template: where each bar of an inline SVG stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.site.analysis import BINS

WIDTH, HEIGHT = 320.0, 96.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in a drawing of WIDTH x HEIGHT, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int

    @property
    def middle(self) -> float:
        """Where its number is centred."""
        return self.x + self.width / 2


def histogram(counts: Sequence[int]) -> tuple[Bar, ...]:
    """A bar for each tenth of the percent, the tallest as high as the drawing."""
    step, most = WIDTH / len(counts), max([*counts, 1])
    return tuple(
        Bar(
            round(index * step + 1, 2),
            round(HEIGHT * (1 - count / most), 2),
            round(step - 2, 2),
            round(HEIGHT * count / most, 2),
            f"{100 * index // BINS} to {100 * (index + 1) // BINS} %",
            count,
        )
        for index, count in enumerate(counts)
    )


def shares(full: int, partial: int, none: int, *, width: float = 120.0) -> tuple[Bar, ...]:
    """One bar cut in three: all points, some, none."""
    total, x, bars = max(1, full + partial + none), 0.0, []
    for count, label in ((full, "full"), (partial, "partial"), (none, "none")):
        part = round(width * count / total, 2)
        bars.append(Bar(round(x, 2), 0, part, 10, label, count))
        x += part
    return tuple(bars)
