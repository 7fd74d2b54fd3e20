"""Whole commands, run in this process (fast) or in one of their own (where that is the point)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import Command, Outcome, command

__all__ = ["command"]


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
