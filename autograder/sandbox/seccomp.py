"""The system calls that student code may make: an allow-list, compiled once outside and installed by each child.

Everything that is not listed fails: what a program may sanely try (a process, a socket) with EPERM, so that Python
says "Operation not permitted"; what nobody needs, and calls yet to be invented, with ENOSYS, so that libraries fall
back. Threads can be made, processes cannot; signals reach this process only. Rights and times of files cannot be set:
that is answered with success, and not done.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import tempfile
from typing import Any

from autograder.errors import GraderError
from autograder.sandbox import syscalls

_OWN_PID = 0x5EC0DE01  # stands in the compiled filter for the pid of the child that installs it
_VALUE = struct.Struct("=I")
_INSTRUCTION_BYTES = 8
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_CLONE_THREAD = 0x00010000
_CLONE_NEW_ANYTHING = 0x7E020080  # user, pid, net, mount, uts, ipc, cgroup, time

_libc = ctypes.CDLL(None, use_errno=True)


def compile_filter(*, devices: bool = False) -> bytes:
    """The filter as BPF, for `install`; `devices` admits all ioctls but those of sockets: CUDA needs them.

    Raises:
        GraderError: pyseccomp or libseccomp is missing here.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise GraderError(
            f"the sandbox needs libseccomp and pyseccomp ({error}): "
            "pip install pyseccomp, and your system's package libseccomp2 (or libseccomp)"
        ) from None
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    for name in syscalls.ALLOWED:
        _add(pyseccomp, rules, pyseccomp.ALLOW, name)
    _allow_by_process(pyseccomp, rules)
    _allow_by_command(pyseccomp, rules, devices=devices)
    for name in syscalls.REFUSED:
        if devices and name in ("socket", "memfd_create", *syscalls.FOR_CUDA):
            continue  # what is not allowed of them gets ENOSYS
        _add(pyseccomp, rules, pyseccomp.ERRNO(errno.EPERM), name)
    for name in syscalls.PRETENDED:
        _add(pyseccomp, rules, pyseccomp.ERRNO(0), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def install(program: bytes) -> None:
    """Confine the calling thread for good; no_new_privs must be set. Raises OSError where the kernel refuses."""
    patched = program.replace(_VALUE.pack(_OWN_PID), _VALUE.pack(os.getpid()))
    buffer = ctypes.create_string_buffer(patched, len(patched))
    header = struct.pack("HxxxxxxP", len(patched) // _INSTRUCTION_BYTES, ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def available() -> bool:
    """Whether the kernel takes filters: asked with a null pointer, it faults where it would have read one."""
    result = _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None, 0, 0)
    return result != 0 and ctypes.get_errno() == errno.EFAULT


def _allow_by_process(library: Any, rules: Any) -> None:
    equal = library.EQ
    mask = _CLONE_THREAD | _CLONE_NEW_ANYTHING
    thread = library.Arg(0, library.MASKED_EQ, mask, _CLONE_THREAD)
    _add(library, rules, library.ALLOW, "clone", thread)
    _add(library, rules, library.ERRNO(errno.EPERM), "clone", library.Arg(0, library.MASKED_EQ, _CLONE_THREAD, 0))
    refuse = library.ERRNO(errno.EPERM)
    for name in syscalls.ABOUT_A_PROCESS:
        _add(library, rules, library.ALLOW, name, library.Arg(0, equal, _OWN_PID))
        if name not in syscalls.ABOUT_THIS_PROCESS:
            _add(library, rules, refuse, name, library.Arg(0, library.NE, _OWN_PID))
    for name in syscalls.ABOUT_THIS_PROCESS:
        _add(library, rules, library.ALLOW, name, library.Arg(0, equal, 0))


def _allow_by_command(library: Any, rules: Any, *, devices: bool) -> None:
    equal, masked, refuse = library.EQ, library.MASKED_EQ, library.ERRNO(errno.EPERM)
    for option in syscalls.PRCTL_OPTIONS:
        _add(library, rules, library.ALLOW, "prctl", library.Arg(0, equal, option))
    for command in syscalls.FCNTL_COMMANDS:
        _add(library, rules, library.ALLOW, "fcntl", library.Arg(1, equal, command))
    for command in syscalls.FCNTL_REFUSED:
        _add(library, rules, refuse, "fcntl", library.Arg(1, equal, command))
    for name, at in syscalls.WITHOUT_FLAGS.items():
        _add(library, rules, library.ALLOW, name, library.Arg(at, equal, 0))
    for name, at in syscalls.OPENS.items():
        for flags in syscalls.OPEN_FLAGS:
            _add(library, rules, library.ALLOW, name, library.Arg(at, masked, syscalls.OPEN_MASK, flags))
        for flags in syscalls.OPEN_REFUSED:
            _add(library, rules, refuse, name, library.Arg(at, masked, syscalls.OPEN_MASK, flags))
    if devices:
        kind = library.Arg(0, equal, syscalls.AF_UNIX), library.Arg(1, equal, syscalls.SEQPACKET_CLOEXEC)
        _add(library, rules, library.ALLOW, "socket", *kind)
        sealed = library.Arg(1, masked, syscalls.MFD_NOEXEC_SEAL, syscalls.MFD_NOEXEC_SEAL)
        _add(library, rules, library.ALLOW, "memfd_create", sealed)
        for name in syscalls.FOR_CUDA:
            _add(library, rules, library.ALLOW, name)
        _add(library, rules, library.ALLOW, "ioctl", library.Arg(1, masked, syscalls.IOCTL_OF_SOCKETS, 0))
    else:
        for request in syscalls.IOCTL_REQUESTS:
            _add(library, rules, library.ALLOW, "ioctl", library.Arg(1, equal, request))


def _add(library: Any, rules: Any, action: int, name: str, *arguments: Any) -> None:
    number = library.resolve_syscall(library.Arch.NATIVE, name)
    if number >= 0:  # negative: this architecture, or this libseccomp, has no such call, so the default stands
        rules.add_rule(action, number, *arguments)


def call_number(name: str) -> int | None:
    """A system call's number on this machine, None where it has none."""
    import pyseccomp

    number = int(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name))
    return number if number >= 0 else None
