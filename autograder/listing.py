"""Lists in sentences: never longer than a person reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

MOST = 10


def listing(names: Iterable[str], most: int = MOST) -> str:
    """`a, b and 3 more`."""
    left = iter(names)
    shown = ", ".join(itertools.islice(left, most))
    more = sum(1 for _ in left)
    return f"{shown} and {more:,} more" if more else shown
