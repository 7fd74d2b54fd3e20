"""The jail tried from inside: about fifty things that student code must not be able to do.

Runs in a child that is confined like any other. A probe that raises was stopped, one that returns got through. For
raw system calls only EPERM, EACCES and ENOSYS count as stopped: any other error means that the kernel considered it.
"""

# The calls that hostile code would make.
# ruff: noqa: PTH101, PTH108, PTH109, PTH112, PTH116, PTH120, PTH208, S108

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import resource
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograder.sandbox.channel import Channel, Kind, json_frame

Probe = Callable[[], object]

_STOPPED = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS})
_ALLOWED_DESCRIPTORS = 4  # standard input, output, error, and the connection to the judge
_CLONE_NEWUSER, _CLONE_NEWNS = 0x10000000, 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)


def main(channel: Channel) -> None:
    """Receive the planted targets, try everything, report what got through."""
    frame = channel.receive()
    targets = frame.json()
    through, tried = [], 0
    for name, probe in probes(targets):
        tried += 1
        with contextlib.suppress(Exception):  # whatever stopped it, it was stopped
            probe()
            through.append(name)
    channel.send(json_frame(Kind.ANSWER, frame.number, {"through": through, "tried": tried}))


def probes(targets: Mapping[str, Any]) -> Iterator[tuple[str, Probe]]:
    """All probes by name."""
    yield from _files(targets)
    yield from _processes(int(targets["judge"]))
    yield from _network(targets)
    yield from _limits(targets)
    for name, (number, arguments) in targets["calls"].items():
        yield f"the system call {name}", _raw(number, arguments)


def _files(targets: Mapping[str, Any]) -> Iterator[tuple[str, Probe]]:
    secret, folder = str(targets["secret"]), os.path.dirname(str(targets["secret"]))
    yield "read a file outside", lambda: _read(secret)
    yield "write a file outside", lambda: _write(folder + "/new")
    yield "list a folder outside", lambda: os.listdir(folder)
    yield "read through a symbolic link", lambda: _read_through(os.symlink, secret)
    yield "read through a hard link", lambda: _read_through(os.link, secret)
    for path, what in ((secret, "a file outside"), (folder, "a folder outside"), ("mine", "a file of its own")):
        yield f"change the rights of {what}", lambda path=path: _change_rights(path)  # type: ignore[misc]
        yield f"change the times of {what}", lambda path=path: _change_times(path)  # type: ignore[misc]
    yield "empty a file outside", lambda: os.truncate(secret, 0)
    yield "empty a file outside while opening it to read", lambda: _open(secret, os.O_TRUNC)
    for path in targets["protected"]:
        yield f"read {path}", lambda path=path: os.listdir(path) if os.path.isdir(path) else _read(path)  # type: ignore[misc]
    for path in ("/tmp", "/dev/shm", "/var/tmp", "/run", os.path.dirname(os.__file__), os.path.dirname(os.getcwd())):
        yield f"write to {path}", lambda path=path: _write(f"{path}/autograder-probe")  # type: ignore[misc]
    yield "list other submissions' folders", lambda: os.listdir(os.path.dirname(os.getcwd()))
    for path in ("/etc/shadow", "/etc/passwd", "/dev/mem", "/dev/kmsg", "/proc/1/environ", "/root/.bashrc"):
        yield f"open {path}", lambda path=path: _read(path)  # type: ignore[misc]


def _processes(judge: int) -> Iterator[tuple[str, Probe]]:
    parent = os.getppid()
    for pid, who in ((judge, "the judge"), (parent, "the zygote")):
        for name in ("mem", "environ", "maps", "cmdline", "fd"):
            yield f"open /proc/PID/{name} of {who}", lambda pid=pid, name=name: _open(f"/proc/{pid}/{name}")  # type: ignore[misc]
        yield f"signal {who}", lambda pid=pid: os.kill(pid, 0)  # type: ignore[misc]
        yield f"pin {who} to a core", lambda pid=pid: os.sched_setaffinity(pid, {0})  # type: ignore[misc]
        for command in (fcntl.F_SETOWN, 15):  # 15: F_SETOWN_EX
            yield f"have the kernel signal {who}", lambda pid=pid, command=command: _own(command, pid)  # type: ignore[misc]
        yield f"limit {who}", lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_CORE)  # type: ignore[misc]
    yield "signal everybody", lambda: os.kill(-1, 0)
    yield "signal the process group", lambda: os.killpg(0, 0)
    yield "fork", _fork
    yield "run a program", lambda: _considered(_libc.execve, b"/nonexistent", None, None)
    yield "spawn a program", lambda: os.posix_spawn("/bin/true", ["true"], {})
    yield "start a session", os.setsid
    yield "become root", lambda: os.setuid(0)
    yield "make itself dumpable", lambda: _considered(_libc.prctl, 4, 1, 0, 0, 0)
    yield "outlive the zygote", lambda: _considered(_libc.prctl, 1, 0, 0, 0, 0)


