"""How grading a large class behaves: a made-up class through planning, scheduling, the gradebook and the reports.

    python bench/scale.py --sizes 100 1000 10000 100000
    python bench/scale.py --sizes 1000 --real        really graded, with all cores

Everything is real but the workers: files, intake, keys, the batch, SQLite, reports, scores.csv and the summary. A stub
stands in for `--cores` workers: it gives real reports, measured before on a sample class, after the service times that
were measured with them. Each size runs in a process of its own, so that its peak of memory is that size's.
"""

from __future__ import annotations

import argparse
import heapq
import json
import multiprocessing
import os
import pickle
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from autograder.batch import grade_all, local_executor
from autograder.cli.grading import Wishes, grade
from autograder.course import open_course
from autograder.reports.document import ReportDocument
from autograder.samples import solved_notebook
from autograder.sandbox.tier import Tier, find_tier
from autograder.task import Plan, Task

ROOT = Path(__file__).parent.parent
SLUG = "01_output_size"
MEASURED = 100
GIB, MIB = 2**30, 2**20

Served = tuple[float, ReportDocument]


def main() -> None:
    """Measure, and print a table for docs/scaling.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--cores", type=int, default=16, help="workers that the stub stands in for")
    parser.add_argument("--real", action="store_true", help="grade really, with this machine's cores")
    parser.add_argument("--folder", type=Path, help="where classes and results go. Default: a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-scale-", dir=options.folder) as scratch:
        folder = Path(scratch)
        served = folder / "served"
        mean = _in_process(partial(measure, served))
        print(f"service time of {SLUG}, one job alone: {mean:.3f} s a submission, mean of {MEASURED}", flush=True)
        rows = [_one_size(folder, served, size, options) for size in options.sizes]
    print_table(rows, mean, options)


def _in_process(function: Callable[[], Any]) -> Any:
    """What a function gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(function).result()


def measure(path: Path) -> float:
    """Grade the reference notebook and its mistaken variants one after another; keeps reports and service times."""
    course = open_course(ROOT)
    plan = Plan(course.root, find_tier(allow_weak=True), "cpu")
    notebook = json.dumps(solved_notebook(course, SLUG)).encode()
    broken = notebook.replace(b"// stride", b"/ stride")
    tasks = [partial(Task, SLUG, broken if number % 3 == 0 else notebook) for number in range(MEASURED + 1)]
    served: list[Served] = []
    last = time.perf_counter()
    for graded in grade_all(tasks, lambda: local_executor(plan, 1), in_flight=1):
        seconds, last = time.perf_counter() - last, time.perf_counter()
        assert graded.document is not None, graded.fault
        served.append((seconds, graded.document))
    path.write_bytes(pickle.dumps(served[1:]))  # the first waited for the worker to start
    return sum(seconds for seconds, _ in served[1:]) / MEASURED


@dataclass(frozen=True, slots=True)
class Row:
    """What one size took: seconds of each phase, and bytes."""

    size: int
    planning: float
    grading: float
    finishing: float
    cpu: float
    peak: int
    before: int
    database: int
    again: float
    again_cpu: float

    @property
    def each(self) -> float:
        """Seconds a submission, everything included."""
        return (self.planning + self.grading + self.finishing) / self.size


def _one_size(folder: Path, served: Path, size: int, options: argparse.Namespace) -> Row:
    submissions, results = folder / "submissions", folder / "results"
    make_class(submissions, size)
    cores = 0 if options.real else options.cores
    first = _in_process(partial(run, submissions, results, served, cores))
    again = _in_process(partial(run, submissions, results, served, cores))
    database = sum(path.stat().st_size for path in results.glob("gradebook.db*"))
    planning, grading, finishing = first["phases"]
    row = Row(
        *(size, planning, grading, finishing, first["cpu"], first["peak"], first["before"]),
        *(database, sum(again["phases"]), again["cpu"]),
    )
    print(row, flush=True)
    shutil.rmtree(submissions)
    shutil.rmtree(results)
    return row


def make_class(folder: Path, size: int) -> None:
    """A folder a student, each with a notebook of its own content."""
    text = json.dumps(solved_notebook(open_course(ROOT), SLUG), indent=1)
    mark = "def conv_output_size"
    assert mark in text
    for number in range(size):
        path = folder / f"student{number:06d}" / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text.replace(mark, f"# the answer of number {number}\\n{mark}", 1), encoding="utf-8")


