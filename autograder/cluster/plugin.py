"""In each Dask worker: sets a station up, declares that the worker takes part, and tells the command what it found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from tornado.ioloop import PeriodicCallback

from autograder.cluster.order import GPU, Order
from autograder.cluster.station import Station, Unfit
from autograder.errors import GraderError, WorkerFault
from autograder.reports.document import ReportDocument
from autograder.task import Task

IDLE_SECONDS = 600.0  # after which the graders of a command that went away without a word are ended
LOOK_MILLISECONDS = 30_000


class StoodAside(Exception):
    """`worker` cannot grade even the reference of an exercise, because of `error`; another machine may do better."""

    def __init__(self, worker: str, error: GraderError) -> None:
        super().__init__(worker, error)
        self.worker, self.error = worker, error


class GraderPlugin(WorkerPlugin):  # type: ignore[misc]
    """One worker's part in one run of the command."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.name = order.name

    async def setup(self, worker: Worker) -> None:
        """Take part, or say why not. Never raises: a worker that does not fit is told apart from one that is broken."""
        self.worker = worker
        self.station: Station | None = None
        self.used = time.monotonic()
        self.aside: GraderError | None = None
        seats = worker.state.nthreads
        try:
            if self.order.device == "cuda" and not worker.state.total_resources.get(GPU):
                raise GraderError("it has no GPU to give\n    -> start it with `autograder worker --gpus 1`")
            self.station = await asyncio.to_thread(Station.open, self.order, seats)
        except GraderError as error:
            self.tell("refused", why=str(error))
            return
        except Exception as error:  # whatever this worker lacks, the others go on
            self.tell("refused", why=f"{type(error).__name__}: {error}")
            return
        await worker.set_resources(**{self.name: seats})
        idle = PeriodicCallback(self._rest, LOOK_MILLISECONDS)
        worker.periodic_callbacks[self.name] = idle
        idle.start()
        self.tell("ready", seats=seats, sandbox=self.station.plan.tier.one_line())

    async def teardown(self, worker: Worker) -> None:
        """End all that runs here."""
        idle = worker.periodic_callbacks.pop(self.name, None)
        if idle:
            idle.stop()
        if self.station:
            await asyncio.to_thread(self.station.close)

    def tell(self, what: str, **facts: Any) -> None:
        """Tell the command."""
        self.worker.log_event(self.name, {"what": what, "worker": self.worker.address, **facts})

    def grade(self, function: Callable[[Task], ReportDocument], task: Task) -> ReportDocument:
        """In one of the worker's threads. A worker that cannot grade at all any more leaves the cluster.

        Raises:
            WorkerFault: what graded it died or failed.
            StoodAside: the reference cannot be graded here, now or before in this run.
        """
        if self.station is None:
            raise WorkerFault(f"{self.worker.address} takes no part")
        if self.aside is not None:
            raise StoodAside(self.worker.address, self.aside)
        self.used = time.monotonic()
        try:
            return self.station.grade(function, task)
        except Unfit as error:
            self.tell("unfit", why=str(error))
            self.worker.loop.add_callback(self.worker.close_gracefully, reason="it cannot grade any more")
            raise WorkerFault(f"{self.worker.address} is unfit: {error}") from None
        except GraderError as error:
            self.aside = error
            raise StoodAside(self.worker.address, error) from None
        except WorkerFault as error:
            raise WorkerFault(f"on {self.worker.address}, {error}") from None
        finally:
            self.used = time.monotonic()

    async def _rest(self) -> None:
        if self.station and time.monotonic() - self.used > IDLE_SECONDS:
            await asyncio.to_thread(self.station.rest)


def grade_there(name: str, function: Callable[[Task], ReportDocument], task: Task) -> ReportDocument:
    """As a Dask task: grade with the plugin of that name."""
    plugin = get_worker().plugins.get(name)
    if plugin is None:
        raise WorkerFault("a worker lost what the command set up in it")
    report: ReportDocument = plugin.grade(function, task)
    return report
