"""Faults of ours and of the machine: nothing is lost or graded twice, no zero by silence, a sentence to mend it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import WEAK, World, descendants, left_over, skip_without_a_sandbox
from .corpus.course import OTHER, SLUG, honest, instead, notebook
from .corpus.hostile import put

KILLS = 20
MOMENT = 1.5  # seconds of which any may be a run's last one
LEFT = 16  # submissions, which take longer than that at any speed: they nap, two at a time
STUDENTS = 24
NAP = "import time\ntime.sleep(0.2)"  # so that there is a middle to be caught in
FEW = 10
ONE = ("--jobs", 1)  # worker is enough for a few
MUCH_SECONDS = 300.0


@pytest.fixture(autouse=True)
def there_is_a_sandbox() -> None:
    """Nothing here can be tried without one."""
    skip_without_a_sandbox()


def napping(world: World, count: int = STUDENTS, *, first: int = 0) -> Path:
    """A class of honest students whose notebooks take a moment."""
    for number in range(first, count):
        put(world.places.submissions / f"student_{number:02d}" / f"{SLUG}.ipynb", notebook(*instead(NAP)))
    return world.places.submissions


def count(world: World, table: str = "reports") -> int:
    """How many rows the gradebook has; none where there is no gradebook yet."""
    path = world.places.results / "gradebook.db"
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as book:
            return int(book.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Until it holds, or the process is over."""
    deadline = time.monotonic() + MUCH_SECONDS
    while not condition():
        if process is not None and process.poll() is not None:
            return
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def check_sound(world: World, expected: int) -> None:
    """Each submission graded exactly once, the database sound, every file there and the same as the database."""
    results = world.places.results
    with closing(sqlite3.connect(results / "gradebook.db")) as book:
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = book.execute(
            "SELECT student, exercise, score, status, document FROM reports JOIN documents USING (student, exercise)"
        ).fetchall()
        assert book.execute("SELECT count(*) FROM past_reports").fetchone() == (0,), "graded twice"
        assert book.execute("SELECT count(*) FROM reports WHERE written = 0").fetchone() == (0,)
    assert len(rows) == expected
    assert {(row[2], row[3]) for row in rows} == {(10.0, "graded")}
    with (results / "scores.csv").open(encoding="utf-8", newline="") as file:
        assert {row["student"] for row in csv.DictReader(file)} == {row[0] for row in rows}
    for student, slug, _, _, document in rows:
        report = json.loads((results / "reports" / student / f"{slug}.json").read_text(encoding="utf-8"))
        report["run"]["outputs"] = None  # the database has them in a table of their own
        assert {key: report[key] for key in json.loads(document)} == json.loads(document)
        assert (results / "feedback" / student / f"{slug}.md").read_text(encoding="utf-8").endswith("\n")
    names = [path.name for path in results.rglob("*") if path.name.startswith(".") and path.name != ".lock"]
    assert names == [], "half-written files"


@pytest.fixture
def no_orphans() -> Iterator[None]:
    """After the test no process is left that was not there before."""
    before = descendants()
    yield
    assert left_over(before) == {}


# Faults of ours


def test_a_hidden_case_that_fails_on_some_answer_needs_review_and_is_no_zero_by_silence(world: World) -> None:
    hidden = world.places.course / "private tests/hidden" / f"{SLUG}.py"
    broken = "    table = {True: 1}\n    table[student.add(1, 2) == 3]\n"
    hidden.write_text(hidden.read_text().replace("    assert SECRET\n", "    assert SECRET\n" + broken))
    folder = world.places.submissions
    put(folder / "right" / f"{SLUG}.ipynb", honest())
    put(folder / "unlucky" / f"{SLUG}.ipynb", notebook(*instead(add="def add(a, b):\n    return a + b + (a == 1)\n")))
    outcome = world.grade(folder, "-o", world.places.results, *ONE)
    assert outcome.code == 1
    assert "unlucky, 01_numbers: error: a hidden case failed by itself: q1, random_sums" in outcome.out
    report = json.loads((world.places.results / "reports/unlucky" / f"{SLUG}.json").read_text())
    assert (report["needs_review"], report["status"]) == (True, "error")
    [case] = [case for case in report["questions"][0]["cases"] if case["verdict"] == "judge_error"]
    assert "KeyError: False" in case["message"]
    feedback = (world.places.results / "feedback/unlucky" / f"{SLUG}.md").read_text()
    assert "not final" in feedback
    assert "KeyError" not in feedback
    with (world.places.results / "scores.csv").open() as file:
        rows = {row["student"]: (row["status"], row["needs_review"]) for row in csv.DictReader(file)}
    assert rows == {"right": ("graded", "no"), "unlucky": ("error", "yes")}


