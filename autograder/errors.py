"""Errors for instructors and authors: each says what is wrong, where, and what to do next."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from pathlib import Path


class GraderError(Exception):
    """Something that an instructor or author can mend; its text is shown without a traceback."""


class RehearsalError(GraderError):
    """The reference solution does not pass in the sandbox of this machine, so that no student could."""


class ZygoteTrouble(GraderError):
    """The machine or the warm process failed while one submission was graded; another warm process may do better."""


class WorkerFault(Exception):
    """What graded a submission failed: no fault of the submission's, nor of what is in flight beside it."""


class ExecutorLost(BrokenExecutor):
    """All that was in flight is lost, through no fault of any of it; another executor may do better."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to mend: where it is, what is wrong, and what would be right."""

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}" + (f"\n    -> {self.remedy}" if self.remedy else "")


class CourseError(GraderError):
    """All that is wrong with a course's files, said at once."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))

    def __reduce__(self) -> tuple[type[CourseError], tuple[tuple[Complaint, ...]]]:
        """Cross to another process with the complaints, not with the text made of them."""
        return CourseError, (self.complaints,)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file could not be written, where something below `path` cannot.

    Raises:
        GraderError: for any OSError within.
    """
    try:
        yield
    except OSError as error:
        what = error.filename2 or error.filename or path
        raise GraderError(
            f"{what} cannot be written ({error.strerror})\n"
            "    -> name another place, or give yourself the right to write there"
        ) from None
