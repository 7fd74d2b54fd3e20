"""Many submissions over any `concurrent.futures` executor: bounded in flight, faults of ours retried, nothing lost."""

from __future__ import annotations

import collections
import ctypes
import multiprocessing
import os
import resource
import signal
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.errors import ExecutorLost, GraderError, WorkerFault, ZygoteTrouble
from autograder.grading import Grader
from autograder.reports.document import ReportDocument
from autograder.task import Plan, Task

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

MAX_TRIES = 3  # of a task whose worker died: the machine's fault is not the student's
MAX_LOSSES = 3  # of all that is in flight, with nothing graded between
PR_SET_PDEATHSIG = 1
MAX_ADDRESS_SPACE = 24 * 2**30  # of a worker: an answer that unfolds in the judge ends as MemoryError there


@dataclass(frozen=True, slots=True)
class Graded:
    """A task's outcome: a report, or the fault of ours that kept us from one."""

    index: int
    document: ReportDocument | None
    fault: str = ""


class Elastic(Executor):
    """An executor whose workers come and go."""

    @property
    def room(self) -> int:
        """How many tasks to have in flight now."""
        raise NotImplementedError


def grade_all(
    tasks: Iterable[Callable[[], Task]], make_executor: Callable[[], Executor], *, in_flight: int
) -> Generator[Graded, None, None]:
    """Grade tasks, in whatever order they end. A task is made when it is sent, so that few are in memory.

    `in_flight` is how many at a time, where the executor does not say.

    Raises:
        GraderError: something of ours is missing, so that no submission could be graded rightly.
    """
    batch = _Batch(tasks, make_executor, in_flight)
    try:
        while batch.is_unfinished:
            batch.send()
            yield from batch.receive()
            if batch.broken:
                yield from batch.salvage()
                batch.start_again()
    finally:
        stop(batch.executor)


class _Batch:
    """What waits, what is in flight, and the executor that may break.

    A worker that dies may take all that is in flight with it. Those are tried again one at a time, so that only the one
    that kills its worker is given up.
    """

    def __init__(
        self, tasks: Iterable[Callable[[], Task]], make_executor: Callable[[], Executor], in_flight: int
    ) -> None:
        self.coming = enumerate(tasks)
        self.all_came = False
        self.waiting: collections.deque[tuple[int, Callable[[], Task]]] = collections.deque()
        self.pending: dict[Future[ReportDocument], tuple[int, Callable[[], Task]]] = {}
        self.again: list[tuple[int, Callable[[], Task]]] = []
        self.tries: collections.Counter[int] = collections.Counter()
        self.suspects = 0  # how many, at the head of `waiting` or in flight, were there when a worker died
        self.broken = False
        self.lost = False  # broken, and nothing in flight is to blame
        self.losses = 0
        self.in_flight = in_flight
        self.make_executor = make_executor
        self.executor = make_executor()

    @property
    def is_unfinished(self) -> bool:
        return bool(self.waiting or self.pending or not self.all_came)

    def _next(self) -> tuple[int, Callable[[], Task]] | None:
        if self.waiting:
            return self.waiting.popleft()
        coming = next(self.coming, None)
        self.all_came = coming is None
        return coming

    @property
    def room(self) -> int:
        """How many may be in flight."""
        if self.suspects:
            return 1
        return self.executor.room if isinstance(self.executor, Elastic) else self.in_flight

    def send(self) -> None:
        """Fill up what is in flight."""
        while len(self.pending) < self.room and not self.broken:
            following = self._next()
            if following is None:
                return
            index, make_task = following
            try:
                self.pending[self.executor.submit(grade_task, make_task())] = (index, make_task)
            except ExecutorLost as error:
                self.waiting.appendleft(following)
                self._lose(error)
            except BrokenExecutor:
                self.waiting.appendleft(following)
                self.broken = True

    def receive(self) -> Iterator[Graded]:
        """Wait for the next to end."""
        done = wait(self.pending, return_when=FIRST_COMPLETED).done if self.pending else set()
        for future in done:
            index, make_task = self.pending.pop(future)
            self.suspects = max(0, self.suspects - 1)
            outcome = _outcome(index, future) or self._failed(index, make_task, future.exception())
            if outcome is not None:
                self.losses = 0
                yield outcome

    def _failed(self, index: int, make_task: Callable[[], Task], error: BaseException | None) -> Graded | None:
        """Keep a task for another try, or give it up."""
        if isinstance(error, ExecutorLost):
            self._lose(error)
            self.again.append((index, make_task))
            return None
        self.broken = self.broken or not isinstance(error, WorkerFault)
        self.tries[index] += 1
        if self.tries[index] >= MAX_TRIES:
            why = str(error) if isinstance(error, WorkerFault) else "memory?"
            return Graded(index, None, f"the grader's worker died {MAX_TRIES} times on it ({why})")
        (self.waiting if isinstance(error, WorkerFault) else self.again).append((index, make_task))
        return None

    def _lose(self, error: ExecutorLost) -> None:
        """All in flight is lost: once, however many futures say so."""
        self.losses += not self.lost
        self.broken = self.lost = True
        if self.losses > MAX_LOSSES:
            raise GraderError(f"{error}, {self.losses} times with nothing graded between")

    def salvage(self) -> Iterator[Graded]:
        """What was graded before the executor broke and was not received yet."""
        for future in [one for one in self.pending if one.done() and not one.cancelled() and not one.exception()]:
            yield Graded(self.pending.pop(future)[0], future.result())

    def start_again(self) -> None:
        """Another executor for the broken one; what was in flight waits at the head."""
        again = [*self.again, *self.pending.values()]
        self.pending.clear()
        self.again.clear()
        self.waiting.extendleft(reversed(again))
        self.suspects += 0 if self.lost else len(again)
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self.make_executor()
        self.broken = self.lost = False


