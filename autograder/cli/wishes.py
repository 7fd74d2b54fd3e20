"""What `autograder grade` was asked for, as a value, and what it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OK, TO_LOOK_AT, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    paths: Sequence[Path]
    output: Path
    course: Path | None
    exercise: str | None
    students: Path | None
    jobs: int
    device: str
    regrade: bool
    allow_weak: bool
    require_tier: str
    use_wall: bool
    raise_only: bool = False
    submitted_at: str | None = None
    cluster: str = ""
    tls: Path | None = None
