"""The channel takes exactly what was said, in time, or raises ChannelError."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import wire
from autograder.sandbox.channel import (
    Channel,
    ChannelClosed,
    ChannelError,
    ChannelTimeout,
    Frame,
    Kind,
    json_frame,
    new_number,
)

Pair = tuple[Channel, socket.socket]
HEADER = 24


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    channel = Channel(ours, max_head=1000, max_body=10_000)
    yield channel, theirs
    channel.close()
    theirs.close()


def soon() -> float:
    return time.monotonic() + 0.01


def later() -> float:
    return time.monotonic() + 300


def encoded(frame: Frame) -> bytes:
    ours, theirs = socket.socketpair()
    with theirs:
        channel = Channel(ours)
        channel.send(frame, later())
        channel.close()
        return b"".join(iter(lambda: theirs.recv(2**16), b""))


@given(st.sampled_from(Kind), st.integers(0, 2**48 - 1), st.binary(max_size=500), st.binary(max_size=5000))
def test_every_frame_arrives_as_it_was_sent(kind: Kind, number: int, head: bytes, body: bytes) -> None:
    ours, theirs = socket.socketpair()
    sender, receiver = Channel(ours), Channel(theirs)
    frame = Frame(kind, number, wire.Packed(head, body))
    sender.send(frame, later())
    assert receiver.receive(later()) == frame
    sender.close()
    receiver.close()


def test_a_large_frame_crosses_while_the_other_side_reads(pair: Pair) -> None:
    channel, theirs = pair
    reader = Channel(theirs)
    frame = Frame(Kind.ANSWER, 1, wire.Packed(b"{}", bytes(9 * 2**20)))
    got: list[Frame] = []
    thread = threading.Thread(target=lambda: got.append(reader.receive(later())))
    thread.start()
    channel.send(frame, later())
    thread.join()
    assert got == [frame]


@given(st.data())
def test_a_frame_that_was_cut_off_is_an_error(data: st.DataObject) -> None:
    whole = encoded(json_frame(Kind.ANSWER, 5, {"returned": [1, 2, 3]}, b"12345"))
    length = data.draw(st.integers(0, len(whole) - 1))
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(whole[:length])
    channel = Channel(ours)
    with pytest.raises(ChannelClosed):
        channel.receive(later())
    channel.close()


@given(st.binary(min_size=1, max_size=200))
def test_noise_is_an_error_and_never_waits_past_the_deadline(noise: bytes) -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.sendall(noise)
    with theirs, pytest.raises(ChannelError):
        channel.receive(soon())
    channel.close()


@given(st.integers(0, HEADER * 8 - 1))
def test_a_flipped_bit_in_the_header_is_an_error_or_another_frame_but_never_more_than_was_sent(bit: int) -> None:
    data = bytearray(encoded(json_frame(Kind.ANSWER, 5, {"a": 1}, b"body")))
    data[bit // 8] ^= 1 << bit % 8
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.sendall(data)
    theirs.close()
    try:
        frame = channel.receive(later())
    except ChannelError:
        return
    finally:
        channel.close()
    assert len(frame.packed.head) + len(frame.packed.body) <= len(data)


@pytest.mark.parametrize(("head", "body"), [(1001, 0), (0, 10_001), (2**32 - 1, 0), (2, 2**63)])
def test_a_length_over_the_cap_is_refused_before_anything_is_read(pair: Pair, head: int, body: int) -> None:
    channel, theirs = pair
    header = bytearray(encoded(json_frame(Kind.ANSWER, 5, {})))[:HEADER]
    header[-12:-8], header[-8:] = head.to_bytes(4, "big"), body.to_bytes(8, "big")
    theirs.sendall(header)
    with pytest.raises(ChannelError, match="over the limit"):
        channel.receive(later())


def test_a_peer_that_stops_half_way_is_waited_for_until_the_deadline_only(pair: Pair) -> None:
    channel, theirs = pair
    theirs.sendall(encoded(json_frame(Kind.ANSWER, 5, {"a": 1}))[:-1])
    with pytest.raises(ChannelTimeout):
        channel.receive(soon())


def test_a_peer_that_does_not_read_is_waited_for_until_the_deadline_only(pair: Pair) -> None:
    channel, _ = pair
    with pytest.raises(ChannelTimeout):
        channel.send(Frame(Kind.REQUEST, 1, wire.Packed(b"{}", bytes(4 * 2**20))), soon())


def test_a_peer_that_is_gone_is_an_error(pair: Pair) -> None:
    channel, theirs = pair
    theirs.close()
    with pytest.raises(ChannelClosed):
        channel.send(Frame(Kind.REQUEST, 1, wire.Packed(b"{}", bytes(4 * 2**20))), later())


@pytest.mark.parametrize("head", [b"", b"[]", b"1", b'"a"', b"{", b"\xff", b"[" * 900])
def test_a_head_that_is_no_json_object_is_an_error(head: bytes) -> None:
    with pytest.raises(ChannelError):
        Frame(Kind.EVENT, 1, wire.Packed(head, b"")).json()


def test_numbers_cannot_be_guessed() -> None:
    numbers = {new_number() for _ in range(1000)}
    assert len(numbers) == 1000
    assert max(numbers).bit_length() > 40
