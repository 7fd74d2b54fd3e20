"""On a worker: its own course, sandbox and warm graders, a process for each submission that it takes at a time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import socket
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from pathlib import Path

from autograder import __version__
from autograder.batch import local_executor, prepare
from autograder.cluster.claims import alone, claim_slot
from autograder.cluster.order import REMEDY, Order, departures
from autograder.course import Course, find_course
from autograder.datasets.supply import supply
from autograder.device import resolve_device
from autograder.errors import GraderError, WorkerFault, ZygoteTrouble
from autograder.fingerprint import engine_fingerprint, exercise_parts
from autograder.reports.document import ReportDocument
from autograder.sandbox.tier import Tier, find_tier
from autograder.task import Plan, Task

COURSE = "AUTOGRADER_COURSE"
"""The environment variable that names the course's folder on the worker."""


class Unfit(GraderError):
    """Nothing can be graded on this machine any more."""


@dataclass(slots=True)
class _Seat:
    """One process that grades, on a number of its own."""

    slot: int
    claim: socket.socket
    executor: Executor | None = None
    pid: int = 0

    def open(self, plan: Plan) -> Executor:
        """The process, started where it is not there."""
        if self.executor is None:
            self.executor = local_executor(plan, 1, first_slot=self.slot)
            self.pid = self.executor.submit(os.getpid).result()
        return self.executor

    def close(self) -> None:
        """End the process and what runs in it."""
        executor, self.executor = self.executor, None
        if executor is None:
            return
        for process in multiprocessing.active_children():
            if process.pid == self.pid:
                process.kill()
        executor.shutdown(wait=True, cancel_futures=True)


class Station:
    """The graders of one worker. `grade` may be called from as many threads at once as there are seats."""

    def __init__(self, plan: Plan, seats: int) -> None:
        self.plan = plan
        self._closed = False
        self._seats: list[_Seat] = [_Seat(*claim_slot()) for _ in range(seats)]
        self._free: queue.SimpleQueue[_Seat] = queue.SimpleQueue()
        for seat in self._seats:
            self._free.put(seat)

    @classmethod
    def open(cls, order: Order, seats: int, find: Callable[..., Tier] = find_tier) -> Station:
        """A station that fits the order.

        Raises:
            GraderError: this worker has something else than the command, or lacks something.
        """
        if multiprocessing.current_process().daemon:
            raise GraderError(
                "Dask started it as a daemon, which may not start graders\n"
                "    -> start it with `autograder worker`, or with DASK_DISTRIBUTED__WORKER__DAEMON=False"
            )
        named = os.environ.get(COURSE)
        course = find_course(Path(named) if named else None)
        _refuse_another(course, order)
        with alone("self-test"):
            tier = find(
                protected=(str(course.root / "solutions"), str(course.config.tests_dir)),
                allow_weak=order.allow_weak,
                required=order.required,
                use_wall=order.use_wall,
            )
        return cls(Plan(course.root, tier, resolve_device(order.device)), seats)

    def grade(self, function: Callable[[Task], ReportDocument], task: Task) -> ReportDocument:
        """Grade in a process of its own.

        Raises:
            WorkerFault: that process died or failed; the reference can still be graded.
            Unfit: it failed, and so does whatever is started after it.
            GraderError: it failed, and so does the reference of this exercise: nobody's can be graded here.
        """
        seat = self._free.get()
        try:
            return seat.open(self.plan).submit(function, task).result()
        except (BrokenExecutor, GraderError, OSError) as error:
            seat.close()
            if not self._closed:
                self._rehearse(seat, task.exercise)
            raise WorkerFault(f"{type(error).__name__}: {error}") from None
        finally:
            self._free.put(seat)

    def _rehearse(self, seat: _Seat, slug: str) -> None:
        """Whose fault was it? In a fresh process, the reference solution must pass."""
        try:
            seat.open(self.plan).submit(prepare, slug).result()
        except (BrokenExecutor, OSError, ZygoteTrouble) as error:
            seat.close()
            raise Unfit(f"a grader cannot be started: {type(error).__name__}: {error}") from None
        except GraderError:
            seat.close()
            raise

    def rest(self) -> None:
        """End the processes that have nothing to do; the next submission starts them again."""
        idle: list[_Seat] = []
        with contextlib.suppress(queue.Empty):
            while True:
                idle.append(self._free.get_nowait())
        for seat in idle:
            seat.close()
            self._free.put(seat)

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed = True
        for seat in self._seats:
            seat.close()
            seat.claim.close()


def _refuse_another(course: Course, order: Order) -> None:
    engine, mine = engine_fingerprint(), {}
    for slug in order.parts:
        with contextlib.suppress(GraderError):  # an exercise that is not here: all of its parts are others
            training = course.config.exercise(slug).training
            version = supply(training.dataset).version if training else ""
            mine[slug] = exercise_parts(course, slug, engine, version)
    found = list(departures(order, __version__, mine))
    if found:
        raise GraderError(f"it has others than this command: {'; '.join(found)}\n    -> {REMEDY}")
