"""`make grade-docker` is the documented line, whoever calls it: tried with a `docker` that writes down its words."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import CLOSED

Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make(tmp_path: Path, repository: Path) -> Make:
    """`make grade-docker` with settings; `rootless` is what the engine says of itself."""

    def run(*settings: str, rootless: str = "false", **variables: str) -> subprocess.CompletedProcess[str]:
        engine = tmp_path / "docker"
        engine.write_text(f'#!/bin/sh\nif [ "$1" = info ]; then echo {rootless}; else printf "%s\\n" "$@"; fi\n')
        engine.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUDO_", "MAKE"))}
        words = ["make", "--no-print-directory", "grade-docker", f"DOCKER={engine}", *settings]
        return subprocess.run(words, cwd=repository, env=kept | variables, capture_output=True, text=True, check=False)

    return run


def test_it_is_the_documented_line(make: Make, tmp_path: Path) -> None:
    (tmp_path / "one class").mkdir()
    results = tmp_path / "its results"
    ended = make(f"SUBMISSIONS={tmp_path / 'one class'}", f"RESULTS={results}", "GRADE=--regrade --jobs 2")
    user = f"{os.getuid() or 1000}:{os.getgid() or 1000}"
    volumes = ["-v", f"{tmp_path}/one class:/submissions:ro", "-v", f"{results}:/results"]
    expected = ["run", "--rm", *CLOSED, "--user", user, *volumes, "cnn-autograder", "--regrade", "--jobs", "2"]
    assert (ended.returncode, ended.stderr, ended.stdout.splitlines()) == (0, "", expected)
    assert results.stat().st_uid == (os.getuid() or 1000)


def test_a_zip_is_mounted_as_a_file(make: Make, tmp_path: Path) -> None:
    (tmp_path / "class.zip").touch()
    ended = make(f"SUBMISSIONS={tmp_path / 'class.zip'}", f"RESULTS={tmp_path / 'results'}")
    assert f"{tmp_path}/class.zip:/submissions/class.zip:ro" in ended.stdout.splitlines()


def test_podman_without_root_keeps_the_users_id(make: Make, tmp_path: Path) -> None:
    ended = make(f"SUBMISSIONS={tmp_path}", f"RESULTS={tmp_path / 'results'}", rootless="true")
    assert "--userns keep-id" in shlex.join(ended.stdout.splitlines())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be called through sudo")
def test_under_sudo_results_belong_to_who_called_it(make: Make, tmp_path: Path) -> None:
    results = tmp_path / "results"
    ended = make(f"SUBMISSIONS={tmp_path}", f"RESULTS={results}", SUDO_UID="4242", SUDO_GID="4243")
    assert "4242:4243" in ended.stdout.splitlines()
    assert (results.stat().st_uid, results.stat().st_gid) == (4242, 4243)


@pytest.mark.parametrize("setting", ["SUBMISSIONS=", "SUBMISSIONS=/nonexistent"])
def test_without_a_class_it_asks_for_one(make: Make, setting: str) -> None:
    ended = make(setting)
    assert ended.returncode != 0
    assert "make grade-docker SUBMISSIONS=FOLDER" in ended.stderr
