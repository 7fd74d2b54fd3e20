"""What a command asks of each worker of a cluster, and what tells a worker apart that would give other scores."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Parts = Mapping[str, Mapping[str, str]]
"""Of each exercise, digests of what decides about its scores."""

GPU = "GPU"  # what Dask calls it; a worker says how many it has
REMEDY = "give it the same autograder and course: the same image, or --course DIR on a shared file system"
WHAT = {
    "engine": "autograder itself",
    "solution": "the solution",
    "cases": "the hidden cases",
    "mistakes": "the known mistakes",
    "settings": "points, limits, seed or training in the config",
    "data": "the data",
    "quizzes": "the quizzes",
}


def _name() -> str:
    return f"autograder-{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True)
class Order:
    """How to grade, and what a worker must have for that: `release` and `parts` are the command's own.

    `name` is this run's, for the plugin, for the resource that workers which fit declare, and for what they report.
    """

    device: str
    required: str
    allow_weak: bool
    use_wall: bool
    release: str
    parts: Parts
    name: str = field(default_factory=_name)

    @property
    def resources(self) -> dict[str, int]:
        """What one submission takes of a worker's."""
        return {self.name: 1} | ({GPU: 1} if self.device == "cuda" else {})


def departures(order: Order, release: str, parts: Parts) -> Iterator[str]:
    """In words, each thing that a worker has otherwise."""
    differing = {
        (name, slug)
        for slug, wanted in order.parts.items()
        for name in wanted
        if wanted[name] != parts.get(slug, {}).get(name)
    }
    for name, what in WHAT.items():
        slugs = sorted(slug for one, slug in differing if one == name)
        if name == "engine" and slugs:
            yield f"{what} ({release} there, {order.release} here{', edited' if release == order.release else ''})"
        elif slugs:
            yield f"{what} of {', '.join(slugs)}"
