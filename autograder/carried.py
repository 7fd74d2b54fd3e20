"""Which requests of a case may hold an answer that it got before: they are asked only once that answer is there.

Otherwise a student's process, which gets the requests of a case ahead, could read the right answer to one in the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.messages import Exchange, Returned

MAX_ELEMENTS = 64  # of an array that a case may take apart

Place = tuple[int, Hashable]  # of which exchange, and where in its request or in its answer
Leaf = tuple[Hashable, Hashable]  # where, and what


def starts(runs: Sequence[Sequence[Exchange]]) -> tuple[int, ...]:
    """The requests of the first run that begin a frame: those that hold what is an answer to one in the frame before.

    The runs are of the same case with other random numbers. What is handed on is the same place of an earlier answer in
    each of them; what only happens to be the same number is not.
    """
    first = runs[0]
    handed = set(_equal(first))
    for run in runs[1:]:
        asked, answered = _places(run)
        handed = {(one, other) for one, other in handed if _agree(asked.get(other), answered.get(one))}
    last: dict[int, int] = {}  # the latest answer that a request holds
    for (answer, _), (request, _) in handed:
        last[request] = max(answer, last.get(request, -1))
    found = [0]
    for number in range(len(first)):
        if last.get(number, -1) >= found[-1]:
            found.append(number)
    return tuple(found)


def _equal(run: Sequence[Exchange]) -> Iterator[tuple[Place, Place]]:
    """A place of an answer, and a place of a later request that holds the same."""
    asked, answered = _places(run)
    by_value: dict[Hashable, list[Place]] = {}
    for place, value in answered.items():
        by_value.setdefault(value, []).append(place)
    for place, value in asked.items():
        yield from ((answer, place) for answer in by_value.get(value, ()) if answer[0] < place[0])


def _agree(asked: Hashable, answered: Hashable) -> bool:
    """A place that another run does not have says nothing."""
    return asked is None or answered is None or asked == answered


def _places(run: Sequence[Exchange]) -> tuple[dict[Place, Hashable], dict[Place, Hashable]]:
    """What requests hold, and what answers to them hold, by the number of the request and the place in it."""
    asked: dict[Place, Hashable] = {}
    answered: dict[Place, Hashable] = {}
    for number, exchange in enumerate(run):
        request, answer = exchange.request, exchange.answer
        asked |= {(number, place): what for place, what in _leaves([list(request.args), dict(request.kwargs)])}
        if isinstance(answer, Returned):
            answered |= {(number, place): what for place, what in _leaves(answer.value)}
    return asked, answered


def _leaves(value: Any, place: tuple[Hashable, ...] = ()) -> Iterator[Leaf]:
    """The numbers, texts and arrays in a value; True, False and None say too little."""
    if isinstance(value, str | bytes):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, (*place, str(key)))
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _leaves(one, (*place, index))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, value
    elif hasattr(value, "__array__"):
        yield from _of_array(np.asarray(value), place)


def _of_array(array: np.ndarray[Any, Any], place: tuple[Hashable, ...]) -> Iterator[Leaf]:
    if array.size > 1:
        yield place, (array.shape, array.dtype.str, hashlib.blake2b(array.tobytes()).digest())
    if array.size <= MAX_ELEMENTS and array.dtype.kind in "iufc":
        for index, one in enumerate(array.ravel().tolist()):
            yield (*place, index), one
