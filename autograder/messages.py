"""What judge and runner say to each other: requests one way, answers the other."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Handle:
    """An object that stays in the student's process, as the judge sees it: a number and a type name to show."""

    number: int
    type_name: str = "object"


@dataclass(frozen=True, slots=True)
class Name:
    """Stands for the student's own object of that name when used as an argument."""

    text: str


class Target(enum.Enum):
    """Whose function a request calls."""

    STUDENT = "student"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Request:
    """One call for the runner to make; with `keep` the result stays there and a Handle comes back."""

    target: Target
    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """The call ended and gave this value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The call raised; `type_names` are the exception's class and its bases, nearest first."""

    type_names: tuple[str, ...]
    message: str
    traceback: str = ""


class Death(enum.Enum):
    """Why a runner gave no answer."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    KILLED = "killed"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class Died:
    """The runner ended or was stopped before it answered."""

    death: Death
    message: str


Answer = Returned | Raised | Died


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that a case keeps for the report: PNG bytes from the student's process, never decoded by us."""

    name: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as recorded for reports and for the diagnosis."""

    request: Request
    answer: Answer
