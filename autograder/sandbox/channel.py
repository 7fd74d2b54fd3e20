"""Framed messages between judge and runner over one socket, with caps and deadlines on both sides.

A frame is a fixed header, a JSON head and a body of raw bytes. The lengths are checked before anything is read, so
that a hostile peer can make this side neither allocate without bound nor wait without end. Every answer carries the
random number of its request: what was sent before it was asked, or twice, is a ChannelError and never an answer.
"""

from __future__ import annotations

import enum
import json
import secrets
import select
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder import wire

_HEADER = struct.Struct(">4sBxHIIQ")  # magic, kind, id (high and low part), length of head, length of body
_MAGIC = b"AGR1"
_CHUNK = 4 * 2**20
_READ = 64 * 2**10


class ChannelError(Exception):
    """The peer broke the protocol; nothing that it sends later can be trusted to be in step."""


class ChannelClosed(ChannelError):
    """The peer closed its end, or is gone."""


class ChannelTimeout(ChannelError):
    """The deadline passed before the whole frame was read or written."""


class Kind(enum.IntEnum):
    """What a frame is; the direction of each kind is fixed."""

    START = 1  # judge to runner: the notebook and how to run it
    EVENT = 2  # runner to judge: how the cells go
    REQUEST = 3  # judge to runner
    ANSWER = 4  # runner to judge
    FORGET = 5  # judge to runner: drop the objects of earlier cases; has no answer
    REQUESTS = 6  # judge to runner: several requests in one frame, each with an answer of its own


_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its kind, the number it belongs to, and its bytes."""

    kind: Kind
    number: int
    packed: wire.Packed

    def json(self) -> dict[str, Any]:
        """The head as a JSON object; raises ChannelError where it is none."""
        try:
            value = json.loads(self.packed.head)
        except (ValueError, RecursionError) as error:
            raise ChannelError(f"a frame's head is not JSON: {error}") from None
        if not isinstance(value, dict):
            raise ChannelError("a frame's head is not a JSON object")
        return value


def new_number() -> int:
    """A number that nobody can guess before it was sent."""
    return secrets.randbits(47)  # of 48: there is room for those that count on from it


def json_frame(kind: Kind, number: int, head: Mapping[str, Any], body: bytes = b"") -> Frame:
    """A frame whose head is plain JSON."""
    return Frame(kind, number, wire.Packed(json.dumps(head).encode(), body))


def requests_frame(first: int, requests: Sequence[wire.Packed]) -> Frame:
    """Many requests in one frame, so that neither side waits for the other between them; numbered from `first` on."""
    head = [(len(request.head), len(request.body)) for request in requests]
    body = b"".join([part for request in requests for part in (request.head, request.body)])
    return Frame(Kind.REQUESTS, first, wire.Packed(json.dumps({"requests": head}).encode(), body))


def requests_of(frame: Frame) -> Iterator[tuple[int, wire.Packed]]:
    """The requests of such a frame with their numbers, in the runner."""
    body, start = frame.packed.body, 0
    for number, (head_length, body_length) in enumerate(frame.json()["requests"], frame.number):
        middle, end = start + head_length, start + head_length + body_length
        yield number, wire.Packed(body[start:middle], body[middle:end])
        start = end


class Channel:
    """One end of a connected stream socket, speaking frames. Deadlines are readings of `time.monotonic`."""

    def __init__(
        self, sock: socket.socket, *, max_head: int = wire.MAX_HEAD_BYTES, max_body: int = wire.MAX_BODY_BYTES
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._max_head = max_head
        self._max_body = max_body
        self._buffer, self._start = b"", 0  # what was received, and how much of it was read

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Two connected ends."""
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        """The descriptor, for poll."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    @property
    def has_more(self) -> bool:
        """Whether the beginning of another frame is here already, so that polling the descriptor need not show it."""
        return self._start < len(self._buffer)

    def send(self, frame: Frame, deadline: float | None = None) -> None:
        """Write a whole frame, or raise ChannelError; without a deadline it waits as long as it takes."""
        packed = frame.packed
        header = _HEADER.pack(
            _MAGIC, frame.kind, frame.number >> 32, frame.number & 0xFFFFFFFF, len(packed.head), len(packed.body)
        )
        small = len(packed.body) <= _READ  # one system call instead of two
        for part in (header + packed.head + packed.body,) if small else (header + packed.head, packed.body):
            view = memoryview(part)
            while view:
                view = view[self._send_some(view, deadline) :]

    def receive(self, deadline: float | None = None) -> Frame:
        """Read a whole frame, or raise ChannelError."""
        header = self._read(_HEADER.size, deadline)
        magic, kind, high, low, head_length, body_length = _HEADER.unpack(header)
        if magic != _MAGIC or kind not in _KINDS:
            raise ChannelError("what was received is not a frame")
        if head_length > self._max_head or body_length > self._max_body:
            raise ChannelError(f"a frame of {head_length:,} + {body_length:,} bytes is over the limit")
        head = self._read(head_length, deadline)
        body = self._read(body_length, deadline) if body_length else b""
        return Frame(_KINDS[kind], high << 32 | low, wire.Packed(head, body))

    def _send_some(self, view: memoryview, deadline: float | None) -> int:
        while True:
            try:
                return self._socket.send(view[:_CHUNK], socket.MSG_NOSIGNAL)
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError as error:
                raise ChannelClosed(f"the other side is gone: {error}") from None

    def _read(self, length: int, deadline: float | None) -> bytes:
        end = self._start + length
        if end <= len(self._buffer):
            start, self._start = self._start, end
            return self._buffer[start:end]
        parts = [self._buffer[self._start :]]  # grown as bytes arrive: a claimed length alone allocates nothing
        length -= len(parts[0])
        while length:
            part = self._receive_some(min(max(length, _READ), _CHUNK), deadline)
            parts.append(part[:length])
            self._buffer, self._start = part, len(parts[-1])
            length -= len(parts[-1])
        return b"".join(parts)

    def _receive_some(self, size: int, deadline: float | None) -> bytes:
        while True:
            try:
                part = self._socket.recv(size)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise ChannelClosed(f"the other side is gone: {error}") from None
            if not part:
                raise ChannelClosed("the other side closed the connection")
            return part

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._socket, event)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not poll.poll(None if left is None else left * 1000):
            raise ChannelTimeout("the deadline passed")
