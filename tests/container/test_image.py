"""The image does what docs/container.md says: it grades as outside, writes nowhere else, and says what is wrong."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import open_course
from autograder.fingerprint import engine_fingerprint
from autograder.samples import sample_class, write_class
from tests.hostile.conftest import make_world
from tests.hostile.corpus import CORPUS
from tests.hostile.corpus.course import OTHER, SLUG, honest
from tests.hostile.corpus.hostile import put

from .conftest import CLOSED, Image

MakeFolder = Callable[..., Path]
SLUGS = ("01_output_size", "02_parameters", "03_convolution")
ANYBODY = 4242  # a user id that the image does not know
SIZE = 12
TO_LOOK_AT = 1
HOSTILE = (
    "crashes_python_in_a_call",
    "takes_memory_bit_by_bit",
    "answers_before_it_is_asked",
    "forges_frames_on_every_descriptor",
    "fills_the_disk",
    "is_cut_off",
    "has_a_formula_for_a_name",
)


def rows(results: Path) -> list[dict[str, str]]:
    """The scores, without when and in which tier."""
    with (results / "scores.csv").open(encoding="utf-8", newline="") as file:
        found = [dict(row) for row in csv.DictReader(file)]
    for row in found:
        del row["graded_at"], row["tier"]
    return found


def verdicts(results: Path) -> list[tuple[Any, ...]]:
    """What decided each case."""
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("reports/*/*.json"))]
    return [
        (report["student"], case["case"], case["verdict"], case["earned"])
        for report in reports
        for question in report["questions"]
        for case in question["cases"]
    ]


def mounted(submissions: Path, results: Path) -> tuple[str, ...]:
    """The two volumes of the documented line."""
    return ("-v", f"{submissions}:/submissions:ro", "-v", f"{results}:/results")


@dataclass(frozen=True, slots=True)
class Class:
    """A class of this course, graded once inside, by a user id that nobody knows there."""

    submissions: Path
    results: Path
    said: str


@pytest.fixture(scope="module")
def graded(image: Image, make_folder: MakeFolder, repository: Path) -> Class:
    submissions, results = make_folder("submissions"), make_folder("results", owner=ANYBODY)
    samples = sample_class(open_course(repository), SLUGS, SIZE)
    write_class([sample for sample in samples if sample.student != "hostile_loops_forever"], submissions)
    ended = image.run(options=(*mounted(submissions, results), "--user", f"{ANYBODY}:{ANYBODY}"))
    assert (ended.code, ended.err) == (TO_LOOK_AT, ""), ended
    return Class(submissions, results, ended.out)


def test_without_arguments_it_prints_help_and_the_line_that_grades(image: Image, repository: Path) -> None:
    ended = image.run(closed=False)
    assert (ended.code, ended.err) == (0, "")
    assert "Usage: autograder" in ended.out
    shown = shlex.split(ended.out[ended.out.index("docker run") : ended.out.index("-v ")].replace("\\\n", " "))
    assert shown == ["docker", "run", "--rm", *CLOSED, "--user", "$(id -u):$(id -g)"]
    assert " ".join(shown[2:-2]) in re.sub(r"\s*\\\n\s*", " ", (repository / "docs/container.md").read_text())


def test_the_doctor_passes_and_names_the_tier_and_the_containers_walls(image: Image) -> None:
    ended = image.run("doctor")
    assert (ended.code, ended.err) == (0, ""), ended
    line = re.search(r"^sandbox: (inner|full) \((.*?)\)", ended.out, re.M)
    assert line, ended.out
    walls = {"Landlock", "seccomp", "no root", "container", "no network", "read-only root", "no capabilities"}
    assert walls | {"no new privileges", "memory limit", "process limit"} <= set(line[2].split(", "))
    for there in ("torch", "course", "Fashion-MNIST"):
        assert re.search(rf"✓ {there}", ended.out)


def test_where_bubblewrap_is_allowed_the_tier_is_full_and_walls_left_out_are_named(image: Image) -> None:
    ended = image.run("doctor", closed=False, options=("--security-opt", "unmask=ALL", "--network", "host"))
    if ended.code == 125:
        pytest.skip("NO FULL TIER IN A CONTAINER HERE: only podman knows unmask=ALL")
    assert re.search(r"^sandbox: full \(bubblewrap, Landlock, seccomp, no root, disk quota, ", ended.out, re.M), ended
    for option in ("--network none", "--read-only", "--cap-drop ALL", "no-new-privileges"):
        assert option in ended.out


def test_a_class_gets_the_same_scores_as_outside(graded: Class, make_folder: MakeFolder, repository: Path) -> None:
    outside = make_folder("outside")
    command = [sys.executable, "-m", "autograder", "grade", graded.submissions, "-o", outside, "--allow-weak-sandbox"]
    ended = subprocess.run(command, cwd=repository, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == TO_LOOK_AT, ended
    assert rows(graded.results) == rows(outside)
    assert verdicts(graded.results) == verdicts(outside)
    assert {row["percent"] for row in rows(outside)} > {"100.00", "0.00"}


def test_it_is_the_same_engine_as_outside_so_that_no_result_becomes_stale(image: Image) -> None:
    inside = image.python("from autograder.fingerprint import engine_fingerprint; print(engine_fingerprint())")
    assert inside.out.strip() == engine_fingerprint()


def test_results_belong_to_whoever_asked(graded: Class) -> None:
    owners = {path.stat().st_uid for path in graded.results.rglob("*")}
    assert owners == {ANYBODY}
    assert (graded.results / "gradebook.db").is_file()
    assert (graded.results / "site" / "index.html").is_file()
    assert "sandbox: inner (" in graded.said or "sandbox: full (" in graded.said


def test_the_same_line_again_grades_nothing_and_commands_read_the_results(image: Image, graded: Class) -> None:
    options = (*mounted(graded.submissions, graded.results), "--user", f"{ANYBODY}:{ANYBODY}")
    again = image.run(options=options)
    assert again.code == TO_LOOK_AT
    assert ": 0 to grade" in again.out
    exported = image.run("export", "/results", "--format", "csv", "-o", "/results/all.csv", options=options)
    assert exported.code == TO_LOOK_AT, exported  # of the empty file there are no final points
    assert "not final: broken_empty_file" in exported.out
    assert (graded.results / "all.csv").stat().st_uid == ANYBODY


def test_another_course_can_be_mounted_and_hostile_notebooks_get_what_they_get_outside(
    image: Image, make_folder: MakeFolder
) -> None:
    with make_world() as world:
        folder = world.places.submissions
        put(folder / "honest" / f"{SLUG}.ipynb", honest())
        put(folder / "honest" / f"{OTHER}.ipynb", honest(OTHER))
        for case in CORPUS:
            if case.name in HOSTILE:
                case.write(folder, world.places)
        outside = world.grade(folder, "-o", world.places.results, "--no-wall", "--allow-weak-sandbox")
        assert outside.code == TO_LOOK_AT
        results = make_folder("hostile", owner=1000)
        course = ("-v", f"{world.places.course}:/course:ro")
        inside = image.run(options=(*mounted(folder, results), *course))
        assert (inside.code, inside.err) == (TO_LOOK_AT, ""), inside
        assert rows(results) == rows(world.places.results)
        assert verdicts(results) == verdicts(world.places.results)
        assert len(rows(results)) == len(HOSTILE) + 2


WRITABLE = """
import os, tempfile
for folder, _, _ in os.walk("/"):
    if folder.startswith(("/proc", "/sys")):
        continue
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        continue
    mounts = [line.split() for line in open("/proc/mounts")]
    above = [words for words in mounts if (folder + "/").startswith(words[1].rstrip("/") + "/")]
    print(folder, max(above, key=lambda words: len(words[1]))[2])
