"""The warm process: imports the frameworks once, then forks a confined child for each attempt.

A program of its own, so that no child can find a hidden case or a label in its memory. It stays single-threaded and
runs no operation of any framework: a child forked after one would hang.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import jail, landlock, survey, watch
from autograder.sandbox.child import main as enter
from autograder.sandbox.leftovers import remove_folder
from autograder.sandbox.preloading import RefusedError, check_single_threaded, prepare, warm_shell, warm_up

MAX_MESSAGE = 2**18
_WATCH_SECONDS = 0.2
FORK_RETRY_SECONDS = 10.0  # others may hold all processes that the machine allows; not for long


@dataclass(slots=True)
class _Child:
    pid: int
    pidfd: int
    status: socket.socket
    folder: str
    disk_bytes: int
    free_before: int  # on the disk, when it was started
    excess: str = ""


class Zygote:
    """Serves the judge over one control socket."""

    def __init__(self, control: socket.socket, judge: int, settings: Mapping[str, Any]) -> None:
        self.control = control
        self.judge = judge
        self.base = str(settings["base"])
        self.children: dict[int, _Child] = {}
        self.count = 0
        self.watched = 0.0
        self.shell = None if settings["trial"] else warm_shell(tuple(settings["warm"]), self.base + "/home")
        self.ground = survey.ground(
            landlock.Paths(**{name: tuple(paths) for name, paths in settings["paths"].items()}),
            self.base,
            base64.b64decode(settings["program"]),
            devices=bool(settings["devices"]),
            draw=int(settings["draw"]),
        )
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Until the judge says quit, closes its end or ends."""
        while True:
            poll = select.poll()
            poll.register(self.control, select.POLLIN)
            poll.register(self.judge, select.POLLIN)
            for child in self.children.values():
                poll.register(child.pidfd, select.POLLIN)
                poll.register(child.status, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll(self._watch_milliseconds())}
            self._watch()
            for child in list(self.children.values()):
                if child.status.fileno() in ready:
                    child.status.recv(MAX_MESSAGE)  # unread, it would take the report with it when this end closes
                    os.kill(child.pid, signal.SIGKILL)  # the judge wants no more of it, or is gone
                if child.pidfd in ready:
                    self._reap(child)
            if self.judge in ready or (self.control.fileno() in ready and not self._handle()):
                return

    def close(self) -> None:
        """End every child and leave no file."""
        for child in list(self.children.values()):
            os.kill(child.pid, signal.SIGKILL)
            self._reap(child)
        remove_folder(self.base)

    def _handle(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self.control, MAX_MESSAGE, 3)
        if not message:
            return False
        request = json.loads(message)
        try:
            reply = self._do(request, descriptors)
        except RefusedError as error:
            reply = {"error": str(error)}
        except (OSError, MemoryError) as error:
            reply = {"error": f"the warm process cannot {request['do']}: {error}", "trouble": True}
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        self.control.send(json.dumps(reply).encode())
        return True

    def _do(self, request: Mapping[str, Any], descriptors: list[int]) -> dict[str, Any]:
        if request["do"] == "fork":
            return self._fork(request, descriptors)
        if request["do"] == "warm":
            failed = warm_up(request["modules"])
            prepare()
            return {"failed": failed}
        raise RefusedError(f"unknown request {request['do']!r}")

    def _fork(self, request: Mapping[str, Any], descriptors: list[int]) -> dict[str, Any]:
        check_single_threaded()
        self.count += 1
        folder = f"{self.base}/slot{request['slot']}-{self.count}"
        Path(folder).mkdir(0o700)
        if self.ground.identity is jail.Identity.OWN_UID:
            uid = self.ground.first_uid + int(request["slot"])
            os.chown(folder, uid, uid)
        parent = os.getpid()
        free = watch.disk(self.base)[0]
        status = socket.socket(fileno=os.dup(descriptors[2]))
        try:
            pid = self._fork_patiently()
        except OSError:
            status.close()
            remove_folder(folder)
            raise
        if pid == 0:
            self._become_child(request, descriptors, folder, parent)
        disk_bytes = request["limits"]["disk_mb"] * jail.MIB
        self.children[pid] = _Child(pid, os.pidfd_open(pid), status, folder, disk_bytes, free)
        return {"pid": pid, "resident_mb": _resident_mb(pid)}

    def _fork_patiently(self) -> int:
        deadline = time.monotonic() + FORK_RETRY_SECONDS
        while True:
            try:
                return os.fork()
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.ENOMEM) or time.monotonic() > deadline:
                    raise
            self._watch()  # it may be one of our own that holds them all
            time.sleep(_WATCH_SECONDS)

    def _become_child(self, request: Mapping[str, Any], descriptors: list[int], folder: str, parent: int) -> None:
        """Never returns."""
        try:
            enter(self.ground, self.shell, request, (descriptors[0], descriptors[1]), folder, parent)
        finally:
            os._exit(70)

    def _watch_milliseconds(self) -> float | None:
        """How long to wait for anything else; None where nothing is to be watched."""
        limited = self.ground.mounts and self.ground.identity is jail.Identity.OWN_UID
        if limited or not self.children:
            return None
        return max(0.0, self.watched + _WATCH_SECONDS - time.monotonic()) * 1000

    def _watch(self) -> None:
        """What no limit of the kernel's bounds here is ended where it grows too large, if a little late."""
        if self._watch_milliseconds() != 0.0:
            return
        for child in self.children.values():
            child.excess = child.excess or watch.excess(
                child.pid,
                child.folder,
                disk_bytes=child.disk_bytes,
                free_before=child.free_before,
                mounts=self.ground.mounts,
            )
            if child.excess:
                os.kill(child.pid, signal.SIGKILL)
        self.watched = time.monotonic()

    def _reap(self, child: _Child) -> None:
        _, status, usage = os.wait4(child.pid, 0)
        report = {
            "status": status,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_mb": usage.ru_maxrss / 1024,
            "excess": child.excess,
        }
        del self.children[child.pid]
        os.close(child.pidfd)
        remove_folder(child.folder)
        with contextlib.suppress(OSError):  # the judge may no longer listen
            child.status.send(json.dumps(report).encode(), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
        child.status.close()


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError):
        return 0.0


def main() -> None:
    """Read the settings, get warm, say so, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    judge = int(sys.argv[2])
    settings = json.loads(control.recv(MAX_MESSAGE))
    Path(settings["base"], "home").mkdir(exist_ok=True)
    try:
        zygote = Zygote(control, judge, settings)
        check_single_threaded()
    except (RefusedError, OSError) as error:
        control.send(json.dumps({"error": str(error)}).encode())
        return
    control.send(json.dumps({"ready": survey.facts(zygote.ground)}).encode())
    try:
        zygote.serve()
    finally:
        zygote.close()


if __name__ == "__main__":
    main()
