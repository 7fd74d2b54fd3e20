"""Landlock through ctypes: after `restrict`, only the listed paths can be opened, by this process and its threads."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # character device, socket, fifo, block device
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_NET_BIND_AND_CONNECT = 0b11
_SCOPES = 0b11  # abstract unix sockets, signals

_libc = ctypes.CDLL(None, use_errno=True)


class LandlockError(OSError):
    """The kernel refused a step; the process must not go on half confined."""


@dataclass(frozen=True, slots=True)
class Paths:
    """What stays open to the process. Paths that do not exist are an error, not a skip."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    listing: tuple[str, ...] = ()  # names of files may be listed there, contents not read
    device: tuple[str, ...] = ()  # read and written, never created: /dev/null


def abi() -> int:
    """The version of Landlock that the kernel offers, 0 where there is none."""
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(0, int(version))


def restrict(paths: Paths) -> None:
    """Confine the calling process for good; no_new_privs must be set. Raises LandlockError at any failure."""
    version = abi()
    if version < 1:
        raise LandlockError("the kernel has no Landlock")
    handled = _ALL_BY_ABI[min(version, 5)]
    ruleset = _create(handled, version)
    try:
        _allow(ruleset, paths.read, _READ_FILE | _READ_DIR)
        _allow(ruleset, paths.write, handled & ~_MAKE_SPECIAL & ~_EXECUTE & ~_IOCTL_DEV)
        _allow(ruleset, paths.listing, _READ_DIR)
        _allow(ruleset, paths.device, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV | _TRUNCATE) & handled)
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)), "restrict_self")
    finally:
        os.close(ruleset)


def _create(handled: int, version: int) -> int:
    fields = [handled]
    if version >= 4:
        fields.append(_NET_BIND_AND_CONNECT)
    if version >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    return _checked(_libc.syscall(_CREATE_RULESET, attributes, size, ctypes.c_uint32(0)), "create_ruleset")


def _allow(ruleset: int, paths: Iterable[str], access: int) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            rule = struct.pack("=Qi", access if is_folder else access & _FOR_FILES, descriptor)
            result = _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, ctypes.c_uint32(0))
            _checked(result, f"add_rule for {path}")
        finally:
            os.close(descriptor)


def _checked(result: int, step: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise LandlockError(number, f"landlock {step}: {os.strerror(number)}")
    return result