def _network(targets: Mapping[str, Any]) -> Iterator[tuple[str, Probe]]:
    internet = socket.AF_INET
    yield "connect by TCP", lambda: socket.create_connection(("127.0.0.1", int(targets["tcp"])), 2)
    for name in ("net/tcp", "net/unix", "mountinfo"):
        for of in ("self", "thread-self", f"self/task/{os.getpid()}"):
            yield f"read /proc/{of}/{name}", lambda path=f"/proc/{of}/{name}": _open(path)  # type: ignore[misc]
    yield "listen on TCP", lambda: socket.create_server(("127.0.0.1", 0))
    yield "send by UDP", lambda: socket.socket(internet, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
    for address in (str(targets["unix"]), "\0" + str(targets["abstract"])):
        yield "connect to a unix socket", lambda address=address: socket.socket(socket.AF_UNIX).connect(address)  # type: ignore[misc]
    yield "make a pair of sockets", socket.socketpair
    yield "open a netlink socket", lambda: socket.socket(16, socket.SOCK_RAW, 0)


def _limits(targets: Mapping[str, Any]) -> Iterator[tuple[str, Probe]]:
    yield "find the judge's environment", lambda: os.environ[str(targets["variable"])]
    yield "use inherited descriptors", _inherited
    yield "raise a limit", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    yield "dump core", lambda: _positive(resource.getrlimit(resource.RLIMIT_CORE)[1])
    yield "write more than the quota", lambda: _fill(int(targets["disk_mb"]) + 1)
    yield "protect itself from running out of memory", lambda: _overwrite("/proc/self/oom_score_adj", b"-1000")


def _raw(number: int, arguments: list[int]) -> Probe:
    values = [ctypes.c_ulong(argument) for argument in arguments]
    return lambda: _considered(_libc.syscall, ctypes.c_long(number), *values)


def _considered(function: Any, *arguments: object) -> None:
    """Raise where the call was refused outright; return where the kernel considered it."""
    ctypes.set_errno(0)
    if function(*arguments) < 0 and ctypes.get_errno() in _STOPPED:
        raise PermissionError


def _fork() -> None:
    if _libc.fork() == 0:
        os._exit(0)
    if ctypes.get_errno() in _STOPPED:
        raise PermissionError


def _open(path: str, flags: int = 0) -> None:
    os.close(os.open(path, os.O_RDONLY | flags))


def _change_rights(path: str) -> None:
    """The call may succeed, and must change nothing."""
    if path == "mine":
        _open(path, os.O_CREAT)
    before = os.stat(path).st_mode & 0o7777
    os.chmod(path, before ^ 0o100)
    if os.stat(path).st_mode & 0o7777 == before:
        raise PermissionError
    os.chmod(path, before)


def _change_times(path: str) -> None:
    before = os.stat(path).st_mtime
    os.utime(path, (1, 1))
    if os.stat(path).st_mtime == before:
        raise PermissionError


def _own(command: int, pid: int) -> None:
    """Of standard input, which is nobody else's, and without O_ASYNC: no signal comes of it."""
    fcntl.fcntl(0, command, pid if command == fcntl.F_SETOWN else struct.pack("=ii", 1, pid))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(1)


def _read_through(make: Callable[[str, str], None], path: str) -> bytes:
    make(path, "link")
    try:
        return _read("link")
    finally:
        os.unlink("link")


def _write(path: str) -> None:
    with open(path, "wb") as file:
        file.write(b"x")
    os.unlink(path)


def _overwrite(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, data)


def _fill(megabytes: int) -> None:
    """One file over the limit; Python ignores the signal, so that the write fails."""
    try:
        with open("big", "wb") as file:
            for _ in range(megabytes):
                file.write(b"\0" * 2**20)
    finally:
        os.unlink("big")


def _positive(value: int) -> None:
    if value == 0:
        raise PermissionError


def _inherited() -> None:
    """Returns where more is open than should be."""
    count = 0
    for descriptor in range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        count += 1
    if count <= _ALLOWED_DESCRIPTORS:
        raise PermissionError
