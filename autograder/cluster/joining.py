"""Finds a cluster's scheduler, and makes executors for a run: again where the scheduler was lost and came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from distributed import Client
from tornado.ioloop import IOLoop

from autograder import __version__
from autograder.cluster.executor import ClusterExecutor
from autograder.cluster.loop import running_loop
from autograder.cluster.order import GPU, Order
from autograder.cluster.reaching import reach, security, silent
from autograder.errors import GraderError
from autograder.task import Plan

CONNECT_SECONDS = 10.0
AGAIN_SECONDS = 60.0  # for a scheduler to come back
KEPT = "\n    What is graded is kept; the same command goes on from there"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class Cluster:
    """A cluster by its scheduler's address, and what its workers must offer."""

    address: str
    say: Callable[[str], None]
    required: str = "inner"
    allow_weak: bool = False
    use_wall: bool = True
    tls: Path | None = None
    connect_seconds: float = CONNECT_SECONDS
    again_seconds: float = AGAIN_SECONDS
    _joined: bool = field(default=False, init=False)
    _loop: IOLoop | None = field(default=None, init=False)

    def device(self, wanted: str) -> str:
        """Turn "auto" into what the workers of now have.

        Raises:
            GraderError: the scheduler does not answer, or no worker has a GPU where one is asked for.
        """
        with self._connect(self.connect_seconds) as client:
            self._warn()
            workers = client.scheduler_info(n_workers=-1)["workers"].values()
        has_gpu = any(worker["resources"].get(GPU) for worker in workers)
        if wanted == "cuda" and workers and not has_gpu:
            raise GraderError(
                "--device cuda: no worker of the cluster has a GPU to give\n"
                f"    -> start some with `autograder worker {self.address} --gpus 1`"
            )
        return wanted if wanted != "auto" else "cuda" if has_gpu else "cpu"

    def executor(self, plan: Plan, _jobs: int) -> ClusterExecutor:
        """Join for a run of this plan. Of the plan, nothing that is of this machine alone goes to the workers.

        Raises:
            GraderError: the scheduler does not answer, or no worker takes part.
        """
        client = self._connect(self.again_seconds if self._joined else self.connect_seconds)
        if self._joined:
            self.say(f"joined {self.address} again")
        self._joined = True
        order = Order(plan.device, self.required, self.allow_weak, self.use_wall, __version__, plan.parts)
        return ClusterExecutor(client, order, self.say)

    def _connect(self, seconds: float) -> Client:
        secured = security(self.tls)
        self._loop = loop = self._loop or running_loop()
        try:
            # first, since a client that cannot connect ends 20 s later, with a traceback
            reach(self.address, seconds, secured, loop)
            return Client(self.address, loop=loop, timeout=seconds, security=secured, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise silent(self.address, error) from None
        except GraderError as error:
            raise GraderError(f"{error}{KEPT if self._joined else ''}") from None

    def _warn(self) -> None:
        where = urlsplit(self.address)
        if where.scheme != "tls" and where.hostname not in LOOPBACK:
            self.say(
                f"note: {self.address} is not encrypted: whoever reaches it can run code on the workers."
                " Keep it in a private network, or use tls:// (docs/scaling.md)"
            )
