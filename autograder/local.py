"""Trusted code behind the same seam as a student's: the reference, the stubs and the mistakes, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder import wire
from autograder.messages import Answer, Died, Raised, Request
from autograder.sandbox.servant import Servant


class LocalSession:
    """Answers requests from a namespace in this process, with every value through the wire's codec."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._servant = Servant(dict(namespace))

    def begin_case(self) -> Died | None:
        """Forget the objects of earlier cases."""
        self._servant.forget()
        return None

    def ask(self, request: Request) -> Answer:
        """Make the call here. Values are encoded and decoded as they would be on the way to a sandbox."""
        return wire.unpack_answer(self._answered(wire.pack_request(request)))

    def ask_all(self, requests: Sequence[wire.Packed]) -> Iterator[wire.Packed | Died]:
        """Make the calls one after another."""
        for request in requests:
            yield self._answered(request)

    def _answered(self, request: wire.Packed) -> wire.Packed:
        answer = self._servant.answer(wire.unpack_request(request))
        try:
            return wire.pack_answer(answer, self._servant.keep)
        except wire.WireError as error:
            return wire.pack_answer(Raised(("WireError", "Exception"), str(error)), self._servant.keep)
