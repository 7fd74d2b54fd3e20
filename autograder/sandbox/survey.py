"""What the zygote may do here, found out by doing it in children that are thrown away."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy

from autograder.sandbox import jail, landlock, seccomp

_SLOTS = 1_000
_FAR, _NEAR = range(2_000_000_000, 2_100_000_000, _SLOTS), range(60_200, 65_000, _SLOTS)
"""Where a range of user ids may begin: no real user's. The second where only 65,536 are mapped."""


def ground(paths: landlock.Paths, base: str, program: bytes, *, devices: bool, draw: int) -> jail.Ground:
    """The layers that hold here.

    Each warm process has user ids of its own, drawn by `draw`: two that grade at once would share a limit of threads,
    also where each is in a container of its own and the two can know nothing of each other.
    """
    identity, first_uid = _identity(paths.read, base, draw)
    return jail.Ground(
        paths=paths,
        program=program if seccomp.available() else b"",
        identity=identity,
        first_uid=first_uid,
        mounts=_works(lambda: _mount(base)),
        landlock=landlock.abi() > 0,
        devices=devices,
    )


def facts(found: jail.Ground) -> dict[str, Any]:
    """The same for the judge, which names the tier from it."""
    return {
        "identity": found.identity.name,
        "mounts": found.mounts,
        "landlock_abi": landlock.abi(),
        "seccomp": bool(found.program),
    }


def _identity(readable: Iterable[str], base: str, draw: int) -> tuple[jail.Identity, int]:
    if os.geteuid() != 0:
        return jail.Identity.SAME, 0
    for first_uid in (_FAR[draw % len(_FAR)], _NEAR[draw % len(_NEAR)]):
        if _works(lambda uid=first_uid: _become_and_read(uid, readable, base)):  # type: ignore[misc]
            return jail.Identity.OWN_UID, first_uid
    if _works(lambda: jail.enter_user_namespace(os.geteuid(), os.getegid())):
        return jail.Identity.NAMESPACE, 0
    return jail.Identity.ROOT, 0


def _become_and_read(uid: int, readable: Iterable[str], base: str) -> None:
    """As another user Python and the course data must still be readable, and the folder for attempts reachable."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    for path in (os.__file__, numpy.__file__, __file__, *readable):
        os.close(os.open(path, os.O_RDONLY))
    Path(base, "home").stat()


def _mount(base: str) -> None:
    jail.own_mounts()
    jail.mount_tmpfs(base + "/home", megabytes=1, uid=os.geteuid(), gid=os.getegid())


def _works(trial: Callable[[], None]) -> bool:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            trial()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return status == 0
