"""Small clusters on this machine: real schedulers and real workers, as processes, on 127.0.0.1 only."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="NO CLUSTER TESTS: distributed is not installed")

from rich.console import Console

from autograder.cli.grading import Wishes, grade, join_cluster
from autograder.cluster.joining import Cluster
from autograder.course import open_course
from autograder.samples import solved_notebook

SLUG = "01_demo"
SECONDS = 120.0  # until something that must happen has happened, on a busy machine
SLOW = "import time\ntime.sleep(1.5)\n"
WRONG = "def patch_mean(patch):\n    return 0.0\n"


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for it."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"it never came to that: {what}"
        time.sleep(0.05)


@dataclass
class Machines:
    """A scheduler and workers, each a process of its own."""

    folder: Path
    course: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, name: str, *module: str, **environment: str) -> subprocess.Popen[bytes]:
        return self.start_command(name, [sys.executable, "-m", *module], **environment)

    def start_command(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
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
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        return self.start("scheduler", "distributed.cli.dask_scheduler", *where, *options)

    def worker(self, name: str, *options: str, course: Path | None = None, **env: str) -> subprocess.Popen[bytes]:
        chosen = ("--course", str(course or self.course), "--jobs", "1", "--name", name)
        return self.start(name, "autograder", "worker", self.address, *chosen, *options, **env)

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


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

    def grade(self, address: str = "", *, again_seconds: float = 60.0, **wishes: Any) -> tuple[int, str]:
        def join(wished: Wishes, console: Console) -> Cluster:
            return replace(join_cluster(wished, console), again_seconds=again_seconds)

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
