"""In the command: an executor whose workers are a cluster's, and the one place that knows what Dask raises."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import dask.config
from distributed import Client, KilledWorker
from distributed.comm.core import CommClosedError

from autograder.batch import Elastic
from autograder.cluster.members import Members
from autograder.cluster.order import Order
from autograder.cluster.plugin import GraderPlugin, StoodAside, grade_there
from autograder.errors import ExecutorLost, GraderError, WorkerFault
from autograder.reports.document import ReportDocument
from autograder.task import Task

LEAST_ROOM = 8  # so that a cluster that grows with its work sees some
LOOK_SECONDS = 1.0
START_SECONDS = 300.0  # until the first worker has a sandbox
PATIENCE_SECONDS = 60.0  # without any worker that takes part
END_SECONDS = 10.0
UNLIMITED = {"distributed.admin.large-graph-warning-threshold": "10 GB"}  # a notebook may be large

FEW_LOOKS = 5  # without being with a worker

Work = Callable[[Task], ReportDocument]


@dataclass(slots=True, eq=False)
class _Flight:
    """A task that was sent; `outer` is what the batch waits for, `inner` what Dask was asked for."""

    outer: Future[ReportDocument]
    function: Work
    task: Task
    inner: Future[ReportDocument] | None = None
    looks: int = 0


class ClusterExecutor(Elastic):
    """Grades on the workers that take part; its futures give reports, WorkerFault, ExecutorLost or an error of ours."""

    def __init__(
        self,
        client: Client,
        order: Order,
        say: Callable[[str], None],
        *,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.members = Members(say)
        self._client, self._order, self._patience, self._clock = client, order, patience, clock
        self._executor = client.get_executor(pure=False, resources=order.resources)
        self._flights: dict[str, _Flight] = {}
        self._numbers = itertools.count()
        self._ended = threading.Event()
        client.subscribe_topic(order.name, self.members.hear)
        try:
            self._gather(say)
        except BaseException as error:
            self.shutdown()
            if isinstance(error, OSError):  # CommClosedError is one
                raise GraderError(f"the cluster's scheduler is gone ({error})") from None
            raise
        self._thread = threading.Thread(target=self._watch, name="cluster", daemon=True)
        self._thread.start()

    @property
    def room(self) -> int:
        """Enough that no worker waits for the next."""
        return max(LEAST_ROOM, 2 * self.members.seats)

    def submit(self, function: Work, /, task: Task, **_: Any) -> Future[ReportDocument]:  # type: ignore[override]
        """Send a task; raises ExecutorLost where the scheduler is gone."""
        if self._client.status != "running":
            raise ExecutorLost("the cluster's scheduler is gone")
        flight = _Flight(Future(), function, task)
        flight.outer.set_running_or_notify_cancel()
        try:
            self._send(flight)
        except (OSError, RuntimeError) as error:  # between the question above and now
            raise ExecutorLost(f"the cluster's scheduler is gone ({error})") from None
        return flight.outer

    def _send(self, flight: _Flight) -> None:
        key = f"{self._order.name}-{next(self._numbers)}"
        work, where = (grade_there, self._order.name, flight.function, flight.task), self.members.those_left()
        with dask.config.set(UNLIMITED):
            flight.inner = inner = self._executor.submit(*work, key=key, workers=where)
        self._flights[key] = flight
        inner.add_done_callback(partial(self._pass_on, key))

    def _pass_on(self, key: str, inner: Future[ReportDocument]) -> None:
        flight = self._flights.pop(key, None)
        if flight is None or flight.outer.done():
            return
        error = ExecutorLost("the cluster's scheduler is gone") if inner.cancelled() else _translated(inner.exception())
        if isinstance(error, StoodAside) and not self._ended.is_set():
            self._pass_by(flight, error)
        elif error is None:
            flight.outer.set_result(inner.result())
        else:
            flight.outer.set_exception(error)

    def _pass_by(self, flight: _Flight, aside: StoodAside) -> None:
        """To another machine; where there is none, it is the course's fault, or that of all."""
        self.members.leave(aside.worker, str(aside.error))
        if self.members.ready:
            self._send_on(flight)
        else:
            flight.outer.set_exception(aside.error)
            self._give_up(aside.error)

    def _send_on(self, flight: _Flight) -> None:
        """Send again what the batch waits for already."""
        try:
            self._send(flight)
        except (OSError, RuntimeError) as error:
            flight.outer.set_exception(ExecutorLost(f"the cluster's scheduler is gone ({error})"))

    def _gather(self, say: Callable[[str], None]) -> None:
        """Set up what is there, and wait for the first that takes part."""
        alone_until = self._clock() + self._patience
        give_up = alone_until + START_SECONDS
        try:
            self._client.register_plugin(GraderPlugin(self._order))
        except CommClosedError:
            raise
        except Exception as error:  # a worker that cannot even read it, whatever that raises there
            say(f"a worker takes no part: it has no autograder, or another ({type(error).__name__}: {error})")
            give_up = self._clock() + FEW_LOOKS * LOOK_SECONDS  # all others have answered
        all_heard = self._clock() + FEW_LOOKS * LOOK_SECONDS  # they have answered; what they say may be under way
        if not self._client.ncores():
            say(f"no worker is there yet: waiting up to {self._patience:.0f} s for `autograder worker {self._address}`")
        while True:
            present = self._client.ncores()
            self._catch_up()
            if self.members.ready and (self.members.heard(present) or self._clock() > all_heard):
                break
            if present and all(worker in self.members.refused for worker in present):
                raise self._nobody("no worker takes part")
            if self._clock() > (give_up if present else alone_until):
                raise self._nobody(f"no worker came to {self._client.scheduler.address}")
            time.sleep(LOOK_SECONDS / 5)
        self.members.introduce()

    def _catch_up(self) -> None:
        """Hear what was said before the scheduler knew that we listen: that travels apart from the plugin."""
        for event in self._client.get_events(self._order.name):
            self.members.hear(event)

    def _watch(self) -> None:
        """See who is there, and to it that nothing waits for ever."""
        last = self._clock()
        while not self._ended.wait(LOOK_SECONDS):
            with contextlib.suppress(Exception, asyncio.CancelledError):  # lost: the futures say so
                processing = self._client.processing()
                self.members.see(processing)
                self._send_again({key for keys in processing.values() for key in keys})
            if self.members.ready:
                last = self._clock()
            elif self._clock() - last > self._patience:
                self._give_up(self._nobody("no worker is left"))

    def _send_again(self, processing: Collection[str]) -> None:
        """What waits for a worker although there is one.

        Dask looks for tasks that no worker could take when a worker comes, which is before that worker says that it
        takes part.
        """
        for key, flight in list(self._flights.items()):
            flight.looks = 0 if key in processing else flight.looks + 1
            if flight.looks < FEW_LOOKS or not self.members.ready:
                continue
            if self._flights.pop(key, None) is not None and flight.inner is not None:
                flight.looks = 0
                flight.inner.cancel()
                self._send_on(flight)

    def _give_up(self, error: GraderError) -> None:
        for key in list(self._flights):
            flight = self._flights.pop(key, None)
            if flight and not flight.outer.done():
                flight.outer.set_exception(error)

    def _nobody(self, what: str) -> GraderError:
        why = self.members.why_none()
        return GraderError(
            f"{what}{': ' + why if why else ''}\n    -> start workers (`autograder worker {self._address}`);"
            " what is graded is kept, and the same command goes on from there"
        )

    @property
    def _address(self) -> str:
        return str(self._client.scheduler.address) if self._client.scheduler else "ADDRESS"

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Call off what is under way on the workers, end their graders, and leave the cluster."""
        if self._ended.is_set():
            return
        self._ended.set()
        client = self._client
        with contextlib.suppress(Exception):  # whatever ends a cluster: we leave it
            if client.status == "running":
                self._executor.shutdown(wait=False)
                # the public way waits for each worker however long that takes
                client.sync(client._unregister_worker_plugin, name=self._order.name, callback_timeout=END_SECONDS)
        with contextlib.suppress(Exception):
            client.close(timeout=END_SECONDS)


def _translated(error: BaseException | None) -> BaseException | None:
    """What ended a task, in this package's words."""
    if isinstance(error, KilledWorker):
        died = error.allowed_failures + 1
        return WorkerFault(f"{died} workers died on it, the last was {error.last_worker.address}")
    if isinstance(error, (CommClosedError, TimeoutError)):
        return WorkerFault(f"the connection to a worker broke: {error}")
    return error
