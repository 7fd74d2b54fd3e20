"""Our own code has a deadline: a hidden case that an answer sends astray must not stop the class."""

from __future__ import annotations

import threading

import pytest

from autograder.deadline import DeadlineError, deadline


def test_what_takes_too_long_is_stopped_where_it_is() -> None:
    with pytest.raises(DeadlineError, match="judging took longer"), deadline(0.01):
        loop()


def loop() -> None:
    """A hidden case that an answer sent astray."""
    while True:
        pass


def test_it_comes_again_where_it_was_caught() -> None:
    caught = 0
    with deadline(0.2, again=0.2):  # none comes while the one before is caught
        while caught < 3:
            try:
                loop()
            except DeadlineError:
                caught += 1
    assert caught == 3


def test_nothing_comes_after_the_block() -> None:
    with deadline(0.5):
        pass
    threading.Event().wait(0.6)


def test_outside_the_main_thread_nothing_is_limited() -> None:
    ended: list[bool] = []

    def work() -> None:
        with deadline(0.01):
            threading.Event().wait(0.05)
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]
