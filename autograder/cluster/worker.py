"""`autograder worker`: Dask's own worker, started with what grading needs."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.cluster.station import COURSE
from autograder.cluster.tls import certificates
from autograder.course import find_course
from autograder.errors import GraderError
from autograder.escaping import printable

DEATH_SECONDS = 60  # without a scheduler, after which it ends and whoever started it may start it again


@dataclass(frozen=True, slots=True)
class WorkerWish:
    """What the command line asked for."""

    address: str
    course: Path | None
    jobs: int
    gpus: int
    tls: Path | None
    name: str


def command(wish: WorkerWish) -> list[str]:
    """Dask's command line."""
    made = [sys.executable, "-m", "distributed.cli.dask_worker", wish.address]
    made += ["--nworkers", "1", "--nthreads", str(wish.jobs), "--no-dashboard", "--memory-limit", "0"]
    made += ["--death-timeout", str(DEATH_SECONDS)]
    if wish.gpus:
        made += ["--resources", f"GPU={wish.gpus}"]
    if wish.name:
        made += ["--name", wish.name]
    if wish.tls:
        authority, certificate, key = certificates(wish.tls)
        made += ["--tls-ca-file", authority, "--tls-cert", certificate, "--tls-key", key]
    return made


def environment(wish: WorkerWish, inherited: Mapping[str, str]) -> dict[str, str]:
    """The course by its folder; and Dask's process must be allowed to start graders of its own."""
    course = find_course(wish.course or (Path(inherited[COURSE]) if COURSE in inherited else None))
    return {**inherited, COURSE: str(course.root), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


def work(wish: WorkerWish) -> None:
    """Become that worker. Does not return.

    Raises:
        GraderError: there is no course here, a certificate or Dask is missing, or no scheduler answers.
    """
    if importlib.util.find_spec("distributed") is None:
        raise GraderError("a worker needs Dask\n    -> pip install distributed")
    from autograder.cluster.loop import running_loop
    from autograder.cluster.reaching import reach, refuse_malformed, security

    refuse_malformed(wish.address)
    made, around = command(wish), environment(wish, os.environ)
    print(f"looking for the scheduler at {printable(wish.address)}, for up to {DEATH_SECONDS} s", flush=True)
    reach(wish.address, DEATH_SECONDS, security(wish.tls), running_loop(), "worker")
    os.execve(sys.executable, made, around)  # noqa: S606