"""


def test_nothing_is_writable_but_the_results_and_what_is_in_memory_and_gone_afterwards(
    image: Image, make_folder: MakeFolder
) -> None:
    results = make_folder("written", owner=1000)
    ended = image.python(WRITABLE, options=mounted(results, results))
    found = dict(line.split() for line in ended.out.splitlines())
    assert {"/results", "/tmp"} <= set(found)
    assert {folder for folder, kind in found.items() if kind not in ("tmpfs", "mqueue")} == {"/results"}
    assert set(found) <= {"/results", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"}, found


def test_of_the_image_itself_its_user_can_write_nothing_even_where_the_root_is_not_read_only(image: Image) -> None:
    ended = image.python(WRITABLE, closed=False)
    assert {line.split()[0] for line in ended.out.splitlines()} <= {
        "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/dev",
    }  # fmt: skip


CONNECT = "import socket; socket.create_connection(('127.0.0.1', {port}), 5).close(); print('through')"


def test_the_network_is_gone(image: Image) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = CONNECT.format(port=server.getsockname()[1])
        assert image.python(code, closed=False, options=("--network", "host")).out == "through\n"
        refused = image.python(code)
        assert (refused.out, "Error" in refused.err) == ("", True)
    routes = image.python("print(len(open('/proc/net/route').readlines()))")
    assert routes.out == "1\n"  # the heading


def test_results_that_the_user_cannot_write_are_refused_before_anything_is_graded(
    image: Image, make_folder: MakeFolder
) -> None:
    submissions, results = make_folder("some"), make_folder("closed")
    results.chmod(0o755)
    ended = image.run(options=(*mounted(submissions, results), "--user", f"{ANYBODY}:{ANYBODY}"))
    assert (ended.code, ended.out) == (2, "")
    assert f"/results cannot be written by uid {ANYBODY}, gid {ANYBODY}" in ended.err
    assert f'--user "$(id -u):$(id -g)"; it belongs to uid {os.getuid()}' in ended.err


def test_as_root_without_capabilities_it_refuses_and_names_the_option(image: Image) -> None:
    ended = image.run("grade", "/course/exercises", "-o", "/tmp/results", options=("--user", "0:0"))
    assert ended.code == 2
    assert "no root: root cannot become another user here -> --user 1000" in ended.err
    assert "Start the container otherwise" in ended.err
