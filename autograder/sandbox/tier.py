"""Which layers of confinement hold here: said in one line, proved by a self-test, refused below a minimum."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.sandbox import paths, seccomp, surroundings, wall
from autograder.sandbox.attempt import AttemptEnded
from autograder.sandbox.channel import ChannelError, Kind, json_frame, new_number
from autograder.sandbox.jail import Identity
from autograder.sandbox.limits import Limits
from autograder.sandbox.warm import Zygote, ZygoteSpec

RANKS = {"weak": 0, "inner": 1, "full": 2}
_NEEDED = ("Landlock", "seccomp", "no root", "self-test")  # for less than full
_SELF_TEST_SECONDS = 60.0
_SELF_TEST_SLOT = 999
_PROTECTED_FILES = 8  # of each protected folder, tried one by one
_SCOPES_ABI, _NETWORK_ABI = 6, 4
_IN_CONTAINER = "the container is the outer wall; docs/container.md says how to have both"

_CALLS: dict[str, list[int]] = {
    "ptrace": [0, 0, 0, 0],
    "process_vm_readv": [1, 0, 0, 0, 0, 0],
    "memfd_create": [0, 0],
    "unshare": [0x10000000],
    "setns": [0, 0],
    "mount": [0, 0, 0, 0, 0],
    "pivot_root": [0, 0],
    "chroot": [0],
    "keyctl": [0, 0, 0, 0, 0],
    "add_key": [0, 0, 0, 0, 0],
    "io_uring_setup": [1, 0],
    "shmget": [0, 4096, 0o1600],
    "semget": [0, 1, 0o1600],
    "msgget": [0, 0o1600],
    "mq_open": [0, 0, 0, 0],
    "bpf": [0, 0, 0],
    "perf_event_open": [0, 0, 0, 0, 0],
    "userfaultfd": [0],
    "pidfd_open": [1, 0],
    "open_by_handle_at": [0, 0, 0],
    "seccomp": [0, 0, 0],
    "landlock_create_ruleset": [0, 0, 0],
    "clone3": [0, 0],
    "setpriority": [0, 0, 0],
    "quotactl": [0, 0, 0, 0],
    "kexec_load": [0, 0, 0, 0],
    "sendmsg": [0, 0, 0],
}


@dataclass(frozen=True, slots=True)
class MissingLayer:
    """A layer that does not hold here, why, and what would mend it."""

    name: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """How well student code is confined here: `name` is "full", "inner" or "weak"."""

    name: str
    present: tuple[str, ...]
    missing: tuple[MissingLayer, ...]

    def one_line(self) -> str:
        """For the head of a batch and for reports."""
        line = f"sandbox: {self.name} ({', '.join(self.present) or 'nothing holds'})"
        without = "; ".join(f"{layer.name}: {layer.reason}" for layer in self.missing)
        return f"{line}; without {without}" if without else line


def find_tier(
    *,
    protected: Iterable[str] = (),
    readable: Iterable[str] = (),
    allow_weak: bool = False,
    required: str = "inner",
    use_wall: bool = True,
) -> Tier:
    """Find out by raising each layer, and try it from inside with planted targets.

    Raises:
        GraderError: less than `required` holds here, or the self-test got through; with `allow_weak` neither is
            refused, and the tier says what does not hold.
    """
    if sys.platform != "linux":
        raise GraderError("student code can be confined on Linux only: grade in the project's container")
    hidden, shown = tuple(map(str, protected)), tuple(map(str, readable))
    trial = wall.try_wall(paths.for_student(shown)) if use_wall else wall.WallTrial(False, "it was not asked for")
    zygote, trial = _start(ZygoteSpec(readable=shown, protected=hidden, wall=trial.works, trial=True), trial)
    with zygote:
        through = self_test(zygote, hidden, allow=allow_weak)
        tier = _tier(zygote, trial, through)
    _check(tier, required, allow_weak=allow_weak)
    return tier


def _start(spec: ZygoteSpec, trial: wall.WallTrial) -> tuple[Zygote, wall.WallTrial]:
    """Where it does not start inside the wall, start afresh without: never from a half-applied state."""
    try:
        return Zygote.start(spec), trial
    except GraderError as error:
        if not spec.wall:
            raise
        failed = wall.WallTrial(False, f"the warm process does not start inside it ({error})")
        return Zygote.start(dataclasses.replace(spec, wall=False)), failed


def self_test(zygote: Zygote, protected: Iterable[str] = (), *, allow: bool = False) -> tuple[str, ...]:
    """Let a confined child try about fifty things on planted targets; gives the names of those that it could do.

    Raises:
        GraderError: one got through, unless `allow`; or the child did not answer.
    """
    limits = Limits(disk_mb=8)
    with _planted() as targets:
        targets.update(
            judge=os.getpid(), disk_mb=limits.disk_mb, protected=_samples(protected), calls=dict(_numbered(_CALLS))
        )
        attempt = zygote.fork(limits, slot=_SELF_TEST_SLOT, role="selftest")
        deadline = time.monotonic() + _SELF_TEST_SECONDS
        try:
            attempt.open(json_frame(Kind.START, new_number(), targets), deadline)
            through = tuple(str(name) for name in attempt.receive(deadline).json()["through"])
        except (AttemptEnded, ChannelError, KeyError) as error:
            raise GraderError(f"the sandbox's self-test did not end: {error}\n{attempt.printed.text()}") from None
        finally:
            attempt.end()
    if through and not allow:
        raise GraderError(
            f"the sandbox does not hold: in its self-test a confined process could {'; '.join(through)}. "
            f"{_elsewhere()}, or on another machine"
        )
    return through


def _tier(zygote: Zygote, trial: wall.WallTrial, through: tuple[str, ...]) -> Tier:
    facts = zygote.facts
    identity = Identity[facts.identity]
    inside = surroundings.in_container()
    layers: tuple[surroundings.Row, ...] = (
        ("bubblewrap", facts.wall, trial.reason, _IN_CONTAINER if inside else trial.remedy),
        ("Landlock", facts.landlock_abi > 0, "this kernel has none", "Linux 5.13 or later with Landlock enabled"),
        ("seccomp", facts.seccomp, "this kernel refuses filters", "a kernel with seccomp filters"),
        (
            "no root",
            identity is not Identity.ROOT,
            "root cannot become another user here",
            "--user 1000" if inside else "run as an ordinary user; a container with USER 1000",
        ),
        (
            "disk quota",
            facts.mounts,
            "no file system may be mounted here",
            "--tmpfs /tmp:size=2g, for all submissions together"
            if inside
            else "bubblewrap, or a container with a sized tmpfs",
        ),
        ("Landlock scopes", facts.landlock_abi >= _SCOPES_ABI, "this kernel is older than Linux 6.12", ""),
        *(surroundings.container_layers() if inside else ()),
    )
    present = tuple(name for name, holds, _, _ in layers if holds)
    if identity is Identity.OWN_UID:  # of root only: nobody else could give submissions one
        present += ("own user id",)
    missing = [MissingLayer(name, reason, remedy) for name, holds, reason, remedy in layers if not holds]
    missing += [MissingLayer("self-test", f"a confined process could {name}") for name in through]
    inner = facts.landlock_abi > 0 and facts.seccomp and identity is not Identity.ROOT and not through
    name = "weak" if not inner else "full" if facts.wall else "inner"
    return Tier(name, present, tuple(missing))


def _check(tier: Tier, required: str, *, allow_weak: bool) -> None:
    if allow_weak or RANKS[tier.name] >= RANKS[required]:
        return
    lacking = (layer for layer in tier.missing if layer.name in _NEEDED or required == "full")
    mend = "".join(f"    {layer.name}: {layer.reason} -> {layer.remedy}\n" for layer in lacking)
    raise GraderError(
        f"the sandbox here is {tier.name!r}, and {required!r} is required\n{mend}"
        f"{_elsewhere()}, or say --allow-weak-sandbox to run student code all the same"
    )


def _elsewhere() -> str:
    return "Start the container otherwise" if surroundings.in_container() else "Grade in the project's container"


@contextlib.contextmanager
def _planted() -> Iterator[dict[str, Any]]:
    """Targets that are really there, so that a probe fails only because it was stopped."""
    variable, token = f"AUTOGRADER_PLANTED_{secrets.token_hex(4).upper()}", secrets.token_hex(16)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-planted-")))
        folder.chmod(0o777)
        secret = folder / "secret"
        secret.write_text(token)
        secret.chmod(0o644)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (str(folder / "socket"), f"\0{token}"):
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind(address)
            unix.listen()
        os.environ[variable] = token
        stack.callback(os.environ.pop, variable, None)
        yield {
            "secret": str(secret),
            "tcp": listener.getsockname()[1],
            "unix": str(folder / "socket"),
            "abstract": token,
            "variable": variable,
        }


def _samples(protected: Iterable[str]) -> list[str]:
    """Files of each protected path, not those that student code may read although they lie in it."""
    allowed = paths.for_student(())
    found: list[str] = []
    for root in map(Path, protected):
        files = [root] if root.is_file() else [path for path in sorted(root.glob("tests/**/*.py")) if path.is_file()]
        files += [path for path in sorted(root.glob("*")) if path.is_file()] if root.is_dir() else []
        hidden = [str(path) for path in files if not paths.exposed(allowed, [str(path)])]
        found += hidden[:_PROTECTED_FILES]
        if root.is_dir():
            found.append(str(root))
    return found


def _numbered(calls: dict[str, list[int]]) -> Iterator[tuple[str, tuple[int, list[int]]]]:
    for name, arguments in calls.items():
        number = seccomp.call_number(name)
        if number is not None:
            yield name, (number, arguments)
