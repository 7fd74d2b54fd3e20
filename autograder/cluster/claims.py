"""What a machine has once, claimed by name among all processes on it, and given back however the process ends.

A claim is an abstract socket's name: the kernel gives it back, no file is left over, and no student's process can make
sockets.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

SLOTS = 900  # the self-test has a number of its own beyond them
POLL_SECONDS = 0.1


def claim(name: str) -> socket.socket | None:
    """The claim, to be closed in the end; None where another process has it."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        held.bind(f"\0autograder-{name}")
    except OSError:
        held.close()
        return None
    return held


def claim_slot() -> tuple[int, socket.socket]:
    """A number that no other worker process on this machine has: submissions that run at once need other user ids."""
    for slot in range(SLOTS):
        held = claim(f"slot-{slot}")
        if held:
            return slot, held
    raise RuntimeError(f"{SLOTS} worker processes on one machine")


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process on this machine is in such a block."""
    while (held := claim(name)) is None:
        time.sleep(POLL_SECONDS)
    with held:
        yield
