"""Trusted code behind the same seam as a student's: the reference, the stubs and the mistakes, in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograder import wire
from autograder.messages import Answer, Died, Raised, Request
from autograder.sandbox.servant import Servant


class LocalSession:
    """Answers requests from a namespace in this process, with every value through the wire's codec.

    `environment` is there while a call is made, as it is in a sandbox: data is found by it.
    """

    def __init__(self, namespace: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        self._servant = Servant(dict(namespace))
        self._environment = dict(environment or {})

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
        with _variables(self._environment):
            answer = self._servant.answer(wire.unpack_request(request))
        try:
            return wire.pack_answer(answer, self._servant.keep)
        except wire.WireError as error:
            return wire.pack_answer(Raised(("WireError", "Exception"), str(error)), self._servant.keep)


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
