"""A world of its own for hostile submissions: a course, a class, secrets, listeners; and the grader as a command."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import paths, seccomp, wall
from autograder.sandbox.landlock import abi

from .corpus.course import Canaries, honest, write_course
from .corpus.hostile import Places, put

PR_SET_CHILD_SUBREAPER = 36
GONE_SECONDS = 120.0  # until what was killed is gone
TIERS = {"full": (), "inner": ("--no-wall", "--allow-weak-sandbox")}
WEAK = TIERS["inner"]


@pytest.fixture(scope="session", autouse=True)
def orphans_come_to_us() -> Iterator[None]:
    """Whatever outlives the grader becomes a child of this process, so that nothing can hide."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def descendants(top: int | None = None, *, but: Collection[int] = ()) -> dict[int, str]:
    """All live processes below this one, or below `top`, with their commands; the dead ones are collected.

    Left out are those of `but` and what is below them: a browser that other tests keep open has children as it likes.
    """
    found: dict[int, str] = {}
    waiting = [os.getpid() if top is None else top]
    while waiting:
        pid = waiting.pop()
        for child in _children(pid):
            if child in but:
                continue
            if _is_dead(child):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child, os.WNOHANG)
                continue
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")[:200]
            waiting.append(child)
    return found


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(text) for task in tasks for text in (task / "children").read_text().split()]
    return []


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def left_over(before: dict[int, str]) -> dict[int, str]:
    """Processes that were not there before and do not go away."""
    deadline = time.monotonic() + GONE_SECONDS
    while True:
        new = descendants(but=before)
        if not new or time.monotonic() > deadline:
            return new
        time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class World:
    """A folder with everything that a grading needs, and that nothing may leave."""

    root: Path
    canaries: Canaries
    places: Places
    started: list[subprocess.Popen[str]] = field(default_factory=list, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The grader's, with a secret in it and temporary files where they can be counted."""
        kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
        return kept | {"TMPDIR": str(self.places.tmp), "GRADER_TOKEN": self.canaries.environment}

    def command(self, *arguments: object, python: str = sys.executable) -> list[str]:
        """The command line of a grading of this world's course."""
        course = ("--course", str(self.places.course))
        return [python, "-m", "autograder", "grade", *map(str, arguments), *course]

    def start(self, *arguments: object, **options: object) -> subprocess.Popen[str]:
        """Start a grading."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(  # type: ignore[call-overload]
            self.command(*arguments), env=self.environment, cwd=self.root, encoding="utf-8", **pipes, **options
        )
        self.started.append(process)
        return process  # type: ignore[no-any-return]

    def grade(self, *arguments: object, python: str = sys.executable, **options: Any) -> Outcome:
        """Grade and wait."""
        ended = subprocess.run(
            self.command(*arguments, python=python),
            env=self.environment,
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=600,
            **options,
        )
        return Outcome(ended.returncode, ended.stdout, ended.stderr)

    def honest(self, folder: str, count: int) -> Path:
        """A class of honest students."""
        for number in range(count):
            put(self.root / folder / f"student_{number:02d}" / "01_numbers.ipynb", honest(remark=f"number {number}"))
        return self.root / folder


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """All files below a folder: their kind, size and, for regular ones, bytes."""
    found = {}
    for path in root.rglob("*"):
        facts = path.lstat()
        is_file = stat.S_ISREG(facts.st_mode)
        content = path.read_bytes() if is_file and facts.st_size < 2**20 else b""
        found[str(path)] = (facts.st_mode, facts.st_size if is_file else 0, content)
    return found


def end_all(processes: list[subprocess.Popen[str]]) -> None:
    """Kill what a failed test has left running."""
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def make_world() -> Iterator[World]:
    """A new world, below the system's folder for temporary files, which other users may enter."""
    root = Path(tempfile.mkdtemp(prefix="hostile-"))
    root.chmod(0o755)
    canaries, token = Canaries(), f"left-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (str(root / "socket"), f"\0{token}"):
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(address)
            unix.listen()
        (root / "socket").chmod(0o777)
        places = Places(
            course=write_course(root / "course", canaries),
            submissions=root / "submissions",
            results=root / "results",
            tmp=root / "tmp",
            secrets=root / "secrets",
            token=token,
            tcp=tcp.getsockname()[1],
            unix=str(root / "socket"),
            abstract=token,
        )
        places.tmp.mkdir()
        places.tmp.chmod(0o1777)
        put(places.secrets / "gradebook-of-last-year.csv", canaries.gradebook.encode())
        world = World(root, canaries, places)
        stack.callback(end_all, world.started)
        yield world


@pytest.fixture
def world() -> Iterator[World]:
    """A world for one test."""
    with make_world() as made:
        yield made


def skip_without_a_sandbox(tier: str = "inner") -> None:
    """Skip, loudly, where this machine has no such tier."""
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")
    if tier == "full":
        trial = wall.try_wall(paths.for_student(()))
        if not trial.works:
            pytest.skip(f"NO FULL TIER HERE: {trial.reason}")
