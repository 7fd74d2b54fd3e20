"""What is around the whole grader where it runs in a container: seen from inside, not told by anybody."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

Row = tuple[str, bool, str, str]
"""A layer: its name, whether it holds and, where not, why and what would mend it."""

_UNLIMITED = 2**60  # an older kernel says "no limit" with a number near 2**63


def in_container(environment: Mapping[str, str] = os.environ) -> bool:
    """As our image says by the variable that podman and systemd use for it; not every container is meant as a wall."""
    return bool(environment.get("container"))


def container_layers(root: Path = Path("/")) -> tuple[Row, ...]:
    """The container's walls, by what the kernel shows of them; `root` is where proc/ and sys/ are."""
    status = _status(root)
    return (
        ("container", True, "", ""),
        ("no network", _routes(root) <= {"lo"}, "the container has one", "--network none"),
        ("read-only root", _read_only(root), "the container's files can be changed", "--read-only --tmpfs /tmp"),
        ("no capabilities", int(status["CapBnd"], 16) == 0, "the container keeps some", "--cap-drop ALL"),
        (
            "no new privileges",
            status["NoNewPrivs"] == "1",
            "setuid programs work in the container",
            "--security-opt no-new-privileges",
        ),
        (
            "memory limit",
            _limited(root, "memory.max", "memory/memory.limit_in_bytes"),
            "the container may take all of the machine's",
            "--memory 8g",
        ),
        (
            "process limit",
            _limited(root, "pids.max", "pids/pids.max"),
            "the container may start any number",
            "--pids-limit 1024",
        ),
    )


def _status(root: Path) -> dict[str, str]:
    lines = (root / "proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _routes(root: Path) -> set[str]:
    """The devices that packets can leave by. Interfaces alone say little: some kernels put dead ones everywhere."""
    ipv4 = (root / "proc/net/route").read_text().splitlines()[1:]
    ipv6 = root / "proc/net/ipv6_route"
    devices = {line.split()[-1] for line in ipv6.read_text().splitlines()} if ipv6.exists() else set()
    return devices | {line.split()[0] for line in ipv4}


def _read_only(root: Path) -> bool:
    return bool(os.statvfs(root).f_flag & os.ST_RDONLY)


def _limited(root: Path, *names: str) -> bool:
    """Whether one of the control group's files has a number in it: version 2 of the interface first, then 1."""
    for name in names:
        try:
            text = (root / "sys/fs/cgroup" / name).read_text().strip()
        except OSError:
            continue
        return text.isdecimal() and int(text) < _UNLIMITED
    return False
