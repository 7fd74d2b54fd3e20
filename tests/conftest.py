"""What all tests share: a small course that `autograder new` has made, to be copied and broken."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE
from hypothesis import HealthCheck, settings

# The same examples on each run, and no clock: a failure is a failure everywhere.
NO_CLOCK = [HealthCheck.too_slow]
settings.register_profile("project", deadline=None, derandomize=True, max_examples=60, suppress_health_check=NO_CLOCK)
settings.load_profile("project")

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


def pytest_configure() -> None:
    """What is started in the background ignores Ctrl-C, and so would all that tests start and stop by it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and say so, what takes minutes and has a shorter test beside it."""
    if "exhaustive" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("exhaustive"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: pytest -m exhaustive"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this project, which is a course itself."""
    return ROOT


@pytest.fixture(scope="session")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one exercise, 01_demo, as the scaffold makes it. Not to be changed: see `course_dir`."""
    from autograder.scaffold import new_course, new_exercise

    folder = tmp_path_factory.mktemp("scaffolded") / "small course"
    new_exercise(new_course(folder, seed=1), "demo")
    return folder


@pytest.fixture
def course_dir(scaffolded: Path, tmp_path: Path) -> Path:
    """A copy of the scaffolded course for one test to change."""
    return copy_course(scaffolded, tmp_path / "course")


def copy_course(source: Path, target: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    return Path(shutil.copytree(source, target, ignore=ignored))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless. One for all tests: a thread cannot have two of Playwright's."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"NO BROWSER TESTS: none of {', '.join(BROWSERS)} is installed (apt install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: playwright is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS, timeout=PATIENCE)
        yield chromium
        chromium.close()