def _outcome(index: int, future: Future[ReportDocument]) -> Graded | None:
    """What a future gave; None where its worker died."""
    error = future.exception()
    if error is None:
        return Graded(index, future.result())
    if isinstance(error, GraderError) and not isinstance(error, ZygoteTrouble):
        raise error
    if isinstance(error, (BrokenExecutor, WorkerFault)):
        return None
    return Graded(index, None, "".join(traceback.format_exception(error, limit=-4)))


def stop(executor: Executor) -> None:
    """End an executor now: what runs is ended, not waited for."""
    if isinstance(executor, ProcessPoolExecutor):
        for process in multiprocessing.active_children():
            process.kill()
    # its thread sees the workers' end; were it not waited for, it would write to a closed pipe when Python ends
    executor.shutdown(wait=isinstance(executor, ProcessPoolExecutor), cancel_futures=True)


def local_executor(plan: Plan, jobs: int, *, first_slot: int = 0) -> ProcessPoolExecutor:
    """Worker processes on this machine, each with warm zygotes of its own."""
    context = multiprocessing.get_context("spawn")
    slots: Queue[int] = context.Queue()
    for slot in range(first_slot, first_slot + jobs):
        slots.put(slot)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker, initargs=(plan, slots, os.getpid()))


# An executor's function has nowhere else to find what its process prepared.
_worker: list[Grader] = []


def _start_worker(plan: Plan, slots: Queue[int], parent: int) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch: the oracles' tensors are tiny, and threads spin on busy cores
    # Answers come faster than they are read: on a shared core, let the notebook go on instead of waking for each
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command; it ends the workers
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if plan.device == "cpu":  # CUDA reserves far more addresses than it uses
        resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE))
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    _worker.append(Grader(replace(plan, slot=slots.get())))


def grade_task(task: Task) -> ReportDocument:
    """Grade one task in a worker process."""
    return _worker[0].grade(task)


def prepare(slug: str) -> None:
    """In a worker process: get an exercise ready, its reference graded; raises GraderError where that fails."""
    _worker[0].prepare(slug)
