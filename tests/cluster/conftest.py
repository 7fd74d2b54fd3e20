"""Small clusters on this machine: real schedulers and real workers, as processes, on 127.0.0.1 only."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="NO CLUSTER TESTS: distributed is not installed")

from distributed import Client
from rich.console import Console

from autograder.cli.grading import Wishes, grade, join_cluster
from autograder.cluster.executor import ClusterExecutor
from autograder.cluster.joining import Cluster
from autograder.cluster.loop import running_loop
from autograder.course import open_course
from autograder.samples import solved_notebook
from autograder.task import Plan

SLUG = "01_demo"
SECONDS = 300.0  # until something that must happen has happened, on a busy machine
SLOW = "import time\ntime.sleep(1.5)\n"
WRONG = "def patch_mean(patch):\n    return 0.0\n"


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for it."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"it never came to that: {what}"
        time.sleep(0.05)


def client_of(address: str) -> Client:
    """To look at a cluster from outside of the command."""
    return Client(address, loop=running_loop(), set_as_default=False, timeout=SECONDS)


class Patient(Cluster):
    """Joined with nothing but patience: how soon workers start is no claim of these tests."""

    def _connect(self, seconds: float) -> Client:
        client = super()._connect(seconds)
        client.wait_for_workers(1, timeout=SECONDS)
        return client

    def executor(self, plan: Plan, _jobs: int) -> ClusterExecutor:
        made = super().executor(plan, _jobs)
        made._patience = SECONDS
        return made


@dataclass
class Machines:
    """A scheduler and workers, each a process of its own. Once stopped, nothing is started any more."""

    folder: Path
    course: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, name: str, *module: str, **environment: str) -> subprocess.Popen[bytes]:
        return self.start_command(name, [sys.executable, "-m", *module], **environment)

    def start_command(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        with self.lock, (self.folder / f"{name}.log").open("ab") as log:
            assert not self.stopped, f"the test is over: {name} is not started"
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.processes.append(process)
        return process

    def scheduler(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one, and wait until it listens."""
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        process = self.start("scheduler", "distributed.cli.dask_scheduler", *where, *options)

        def listens() -> bool:
            assert process.poll() is None, f"the scheduler ended:\n{self.log('scheduler')}"
            return accepts(self.port)

        until(listens, "a scheduler that listens")
        return process

    def worker(self, name: str, *options: str, course: Path | None = None, **env: str) -> subprocess.Popen[bytes]:
        chosen = ("--course", str(course or self.course), "--jobs", "1", "--name", name)
        return self.start(name, "autograder", "worker", self.address, *chosen, *options, **env)

    def until_joined(self, count: int = 1) -> dict[str, str]:
        """Wait for so many workers; their names by their addresses."""
        with client_of(self.address) as client:
            client.wait_for_workers(count, timeout=SECONDS)
            workers = client.scheduler_info(n_workers=-1)["workers"]
        return {address: str(one["name"]) for address, one in workers.items()}

    def stop(self) -> None:
        with self.lock:
            self.stopped = True
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


def free_port() -> int:
    """A port that stays free until it is used: the kernel gives none below this range away by itself.

    Tests that run beside this one draw from other numbers.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = range(10_000 + number, lowest if lowest > 11_000 else 32_768, count)
    while True:
        port = random.SystemRandom().choice(ports)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture
def machines(tmp_path: Path, scaffolded: Path) -> Iterator[Machines]:
    made = Machines(tmp_path, scaffolded, free_port())
    try:
        yield made
    finally:
        made.stop()


@dataclass
class Class:
    """Submissions, and the command on them in this process."""

    folder: Path
    course: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def submit(self, student: str, *, first: str = "", last: str = "") -> None:
        """The right answer, with a code cell before it and one after it."""
        notebook = json.loads(json.dumps(solved_notebook(open_course(self.course), SLUG)))
        cells = notebook["cells"]
        for place, source in ((0, first), (len(cells) + 1, last)):
            if source:
                cells.insert(place, {"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
        path = self.folder / "class" / student / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook))

    def grade(self, address: str = "", *, again_seconds: float = SECONDS, **wishes: Any) -> tuple[int, str]:
        def join(wished: Wishes, console: Console) -> Cluster:
            made = join_cluster(wished, console)
            asked = (made.say, made.required, made.allow_weak, made.use_wall, made.tls)
            return Patient(made.address, *asked, connect_seconds=SECONDS, again_seconds=again_seconds)

        asked = Wishes(
            paths=[self.folder / "class"],
            output=self.results,
            course=self.course,
            exercise=None,
            students=None,
            jobs=1,
            device="cpu",
            regrade=False,
            allow_weak=True,
            require_tier="inner",
            use_wall=True,
            cluster=address,
        )
        self.capsys.readouterr()
        code = grade(replace(asked, **wishes), join=join)
        return code, self.capsys.readouterr().out

    def rows(self, sql: str = "SELECT student, score, status FROM reports ORDER BY student") -> list[tuple[Any, ...]]:
        path = self.results / "gradebook.db"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
            has_tables = book.execute("SELECT count(*) FROM sqlite_master WHERE name = 'documents'").fetchone()[0]
            return book.execute(sql).fetchall() if has_tables else []

    def check_each_once(self, expected: dict[str, float]) -> None:
        """All are graded, nothing twice and nothing lost, on whatever happened."""
        assert {student: score for student, score, _ in self.rows()} == expected
        assert {status for _, _, status in self.rows()} == {"graded"}
        assert self.rows("SELECT count(*) FROM past_reports") == [(0,)]
        assert self.rows("SELECT count(*) FROM reports WHERE written = 0") == [(0,)]


@pytest.fixture
def class_(tmp_path: Path, scaffolded: Path, capsys: pytest.CaptureFixture[str]) -> Class:
    return Class(tmp_path, scaffolded, capsys)
