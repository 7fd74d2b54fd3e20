"""What a hidden case asks of the reference solution, asked of a student in one go.

A case draws its inputs from its own generator, so it asks everybody the same as long as the answers are right. Its
calls are recorded once, on the reference; a student's process gets them in frames instead of one round trip each: all
at once, but for what may hold an answer to a request before it (see `autograder.carried`).
Where every answer is exactly the reference's, the verdict is the one that the case gave the reference, and the case
with its oracle need not run again. Otherwise the case runs as ever, on the answers that are already there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autograder import carried, wire
from autograder.messages import Answer, Death, Died, Exchange, Handle, Raised, Request
from autograder.student import Session
from autograder.wire import Packed

Exchanges = Sequence[tuple[Exchange, ...]]


@dataclass(frozen=True, slots=True)
class Script:
    """The exchanges of a case that the reference passed, and its requests and answers as they cross."""

    exchanges: tuple[Exchange, ...]
    requests: tuple[Packed, ...]
    answers: tuple[Packed, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, exchanges: tuple[Exchange, ...], others: Callable[[], Exchanges] = tuple) -> Script:
        """Encode what was recorded; `others` gives exchanges of the same case with other random numbers."""
        requests = tuple(wire.pack_request(exchange.request) for exchange in exchanges)
        answers = tuple(wire.pack_answer(exchange.answer, _as_it_is) for exchange in exchanges)
        starts = carried.starts([exchanges])
        if len(starts) > 1:
            starts = carried.starts([exchanges, *others()])
        return cls(exchanges, requests, answers, starts)

    @property
    def frames(self) -> Iterator[slice]:
        """Which requests go together."""
        return itertools.starmap(slice, itertools.pairwise((*self.starts, len(self.requests))))


def _as_it_is(value: object) -> Handle:
    raise wire.WireError(f"a recorded {type(value).__name__} is not plain")


class ScriptedSession:
    """A session in which the requests of a script are asked ahead; others are asked when they come."""

    def __init__(self, session: Session, script: Script) -> None:
        self._session = session
        self._script = script
        self._ahead: list[Packed | Died] = []
        self._asked = 0

    def begin_case(self) -> Died | None:
        """Make ready, as the session below does."""
        return self._session.begin_case()

    def exchanges_if_right(self) -> tuple[Exchange, ...] | None:
        """Ask the whole script; the exchanges where each answer is exactly the reference's, else None."""
        right = all(self._ask_frame(frame) for frame in self._script.frames)  # none after a wrong one
        return self._script.exchanges if right and len(self._ahead) == len(self._script.answers) else None

    def _ask_frame(self, frame: slice) -> bool:
        """Ask what is in it; whether each answer is the reference's."""
        right = True
        expected = zip(self._script.answers[frame], self._script.exchanges[frame], strict=True)
        for received in self._session.ask_all(self._script.requests[frame]):
            answer, exchange = next(expected)
            same = _same_answer(received, answer, exchange)
            right = right and same
            # of a right answer ours is kept: the two are the same, and theirs may be one of a thousand large ones
            self._ahead.append(answer if same and received == answer else received)
        return right

    def ask(self, request: Request) -> Answer:
        """The answer asked ahead where this is what the script asks next, a new one otherwise."""
        number, self._asked = self._asked, self._asked + 1
        if number < len(self._ahead):
            if wire.pack_request(request) == self._script.requests[number]:
                return _decoded(self._ahead[number])
            refusal = self._leave_script(number)
            if refusal is not None:
                return refusal
        return self._session.ask(request)

    def _leave_script(self, number: int) -> Died | None:
        """From request `number` on the case goes its own way, not past a death further down the script."""
        died = any(isinstance(answer, Died) for answer in self._ahead)
        del self._ahead[number:]
        if not died:
            return None
        refusal = self._session.begin_case()
        if refusal is None:
            list(self._session.ask_all(self._script.requests[:number]))  # so that the same objects are kept again
        return refusal

    def ask_all(self, requests: Sequence[Packed]) -> Iterator[Packed | Died]:
        """Ask as the session below does."""
        return self._session.ask_all(requests)


def _same_answer(received: Packed | Died, expected: Packed, exchange: Exchange) -> bool:
    if isinstance(received, Died):
        return False
    if received == expected:
        return True
    if not isinstance(exchange.answer, Raised):
        return False
    answer = _decoded(received)  # of an exception only the type counts: texts are free, and tracebacks name other lines
    return isinstance(answer, Raised) and answer.type_names == exchange.answer.type_names


def _decoded(received: Packed | Died) -> Answer:
    if isinstance(received, Died):
        return received
    try:
        return wire.unpack_answer(received)
    except wire.WireError as error:
        return Died(Death.PROTOCOL, f"the answer cannot be read: {error}")
