"""A submission in the sandbox, as the judge asks it: restarts what died, within one budget for all attempts."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder import wire
from autograder.messages import Answer, Death, Died, Request
from autograder.sandbox.attempt import Attempt, AttemptEnded, Output
from autograder.sandbox.cells import MAX_ERRORS, STOPPED, CellFact, CellRun, within_budget
from autograder.sandbox.channel import ChannelError, Frame, Kind, json_frame, new_number, requests_frame
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import CellOutputs, OutputKeeper
from autograder.sandbox.warm import Zygote

__all__ = ["CellFact", "RunFacts", "SandboxSession"]

MAX_RECEIVED_BYTES = 512 * 2**20  # of a submission's answers


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How a submission ran: evidence for the report, never a reason for points.

    `cells` are all of them; of those that stopped only the first have a text, and `more_errors` counts the others.
    `outputs` are of the cells that were reached before the first hidden call. `defined` are the functions and classes
    that stand in the notebook.
    """

    cells: tuple[CellFact, ...] = ()
    output: str = ""
    attempts: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    notebook_error: str | None = None
    output_killed: bool = False
    more_errors: int = 0
    outputs: tuple[CellOutputs, ...] = ()
    defined: tuple[str, ...] = ()

    @property
    def cell_errors(self) -> tuple[CellFact, ...]:
        """The first cells that stopped, no more than a person would read."""
        return tuple(cell for cell in self.cells if cell.outcome in STOPPED)[:MAX_ERRORS]


