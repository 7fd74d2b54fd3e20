"""A deadline for our own code: a hidden case that a student's answer sends into a long loop must not stop the class."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class DeadlineError(Exception):
    """The judge itself took too long; raised where it was, again and again until it is through."""


@contextlib.contextmanager
def deadline(seconds: float, *, again: float = 10.0) -> Iterator[None]:
    """Raise DeadlineError inside the block after `seconds`, and every `again` seconds after that.

    Python delivers signals to the main thread alone, so that elsewhere nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds, again)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise DeadlineError("judging took longer than the submission may run, and a minute more")
