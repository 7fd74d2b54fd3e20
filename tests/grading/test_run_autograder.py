"""The real run_autograder of a real zip, in folders laid out as Gradescope lays them out, on this machine."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import open_course
from autograder.gradescope.messages import NOT_ENDED
from autograder.packaging.archive import Package, made_zip
from autograder.sandbox import seccomp
from autograder.sandbox.landlock import abi

from .made import SLUG, notebook, plant

CANARY = "canary-5b1f"
RIGHT = """
import numpy as np

def patch_mean(patch):
    if np.size(patch) == 0:
        raise ValueError
    return float(np.mean(patch))
"""
HOSTILE = """
import os

def attempt(what):
    try:
        print("GOT THROUGH", what())
    except Exception as error:
        print(type(error).__name__)

root = {root!r}
for path in ("source", "source/course/solutions", "results", "submission", ""):
    attempt(lambda: os.listdir(f"{{root}}/{{path}}"))
for path in ("source/course/tests/hidden/01_demo.py", "source/run_autograder", "submission_metadata.json"):
    attempt(lambda: open(f"{{root}}/{{path}}").read())
attempt(lambda: open(f"{{root}}/results/results.json", "w").write('{{"score": 1000}}'))
attempt(lambda: os.replace("/dev/null", f"{{root}}/results/results.json"))
attempt(lambda: open(f"{{root}}/results/stdout", "a").write("x"))
print('{{"score": 1000}}')
"""
# Where Landlock and seccomp are missing there is nothing to run student code in
pytestmark = pytest.mark.skipif(
    abi() < 1 or not seccomp.available(), reason="NO SANDBOX HERE: this kernel lacks Landlock or seccomp"
)


def commands(folder: Path) -> Path:
    """A folder with the programs that the script needs, and no other."""
    there = folder / "bin"
    there.mkdir()
    for name in ("bash", "env", "mkdir", "cat", "mv", "chmod", "timeout"):
        (there / name).symlink_to(shutil.which(name) or name)
    return there


@dataclass(frozen=True, slots=True)
class Ended:
    """What Gradescope finds after the script."""

    code: int
    results: dict[str, Any]
    staff: str


@dataclass(frozen=True, slots=True)
class Autograder:
    """Stands for /autograder."""

    root: Path

    def run(self, *cells: str, place: Path = Path(sys.prefix), **environment: str) -> Ended:
        plant(self.root / "submission", {"my work.ipynb": notebook(SLUG, *cells)})
        variables = {"AUTOGRADER_ROOT": str(self.root), "AUTOGRADER_PLACE": str(place), **environment}
        script = [str(self.root / "run_autograder")]
        ended = subprocess.run(
            script, cwd=self.root, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300
        )
        results = json.loads((self.root / "results" / "results.json").read_text())
        return Ended(ended.returncode, results, ended.stdout + ended.stderr)


@pytest.fixture
def autograder(course_dir: Path, tmp_path: Path) -> Autograder:
    """The zip unpacked as Gradescope does it, before a submission is there."""
    hidden = course_dir / "tests" / "hidden" / f"{SLUG}.py"
    hidden.write_text(f"# {CANARY}\n" + hidden.read_text())
    root = tmp_path / "autograder"
    with zipfile.ZipFile(io.BytesIO(made_zip(open_course(course_dir), Package(SLUG, "visible")))) as archive:
        archive.extractall(root / "source")
    (root / "source" / "run_autograder").chmod(0o755)
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod(0o755)
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text('{"users": [{"id": 7, "email": "ada@example.org", "name": "Ada"}]}')
    return Autograder(root)


def test_a_right_and_hostile_notebook_gets_its_points_and_nothing_else(autograder: Autograder) -> None:
    # as there: nothing but the inner jail, since Gradescope's containers let bubblewrap do nothing
    ended = autograder.run(RIGHT, HOSTILE.format(root=str(autograder.root)), PATH=str(commands(autograder.root.parent)))
    assert (ended.code, ended.results["score"]) == (0, 10), ended.staff
    assert "without bubblewrap" in ended.staff
    assert len(re.findall("^(?:PermissionError|OSError)$", ended.staff, re.MULTILINE)) == 11
    assert "GOT THROUGH" not in ended.staff
    assert CANARY not in ended.staff
    assert "Ada <ada@example.org>" in ended.staff
    left = sorted(str(path.relative_to(autograder.root)) for path in (autograder.root / "results").iterdir())
    assert left == ["results/results.json"]
    if os.geteuid() == 0:  # what protects them where Landlock does not
        assert not (autograder.root / "source" / "course" / "tests").stat().st_mode & 0o077
        assert not (autograder.root / "results" / "results.json").stat().st_mode & 0o022


def test_what_takes_too_long_is_ended_with_a_message_and_no_zero(autograder: Autograder) -> None:
    ended = autograder.run("while True:\n    pass", TIMEOUT_SECONDS="23")
    assert ended.code != 0
    assert ended.results["output"].startswith(NOT_ENDED)
    assert "score" not in ended.results
    assert "the time limit of 3 s" in ended.staff


def test_where_not_even_python_starts_the_student_reads_a_message(autograder: Autograder) -> None:
    ended = autograder.run(RIGHT, place=Path("/nonexistent"))
    assert ended.code != 0
    assert ended.results["output"] == NOT_ENDED
    assert "score" not in ended.results
