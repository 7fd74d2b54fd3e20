"""What a hidden case asks of the reference solution, asked of a student in one go.

A case draws its inputs from its own generator, so it asks everybody the same as long as the answers are right. Its
calls are recorded once, on the reference; a student's process gets them all at once instead of one round trip each.
Where every answer is exactly the reference's, the verdict is the one that the case gave the reference, and the case
with its oracle need not run again. Otherwise the case runs as ever, on the answers that are already there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder import wire
from autograder.messages import Answer, Death, Died, Exchange, Handle, Raised, Request
from autograder.student import Session
from autograder.wire import Packed


@dataclass(frozen=True, slots=True)
class Script:
    """The exchanges of a case that the reference passed, and its requests and answers as they cross."""

    exchanges: tuple[Exchange, ...]
    requests: tuple[Packed, ...]
    answers: tuple[Packed, ...]

    @classmethod
    def of(cls, exchanges: tuple[Exchange, ...]) -> Script:
        """Encode what was recorded."""
        requests = tuple(wire.pack_request(exchange.request) for exchange in exchanges)
        return cls(exchanges, requests, tuple(wire.pack_answer(exchange.answer, _as_it_is) for exchange in exchanges))


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
        right = True
        expected = zip(self._script.answers, self._script.exchanges, strict=True)
        for received in self._session.ask_all(self._script.requests):
            answer, exchange = next(expected)
            same = _same_answer(received, answer, exchange)
            right = right and same
            # of a right answer ours is kept: the two are the same, and theirs may be one of a thousand large ones
            self._ahead.append(answer if same and received == answer else received)
        return self._script.exchanges if right and len(self._ahead) == len(self._script.answers) else None

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
