"""The built image as a user runs it. .ci/run builds it and says how to start it here; elsewhere this is skipped.

AUTOGRADER_IMAGE   the image's name: AUTOGRADER_IMAGE=cnn-autograder python -m pytest tests/container
CONTAINER_RUN      what starts a container, by default the `run --rm` of docker or podman
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CLOSED = shlex.split(
    "--network none --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp"
    " --pids-limit 1024 --memory 8g"
)
"""The line of docs/container.md; a test compares them."""
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Ended:
    """What a container left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Image:
    """The image, and what starts it."""

    name: str
    start: tuple[str, ...]

    def run(self, *arguments: object, options: tuple[object, ...] = (), closed: bool = True) -> Ended:
        """Run a container to its end, with the closed line's options unless told otherwise."""
        words = [*self.start, *(CLOSED if closed else ()), *map(str, options), self.name, *map(str, arguments)]
        ended = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=SECONDS)
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def python(self, code: str, *, options: tuple[object, ...] = (), closed: bool = True) -> Ended:
        """Run code in the image's Python, as the image's user."""
        entry = ("--entrypoint", "/opt/venv/bin/python")
        return self.run("-c", code, options=(*options, *entry), closed=closed)


@pytest.fixture(scope="session")
def image() -> Image:
    """The image that was built."""
    name = os.environ.get("AUTOGRADER_IMAGE")
    if not name:
        pytest.skip("NO IMAGE TESTS: make image, then AUTOGRADER_IMAGE=cnn-autograder python -m pytest tests/container")
    engine = next(filter(None, map(shutil.which, ("docker", "podman"))), "docker")
    return Image(name, tuple(shlex.split(os.environ.get("CONTAINER_RUN", f"{engine} run --rm"))))


@pytest.fixture(scope="session")
def make_folder() -> Iterator[Callable[..., Path]]:
    """Folders that any user id of a container may pass through; pytest's own are closed to others."""
    root = Path(tempfile.mkdtemp(prefix="container-"))
    root.chmod(0o755)

    def make(name: str, owner: int | None = None) -> Path:
        folder = root / name
        folder.mkdir()
        if owner is not None:
            os.chown(folder, owner, owner)
        return folder

    yield make
    shutil.rmtree(root, ignore_errors=True)