def run(submissions: Path, results: Path, served: Path, cores: int) -> dict[str, Any]:
    """`autograder grade`, with times of its phases and this process's memory."""
    marks, started = [time.perf_counter()], time.process_time()
    facts = {"before": 0}

    def executor(plan: Plan, jobs: int) -> Executor:
        marks.append(time.perf_counter())
        facts["before"] = _memory("VmRSS")
        made = Stub(pickle.loads(served.read_bytes()), cores) if cores else local_executor(plan, jobs)
        return _noting_its_end(made, marks)

    find = find_tier if not cores else lambda **_: Tier("inner", (), ())
    jobs = cores or len(os.sched_getaffinity(0))
    wishes = Wishes([submissions], results, ROOT, None, None, jobs, "cpu", False, True, "inner", True)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - as long as the process
    code = grade(wishes, find=find, make_executor=executor)
    assert code in (0, 1)
    ended = time.perf_counter()
    marks += [ended] * (3 - len(marks))
    cpu = time.process_time() - started
    phases = (marks[1] - marks[0], marks[2] - marks[1], ended - marks[2])
    return {"phases": phases, "cpu": cpu, "peak": _memory("VmHWM"), **facts}


def _noting_its_end(executor: Executor, marks: list[float]) -> Executor:
    shutdown = executor.shutdown

    def noted(wait: bool = True, *, cancel_futures: bool = False) -> None:
        marks.append(time.perf_counter())
        shutdown(wait=wait, cancel_futures=cancel_futures)

    executor.shutdown = noted  # type: ignore[method-assign]
    return executor


def _memory(name: str) -> int:
    """Bytes, by their name in /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Stub(Executor):
    """Workers that take the time that grading was measured to take, and give the report that it gave."""

    def __init__(self, served: list[Served], cores: int) -> None:
        self._served, self._rng = served, random.Random(1)
        self._free = [0.0] * cores  # when each worker is through with what it was given
        self._ends: list[tuple[float, int, Future[ReportDocument], ReportDocument]] = []
        self._changed = threading.Condition()
        self._count = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def submit(self, function: Any, /, task: Task, **_: Any) -> Future[ReportDocument]:  # type: ignore[override]
        """Give it to the worker that is through first."""
        assert task.notebook
        seconds, document = self._rng.choice(self._served)
        future: Future[ReportDocument] = Future()
        with self._changed:
            end = max(time.monotonic(), heapq.heappop(self._free)) + seconds
            heapq.heappush(self._free, end)
            self._count += 1
            heapq.heappush(self._ends, (end, self._count, future, document))
            self._changed.notify()
        return future

    def _serve(self) -> None:
        while not self._stopped:
            with self._changed:
                now = time.monotonic()
                wait = self._ends[0][0] - now if self._ends else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, future, document = heapq.heappop(self._ends)
            future.set_result(document)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()


def print_table(rows: list[Row], mean: float, options: argparse.Namespace) -> None:
    """The table, and what follows from it."""
    print()
    names = ("submissions", "plan", "grade", "finish", "ms each", "CPU ms each", "peak", "database", "again")
    print("| " + " | ".join(names) + " |")
    print("|" + "---:|" * len(names))
    for row in rows:
        values = (
            f"{row.size:,}", f"{row.planning:.1f} s", f"{row.grading:.1f} s", f"{row.finishing:.1f} s",
            f"{1000 * row.each:.2f}", f"{1000 * row.cpu / row.size:.2f}", f"{row.peak / MIB:.0f} MiB",
            f"{row.database / MIB:.1f} MiB", f"{row.again:.1f} s ({row.again_cpu:.1f} s of CPU)",
        )  # fmt: skip
        print("| " + " | ".join(values) + " |")
    largest, smallest = rows[-1], rows[0]
    own = largest.cpu / largest.size
    grown = (largest.peak - smallest.peak) / max(1, largest.size - smallest.size)
    print(f"\nthe command's memory grows by {grown:.0f} bytes a submission")
    print(f"its own work is {1000 * own:.2f} ms of one core a submission: {1 / own:,.0f} a second at most,")
    print(f"which is what {mean / own:,.0f} workers give that take {mean:.3f} s each")
    print(f"a million: {1e6 * mean / 3600:,.0f} core hours of workers, {1e6 * own / 3600:.1f} of the command")
    if not options.real:
        print(f"(stub of {options.cores} workers)")


if __name__ == "__main__":
    main()
