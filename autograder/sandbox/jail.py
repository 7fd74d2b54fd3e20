"""The layers of confinement that a forked child puts on itself, in the one order in which they all hold.

A step that fails raises, and the caller ends the process: nothing ever runs from a half-applied state.
"""

from __future__ import annotations

import ctypes
import enum
import os
import resource
import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import landlock, seccomp
from autograder.sandbox.limits import Limits

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8
_MS_PRIVATE_RECURSIVE = 1 << 18 | 1 << 14
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 28, 38
_SECUREBITS_LOCKED = 0b11101111  # no root powers, no ambient capabilities; all of it locked
_CLOSE_RANGE = 436  # the same number on every architecture
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522

MIB = 2**20
MAX_FILES = 256
MAX_INODES = 20_000
NOBODY = 65_534
MAX_THREADS = 64 + (os.cpu_count() or 1)  # TensorFlow starts one for each core, however many it is told to use
THREADS_BESIDE_OTHERS = 8_192  # where the uid is shared, the user's other processes count too; the zygote counts
STACK_AND_ARENA_MB = 160  # address space, not memory, that a thread's stack and malloc arena reserve

_READABLE = "cgroup cmdline comm limits maps numa_maps oom_score oom_score_adj smaps smaps_rollup stat statm status"
_ABOUT_ITSELF = tuple(f"/proc/self/{name}" for name in _READABLE.split())
"""Not all of /proc/self: net/ and mountinfo in it, and under each of task/, tell of the machine."""

_libc = ctypes.CDLL(None, use_errno=True)


class Identity(enum.Enum):
    """Who a child becomes."""

    OWN_UID = "a user id of its own"
    NAMESPACE = "a user namespace without privileges"
    SAME = "the user who grades"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the zygote found possible once and for all: the same for every child."""

    paths: landlock.Paths
    program: bytes  # the compiled seccomp filter; empty in a weak tier
    identity: Identity
    first_uid: int = 0
    mounts: bool = False
    landlock: bool = True
    devices: bool = False


def call(name: str, *arguments: object) -> None:
    """One libc call; raises OSError that names it."""
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def own_mounts() -> None:
    """Give the caller mounts of its own, which nothing outside sees and which end with it."""
    call("unshare", _CLONE_NEWNS)
    call("mount", b"none", b"/", None, ctypes.c_ulong(_MS_PRIVATE_RECURSIVE), None)


def mount_tmpfs(folder: str, *, megabytes: int, uid: int, gid: int) -> None:
    """A file system in memory with a quota, at a folder that exists."""
    options = f"size={megabytes}m,nr_inodes={MAX_INODES},mode=700,uid={uid},gid={gid}"
    flags = ctypes.c_ulong(_MS_NOSUID_NODEV_NOEXEC)
    call("mount", b"tmpfs", folder.encode(), b"tmpfs", flags, options.encode())


def hide_memory() -> None:
    """Keep other processes of the same user from reading the caller's memory; an exec undoes it."""
    _call_prctl(_PR_SET_DUMPABLE, 0)


def close_descriptors(keep: Iterable[int]) -> None:
    """Close all that was inherited, save standard input, output and error and what is named."""
    low = 3
    for number in sorted(set(keep)):
        os.closerange(low, number)
        low = max(low, number + 1)
    _libc.syscall(_CLOSE_RANGE, ctypes.c_uint(low), ctypes.c_uint(2**32 - 1), ctypes.c_uint(0))


