"""All of it in a container like Gradescope's: its scripts as root, 768 MB and half a CPU. Minutes, when asked for.

AUTOGRADER_CONTAINER names a folder with build.sh and run.sh: `build.sh TAG FOLDER` and `run.sh OPTION... IMAGE COMMAND`
do what `docker build -t` and `docker run --rm` do.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, open_course
from autograder.namespace import reference_notebook
from autograder.packaging.archive import Package, made_zip

TOOLS = os.environ.get("AUTOGRADER_CONTAINER")
SMALLEST = ("--memory", "768m", "--memory-swap", "768m", "--cpus", "0.5")
DOCKERFILE = """FROM debian:bookworm-slim
COPY source /autograder/source
RUN cp /autograder/source/run_autograder /autograder/ && chmod +x /autograder/run_autograder
RUN bash /autograder/source/setup.sh
WORKDIR /autograder
"""
# What Gradescope's harness does around the script; then the peak of the container's memory, for the record
HARNESS = """
mkdir -p results && ./run_autograder >results/stdout 2>&1
echo "code $?"
cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes 2>/dev/null
cat results/stdout >&2
cat results/results.json
"""
HOSTILE = """
import os

hoard = []
try:
    while True:
        hoard.append(bytearray(16 * 2**20))
except MemoryError:
    print("NO MEMORY")
del hoard
for path in ("/autograder/source/course/tests/hidden/{slug}.py", "/autograder/submission_metadata.json"):
    try:
        print("GOT THROUGH", open(path).read())
    except OSError as error:
        print(type(error).__name__)
try:
    print("GOT THROUGH", open("/autograder/results/results.json", "w").write("{{}}"))
except OSError as error:
    print(type(error).__name__)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not TOOLS, reason="NO CONTAINER TEST: AUTOGRADER_CONTAINER names no folder with build.sh, run.sh"
    ),
]


@pytest.fixture(scope="module", params=["01_output_size", "03_convolution"])
def image(
    request: pytest.FixtureRequest, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    """The exercise's image, as Gradescope builds it from the zip."""
    slug, folder = request.param, tmp_path_factory.mktemp("build")
    with zipfile.ZipFile(io.BytesIO(made_zip(open_course(repository), Package(slug, "visible")))) as archive:
        archive.extractall(folder / "source")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    tag = f"gradescope-test:{slug[:2]}"
    subprocess.run([f"{TOOLS}/build.sh", tag, str(folder)], check=True, timeout=1800)
    return slug, tag


def run(tag: str, folder: Path, data: bytes) -> tuple[int, dict[str, Any], str]:
    """The script's exit code, results.json, and what staff read, with the peak of memory in MiB at its end."""
    (folder / "submission").mkdir()
    (folder / "submission" / "mine.ipynb").write_bytes(data)
    metadata = folder / "submission_metadata.json"
    metadata.write_text('{"users": [{"id": 7, "email": "ada@example.org", "name": "Ada"}]}')
    mounts = [f"-v={path}:/autograder/{path.name}" for path in (folder / "submission", metadata)]
    command = [f"{TOOLS}/run.sh", *SMALLEST, *mounts, tag, "bash", "-c", HARNESS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    found = re.match(r"code (\d+)\n(\d+)\n", done.stdout)
    assert found, done.stdout + done.stderr
    peak = int(found[2]) // 2**20
    return int(found[1]), json.loads(done.stdout[found.end() :]), f"{done.stderr}\npeak: {peak} MiB"


def with_cell(data: bytes, source: str) -> bytes:
    notebook = json.loads(data)
    notebook["cells"].append({**notebook["cells"][-1], "id": "more", "source": source})
    return json.dumps(notebook).encode()


def test_the_smallest_container_is_enough_also_for_a_hostile_notebook(
    image: tuple[str, str], repository: Path, tmp_path: Path
) -> None:
    slug, tag = image
    course: Course = open_course(repository)
    data = with_cell(reference_notebook(course.exercise(slug)), HOSTILE.format(slug=slug))
    code, results, staff = run(tag, tmp_path, data)
    print(staff)  # the tier and the peak, for whoever ran it with -s
    assert (code, results["score"]) == (0, course.config.exercise(slug).points), staff
    assert "NO MEMORY" in staff
    assert "GOT THROUGH" not in staff
    assert staff.count("PermissionError") == 3
