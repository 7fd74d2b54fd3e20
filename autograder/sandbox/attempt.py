"""One forked runner as the judge sees it: frames to and from it, what it prints, and how it ended."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field

from autograder.errors import GraderError, ZygoteTrouble
from autograder.messages import Death
from autograder.sandbox import jail, leftovers, watch
from autograder.sandbox.channel import Channel, ChannelError, ChannelTimeout, Frame
from autograder.sandbox.limits import Limits

KEPT_HEAD = 60 * 1024
KEPT_TAIL = 4 * 1024
CONFINE_SECONDS = 60.0
_REPORT_SECONDS = 30.0
_GRACE_SECONDS = 3.0
_READ = 2**16
_SHORTAGES = (errno.EAGAIN, errno.ENOMEM, errno.ENOSPC, errno.EMFILE, errno.ENFILE)  # of the machine's


class AttemptEnded(Exception):
    """The runner is gone, or was stopped; the text is a sentence for the report."""

    def __init__(self, death: Death, message: str) -> None:
        self.death = death
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Exit:
    """How the process ended, as the zygote saw it."""

    status: int
    cpu_seconds: float
    peak_mb: float
    excess: str = ""

    @property
    def signal(self) -> int:
        """The signal that ended it, 0 where it ended by itself."""
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


@dataclass(slots=True)
class Output:
    """What was printed by all attempts of one submission: counted in full, kept in part."""

    cap_bytes: int
    count: int = 0
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes) -> None:
        """Count and keep."""
        self.count += len(data)
        room = max(0, KEPT_HEAD - len(self.head))
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-KEPT_TAIL:]

    @property
    def is_over(self) -> bool:
        """Whether more was printed than the limit allows."""
        return self.count > self.cap_bytes

    def last(self, since: int) -> str:
        """The end of what was printed since so many bytes were."""
        length = min(self.count - since, KEPT_TAIL)
        return (self.head + self.tail)[-length:].decode(errors="replace") if length > 0 else ""

    def text(self) -> str:
        """The excerpt that is kept as evidence."""
        left_out = self.count - len(self.head) - len(self.tail)
        gap = f"\n... {left_out:,} bytes left out ...\n" if left_out else ""
        return self.head.decode(errors="replace") + gap + self.tail.decode(errors="replace")


class Attempt:
    """A runner that was just forked. Every method that waits has a deadline, a reading of `time.monotonic`."""

    def __init__(
        self, channel: Channel, output: int, status: socket.socket, *, limits: Limits, resident_mb: float
    ) -> None:
        os.set_blocking(output, False)
        self._channel = channel
        self._output: int | None = output
        self._status = status
        self._limits = limits
        self._resident_mb = resident_mb
        self.printed = Output(limits.output_kb * 1024)
        self.exit: Exit | None = None

    def open(self, start: Frame, deadline: float) -> None:
        """Hand over the first frame, and wait until the child says that it is confined: only then does it read it.

        Raises:
            ZygoteTrouble: the child ended before it was confined, or the machine had no room for its jail.
            GraderError: a layer of the jail does not hold.
            AttemptEnded: it was confined, but does not take the frame.
        """
        error: ChannelError | None = None
        try:
            self._channel.send(start, deadline)
        except ChannelError as failed:  # what it said before it ended can still be read
            error = failed
        try:
            event = self.receive(time.monotonic() + CONFINE_SECONDS).json()
        except (AttemptEnded, ChannelError) as failed:
            self.end()
            raise ZygoteTrouble(f"a sandboxed process did not start: {failed}\n{self.printed.text()}") from None
        if event.get("event") != "confined":
            self.end()
            kind = ZygoteTrouble if event.get("errno") in _SHORTAGES else GraderError
            raise kind(f"a layer of the sandbox does not hold: {event.get('error')}")
        if error is not None:
            raise self._ended(error)

    def send(self, frame: Frame, deadline: float) -> None:
        """Write one frame; raises AttemptEnded where the runner does not take it."""
        try:
            self._channel.send(frame, deadline)
        except ChannelError as error:
            raise self._ended(error) from None

    def receive(self, deadline: float) -> Frame:
        """The next frame; raises AttemptEnded at the deadline, at a flood of output and at the runner's end."""
        try:
            while not self._channel.has_more and not self._wait(deadline):
                pass
            return self._channel.receive(deadline)
        except ChannelError as error:
            raise self._ended(error) from None

    def end(self) -> Exit:
        """Stop the process if it still runs, and collect what it left."""
        if self.exit is None:
            with contextlib.suppress(OSError):
                self._status.send(b"kill", socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            self.exit = Exit(signal.SIGKILL, 0.0, 0.0)  # what holds where no report can be had
            try:
                self.exit = self._report(_REPORT_SECONDS) or self.exit
            finally:
                self._drain()
                self._close()
        return self.exit

    @property
    def peak_memory_mb(self) -> float:
        """Beyond what it shares with the zygote."""
        return 0.0 if self.exit is None else max(0.0, self.exit.peak_mb - self._resident_mb)

    def _wait(self, deadline: float) -> bool:
        """Whether a frame can be read; meanwhile reads along what is printed."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        if self._output is not None:
            poll.register(self._output, select.POLLIN)
        left = deadline - time.monotonic()
        ready = {descriptor for descriptor, _ in poll.poll(max(0.0, left) * 1000)}
        if self._output in ready:
            self._read_output()
            if self.printed.is_over:
                raise ChannelError("output")
        if self._channel.fileno() in ready:
            return True
        if time.monotonic() >= deadline:
            raise ChannelTimeout("the deadline passed")
        return False

    def _read_output(self) -> bool:
        """Read once; False at the end of what there is."""
        if self._output is None:
            return False
        try:
            data = os.read(self._output, _READ)
        except BlockingIOError:
            return False
        if not data:
            os.close(self._output)
            self._output = None
        self.printed.add(data)
        return bool(data)

    def _drain(self) -> None:
        """Read what is left in the pipe; it is bounded, since nobody writes any more."""
        while not self.printed.is_over and self._read_output():
            pass

    def _has_report(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _report(self, seconds: float) -> Exit | None:
        if not self._has_report(seconds):
            return None
        try:
            data = self._status.recv(4096)
        except ConnectionResetError:  # said once where the zygote closed before it read our "kill"; the report is there
            data = self._status.recv(4096)
        if not data:
            raise ZygoteTrouble("the warm process ended, and this submission's process with it")
        report = json.loads(data)
        return Exit(report["status"], report["cpu_seconds"], report["peak_mb"], report["excess"])

    def _close(self) -> None:
        self._channel.close()
        self._status.close()
        if self._output is not None:
            os.close(self._output)
            self._output = None

    def _ended(self, error: ChannelError) -> AttemptEnded:
        if self.exit is not None:
            return AttemptEnded(Death.KILLED, "the process ended earlier")
        if self.printed.is_over:
            self.end()
            return AttemptEnded(Death.KILLED, f"stopped: it printed more than {self._limits.output_kb:,} kB")
        if isinstance(error, ChannelTimeout):
            self.end()
            return AttemptEnded(Death.TIMEOUT, "stopped: its time was over")
        if not self._has_report(_GRACE_SECONDS):
            self.end()
            return AttemptEnded(Death.PROTOCOL, f"stopped: {error}")
        return self._cause(self.end())

    def _cause(self, exit_: Exit) -> AttemptEnded:
        limits = self._limits
        if exit_.excess == watch.DISK_FULL:  # by whom is not known: what was deleted and is still open is in no folder
            raise ZygoteTrouble("the disk that holds the submissions' files ran full")
        if exit_.excess == watch.DISK:
            too_much = f"more than {limits.disk_mb:,} MB of files, or folders deeper than {leftovers.MAX_DEPTH}"
            return AttemptEnded(Death.KILLED, f"stopped: it wrote {too_much}")
        if exit_.excess == watch.THREADS:
            return AttemptEnded(Death.KILLED, f"stopped: it had more than {jail.MAX_THREADS} threads at once")
        if not exit_.signal:
            code = os.waitstatus_to_exitcode(exit_.status)
            return AttemptEnded(Death.KILLED, f"the process ended by itself, with exit code {code}")
        if exit_.signal == signal.SIGXCPU or exit_.cpu_seconds >= limits.cpu_seconds:
            return AttemptEnded(Death.TIMEOUT, f"stopped after {limits.cpu_seconds:.0f} s of processor time")
        out_of_memory = exit_.signal == signal.SIGABRT and b"bad_alloc" in self.printed.tail + self.printed.head
        if exit_.signal == signal.SIGKILL or out_of_memory:
            return AttemptEnded(Death.MEMORY, f"ended: memory ran out (the limit is {limits.memory_mb:,} MB)")
        if exit_.signal == signal.SIGSYS:
            return AttemptEnded(Death.KILLED, "the process made a system call that is not allowed here")
        return AttemptEnded(Death.KILLED, f"the process ended with {_signal_name(exit_.signal)}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