def confine(ground: Ground, folder: str, limits: Limits, *, slot: int, threads: int, parent: int) -> None:
    """Put on every layer. `folder` is the child's own; `parent` the pid whose end must be the child's end."""
    uid = ground.first_uid + slot if ground.identity is Identity.OWN_UID else os.geteuid()
    gid = uid if ground.identity is Identity.OWN_UID else os.getegid()
    if ground.mounts and limits.disk_mb > 0:  # a size of 0 would mean no quota at all
        own_mounts()
        mount_tmpfs(folder, megabytes=limits.disk_mb, uid=uid, gid=gid)
    _write("/proc/self/oom_score_adj", "1000")
    _set_rlimits(limits, ground, threads)
    _become(ground.identity, uid, gid)
    os.chdir(folder)
    _call_prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of uid, which clears it
    if os.getppid() != parent:
        raise OSError("the parent ended before the child was confined")
    _call_prctl(_PR_SET_NO_NEW_PRIVS, 1)
    hide_memory()
    if ground.landlock:
        landlock.restrict(_with_own(ground.paths, folder, devices=ground.devices))
    if ground.program:
        seccomp.install(ground.program)


def _with_own(paths: landlock.Paths, folder: str, *, devices: bool) -> landlock.Paths:
    """The child's own folder, and parts of /proc/self, which Landlock pins to the process that asks now.

    CUDA names its threads through /proc/self/task/*/comm and does not start where it cannot.
    """
    about_itself = [path for path in _ABOUT_ITSELF if os.path.exists(path)]  # noqa: PTH110 - in each child: quick
    listing = (*paths.listing, "/proc/self/fd", "/proc/self/task")
    write = (folder, "/proc/self/task") if devices else (folder,)
    return landlock.Paths((*paths.read, *about_itself), (*paths.write, *write), listing, paths.device)


def _set_rlimits(limits: Limits, ground: Ground, threads: int) -> None:
    if min(limits.memory_mb, limits.disk_mb, limits.cpu_seconds) <= 0:
        raise ValueError("a limit that is not positive")
    memory = limits.memory_mb * MIB
    cpu = max(1, int(limits.cpu_seconds) + 1)
    own_uid = ground.identity is Identity.OWN_UID
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.disk_mb * MIB)
    _lower(resource.RLIMIT_NOFILE, MAX_FILES)
    _lower(resource.RLIMIT_CPU, cpu, cpu + 1)
    _lower(resource.RLIMIT_NPROC, MAX_THREADS if own_uid else THREADS_BESIDE_OTHERS)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    if not ground.devices:  # CUDA reserves address space by the terabyte
        pages = [int(text) for text in Path("/proc/self/statm").read_text().split()]
        _lower(resource.RLIMIT_AS, pages[0] * resource.getpagesize() + memory + threads * STACK_AND_ARENA_MB * MIB)
        _lower(resource.RLIMIT_DATA, pages[5] * resource.getpagesize() + memory)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above what is already set, so that an ordinary user may too."""
    _, current = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if current != resource.RLIM_INFINITY:
        soft, hard = min(soft, current), min(hard, current)
    resource.setrlimit(which, (soft, hard))


def _become(identity: Identity, uid: int, gid: int) -> None:
    if identity is Identity.SAME or identity is Identity.ROOT:
        drop_capabilities()
        return
    if identity is Identity.NAMESPACE:
        enter_user_namespace(uid, gid)
        drop_capabilities()
        return
    _drop_bounding_set()  # while there is still the power to do so
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    drop_capabilities()


def enter_user_namespace(uid: int, gid: int) -> None:
    """Become nobody in a namespace of one's own. Root without CAP_SETFCAP may make one, but not map itself into it."""
    call("unshare", _CLONE_NEWUSER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NOBODY} {uid} 1")
    _write("/proc/self/gid_map", f"{NOBODY} {gid} 1")


def drop_capabilities() -> None:
    """Give up every capability, also those that root would have again after an exec."""
    if _drop_bounding_set():
        _call_prctl(_PR_SET_SECUREBITS, _SECUREBITS_LOCKED)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if _libc.syscall(_CAPSET[os.uname().machine], header, b"\0" * 24) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _drop_bounding_set() -> bool:
    """Whether there was anything to drop: without CAP_SETPCAP there is not, and nothing could be gained."""
    if _libc.prctl(_PR_CAPBSET_DROP, 0, 0, 0, 0) != 0:
        return False
    for capability in range(1, 64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel knows
    return True


def _call_prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    """With os.write: a buffered file would lose the error at close."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
