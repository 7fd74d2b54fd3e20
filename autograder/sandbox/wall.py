"""The outer wall: bubblewrap around the zygote, with namespaces and a root of its own, where the host lets it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.landlock import Paths
from autograder.sandbox.surroundings import in_container

BOX = "/box"
"""Where the wall's sized tmpfs is, seen from inside."""

_NAMESPACES = ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
_TRIAL_SECONDS = 20
_TOP_LINKS = ("/lib", "/lib32", "/lib64", "/bin", "/sbin")  # to their namesakes in /usr on most systems of today
_KEPT_CAPABILITIES = [
    "SYS_ADMIN",
    "SETUID",
    "SETGID",
    "SETPCAP",
    "KILL",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "SYS_RESOURCE",
]


@dataclass(frozen=True, slots=True)
class WallTrial:
    """Whether the wall stands here and, where not, why and what to do."""

    works: bool
    reason: str = ""
    remedy: str = ""


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end, or end all of it: killing the outer bubblewrap alone leaves the inner one waiting for ever."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, env={}, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=_TRIAL_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def try_wall(paths: Paths) -> WallTrial:
    """Find out by raising it once around `true`-like Python: no setting tells as surely as that."""
    if shutil.which("bwrap") is None:
        return WallTrial(False, "bubblewrap is not installed", "install your system's package bubblewrap")
    command = wrap([sys.executable, "-ISc", "print(42)"], paths, megabytes=1)
    try:
        done = _run(command)
    except (OSError, subprocess.TimeoutExpired) as error:
        return WallTrial(False, f"bubblewrap does not run: {error}", "see `bwrap --version`")
    if done.returncode == 0 and done.stdout.strip() == b"42":
        return WallTrial(True)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return WallTrial(
        False,
        f"bubblewrap is refused here ({said[-1] if said else f'exit code {done.returncode}'})",
        "allow user namespaces on this host, or grade in the project's container",
    )


def wrap(command: Sequence[str], paths: Paths, *, megabytes: int, info: int | None = None) -> list[str]:
    """The command line that runs `command` inside the wall, seeing `paths` and nothing else.

    Capabilities are kept, since the zygote needs them for its children's mounts and user ids; as an ordinary user's
    they count inside the wall only, and every child gives them up. To the descriptor `info` bubblewrap tells the pid
    whose end ends all inside.
    """
    program = shutil.which("bwrap") or "bwrap"
    words = [program, *_NAMESPACES, "--new-session", "--cap-drop", "ALL"]
    if not in_container():  # whose name says nothing of the machine, and where setting one is refused
        words += ["--hostname", "grader"]
    if os.geteuid() != 0:
        words += ["--unshare-user"]
    for capability in _KEPT_CAPABILITIES:
        words += ["--cap-add", f"CAP_{capability}"]
    words += [] if info is None else ["--info-fd", str(info)]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for link in filter(os.path.islink, _TOP_LINKS):
        words += ["--symlink", os.readlink(link), link]
    bound = [
        path
        for path in paths.read
        if not path.startswith("/proc") and not (path in _TOP_LINKS and Path(path).is_symlink())
    ]
    for path in (*_interpreter(), *bound):
        for parent in reversed(Path(path).parents[:-1]):
            words += ["--perms", "0755", "--dir", str(parent)]  # its own default lets no other user through
        words += ["--ro-bind", path, path]
    for device in paths.device:
        words += ["--dev-bind", device, device]
    words += ["--size", str(megabytes * 2**20), "--perms", "0711", "--tmpfs", BOX]
    return [*words, "--remount-ro", "/", "--chdir", "/", "--", *command]


def _interpreter() -> list[str]:
    """The folders that hold the Python program, through every link on the way."""
    folders, path = [], Path(sys.executable)
    for _ in range(8):
        folders.append(str(path.parent))
        if not path.is_symlink():
            break
        path = path.parent / os.readlink(path)
    return list(dict.fromkeys(folders))
