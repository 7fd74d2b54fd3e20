"""What lateness costs: a due date, a grace, a percentage for each day begun. Without a known time nothing is late."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """The rule of one exercise; `due` has its time zone, in which times that have none are read."""

    due: datetime
    grace: timedelta = timedelta()
    percent_per_day: float = 0.0
    at_most: float = 100.0

    def percent(self, submitted_at: str) -> float:
        """The percentage of the points that is lost; 0 where it is not known when it was handed in."""
        moment = read_moment(submitted_at)
        if moment is None:
            return 0.0
        over = (moment if moment.tzinfo else moment.replace(tzinfo=self.due.tzinfo)) - self.due
        if over <= self.grace:
            return 0.0
        return min(self.at_most, self.percent_per_day * math.ceil(over / DAY))


def read_moment(text: str) -> datetime | None:
    """A time in ISO 8601, with or without its zone; None for anything else."""
    words = text.strip()
    try:
        return datetime.fromisoformat(words[:-1].rstrip() + "+00:00" if words.endswith("Z") else words)
    except ValueError:
        return None


def in_words(text: str, zone: str = "") -> str:
    """A time as people write it, as 2026-11-27 10:00 UTC; `zone` names that of one without. What is none stays."""
    moment = read_moment(text)
    if moment is None:
        return text
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or zone}".rstrip()


def read_zone(name: str) -> tzinfo:
    """A time zone by its name, as Europe/Berlin; raises ValueError for one that this machine does not know."""
    if name == "UTC":
        return timezone.utc  # needs no database
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r} is known here: name it as Europe/Berlin, or UTC") from None
