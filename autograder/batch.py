"""Many submissions over any `concurrent.futures` executor: bounded in flight, faults of ours retried, nothing lost."""

from __future__ import annotations

import collections
import ctypes
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.errors import GraderError
from autograder.grading import Grader
from autograder.reports.document import ReportDocument
from autograder.task import Plan, Task

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

MAX_TRIES = 3  # of a task whose worker died: the machine's fault is not the student's
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Graded:
    """A task's outcome: a report, or the fault of ours that kept us from one."""

    index: int
    document: ReportDocument | None
    fault: str = ""


def grade_all(
    tasks: Iterable[Callable[[], Task]], make_executor: Callable[[], Executor], *, in_flight: int
) -> Generator[Graded, None, None]:
    """Grade tasks, in whatever order they end. A task is made when it is sent, so that few are in memory.

    A worker that dies may take all that is in flight with it. Those are tried again one at a time, so that only the one
    that kills its worker is given up.

    Raises:
        GraderError: something of ours is missing, so that no submission could be graded rightly.
    """
    waiting = collections.deque(enumerate(tasks))
    tries: collections.Counter[int] = collections.Counter()
    suspects = 0  # how many, at the head of `waiting` or in flight, were there when a worker died
    executor = make_executor()
    pending: dict[Future[ReportDocument], tuple[int, Callable[[], Task]]] = {}
    try:
        while waiting or pending:
            broken = False
            while waiting and len(pending) < (1 if suspects else in_flight) and not broken:
                index, make_task = waiting.popleft()
                try:
                    pending[executor.submit(grade_task, make_task())] = (index, make_task)
                except BrokenExecutor:
                    waiting.appendleft((index, make_task))
                    broken = True
            done = wait(pending, return_when=FIRST_COMPLETED).done if pending else set()
            again: list[tuple[int, Callable[[], Task]]] = []
            for future in done:
                index, make_task = pending.pop(future)
                suspects = max(0, suspects - 1)
                outcome = _outcome(index, future)
                if outcome is None:
                    broken = True
                    tries[index] += 1
                    if tries[index] < MAX_TRIES:
                        again.append((index, make_task))
                    else:
                        outcome = Graded(index, None, f"the grader's worker died {MAX_TRIES} times on it (memory?)")
                if outcome is not None:
                    yield outcome
            if broken:
                again += pending.values()
                pending.clear()
                waiting.extendleft(reversed(again))
                suspects += len(again)
                executor.shutdown(wait=False, cancel_futures=True)
                executor = make_executor()
    finally:
        stop(executor)


def _outcome(index: int, future: Future[ReportDocument]) -> Graded | None:
    """What a future gave; None where its worker died."""
    error = future.exception()
    if error is None:
        return Graded(index, future.result())
    if isinstance(error, GraderError):
        raise error
    if isinstance(error, BrokenExecutor):
        return None
    return Graded(index, None, "".join(traceback.format_exception(error, limit=-4)))


def stop(executor: Executor) -> None:
    """End an executor now: what runs is not waited for."""
    executor.shutdown(wait=False, cancel_futures=True)
    if isinstance(executor, ProcessPoolExecutor):
        for process in multiprocessing.active_children():
            process.terminate()


def local_executor(plan: Plan, jobs: int) -> ProcessPoolExecutor:
    """Worker processes on this machine, each with warm zygotes of its own."""
    context = multiprocessing.get_context("spawn")
    slots: Queue[int] = context.Queue()
    for slot in range(jobs):
        slots.put(slot)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker, initargs=(plan, slots, os.getpid()))


# An executor's function has nowhere else to find what its process prepared.
_worker: list[Grader] = []


def _start_worker(plan: Plan, slots: Queue[int], parent: int) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch: the oracles' tensors are tiny, and threads spin on busy cores
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command; it ends the workers
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    _worker.append(Grader(replace(plan, slot=slots.get())))


def grade_task(task: Task) -> ReportDocument:
    """Grade one task in a worker process."""
    return _worker[0].grade(task)
