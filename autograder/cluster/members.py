"""Which workers of a cluster take part in a run, as they say themselves and as the scheduler sees them."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = {"refused": "takes no part", "unfit": "leaves the cluster", "aside": "is not asked any more"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker that takes part: how many submissions at a time, and how well it confines them, in one line."""

    seats: int
    sandbox: str


@dataclass(slots=True)
class Members:
    """Heard from Dask's thread, asked from the command's. `say` gets a line for a person about each change."""

    say: Callable[[str], None]
    ready: dict[str, Ready] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _told: bool = False
    _heard: set[tuple[float, str, str]] = field(default_factory=set)
    _aside: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """An event that a plugin logged; one that was heard already is nothing new."""
        moment, said = event
        worker, what = str(said["worker"]), str(said["what"])
        with self._lock:
            if (moment, worker, what) in self._heard:
                return
            self._heard.add((moment, worker, what))
            if what == "ready":
                self.ready[worker] = Ready(int(said["seats"]), str(said["sandbox"]))
                if self._told:
                    self.say(f"worker {worker} takes part: {said['seats']} at a time, {said['sandbox']}")
                return
            self.ready.pop(worker, None)
            self.refused[worker] = str(said["why"])
            self._aside = self._aside or what == "aside"
            self.say(f"worker {worker} {WORDS[what]}: {said['why']}")

    def leave(self, worker: str, why: str) -> None:
        """A worker cannot grade even the reference; said once."""
        with self._lock:
            if worker not in self.refused:
                self.hear((0.0, {"what": "aside", "worker": worker, "why": why}))

    def those_left(self) -> list[str] | None:
        """Who may be asked, where some of those that are there may not; None: all."""
        with self._lock:
            return list(self.ready) if self._aside else None

    def see(self, present: Collection[str]) -> None:
        """Forget those that went away."""
        with self._lock:
            for worker in [one for one in self.ready if one not in present]:
                del self.ready[worker]
                self.say(f"worker {worker} is gone")

    def introduce(self) -> None:
        """Say who takes part; from now on each that comes is said by itself."""
        with self._lock:
            self._told = True
            sandboxes = collections.Counter(one.sandbox for one in self.ready.values())
            count = len(self.ready)
            seats = f"{self.seats} submission{'s' * (self.seats != 1)} at a time"
            self.say(f"cluster: {count} worker{'s' * (count != 1)}, {seats}")
            for sandbox, number in sorted(sandboxes.items()):
                self.say(f"  {number} with {sandbox}")

    @property
    def seats(self) -> int:
        """How many submissions they grade at a time."""
        with self._lock:
            return sum(one.seats for one in self.ready.values())

    def heard(self, present: Collection[str]) -> bool:
        """Whether each of these has said that it takes part, or why not."""
        with self._lock:
            return all(worker in self.ready or worker in self.refused for worker in present)

    def why_none(self) -> str:
        """Why no worker takes part."""
        with self._lock:
            reasons = collections.Counter(self.refused.values())
            return "; ".join(f"{why} ({number} x)" for why, number in reasons.most_common(3))
