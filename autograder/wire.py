"""Requests and answers as bytes: all that crosses between judge and runner.

A value that is not plain stays where it is and crosses as a Handle; how plain ones look is for `autograder.codec`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.codec import (
    DTYPES,
    MAX_BODY_BYTES,
    MAX_INTEGER_BITS,
    MAX_INTEGER_DIGITS,
    MAX_NODES,
    Decoder,
    Encoder,
    TorchArray,
    WireError,
    as_text,
    unique,
)
from autograder.messages import Answer, Death, Died, Handle, Raised, Request, Returned, Target

__all__ = [
    "DTYPES",
    "MAX_BODY_BYTES",
    "MAX_HEAD_BYTES",
    "MAX_NODES",
    "Packed",
    "TorchArray",
    "WireError",
    "pack_answer",
    "pack_request",
    "unpack_answer",
    "unpack_request",
]

MAX_HEAD_BYTES = 16 * 2**20
# Texts about an exception go into reports. The runner cuts them too, but what it sends is the student's to write.
MAX_NAME, MAX_NAMES, MAX_MESSAGE, MAX_TRACEBACK = 200, 64, 2_000, 6_000
_WITHOUT_LONG_INTEGERS = 900  # bytes: no integer that is written in so few has more than MAX_INTEGER_BITS


@dataclass(frozen=True, slots=True)
class Packed:
    """An encoded message: the JSON head and the bytes of its arrays, one after another."""

    head: bytes
    body: bytes


def pack_request(request: Request) -> Packed:
    """Encode a request; raises WireError where an argument is not plain."""
    return _pack(
        lambda encoder: [
            request.target.value,
            request.name,
            encoder.encode(list(request.args)),
            encoder.encode(dict(request.kwargs)),
            request.keep,
        ]
    )


def unpack_request(packed: Packed, *, tensors: bool = True) -> Request:
    """Decode a request, in the student's process; `tensors` makes torch arrays real tensors."""
    target, name, args, kwargs, keep = _json(packed.head)
    decoder = Decoder(packed.body, tensors=tensors)
    return Request(Target(target), name, tuple(decoder.decode(args)), decoder.decode(kwargs), keep)


def pack_answer(answer: Answer, on_other: Callable[[object], Handle]) -> Packed:
    """Encode an answer, in the student's process; `on_other` keeps what is not plain and gives its Handle."""
    if isinstance(answer, Returned):
        value = answer.value
        return _pack(lambda encoder: {"returned": encoder.encode(value)}, on_other)
    if isinstance(answer, Raised):
        texts = [list(answer.type_names), answer.message, answer.traceback]
        return Packed(json.dumps({"raised": texts}).encode(), b"")
    return Packed(json.dumps({"died": [answer.death.value, answer.message]}).encode(), b"")


def unpack_answer(packed: Packed) -> Answer:
    """Decode an answer, in the judge; raises WireError for anything that is not exactly one.

    A `died` answer can only be the runner's own guess about its end, so it costs what dying costs.
    """
    head = _load(packed.head)
    if set(head) == {"returned"}:
        return Returned(Decoder(packed.body, tensors=False, names=False).decode(head["returned"]))
    try:
        if set(head) == {"raised"}:
            names, message, traceback = head["raised"]
            if not isinstance(names, list):
                raise WireError("the type names of an exception are not a list")
            shown = tuple(as_text(name)[:MAX_NAME] for name in names[:MAX_NAMES])
            return Raised(shown, as_text(message)[:MAX_MESSAGE], as_text(traceback)[-MAX_TRACEBACK:])
        if set(head) == {"died"}:
            death, message = head["died"]
            return Died(Death(death), as_text(message)[:MAX_MESSAGE])
    except (TypeError, ValueError) as error:
        raise WireError(f"not an answer: {error}") from None
    raise WireError("not an answer: it has none of the keys returned, raised, died")


def _pack(build: Callable[[Encoder], Any], on_other: Callable[[object], Handle] | None = None) -> Packed:
    encoder = Encoder(on_other)
    head = _COMPACT.encode(build(encoder)).encode("utf-8", "surrogatepass")
    if len(head) > MAX_HEAD_BYTES:
        raise WireError(f"the value takes {len(head):,} bytes as text; at most {MAX_HEAD_BYTES:,} cross")
    return Packed(head, b"".join(encoder.blobs))


def _load(head: bytes) -> dict[str, Any]:
    value = _json(head)
    if not isinstance(value, dict):
        raise WireError("a message's head is not a JSON object")
    return value


def _json(head: bytes) -> Any:
    if len(head) > MAX_HEAD_BYTES:
        raise WireError("the head of a message is too long")
    try:
        text = head.decode("utf-8", "surrogatepass")
        return (_SHORT if len(head) < _WITHOUT_LONG_INTEGERS else _LONG).decode(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"a message's head is not JSON: {error}") from None


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise WireError(f"an integer of {len(digits):,} digits")
    number = int(digits)
    if number.bit_length() > MAX_INTEGER_BITS:
        raise WireError(f"an integer of {number.bit_length():,} bits")
    return number


def _refuse(constant: str) -> float:
    raise WireError(f"{constant} is written ['f', ...] on the wire")


# Made once: `json.loads` and `json.dumps` with arguments make one for every message.
_COMPACT = json.JSONEncoder(separators=(",", ":"))
_SHORT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=unique)
_LONG = json.JSONDecoder(parse_int=_parse_int, parse_constant=_refuse, object_pairs_hook=unique)
