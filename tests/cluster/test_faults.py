"""What may happen to a cluster: nothing is lost, nothing graded twice, and no fault of ours is a student's zero."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

import autograder
from autograder.cluster.loop import running_loop
from autograder.cluster.station import COURSE
from autograder.errors import GraderError
from autograder.fingerprint import engine_fingerprint

from .conftest import SECONDS, SLOW, SLUG, WRONG, Class, Machines, client_of, until

CHILDREN = "len(__import__('multiprocessing').active_children())"
READ_ONLY = "for d in /tmp /var/tmp; do mount --bind $d $d && mount -o remount,ro,bind $d; done"

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """Do it while the block runs; what it raises fails the test."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if raised:
            raise raised[0]


def kill_a_busy_worker(client: Client) -> None:
    """One that is grading now."""
    pids = client.run(os.getpid)
    found: list[str] = []
    until(lambda: found.extend(a for a, keys in client.processing().items() if keys) or found, "a busy worker")
    time.sleep(1)  # it has begun
    os.kill(pids[found[0]], signal.SIGKILL)


def fingerprint_in(folder: Path) -> str:
    """The engine's, of the package that lies there."""
    code = "from autograder.fingerprint import engine_fingerprint; print(engine_fingerprint())"
    environment = os.environ | {"PYTHONPATH": str(folder)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, check=True)
    return run.stdout.decode().strip()


class TestWorkers:
    def test_one_that_is_killed_in_the_middle_of_a_submission_costs_nobody_anything(self, class_: Class) -> None:
        students = {f"s{number}": 10.0 for number in range(6)}
        for student in students:
            class_.submit(student, first=SLOW)
        class_.submit("wrong", first=SLOW, last=WRONG)
        options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
        settings = {"distributed.worker.daemon": False, "distributed.comm.timeouts.connect": f"{SECONDS} s"}
        with (
            dask.config.set(settings),
            LocalCluster(loop=running_loop(), processes=True, env={COURSE: str(class_.course)}, **options) as cluster,
        ):
            address = cluster.scheduler_address
            with client_of(address) as client, meanwhile(lambda: kill_a_busy_worker(client)):
                _, out = class_.grade(address)
        class_.check_each_once(students | {"wrong": 0.0})
        assert "is gone" in out

    def test_one_of_another_engine_is_told_which_and_the_others_go_on(self, class_: Class, machines: Machines) -> None:
        package = Path(autograder.__file__).parent
        other = machines.folder / "other" / "autograder"
        shutil.copytree(package, other, ignore=shutil.ignore_patterns("__pycache__"))
        assert fingerprint_in(other.parent) == engine_fingerprint(), "a copy is the same engine"
        (other / "judge.py").write_text((other / "judge.py").read_text() + "\n# edited\n")
        class_.submit("alice")
        machines.scheduler()
        machines.worker("other", PYTHONPATH=str(other.parent))
        with pytest.raises(GraderError, match=r"no worker takes part.*autograder itself \(.* there, .* here, edited\)"):
            class_.grade(machines.address)
        machines.worker("right")
        (stranger,) = [address for address, name in machines.until_joined(2).items() if name == "other"]
        code, out = class_.grade(machines.address)
        assert code == 0
        assert f"worker {stranger} takes no part: it has others than this command: autograder itself" in out
        assert "the same image, or --course DIR" in out
        class_.check_each_once({"alice": 10.0})

    def test_one_whose_disk_is_full_leaves_and_the_others_grade_what_it_could_not(
        self, class_: Class, machines: Machines
    ) -> None:
        if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
            pytest.skip("no mount namespace can be made here")
        students = {f"s{number}": 10.0 for number in range(5)}
        for student in students:
            class_.submit(student, first=SLOW)
        machines.scheduler()
        small = Path(tempfile.mkdtemp(prefix="small-"))  # sockets in it need a short name
        # a small disk, and no other place to write to, such as Python looks for one
        mounted = f'{READ_ONLY} && mount -t tmpfs -o nr_inodes=60 tmpfs {small} && exec "$@"'
        worker = [sys.executable, "-m", "autograder", "worker", machines.address, "--jobs", "1"]
        command = ["unshare", "-m", "sh", "-c", mounted, "sh", *worker, "--course", str(machines.course)]
        full = machines.start_command("full", command, TMPDIR=str(small))
        machines.until_joined()
        ended = threading.Event()

        def fill() -> None:
            until(class_.rows, "a first result")
            machines.worker("other")
            inside = Path(f"/proc/{full.pid}/root{small}")
            for number in itertools.count():  # also what is freed meanwhile
                if ended.wait(0.001):
                    return
                with contextlib.suppress(OSError):
                    (inside / f"x{number}").write_bytes(b"")

        with meanwhile(fill):
            try:
                code, out = class_.grade(machines.address, use_wall=False)
            finally:
                ended.set()
        small.rmdir()
        assert code == 0
        assert "leaves the cluster: a grader cannot be started" in out
        assert "No usable temporary directory" in out
        class_.check_each_once(students)

    def test_where_the_reference_fails_another_is_asked_and_where_all_fail_the_command_says_why_and_all_stay(
        self, class_: Class, machines: Machines, course_dir: Path
    ) -> None:
        class_.course = machines.course = course_dir  # the shared one is not to be changed
        hidden = course_dir / "tests" / "hidden" / f"{SLUG}.py"
        hidden.write_text(f"import os\nif os.environ.get('SICK'):\n    raise OSError('sick')\n{hidden.read_text()}")
        students = {f"s{number}": 10.0 for number in range(4)}
        for student in students:
            class_.submit(student)
        machines.scheduler()
        sick = machines.worker("sick", SICK="1")
        with pytest.raises(GraderError, match="sick"):
            class_.grade(machines.address)
        assert class_.rows() == []
        machines.worker("well")
        machines.until_joined(2)
        code, out = class_.grade(machines.address)
        assert code == 0
        assert "is not asked any more" in out
        class_.check_each_once(students)
        assert sick.poll() is None


