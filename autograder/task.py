"""What crosses to a worker: the plan once, then a task a submission. Frozen values, never a student's path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course
from autograder.datasets.supply import Supply
from autograder.device import device_files
from autograder.sandbox.tier import Tier
from autograder.sandbox.warm import ZygoteSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """How a worker grades: the course, the sandbox's tier, device and threads; `slot` tells parallel workers apart.

    `memory_mb` is the most that a notebook may use, where the machine has less than the course allows; 0 elsewhere.
    `parts` are digests of what decides about each exercise's scores: workers on another machine must have the same.
    """

    course_root: Path
    tier: Tier
    device: str
    threads: int = 1
    slot: int = 0
    memory_mb: int = 0
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def zygote_spec(self, warm: tuple[str, ...], course: Course, data: Supply | None = None) -> ZygoteSpec:
        """The warm process for exercises that use these frameworks and this data.

        The course's secrets and held-out images stay out of its sight.
        """
        hidden = (course.root / "solutions", course.config.tests_dir)
        return ZygoteSpec(
            warm=warm,
            readable=data.readable if data else (),
            protected=(*map(str, hidden), *(data.protected if data else ())),
            wall=self.tier.name == "full",
            devices=device_files() if self.device == "cuda" else (),
        )

    @property
    def missing_layers(self) -> tuple[str, ...]:
        """The layers of confinement that are not there."""
        return tuple(layer.name for layer in self.tier.missing)


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook to grade, and a weights file's name and bytes.

    `problem` says why there are none, and `ours` that this is no fault of the student's. `student` decides about the
    numbers of a quiz for credit and about nothing else.
    """

    exercise: str
    notebook: bytes
    problem: str | None = None
    ours: bool = False
    weights: tuple[str, bytes] | None = None
    student: str = ""
