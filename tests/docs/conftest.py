"""The pages, and a copy of the repository in which the commands that they show are run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import open_course

from .pages import Page, read_pages
from .sample import write_sample

COPIED = ("autograder", "bench", "docs", "exercises", "solutions", "tests", "tools")
FILES = ("*.md", "*.toml", "*.yaml", "*.txt", "Makefile", "LICENSE", ".pre-commit-config.yaml")


@pytest.fixture(scope="session")
def pages(repository: Path) -> list[Page]:
    """README.md, CONTRIBUTING.md and docs/*.md."""
    return read_pages(repository)


@pytest.fixture(scope="session")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a newcomer has who cloned this project, set it up, and has a class's files."""
    folder = tmp_path_factory.mktemp("newcomer") / "cnn-autograder"
    ignored = shutil.ignore_patterns("__pycache__", "results", ".*cache*")
    for name in COPIED:
        shutil.copytree(repository / name, folder / name, ignore=ignored)
    for path in (path for pattern in FILES for path in repository.glob(pattern)):
        shutil.copy(path, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    # Never the repository's own .git, which in a worktree is a file: what a page says to install would land there.
    subprocess.run(["git", "init", "--quiet", "--template="], cwd=folder, check=True)
    assert (folder / ".git").is_dir()
    settings = folder / "grading_config.yaml"
    patient = settings.read_text(encoding="utf-8").replace("_seconds: 30", "_seconds: 900").replace(": 10 #", ": 300 #")
    settings.write_text(patient, encoding="utf-8")  # a busy machine is no reason for a finding
    write_sample(open_course(folder), folder)
    return folder
