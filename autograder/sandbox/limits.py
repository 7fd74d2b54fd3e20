"""What one submission may use, all attempts together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The budget of one submission, from grading_config.yaml."""

    wall_seconds: float = 60.0
    cpu_seconds: float = 60.0
    call_seconds: float = 20.0
    memory_mb: int = 2048
    output_kb: int = 10_240
    disk_mb: int = 64
    attempts: int = 8