class SandboxSession:
    """Implements `autograder.student.Session` on a notebook in confined processes forked from a zygote.

    Times count while the judge waits for the submission. A context manager; close() ends the process.
    """

    def __init__(
        self,
        zygote: Zygote,
        notebook: bytes,
        limits: Limits,
        seed: int,
        *,
        threads: int = 1,
        slot: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._zygote = zygote
        self._notebook = notebook
        self._limits = limits
        self._seed = seed
        self._threads = threads
        self._environment = dict(environment or {})
        self._slot = slot
        self._attempt: Attempt | None = None
        self._attempts = 0
        self._skip: dict[int, str] = {}
        self._cells: dict[int, CellFact] = {}
        self._received_bytes = 0
        self._wall = 0.0
        self._cpu = 0.0
        self._peak = 0.0
        self._printed = Output(limits.output_kb * 1024)
        self._outputs = OutputKeeper()
        self._notebook_error: str | None = None
        self._defined: tuple[str, ...] = ()
        self._last_death: Died | None = None

    def begin_case(self) -> Died | None:
        """Make ready for the next case: run the cells if that is still to do, forget the objects of earlier cases."""
        if self._attempt is not None:
            try:
                self._attempt.send(Frame(Kind.FORGET, 0, wire.Packed(b"{}", b"")), time.monotonic() + 5.0)
            except AttemptEnded as error:
                self._bury(error)
        while self._attempt is None:
            refusal = self._refusal()
            if refusal is not None:
                return refusal
            self._start()
        return None

    def ask(self, request: Request) -> Answer:
        """Make one call. What the runner sends back is decoded, or it is a Died(PROTOCOL)."""
        if self._attempt is None:
            return self._last_death or Died(Death.KILLED, "no process of this submission runs")
        packed = wire.pack_request(request)
        number = new_number()
        seconds = min(self._limits.call_seconds, self._wall_left)
        started = time.monotonic()
        try:
            self._attempt.send(Frame(Kind.REQUEST, number, packed), started + seconds)
            return _answer(self._weighed(self._attempt.receive(started + seconds)), number)
        except (AttemptEnded, ChannelError, wire.WireError) as error:
            return self._bury(error, seconds=seconds)
        finally:
            self._wall += time.monotonic() - started

    def ask_all(self, requests: Sequence[wire.Packed]) -> Iterator[wire.Packed | Died]:
        """Make encoded calls one after another, all sent at once; each has its own time limit.

        Answers come as they were received, not decoded. The last one is a Died where the process ended before it had
        answered all.
        """
        if self._attempt is None:
            yield self._last_death or Died(Death.KILLED, "no process of this submission runs")
            return
        first = new_number()
        frame: Frame | None = requests_frame(first, requests)
        for number in range(first, first + len(requests)):
            seconds = min(self._limits.call_seconds, self._wall_left)
            started = time.monotonic()
            try:
                if frame is not None:
                    self._attempt.send(frame, started + seconds)
                    frame = None
                answer = _received(self._weighed(self._attempt.receive(started + seconds)), number)
            except (AttemptEnded, ChannelError) as error:
                yield self._bury(error, seconds=seconds)
                return
            finally:
                self._wall += time.monotonic() - started
            yield answer

    def _weighed(self, frame: Frame) -> Frame:
        """The frame; raises ChannelError where all answers together are more than anybody needs.

        Each is bounded by itself, but the judge keeps what a case got until the report is written.
        """
        self._received_bytes += len(frame.packed.head) + len(frame.packed.body)
        if self._received_bytes > MAX_RECEIVED_BYTES:
            raise ChannelError(f"its answers are over {MAX_RECEIVED_BYTES // 2**20} MiB together")
        return frame

    def close(self) -> None:
        """End the process, if one still runs."""
        if self._attempt is not None:
            self._collect(self._attempt)

    def __enter__(self) -> SandboxSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def facts(self) -> RunFacts:
        """What is known so far; complete after close()."""
        live = self._attempt.printed if self._attempt is not None else self._printed
        cells, more_errors = within_budget(self._cells[index] for index in sorted(self._cells))
        return RunFacts(
            cells=cells,
            output=live.text(),
            attempts=self._attempts,
            wall_seconds=self._wall,
            cpu_seconds=self._cpu,
            peak_memory_mb=self._peak,
            notebook_error=self._notebook_error,
            output_killed=live.is_over,
            more_errors=more_errors,
            outputs=tuple(self._outputs.cells[index] for index in sorted(self._outputs.cells)),
            defined=self._defined,
        )

    @property
    def _wall_left(self) -> float:
        return max(0.0, self._limits.wall_seconds - self._wall)

    def _refusal(self) -> Died | None:
        """Why no other attempt is made."""
        if self._notebook_error is not None:
            return Died(Death.KILLED, self._notebook_error)
        last = f"; the last time: {self._last_death.message}" if self._last_death is not None else ""
        if self._printed.is_over:
            return Died(Death.KILLED, f"not asked: it printed more than {self._limits.output_kb:,} kB")
        if self._attempts >= self._limits.attempts:
            return Died(Death.KILLED, f"not asked: the notebook was started {self._attempts} times{last}")
        if self._wall_left <= 0.0:
            return Died(Death.TIMEOUT, f"not asked: all {self._limits.wall_seconds:.0f} s were used{last}")
        if self._cpu >= self._limits.cpu_seconds:
            spent = self._limits.cpu_seconds
            return Died(Death.TIMEOUT, f"not asked: all {spent:.0f} s of processor time were used{last}")
        return None

    def _start(self) -> None:
        """Fork, run the cells. Afterwards there is an attempt that is ready, or none and the reason is recorded."""
        self._attempts += 1
        started = time.monotonic()
        left = max(1.0, self._limits.cpu_seconds - self._cpu)
        limits = dataclasses.replace(self._limits, cpu_seconds=left)
        self._attempt = self._zygote.fork(limits, slot=self._slot, threads=self._threads)
        self._attempt.printed = self._printed
        run = CellRun(self._attempt, self._limits, self._wall_left, started, self._outputs)
        head = {
            "seed": self._seed,
            "threads": self._threads,
            "skip": self._skip,
            "environment": self._environment,
            "outputs": self._outputs.is_open,
        }
        try:
            run.attempt.open(json_frame(Kind.START, run.number, head, self._notebook), run.deadline())
            run.until_ready()
            self._outputs.close()
        except (AttemptEnded, ChannelError) as error:
            died = self._bury(error, seconds=run.cell_seconds)
            if run.cell is not None:
                self._skip[run.cell] = f"was stopped ({died.message})"
                run.finish("died", died.message)
                self._outputs.died(run.cell, died.message, self._printed.last(run.printed_before))
        finally:
            self._wall += time.monotonic() - started
            self._defined = run.defined or self._defined
            # students read what cells say, and once hidden calls were made it could be what those asked
            self._cells |= run.cells if head["outputs"] else {}
        if run.notebook_error is not None:
            self._notebook_error = run.notebook_error
            self.close()

    def _bury(self, error: Exception, *, seconds: float = 0.0) -> Died:
        """End the attempt and give the death that its end amounts to."""
        if self._attempt is not None:
            self._collect(self._attempt)
        if not isinstance(error, AttemptEnded):
            died = Died(Death.PROTOCOL, f"the process broke the protocol: {error}")
        elif error.death is Death.TIMEOUT and str(error).startswith("stopped: its time"):
            died = Died(Death.TIMEOUT, f"stopped after {seconds:.3g} s")
        else:
            died = Died(error.death, str(error))
        self._last_death = died
        return died

    def _collect(self, attempt: Attempt) -> None:
        self._attempt = None
        self._cpu += attempt.end().cpu_seconds
        self._peak = max(self._peak, attempt.peak_memory_mb)


def _answer(frame: Frame, number: int) -> Answer:
    return wire.unpack_answer(_received(frame, number))


def _received(frame: Frame, number: int) -> wire.Packed:
    if frame.kind is not Kind.ANSWER or frame.number != number:
        raise ChannelError("an answer came that belongs to no question")
    return frame.packed