class TestTheScheduler:
    def test_when_it_is_killed_and_comes_back_the_command_goes_on(self, class_: Class, machines: Machines) -> None:
        students = {f"s{number}": 10.0 for number in range(4)}
        for student in students:
            class_.submit(student, first=SLOW)
        first = machines.scheduler()
        machines.worker("before")

        def kill() -> None:
            until(class_.rows, "a first result")
            first.kill()
            first.wait()
            machines.scheduler()
            machines.worker("after")

        with meanwhile(kill):
            code, out = class_.grade(machines.address)
        assert code == 0
        assert f"joined {machines.address} again" in out
        class_.check_each_once(students)

    @pytest.mark.exhaustive
    def test_when_it_stays_away_what_is_graded_is_kept_and_the_next_command_grades_the_rest(
        self, class_: Class, machines: Machines
    ) -> None:
        students = {f"s{number}": 10.0 for number in range(4)}
        for student in students:
            class_.submit(student, first=SLOW)
        first = machines.scheduler()
        machines.worker("before")

        def kill() -> None:
            until(class_.rows, "a first result")
            first.kill()

        with meanwhile(kill), pytest.raises(GraderError, match=r"(?s)no scheduler answers at .*What is graded is kept"):
            class_.grade(machines.address, again_seconds=2.0)
        kept = class_.rows()
        assert 0 < len(kept) < 4
        code, out = class_.grade()  # on this machine
        assert code == 0
        assert f"4 submissions: {4 - len(kept)} to grade" in out
        class_.check_each_once(students)


def test_ctrl_c_keeps_what_is_done_and_calls_the_rest_off(class_: Class, machines: Machines) -> None:
    students = {f"s{number}": 10.0 for number in range(5)}
    for student in students:
        class_.submit(student, first=SLOW)
    machines.scheduler()
    machines.worker("one")
    machines.until_joined()
    command = ("autograder", "grade", str(class_.folder / "class"), "--course", str(class_.course))
    command += ("-o", str(class_.results), "--cluster", machines.address, "--allow-weak-sandbox", "--device", "cpu")
    process = machines.start("command", *command)
    until(class_.rows, "a first result")
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 130
    kept = len(class_.rows())
    assert 0 < kept < 5
    assert f"stopped: {kept} graded and kept, {5 - kept} left" in machines.log("command")
    with client_of(machines.address) as client:
        until(lambda: not any(client.processing().values()), "nothing is under way any more")
        # the command waits for this for a few seconds only
        until(lambda: set(client.run(eval, CHILDREN).values()) == {0}, "no grader is left")
    assert class_.grade(machines.address)[0] == 0
    class_.check_each_once(students)
