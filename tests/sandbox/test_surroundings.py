"""A container's walls are read off the kernel's own files: each one that holds, and each that was left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox.surroundings import container_layers, in_container

CLOSED = {
    "proc/self/status": "Name:\tpython\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n",
    "proc/net/route": "Iface\tDestination\tGateway\n",
    "proc/net/ipv6_route": "00000000000000000000000000000001 80 0 00 0 00000000 00000001 00000000 80200001       lo\n",
    "sys/fs/cgroup/memory.max": "8589934592\n",
    "sys/fs/cgroup/pids.max": "1024\n",
}
OPEN = {
    "no network": ("proc/net/route", "Iface\tDestination\neth0\t00000000\n"),
    "no capabilities": ("proc/self/status", "CapBnd:\t00000000a80425fb\nNoNewPrivs:\t1\n"),
    "no new privileges": ("proc/self/status", "CapBnd:\t0000000000000000\nNoNewPrivs:\t0\n"),
    "memory limit": ("sys/fs/cgroup/memory.max", "max\n"),
    "process limit": ("sys/fs/cgroup/pids.max", "max\n"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in CLOSED.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def holding(root: Path) -> set[str]:
    return {name for name, holds, _, _ in container_layers(root) if holds}


def test_all_that_was_asked_for_is_seen(root: Path) -> None:
    assert holding(root) == {"container", *OPEN}  # the root of this test can be written


@pytest.mark.parametrize("name", OPEN)
def test_a_wall_that_was_left_out_is_named_with_the_option_that_raises_it(root: Path, name: str) -> None:
    write(root / OPEN[name][0], OPEN[name][1])
    assert holding(root) == {"container", *OPEN} - {name}
    reason, remedy = next((why, remedy) for layer, _, why, remedy in container_layers(root) if layer == name)
    assert reason.startswith(("the container", "setuid"))
    assert remedy.startswith("--")


def test_ipv6_alone_is_a_network(root: Path) -> None:
    write(root / "proc/net/ipv6_route", CLOSED["proc/net/ipv6_route"] + "fe80 40 0 00 0 100 1 0 1 eth0\n")
    assert "no network" not in holding(root)


@pytest.mark.parametrize(("text", "holds"), [("8589934592", True), ("9223372036854771712", False)])
def test_the_older_interface_of_control_groups_counts_too(root: Path, text: str, holds: bool) -> None:
    (root / "sys/fs/cgroup/memory.max").unlink()
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", text)
    assert ("memory limit" in holding(root)) == holds


def test_limits_that_cannot_be_read_are_none(root: Path) -> None:
    (root / "sys/fs/cgroup/pids.max").unlink()
    assert "process limit" not in holding(root)


def test_only_an_image_that_says_so_counts_as_a_wall() -> None:
    assert in_container({"container": "oci"})
    assert not in_container({})