def test_a_hidden_case_that_always_fails_stops_before_anybody_is_graded(world: World) -> None:
    hidden = world.places.course / "private tests/hidden" / f"{SLUG}.py"
    hidden.write_text(hidden.read_text().replace("    assert SECRET\n", "    {}[SECRET]\n"))
    outcome = world.grade(world.honest("submissions", 3), "-o", world.places.results, *ONE)
    assert outcome.code == 2
    assert "q1, case random_sums: the reference solution does not pass in this machine's sandbox" in outcome.err
    assert "-> `autograder doctor` shows what is missing" in outcome.err
    assert "Traceback" not in outcome.err.replace("the hidden case itself failed:\nTraceback", "")
    assert count(world) == 0


def test_a_missing_dependency_is_our_error_with_the_sentence_that_mends_it(world: World) -> None:
    config = world.places.course / "grading_config.yaml"
    config.write_text(config.read_text().replace(f"  {SLUG}:\n", f"  {SLUG}:\n    warm: [no_such_module]\n"))
    outcome = world.grade(world.honest("submissions", 3), "-o", world.places.results, *ONE)
    assert outcome.code == 2
    assert "this course needs no_such_module, which cannot be imported here" in outcome.err
    assert "pip install no_such_module" in outcome.err
    assert "Traceback" not in outcome.err
    assert count(world) == 0


