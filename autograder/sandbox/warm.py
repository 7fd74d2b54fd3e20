"""The judge's handle on the warm process: start it, fork attempts from it, end it and all that it made."""

from __future__ import annotations

import base64
import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import IO, Any

from autograder.errors import GraderError, ZygoteTrouble
from autograder.sandbox import jail, launch, paths, seccomp, wall
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.channel import Channel
from autograder.sandbox.landlock import Paths
from autograder.sandbox.limits import Limits

START_SECONDS = 300.0
FORK_SECONDS = 60.0
CLOSE_SECONDS = 10.0
DRAWS = 2**31
_WALL_MB = 1024  # of memory, and only where it is used: all attempts' folders together


@dataclass(frozen=True, slots=True)
class ZygoteSpec:
    """What the warm process imports and shows.

    `warm` names the modules to import; `readable` are paths of course data that student code may read; `protected`
    are paths that it must not, such as the hidden tests; `wall` asks for bubblewrap around it; `devices` are device
    files that CUDA needs. A `trial` imports nothing and runs no notebook: it is there to try the jail.
    """

    warm: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    wall: bool = False
    devices: tuple[str, ...] = ()
    trial: bool = False


@dataclass(frozen=True, slots=True)
class ZygoteFacts:
    """What the zygote found that it can do here; `autograder.sandbox.tier` puts it into words."""

    identity: str
    mounts: bool
    landlock_abi: int
    seccomp: bool
    wall: bool


class Zygote:
    """A warm process. Use `Zygote.start`; a context manager. Safe to fork from several threads."""

    def __init__(
        self, spec: ZygoteSpec, processes: launch.Processes, control: socket.socket, log: IO[bytes], base: str
    ) -> None:
        self.spec = spec
        self._processes = processes
        self._control = control
        self._log = log
        self._base = base
        self._lock = threading.Lock()
        self.facts = ZygoteFacts("SAME", mounts=False, landlock_abi=0, seccomp=False, wall=spec.wall)

    @classmethod
    def start(cls, spec: ZygoteSpec) -> Zygote:
        """Start it and wait until it is warm.

        Raises:
            GraderError: a framework is missing, a path is wrong, or it cannot be started here.
        """
        allowed = paths.for_student(spec.readable, devices=spec.devices)
        for path in paths.exposed(allowed, spec.protected):
            raise GraderError(f"{path} must stay hidden, but lies where student code may read: move it elsewhere")
        program = seccomp.compile_filter(devices=bool(spec.devices))
        jail.hide_memory()
        base = wall.BOX if spec.wall else launch.own_folder()
        zygote = cls._launch(spec, base, allowed)
        settings = {
            "warm": spec.warm,
            "base": base,
            "program": base64.b64encode(program).decode(),
            "paths": asdict(allowed),
            "devices": bool(spec.devices),
            "trial": spec.trial,
            "draw": secrets.randbelow(DRAWS),
        }
        try:
            ready = zygote._ask(settings, [], START_SECONDS)["ready"]
        except BaseException:
            zygote.close()
            raise
        zygote.facts = ZygoteFacts(**ready, wall=spec.wall)
        return zygote

    @classmethod
    def _launch(cls, spec: ZygoteSpec, base: str, allowed: Paths) -> Zygote:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        me = os.pidfd_open(os.getpid())
        info, told = os.pipe()
        os.set_blocking(info, False)
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        command = launch.command(theirs.fileno(), me)
        try:
            process = subprocess.Popen(
                wall.wrap(command, allowed, megabytes=_WALL_MB, info=told) if spec.wall else command,
                env=launch.environment(base, devices=bool(spec.devices)),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(), me, told),
                start_new_session=True,  # Ctrl-C in the terminal is the judge's to handle
            )
        except OSError as error:
            raise GraderError(f"the warm process cannot be started: {error}") from None
        finally:
            theirs.close()
            os.close(me)
            os.close(told)
        return cls(spec, launch.Processes(process, info), ours, log, base)

    def fork(self, limits: Limits, *, slot: int = 0, threads: int = 1, role: str = "run") -> Attempt:
        """A fresh child. `Attempt.open` hands it its notebook directly, and sees to it that it is confined.

        Raises:
            ZygoteTrouble: the zygote is gone or cannot fork.
        """
        try:
            channel, theirs = socket.socketpair()
            status, status_theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            output, output_theirs = os.pipe()
        except OSError as error:
            raise ZygoteTrouble(f"no connection to a sandboxed process can be made: {error}") from None
        request = {"do": "fork", "role": role, "limits": asdict(limits), "slot": slot, "threads": threads}
        try:
            reply = self._ask(request, [theirs.fileno(), output_theirs, status_theirs.fileno()], FORK_SECONDS)
        except BaseException:
            channel.close()
            status.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            status_theirs.close()
            os.close(output_theirs)
        resident = float(reply["resident_mb"])
        return Attempt(Channel(channel), output, status, limits=limits, resident_mb=resident)

    def warm_up(self, modules: Iterable[str]) -> tuple[str, ...]:
        """Import these too, in this order; gives those that could not be imported."""
        names = list(modules)
        failed: list[str] = []
        for start in range(0, len(names), 1000):
            reply = self._ask({"do": "warm", "modules": names[start : start + 1000]}, [], START_SECONDS)
            failed += reply["failed"]
        return tuple(failed)

    @property
    def pid(self) -> int:
        """The process that was started: the zygote, or bubblewrap around it."""
        return self._processes.process.pid

    def close(self) -> None:
        """End it and every child of it. Nothing is left, neither a process nor a file."""
        self._control.close()
        self._processes.wait_or_kill(CLOSE_SECONDS)
        self._log.close()
        if not self.spec.wall:
            shutil.rmtree(self._base, ignore_errors=True)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, message: Mapping[str, Any], descriptors: list[int], seconds: float) -> dict[str, Any]:
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
                poll = select.poll()
                poll.register(self._control, select.POLLIN)
                if not poll.poll(seconds * 1000):
                    raise ZygoteTrouble(f"the warm process did not answer within {seconds:.0f} s{self._last_words()}")
                data = self._control.recv(2**18)
            except OSError as error:
                raise ZygoteTrouble(f"the warm process is gone ({error}){self._last_words()}") from None
        if not data:
            raise ZygoteTrouble(f"the warm process ended{self._last_words()}")
        reply: dict[str, Any] = json.loads(data)
        if "error" in reply:
            raise (ZygoteTrouble if reply.get("trouble") else GraderError)(str(reply["error"]))
        return reply

    def _last_words(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 2_000))
        text = self._log.read().decode(errors="replace").strip()
        return f"; its last words:\n{text}" if text else ""
