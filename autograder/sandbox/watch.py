"""What the zygote looks at several times a second, where no limit of the kernel's bounds it: files, threads, the disk.

Where a child has the zygote's own user id, its threads cannot be limited apart from the user's other processes; where
no file system may be mounted, there is no quota. What is deleted and still open is in no folder, and another process's
descriptors may not be looked at: so the disk itself is watched too.
"""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox import jail
from autograder.sandbox.leftovers import folder_bytes

DISK, THREADS, DISK_FULL = "disk", "threads", "disk full"
"""Why a child was ended."""

_FLOOR_BYTES = 64 * jail.MIB
_FLOOR_SHARE = 0.02
_NUM_THREADS = 17  # in /proc/PID/stat, counted from behind the name


def disk_is_full(before: int, free: int, size: int, quota: int) -> bool:
    """Whether hardly anything is free, and more than a child's quota went since it was started."""
    return free < max(_FLOOR_BYTES, int(size * _FLOOR_SHARE)) and before - free > quota


def disk(folder: str) -> tuple[int, int]:
    """Free for an ordinary user and in all, in bytes."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def threads_of(pid: int) -> int:
    """How many threads a process has, 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[_NUM_THREADS])
    except (OSError, IndexError):
        return 0


def excess(pid: int, folder: str, *, disk_bytes: int, free_before: int, mounts: bool) -> str:
    """Of what a child has too much, in one word; empty where all is well."""
    if threads_of(pid) > jail.MAX_THREADS:
        return THREADS
    if mounts:
        return ""
    if folder_bytes(folder, disk_bytes + 1) > disk_bytes:
        return DISK
    free, size = disk(folder)
    return DISK_FULL if disk_is_full(free_before, free, size, disk_bytes) else ""
