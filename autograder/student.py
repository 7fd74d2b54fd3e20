"""The student as a hidden case sees them: names that can be called, each call and its answer recorded."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from autograder.codec import NotPlainError
from autograder.messages import Answer, Death, Died, Exchange, Figure, Handle, Name, Raised, Request, Returned, Target
from autograder.wire import Packed, WireError

PNG = b"\x89PNG\r\n\x1a\n"
MAX_FIGURE_BYTES = 2 * 2**20
MAX_FIGURES = 8
FETCHING = "basic.answer"  # the probe that gives a value of the notebook's


class Session(Protocol):
    """Somewhere that student code lives and answers: a sandbox, or this process for trusted code."""

    def begin_case(self) -> Died | None:
        """Make ready for the next case; says why where no more cases can be asked."""

    def ask(self, request: Request) -> Answer:
        """Make one call and wait for its answer."""

    def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
        """Make encoded calls one after another, sent at once; ends early with a Died where the process does."""


class StudentRaised(Exception):
    """The student's code raised an exception where a value was asked."""

    def __init__(self, answer: Raised) -> None:
        self.answer = answer
        super().__init__(f"{answer.type_names[0] if answer.type_names else 'Exception'}: {answer.message}")


class StudentDied(Exception):
    """The student's process ended or was stopped instead of answering."""

    def __init__(self, answer: Died) -> None:
        self.answer = answer
        super().__init__(answer.message)


class Function:
    """One of the student's functions, or of the values that the notebook sets, by its name."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; plain values come back as values, anything else as a Handle."""
        return self._student.ask(Request(Target.STUDENT, self._name, args, kwargs))

    def keep(self, *args: Any, **kwargs: Any) -> Any:
        """Call it and leave the result in the student's process; a Handle comes back."""
        return self._student.ask(Request(Target.STUDENT, self._name, args, kwargs, keep=True))

    def fetch(self) -> Any:
        """The value that the notebook gives to this name, where it is none of a function; else a Handle."""
        return self._student.probe(FETCHING, self.ref)

    @property
    def ref(self) -> Name:
        """The function itself, to be handed to a probe or to another call."""
        return Name(self._name)


class Student:
    """What a hidden case is given. `student.NAME(...)` calls the student's NAME and returns its answer.

    Raises:
        StudentRaised: the student's code raised; the case ends with the verdict RAISED.
        StudentDied: it ran out of time or memory, or its process ended.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._exchanges: list[Exchange] = []
        self._figures: list[Figure] = []

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self, name)

    def probe(self, name: str, *args: Any, keep: bool = False, **kwargs: Any) -> Any:
        """Run `autograder.probes.<module>.<function>` beside the student's objects."""
        return self.ask(Request(Target.PROBE, name, args, kwargs, keep=keep))

    def keep(self, value: Any) -> Any:
        """Put a plain value into the student's process; its Handle can be an argument of several calls."""
        return self.probe("basic.identity", value, keep=True)

    def fetch(self, handle: Handle) -> Any:
        """Bring what a Handle stands for back as a plain value."""
        return self.probe("basic.identity", handle)

    def show(self, name: str, png: Any) -> None:
        """Keep a figure for the report: `png` is an array of its bytes. What is no PNG of ordinary size is dropped."""
        data = png.tobytes() if isinstance(png, np.ndarray) and png.dtype == np.uint8 else b""
        if data.startswith(PNG) and len(data) <= MAX_FIGURE_BYTES and len(self._figures) < MAX_FIGURES:
            self._figures.append(Figure(name, data))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that are kept."""
        return tuple(self._figures)

    def ask(self, request: Request) -> Any:
        """Send one request, record it and its answer, and give the value or raise."""
        request = copy.deepcopy(request)  # a case may go on to change what it has sent
        answer = self._answer(request)
        self._exchanges.append(Exchange(request, answer))
        if isinstance(answer, Returned):
            return answer.value
        if isinstance(answer, Raised):
            raise StudentRaised(answer)
        raise StudentDied(answer)

    def _answer(self, request: Request) -> Answer:
        """The session's answer, held against what was asked: where an object was to stay there, only a Handle will do.

        Otherwise a process could put values of its own choice where the case, and later the diagnosis, has an object.
        """
        try:
            answer = self._session.ask(request)
        except NotPlainError:  # decoded values are plain, so this one is the case's own
            raise
        except WireError as error:  # a value of the student's, sent on as an argument, is too deep or too large
            return Died(Death.PROTOCOL, f"what the notebook answered cannot be used: {error}")
        if request.keep and isinstance(answer, Returned) and not isinstance(answer.value, Handle):
            return Died(Death.PROTOCOL, "the process answered with a value where it was to keep an object")
        return answer

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All requests so far with their answers, in order."""
        return tuple(self._exchanges)
