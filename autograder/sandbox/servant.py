"""Carries out the judge's requests on a namespace of student code, and keeps what is not plain.

Runs in the student's process (and, for trusted code, in the judge's: see `autograder.local`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any

from autograder.messages import Answer, Handle, Name, Raised, Request, Returned, Target
from autograder.sandbox import remedies

MAX_MESSAGE = 2_000
MAX_TRACEBACK = 6_000
MAX_FRAMES = 8
_PLAIN = frozenset({int, float, str, bool, type(None)})


NOT_DEFINED = " is not defined"
"""What the message of a NameError goes on with after a name that the judge asked for and the namespace lacks."""


def _not_defined(name: str) -> str:
    return f"{name}{NOT_DEFINED} in the notebook"


class Servant:
    """Answers requests about one namespace; objects that stay are numbered for the judge.

    `explain` gives the sentence for a name that the namespace lacks; it may know which cell failed to define it.
    """

    def __init__(self, namespace: dict[str, Any], *, explain: Callable[[str], str] = _not_defined) -> None:
        self.namespace = namespace
        self.explain = explain
        self.kept: dict[int, object] = {}
        self.next_number = 1

    def answer(self, request: Request) -> Answer:
        """Make the call. Whatever student code raises, SystemExit too, is an answer and not our end."""
        try:
            function = self._function(request)
            args = [self._resolve(value) for value in request.args]
            kwargs = {key: self._resolve(value) for key, value in request.kwargs.items()}
            value = function(*args, **kwargs)
        except BaseException as error:  # student code may raise anything at all
            return raised(error)
        return Returned(self.keep(value) if request.keep else value)

    def keep(self, value: object) -> Handle:
        """Hold an object for later requests."""
        handle = Handle(self.next_number, type(value).__name__[:200])
        self.kept[handle.number] = value
        self.next_number += 1
        return handle

    def forget(self) -> None:
        """Drop the objects of earlier cases. Numbers start again, so that a case asks the same whenever it is asked."""
        self.kept.clear()
        self.next_number = 1

    def _function(self, request: Request) -> Any:
        if request.target is Target.STUDENT:
            return self._named(request.name)
        module_name, _, function_name = request.name.partition(".")
        module = importlib.import_module(f"autograder.probes.{module_name}")
        return _public(module, function_name)

    def _named(self, name: str) -> Any:
        if name not in self.namespace:
            raise NameError(self.explain(name))
        return self.namespace[name]

    def _resolve(self, value: Any) -> Any:
        if type(value) in _PLAIN:
            return value
        if isinstance(value, Handle):
            return self.kept[value.number]
        if isinstance(value, Name):
            return self._named(value.text)
        if isinstance(value, list | tuple):
            return type(value)(self._resolve(item) for item in value)
        if isinstance(value, dict):
            return {key: self._resolve(item) for key, item in value.items()}
        return value


def _public(module: ModuleType, name: str) -> Any:
    if name.startswith("_") or not hasattr(module, name):
        raise NameError(f"there is no probe {name!r} in {module.__name__}")
    return getattr(module, name)


def _places(trace: TracebackType | None) -> str:
    """Where it was raised, the last call last. Without source lines: half of all hidden calls raise, and on purpose."""
    frames: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != __file__:
            frames.append(f"{code.co_filename}, line {trace.tb_lineno}, in {code.co_name}")
        trace = trace.tb_next
    return "\n".join(frames[-MAX_FRAMES:])


def raised(error: BaseException) -> Raised:
    """The exception as plain text; a hostile `__str__` is the student's, so it may fail too."""
    try:
        message = (str(error) + remedies.for_missing(error))[:MAX_MESSAGE]
        trace = _places(error.__traceback__)[-MAX_TRACEBACK:]
    except BaseException:
        message, trace = "(the exception cannot be shown)", ""
    names = tuple(cls.__name__ for cls in type(error).__mro__ if cls is not object)
    return Raised(names, message, trace)
