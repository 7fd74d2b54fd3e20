"""How much memory this container has, and how much of it a notebook may use."""

from __future__ import annotations

from pathlib import Path

LIMIT_FILES = ("memory.max", "memory/memory.limit_in_bytes")  # of cgroups, version 2 and 1
OURS_MB = 448
"""What the judge and the warm process take at most, with torch in both: measured 435 with the notebook itself."""
LEAST_MB = 128
UNLIMITED_MB = 2**20  # version 1 writes a number without meaning where there is no limit


def container_mb(groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The container's memory in MiB; None where nothing limits it."""
    for name in LIMIT_FILES:
        try:
            said = (groups / name).read_text().strip()
        except OSError:
            continue
        megabytes = int(said) // 2**20 if said.isdigit() else UNLIMITED_MB
        return megabytes if megabytes < UNLIMITED_MB else None
    return None


def for_notebook(container: int | None) -> int:
    """What is left for a notebook: a limit that it runs into as a MemoryError, before the container ends everything.

    0 where nothing limits the container.
    """
    return max(LEAST_MB, container - OURS_MB) if container is not None else 0