# Ends in the middle


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261125])
def test_after_kill_9_at_random_moments_each_submission_is_graded_exactly_once(world: World, seed: int) -> None:
    chance = random.Random(seed)
    reports = [0] * (KILLS // 2) + [1, 1, 1, 1, 2] * (KILLS // 10)  # to wait for; with none, the clock alone decides
    chance.shuffle(reports)
    before = descendants()
    students = at_work = 0
    for number, wanted in enumerate(reports):
        done = count(world)
        folder = napping(world, done + LEFT, first=students)
        students = max(students, done + LEFT)
        how = ("--jobs", 2) if number % 2 else ("--jobs", 1, *WEAK)
        process = world.start(folder, "-o", world.places.results, *how, start_new_session=True)
        if wanted:
            wait_for(lambda target=done + wanted: count(world) >= target, process)  # type: ignore[misc]
        time.sleep(chance.uniform(0.0, 0.1 if wanted else MOMENT))
        process.kill()
        process.communicate(timeout=MUCH_SECONDS)
        assert process.returncode in (0, -signal.SIGKILL)
        at_work += process.returncode != 0 and done < count(world) < students
        assert left_over(before) == {}, "an orphan"
    assert at_work >= KILLS // 4
    outcome = world.grade(folder, "-o", world.places.results, "--jobs", 2)
    assert (outcome.code, outcome.err) == (0, "")
    outcome = world.grade(folder, "-o", world.places.results)
    assert (outcome.code, outcome.err) == (0, "")
    assert f"{students} submissions: 0 to grade, {students} graded already" in outcome.out
    check_sound(world, students)


@pytest.mark.usefixtures("no_orphans")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(world: World) -> None:
    folder = napping(world)
    process = world.start(folder, "-o", world.places.results, "--jobs", 2, start_new_session=True)
    wait_for(lambda: count(world) >= 3, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=MUCH_SECONDS)
    kept = count(world)
    assert (process.returncode, err) == (130, "")
    assert f"stopped: {kept} graded and kept, {STUDENTS - kept} left. The same command goes on from here." in out
    assert 3 <= kept < STUDENTS
    assert (world.places.results / "scores.csv").read_text().count("\n") == kept + 1
    outcome = world.grade(folder, "-o", world.places.results, "--jobs", 2)
    assert outcome.code == 0
    assert f"{STUDENTS} submissions: {STUDENTS - kept} to grade, {kept} graded already" in outcome.out
    check_sound(world, STUDENTS)


@pytest.mark.usefixtures("no_orphans")
def test_ctrl_c_before_the_first_submission_is_no_traceback(world: World) -> None:
    folder = napping(world)
    process = world.start(folder, "-o", world.places.results, start_new_session=True)
    zygote = "autograder.sandbox.zygote"
    wait_for(lambda: any(zygote in command for command in descendants(process.pid).values()), process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=MUCH_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.usefixtures("no_orphans")
def test_a_second_grader_on_the_same_results_is_refused_with_a_sentence(world: World) -> None:
    folder = napping(world, FEW)
    first = world.start(folder, "-o", world.places.results, "--jobs", 1)
    wait_for(lambda: count(world) >= 1, first)
    first.send_signal(signal.SIGSTOP)  # it holds the results, and does not end meanwhile
    second = world.grade(folder, "-o", world.places.results)
    first.send_signal(signal.SIGCONT)
    assert second.code == 2
    assert "another autograder is writing to" in second.err
    assert "-> wait for it, or choose another folder with -o" in second.err
    first.communicate(timeout=MUCH_SECONDS)
    assert first.returncode == 0
    check_sound(world, FEW)


@pytest.mark.usefixtures("no_orphans")
@pytest.mark.parametrize(("victim", "name"), [("worker", "spawn_main"), ("zygote", "autograder.sandbox.zygote")])
def test_a_process_of_ours_that_dies_costs_nobody_anything(world: World, victim: str, name: str) -> None:
    folder = napping(world, LEFT)
    process = world.start(folder, "-o", world.places.results, "--jobs", 2, *WEAK)
    wait_for(lambda: count(world) >= 2, process)
    os.kill(topmost(name, process.pid), signal.SIGKILL)
    _, err = process.communicate(timeout=MUCH_SECONDS)
    assert (process.returncode, err) == (0, ""), victim
    check_sound(world, LEFT)


def topmost(name: str, top: int) -> int:
    """A process of that name whose parent has another: a zygote, not a runner that was forked from it."""
    found = {pid for pid, command in descendants(top).items() if name in command}
    return max(pid for pid in found if parent(pid) not in found | {None})


def parent(pid: int) -> int | None:
    """None where it has ended meanwhile, as runners do."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


# Again


def test_the_same_command_again_grades_nothing_and_says_so(world: World) -> None:
    folder = world.honest("submissions", 4)
    first = world.grade(folder, "-o", world.places.results, *ONE)
    assert (first.code, first.err) == (0, "")
    assert "4 submissions to grade" in first.out
    table = (world.places.results / "scores.csv").read_bytes()
    second = world.grade(folder, "-o", world.places.results, *ONE)
    assert second.code == 0
    assert "4 submissions: 0 to grade, 4 graded already" in second.out
    assert (world.places.results / "scores.csv").read_bytes() == table
    check_sound(world, 4)


def test_only_what_changed_is_graded_again(world: World) -> None:
    folder = world.honest("submissions", 3)
    put(folder / "student_00" / f"{OTHER}.ipynb", honest(OTHER))
    world.grade(folder, "-o", world.places.results, *ONE)
    before = graded_at(world)
    hidden = world.places.course / "private tests/hidden" / f"{OTHER}.py"
    hidden.write_text(hidden.read_text() + "\n# changed\n")
    put(folder / "student_02" / f"{SLUG}.ipynb", honest(remark="handed in again"))
    outcome = world.grade(folder, "-o", world.places.results, *ONE)
    assert "4 submissions: 2 to grade, 2 graded already" in outcome.out
    changed = {whose for whose, when in graded_at(world).items() if when != before[whose]}
    assert changed == {("student_00", OTHER), ("student_02", SLUG)}


def graded_at(world: World) -> dict[tuple[str, str], str]:
    with (world.places.results / "scores.csv").open() as file:
        return {(row["student"], row["exercise"]): row["graded_at"] for row in csv.DictReader(file)}


def test_regrading_prints_who_changed_from_what_to_what(world: World) -> None:
    folder = world.honest("submissions", 2)
    joins_only = "def add(a, b):\n    return a + b if isinstance(a, str) else a - b\n"
    put(folder / "[red]subtracts" / f"{SLUG}.ipynb", notebook(*instead(add=joins_only)))
    world.grade(folder, "-o", world.places.results, *ONE)
    hidden = world.places.course / "private tests/hidden" / f"{SLUG}.py"
    hidden.write_text(hidden.read_text().replace("expect.equal(student.add(a, b), a + b)", "student.add(a, b)"))
    changed = world.grade(folder, "-o", world.places.results, *ONE, "--regrade")
    assert "3 submissions to grade" in changed.out
    assert "[red]subtracts, 01_numbers: 8 -> 10 of 10" in changed.out
    assert sum("->" in line for line in changed.out.splitlines()) == 1
    assert count(world, "past_reports") == 3


# No place to write


def occupied(world: World, name: str) -> Path:
    """A results folder where something is in the way."""
    put(world.places.results / name, b"in the way")
    return world.places.results


@pytest.mark.parametrize(
    ("what", "make"),
    [
        ("a folder that cannot be made", lambda world: Path("/proc/results")),
        ("a file", lambda world: occupied(world, "file") / "file"),
        ("a database that is none", lambda world: occupied(world, "gradebook.db")),
        ("a folder where the database should be", lambda world: occupied(world, "gradebook.db/x")),
        ("a file where reports should be", lambda world: occupied(world, "reports")),
        ("a folder where the table should be", lambda world: occupied(world, "scores.csv/x")),
    ],
)
def test_results_that_cannot_be_written_are_a_sentence(world: World, what: str, make: Callable[[World], Path]) -> None:
    outcome = world.grade(world.honest("submissions", 2), "-o", make(world), *ONE)
    assert outcome.code == 2, what
    assert outcome.err.startswith("error: ")
    assert "\n    -> " in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.usefixtures("no_orphans")
def test_a_full_disk_is_a_sentence_and_what_was_kept_stays(world: World) -> None:
    folder = napping(world, FEW)
    process = world.start(folder, "-o", world.places.results, *ONE)
    wait_for(lambda: count(world) >= 2, process)
    size = 4096  # no file of the command's grows beyond it from now on, as on a full disk
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
    _, err = process.communicate(timeout=MUCH_SECONDS)
    kept = count(world)
    assert process.returncode == 2
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert kept >= 2
    outcome = world.grade(folder, "-o", world.places.results, "--jobs", 2)
    assert (outcome.code, outcome.err) == (0, "")
    check_sound(world, FEW)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no such folder"], "no such folder does not exist"),
        (["course"], "no notebook (.ipynb) in course"),
        (["submissions", "--exercise", "03_nothing"], "there is no exercise '03_nothing'"),
        (["submissions", "--students", "nobody.csv"], "nobody.csv: cannot be read"),
    ],
)
def test_wrong_usage_is_a_sentence_and_grades_nothing(world: World, arguments: list[str], sentence: str) -> None:
    world.honest("submissions", 1)
    outcome = world.grade(*arguments, "-o", world.places.results, *ONE)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert not world.places.results.exists()
