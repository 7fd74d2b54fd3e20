"""The same class has the same scores with one job and two, in each tier, as root and as an ordinary user."""

from __future__ import annotations

import csv
import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import TIERS, World, make_world, skip_without_a_sandbox
from .corpus import CORPUS
from .corpus.course import OTHER, SLUG, honest, instead, notebook
from .corpus.hostile import put

NOBODY = 65_534
CHOSEN = (
    "crashes_python_in_a_cell",
    "crashes_python_in_a_call",
    "takes_memory_bit_by_bit",
    "floods_in_a_call",
    "answers_before_it_is_asked",
    "forges_frames_on_every_descriptor",
    "raises_ValueError_always",
    "fills_the_disk",
    "searches_its_memory",
    "is_cut_off",
    "has_a_formula_for_a_name",
)
Scores = list[dict[str, Any]]


@pytest.fixture(scope="module")
def small_class() -> Iterator[World]:
    """Honest, mistaken and hostile students."""
    skip_without_a_sandbox()
    with make_world() as world:
        folder = world.places.submissions
        put(folder / "honest" / f"{SLUG}.ipynb", honest())
        put(folder / "honest" / f"{OTHER}.ipynb", honest(OTHER))
        put(folder / "subtracts" / f"{SLUG}.ipynb", notebook(*instead(add="def add(a, b):\n    return a - b\n")))
        draws = (
            "import random\nimport numpy as np\n\ndef mean(values):\n    return random.random() + np.random.rand()\n"
        )
        put(folder / "draws" / f"{SLUG}.ipynb", notebook(*instead(mean=draws)))
        for case in CORPUS:
            if case.name in CHOSEN:
                case.write(folder, world.places)
        yield world


@pytest.fixture(scope="module")
def reference(small_class: World) -> Scores:
    """By one job, in the weakest tier."""
    return graded(small_class, "reference", "--jobs", 1, *TIERS["inner"])


def graded(world: World, name: str, *arguments: object, **options: Any) -> Scores:
    """Grade into a folder of its own; gives the rows and what decided each case, without time and tier."""
    results = world.root / name
    results.mkdir()
    os.chown(results, options.get("user", -1), options.get("group", -1))
    outcome = world.grade(world.places.submissions, "-o", results, *arguments, **options)
    assert (outcome.code, outcome.err) == (1, ""), outcome
    (results / "head.txt").write_text(outcome.out.partition("\n")[0])
    with (results / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows: Scores = [dict(row) for row in csv.DictReader(file)]
    assert len(rows) == 4 + len(CHOSEN)
    for row in rows:
        del row["graded_at"], row["tier"]
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("reports/*/*.json"))]
    verdicts = [
        (report["student"], case["case"], case["verdict"], case["earned"])
        for report in reports
        for question in report["questions"]
        for case in question["cases"]
    ]
    return [*rows, {"verdicts": verdicts}]


@pytest.mark.parametrize(("tier", "jobs"), [("inner", 2), ("full", 1), ("full", 2)])
def test_by_one_job_and_by_two_in_each_tier(small_class: World, reference: Scores, tier: str, jobs: int) -> None:
    skip_without_a_sandbox(tier)
    assert graded(small_class, f"{tier}-{jobs}", "--jobs", jobs, *TIERS[tier]) == reference


@pytest.mark.parametrize("tier_of_nobody", list(TIERS))
def test_by_an_ordinary_user(small_class: World, reference: Scores, tier_of_nobody: str) -> None:
    python = python_for_nobody(small_class)
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    name = f"nobody-{tier_of_nobody}"
    assert graded(small_class, name, "--jobs", 2, *TIERS[tier_of_nobody], python=python, **nobody) == reference
    line = (small_class.root / name / "head.txt").read_text()
    if not line.startswith(f"sandbox: {tier_of_nobody}"):
        pytest.skip(f"NO {tier_of_nobody.upper()} TIER FOR AN ORDINARY USER HERE, the same scores in: {line}")


def python_for_nobody(world: World) -> str:
    """A Python with our packages that an ordinary user may run: this one, or the system's of the same release."""
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT: all other tests here are those of an ordinary user")
    for python in (sys.executable, _of_the_system(world)):
        if python and _runs(python):
            return python
    pytest.skip(f"NO PYTHON FOR AN ORDINARY USER: {sys.executable} lies where {pwd.getpwuid(NOBODY)[0]} may not read")


def _runs(python: str) -> bool:
    command = [python, "-c", "import numpy, IPython, autograder, sys; sys.exit(not sys.executable)"]
    try:
        ended = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", capture_output=True)
    except OSError:
        return False
    return ended.returncode == 0


def _of_the_system(world: World) -> str | None:
    """A virtual environment of the system's Python that shares our packages."""
    release = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = shutil.which(release, path="/usr/local/bin:/usr/bin")
    folder = world.root / "venv"
    if base is None or folder.exists():
        return str(folder / "bin/python") if base else None
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").symlink_to(Path(sysconfig.get_path("purelib")).parents[1])
    (folder / "bin/python").symlink_to(base)
    (folder / "pyvenv.cfg").write_text(f"home = {Path(base).parent}\ninclude-system-site-packages = false\n")
    return str(folder / "bin/python")
