"""Whole commands, run in this process (fast) or in one of their own (where that is the point)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str = ""


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`command("build", "--check", cwd=folder)`: the command line from its arguments to its exit code."""

    def run(*arguments: object, cwd: Path) -> Outcome:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else int(bool(code)), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def process() -> Command:
    """`process("-m", "autograder", "--help", cwd=folder)`: a Python process of its own, its output piped."""

    def run(*arguments: object, cwd: Path, **options: Any) -> Outcome:
        environment = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "COLUMNS")}
        ended = subprocess.run(
            [sys.executable, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, **options
        )
        return Outcome(ended.returncode, ended.stdout, ended.stderr)

    return run
