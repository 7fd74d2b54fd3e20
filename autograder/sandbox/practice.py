"""What every child does, done in the warm process before any fork: what is loaded or tuned on first use is shared then.

Python rewrites the bytecode of a function for the types that it meets, once it has run some ten times. A child that
found it as it was compiled would do that again, and copy each page that it writes to.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator

import numpy as np

from autograder import wire
from autograder.messages import Name, Request, Target
from autograder.sandbox import notebook
from autograder.sandbox.channel import Channel, Frame, Kind, json_frame, requests_frame, requests_of
from autograder.sandbox.servant import Servant
from autograder.sandbox.shell import QuietShell

TIMES = 40
_CELLS = ("_one = 1\n_two = _one + 1", "def _first(x):\n    return x\n\n\n_first(1)", "del _one, _two, _first")


def practise(shell: QuietShell) -> None:
    """Read a notebook, run cells, answer requests; nothing of it stays."""
    source = {"cell_type": "code", "source": "1", "metadata": {"autograder": {"role": "check"}}}
    data = json.dumps({"nbformat": 4, "cells": [source]}).encode()
    with contextlib.redirect_stdout(io.StringIO()):
        for _ in range(TIMES):
            notebook.parse(data)
            for cell in _CELLS:
                shell.run_cell(cell, store_history=False)
    _answer(list(map(wire.pack_request, _requests())))


def _requests() -> Iterator[Request]:
    for target, keep in ((Target.STUDENT, False), (Target.STUDENT, True)):
        yield Request(target, "same", (3,), {"value": [1, 2.5, "a", None, True]}, keep)
        yield Request(target, "same", ((1, 2, 3), Name("same")), {"value": (1, (2, 3)), "more": {"type": "x"}}, keep)
        yield Request(target, "same", (np.zeros((2, 3), np.float32),), {}, keep)
        yield Request(target, "refuse", (-1,), {"stride": 0}, keep)


def _answer(requests: list[wire.Packed]) -> None:
    """As the runner does, over a connection to itself."""
    servant = Servant({"same": lambda *args, **kwargs: kwargs.get("value", args[0]), "refuse": _refuse})
    ours, theirs = Channel.pair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        for _ in range(TIMES):
            theirs.send(json_frame(Kind.EVENT, 0, {"event": "cell"}))
            theirs.send(requests_frame(0, requests))
            ours.receive()
            for number, packed in requests_of(ours.receive()):
                answer = wire.pack_answer(servant.answer(wire.unpack_request(packed)), servant.keep)
                ours.send(Frame(Kind.ANSWER, number, answer))
                theirs.receive()
            servant.forget()


def _refuse(size: int, stride: int = 1) -> int:
    if size < 0 or stride < 1:
        raise ValueError(f"no {size}")
    return size
