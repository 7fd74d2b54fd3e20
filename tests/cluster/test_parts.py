"""The parts of a cluster's worker and command, each by itself."""

from __future__ import annotations

import asyncio
import itertools
import os
import pickle
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client, KilledWorker
from distributed.comm.core import CommClosedError

from autograder.batch import grade_task
from autograder.cluster.claims import alone, claim, claim_slot
from autograder.cluster.executor import ClusterExecutor, _translated
from autograder.cluster.joining import Cluster
from autograder.cluster.loop import running_loop
from autograder.cluster.members import Members
from autograder.cluster.order import Order, departures
from autograder.cluster.plugin import GraderPlugin
from autograder.cluster.reaching import reach
from autograder.cluster.station import COURSE, Station, Unfit
from autograder.cluster.worker import WorkerWish, command, environment, work
from autograder.course import open_course
from autograder.errors import GraderError, WorkerFault
from autograder.fingerprint import engine_fingerprint, exercise_parts
from autograder.sandbox.tier import MissingLayer, Tier
from autograder.task import Plan, Task

from .conftest import SECONDS, SLUG, Class, Machines, free_port

PARTS = {"01_demo": {"engine": "e", "cases": "c", "data": "d"}, "02_more": {"engine": "e", "cases": "c2", "data": "d"}}
WEAK = Tier("weak", (), (MissingLayer("seccomp", "this is a test"),))


def order(parts: Any = PARTS, **changes: Any) -> Order:
    return replace(Order("cpu", "inner", True, True, "1.0", parts), **changes)


class TestOrders:
    def test_two_runs_have_two_names(self) -> None:
        assert order().name != order().name

    def test_a_gpu_is_asked_for_where_the_device_is_one(self) -> None:
        assert order(name="x").resources == {"x": 1}
        assert order(name="x", device="cuda").resources == {"x": 1, "GPU": 1}

    def test_what_fits_departs_in_nothing(self) -> None:
        assert list(departures(order(), "1.0", PARTS)) == []

    def test_what_a_worker_has_otherwise_is_said_by_its_name(self) -> None:
        mine = {slug: parts | {"engine": "other"} for slug, parts in PARTS.items()}
        assert list(departures(order(), "1.1", mine)) == ["autograder itself (1.1 there, 1.0 here)"]
        assert list(departures(order(), "1.0", mine)) == ["autograder itself (1.0 there, 1.0 here, edited)"]
        mine = PARTS | {"02_more": {**PARTS["02_more"], "cases": "other", "data": "other"}}
        assert list(departures(order(), "1.0", mine)) == ["the hidden cases of 02_more", "the data of 02_more"]

    def test_an_exercise_that_it_does_not_have_is_all_otherwise(self) -> None:
        assert "the hidden cases of 02_more" in list(departures(order(), "1.0", {"01_demo": PARTS["01_demo"]}))

    def test_no_path_of_the_commands_machine_crosses(self, scaffolded: Path) -> None:
        course = open_course(scaffolded)
        parts = {SLUG: exercise_parts(course, SLUG, engine_fingerprint())}
        crossing = pickle.dumps(order(parts)) + pickle.dumps(Task(SLUG, b"{}", None, ("w.npz", b""), "alice"))
        assert str(scaffolded).encode() not in crossing
        assert not any("Path" in str(one.type) for one in (*fields(Order), *fields(Task)))


class TestClaims:
    def test_what_one_process_has_another_does_not_get(self) -> None:
        name = f"test-{os.getpid()}"
        code = "import sys; from autograder.cluster.claims import claim; sys.exit(claim(sys.argv[1]) is not None)"
        with claim(name):  # type: ignore[union-attr]
            assert claim(name) is None
            assert subprocess.run([sys.executable, "-c", code, name], check=False).returncode == 0
        with alone(name):
            assert claim(name) is None
        assert subprocess.run([sys.executable, "-c", code, name], check=False).returncode == 1

    def test_slots_are_different_ones(self) -> None:
        taken = [claim_slot() for _ in range(3)]
        assert len({slot for slot, _ in taken}) == 3
        for _, held in taken:
            held.close()


class TestMembers:
    def heard(self) -> tuple[Members, list[str]]:
        lines: list[str] = []
        members = Members(lines.append)
        members.hear((0.0, {"what": "ready", "worker": "tcp://a", "seats": 2, "sandbox": "sandbox: full"}))
        members.hear((0.0, {"what": "ready", "worker": "tcp://b", "seats": 3, "sandbox": "sandbox: inner"}))
        members.hear((0.0, {"what": "refused", "worker": "tcp://c", "why": "another engine\n    -> mend it"}))
        return members, lines

    def test_who_takes_part_is_said_once_together_and_then_each(self) -> None:
        members, lines = self.heard()
        members.introduce()
        assert lines == [
            "worker tcp://c takes no part: another engine\n    -> mend it",
            "cluster: 2 workers, 5 submissions at a time",
            "  1 with sandbox: full",
            "  1 with sandbox: inner",
        ]
        members.hear((0.0, {"what": "ready", "worker": "tcp://d", "seats": 1, "sandbox": "sandbox: full"}))
        assert lines[-1] == "worker tcp://d takes part: 1 at a time, sandbox: full"
        assert members.seats == 6

    def test_who_goes_away_or_fails_takes_no_part_any_more(self) -> None:
        members, lines = self.heard()
        members.see(["tcp://b", "tcp://c"])
        assert lines[-1] == "worker tcp://a is gone"
        members.hear((0.0, {"what": "unfit", "worker": "tcp://b", "why": "No space left on device"}))
        assert lines[-1] == "worker tcp://b leaves the cluster: No space left on device"
        assert members.seats == 0
        assert "No space left on device (1 x)" in members.why_none()

    def test_one_that_stands_aside_is_said_once_and_the_others_are_named(self) -> None:
        members, lines = self.heard()
        assert members.those_left() is None
        for _ in range(2):
            members.leave("tcp://a", "torch is missing")
        assert lines.count("worker tcp://a is not asked any more: torch is missing") == 1
        assert members.those_left() == ["tcp://b"]

    def test_what_is_heard_twice_is_said_once_and_what_is_said_again_counts(self) -> None:
        members, lines = self.heard()
        members.hear((0.0, {"what": "refused", "worker": "tcp://c", "why": "another engine\n    -> mend it"}))
        assert len(lines) == 1
        members.see(["tcp://a"])
        members.hear((0.0, {"what": "ready", "worker": "tcp://b", "seats": 3, "sandbox": "sandbox: inner"}))
        assert list(members.ready) == ["tcp://a"]
        members.hear((1.0, {"what": "ready", "worker": "tcp://b", "seats": 3, "sandbox": "sandbox: inner"}))
        assert list(members.ready) == ["tcp://a", "tcp://b"]


class LateToListen:
    """Stands in for Dask's client whose wish to listen came to the scheduler after all was said."""

    status = "running"
    scheduler = SimpleNamespace(address="tcp://s")

    def __init__(self, *said: dict[str, Any]) -> None:
        self.said = said

    def get_executor(self, **_: Any) -> Any:
        return SimpleNamespace(shutdown=lambda wait: None)

    def subscribe_topic(self, *_: Any) -> None: ...

    def register_plugin(self, *_: Any) -> None: ...

    def close(self, **_: Any) -> None: ...

    def get_events(self, _topic: str) -> list[tuple[float, dict[str, Any]]]:
        return [(float(number), said) for number, said in enumerate(self.said)]

    def ncores(self) -> dict[str, int]:
        return dict.fromkeys((said["worker"] for said in self.said), 1)

    processing = ncores


class TestGathering:
    def test_what_was_said_before_the_scheduler_knew_that_we_listen_is_heard_too(self) -> None:
        ready = {"what": "ready", "worker": "tcp://a", "seats": 2, "sandbox": "sandbox: full"}
        refused = {"what": "refused", "worker": "tcp://b", "why": "another engine"}
        lines: list[str] = []
        client: Any = LateToListen(ready, refused)
        hours = itertools.count(0.0, 3600.0)  # each look at the clock is an hour later: nothing is waited for
        executor = ClusterExecutor(client, order(), lines.append, clock=lambda: next(hours))
        executor.shutdown()
        assert lines[:2] == [
            "worker tcp://b takes no part: another engine",
            "cluster: 1 worker, 2 submissions at a time",
        ]
        client = LateToListen(refused)
        with pytest.raises(GraderError, match="no worker takes part: another engine"):
            ClusterExecutor(client, order(), lines.append, clock=lambda: next(hours))


class TestWhatDaskRaises:
    def test_is_a_fault_of_workers(self) -> None:
        class Last:
            address = "tcp://last"

        died = _translated(KilledWorker("key", Last(), 3))  # type: ignore[arg-type]
        assert isinstance(died, WorkerFault)
        assert "4 workers died on it, the last was tcp://last" in str(died)
        assert isinstance(_translated(CommClosedError("x")), WorkerFault)

    def test_what_is_no_business_of_its_stays(self) -> None:
        error = ZeroDivisionError()
        assert _translated(error) is error
        assert _translated(None) is None


def die(task: Task) -> Any:
    os._exit(9)


class TestStations:
    @pytest.fixture
    def here(self, scaffolded: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
        monkeypatch.setenv(COURSE, str(scaffolded))
        return {SLUG: exercise_parts(open_course(scaffolded), SLUG, engine_fingerprint())}

    def test_another_course_is_refused(self, here: Any) -> None:
        other = {SLUG: here[SLUG] | {"cases": "other"}}
        with pytest.raises(GraderError, match=rf"others than this command: the hidden cases of {SLUG}\n    -> give it"):
            Station.open(order(other), 1)

    def test_a_weaker_sandbox_than_the_command_wants_is_refused(self, here: Any) -> None:
        asked: dict[str, Any] = {}

        def find(**wanted: Any) -> Tier:
            asked.update(wanted)
            raise GraderError("the sandbox here is 'weak'")

        with pytest.raises(GraderError, match="is 'weak'"):
            Station.open(order(here, required="full", allow_weak=False), 1, find)
        assert (asked["required"], asked["allow_weak"]) == ("full", False)

    @pytest.mark.slow
    def test_a_grader_that_dies_is_one_fault_and_the_next_is_graded_with_the_workers_own_tier(self, here: Any) -> None:
        station = Station.open(order(here), 1, lambda **_: WEAK)
        try:
            with pytest.raises(WorkerFault, match="BrokenProcessPool"):
                station.grade(die, Task(SLUG, b"{}"))
            report = station.grade(grade_task, Task(SLUG, b"", "is empty"))
            assert (report.setting.tier, report.setting.missing_layers) == ("weak", ("seccomp",))
            station.rest()
            assert station.grade(grade_task, Task(SLUG, b"", "is empty")).note == "is empty"
        finally:
            station.close()

    @pytest.mark.slow
    def test_one_that_cannot_start_a_grader_is_unfit(self, tmp_path: Path) -> None:
        station = Station(Plan(tmp_path, WEAK, "cpu"), 1)
        try:
            with pytest.raises(Unfit, match="a grader cannot be started"):
                station.grade(grade_task, Task(SLUG, b"{}"))
        finally:
            station.close()

    @pytest.mark.slow
    def test_a_reference_that_fails_is_no_fault_of_its_machine(self, course_dir: Path) -> None:
        hidden = course_dir / "tests" / "hidden" / f"{SLUG}.py"
        hidden.write_text(hidden.read_text() + "\nraise OSError('of the course')\n")
        station = Station(Plan(course_dir, WEAK, "cpu"), 1)
        try:
            with pytest.raises(GraderError, match="of the course") as raised:
                station.grade(grade_task, Task(SLUG, b"{}"))
            assert not isinstance(raised.value, Unfit)
        finally:
            station.close()


class TestTheWorkersCommand:
    def wish(self, course: Path | None, **changes: Any) -> WorkerWish:
        return replace(WorkerWish("tcp://10.0.0.1:8786", course, 3, 0, None, ""), **changes)

    def test_it_is_dasks_with_as_many_threads_as_jobs(self, scaffolded: Path) -> None:
        made = command(self.wish(scaffolded, gpus=2, name="n"))
        assert made[1:4] == ["-m", "distributed.cli.dask_worker", "tcp://10.0.0.1:8786"]
        assert made[made.index("--nthreads") + 1] == "3"
        assert made[made.index("--resources") + 1] == "GPU=2"
        assert made[made.index("--name") + 1] == "n"

    def test_the_course_is_the_workers_own(self, scaffolded: Path, tmp_path: Path) -> None:
        made = environment(self.wish(scaffolded), {"A": "b"})
        assert made == {"A": "b", COURSE: str(scaffolded), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
        assert environment(self.wish(None), {COURSE: str(scaffolded)})[COURSE] == str(scaffolded)
        with pytest.raises(GraderError, match="is not a course"):
            environment(self.wish(tmp_path), {})

    def test_certificates_that_are_not_there_are_named(self, scaffolded: Path, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").touch()
        with pytest.raises(GraderError, match=r"cert.pem is not there\n    -> --tls needs a folder"):
            command(self.wish(scaffolded, tls=tmp_path))


class TestJoining:
    def test_nobody_at_the_address_is_a_sentence(self, class_: Class) -> None:
        class_.submit("alice")
        address = f"tcp://127.0.0.1:{free_port()}"
        lines: list[str] = []
        cluster = Cluster(address, lines.append, connect_seconds=0.5)
        with pytest.raises(GraderError, match=rf"no scheduler answers at {address} \(.*\)\n    -> is `dask scheduler`"):
            cluster.device("cpu")
        with pytest.raises(GraderError, match=r"'nonsense:x' is no scheduler's address\n    -> tcp://"):
            Cluster("nonsense:x", lines.append, connect_seconds=0.5).device("cpu")
        assert not class_.results.exists()

    @pytest.mark.parametrize("address", ["foo", "tcp://host", "http://host:1", "tcp://host:port", "host:8786"])
    def test_what_is_no_schedulers_address_is_said_before_anything_else(self, scaffolded: Path, address: str) -> None:
        with pytest.raises(GraderError, match=r"is no scheduler's address\n    -> tcp://HOST:8786"):
            work(WorkerWish(address, scaffolded, 1, 0, None, ""))

    def test_where_no_scheduler_answers_nothing_of_dasks_is_left_to_complain_later(self) -> None:
        before = set(Client._instances)
        with pytest.raises(GraderError, match="no scheduler answers"):
            Cluster(f"tcp://127.0.0.1:{free_port()}", print, connect_seconds=0.3).device("cpu")
        assert set(Client._instances) == before

    def test_tls_without_certificates_is_a_sentence(self) -> None:
        with pytest.raises(GraderError, match=r"needs certificates\n    -> name their folder: --cluster-tls DIR"):
            reach(f"tls://127.0.0.1:{free_port()}", 0.3, None, running_loop())

    def test_what_listens_there_and_never_answers_is_no_scheduler(self) -> None:
        silent = socket.create_server(("127.0.0.1", 0))
        with silent, pytest.raises(GraderError, match="no scheduler answers"):
            reach(f"tcp://127.0.0.1:{silent.getsockname()[1]}", 0.3, None, running_loop(), patience=0.1)

    @pytest.mark.slow
    def test_a_workers_address_is_none_of_a_scheduler(self, machines: Machines) -> None:
        machines.scheduler()
        reach(machines.address, 60, None, running_loop())
        port = free_port()
        plain = ("distributed.cli.dask_worker", machines.address, "--no-nanny", "--worker-port", str(port))
        machines.start("plain", *plain)
        with pytest.raises(GraderError, match="is a worker\n    -> name the scheduler's address"):
            reach(f"tcp://127.0.0.1:{port}", 60, None, running_loop())

    @pytest.mark.slow
    def test_a_cluster_without_workers_is_said_to_be_waited_for(self, machines: Machines, class_: Class) -> None:
        class_.submit("alice")
        machines.scheduler()
        said: list[str] = []
        client = Cluster(machines.address, said.append, connect_seconds=60)._connect(60)
        with pytest.raises(GraderError, match="no worker came to"):
            ClusterExecutor(client, order(), said.append, patience=0.5)
        assert said == [f"no worker is there yet: waiting up to 0 s for `autograder worker {machines.address}`"]

    def test_the_loop_of_its_connections_is_its_own_so_that_no_limit_of_dask_s_is_on_its_start(self) -> None:
        loop = running_loop()
        ran = threading.Event()
        loop.add_callback(ran.set)
        assert ran.wait(SECONDS)
        loop.add_callback(loop.stop)

    @pytest.mark.slow
    def test_tls_keeps_out_who_has_no_certificate(self, machines: Machines, tmp_path: Path) -> None:
        make_certificates(tmp_path)
        files = ("--tls-ca-file", "ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
        machines.scheduler(*files, "--protocol", "tls")
        address = machines.address.replace("tcp:", "tls:")
        said: list[str] = []
        assert Cluster(address, said.append, tls=tmp_path, connect_seconds=SECONDS).device("auto") == "cpu"
        with pytest.raises(GraderError, match="no scheduler answers"):
            Cluster(machines.address, said.append, connect_seconds=2).device("cpu")
        assert said == []

    def test_an_address_beyond_this_machine_without_tls_is_warned_of(self) -> None:
        lines: list[str] = []
        Cluster("tcp://192.0.2.1:8786", lines.append)._warn()
        assert "is not encrypted" in lines[0]
        Cluster("tls://192.0.2.1:8786", lines.append)._warn()
        Cluster("tcp://127.0.0.1:8786", lines.append)._warn()
        assert len(lines) == 1


def make_certificates(folder: Path) -> None:
    """One that signs itself and is its own authority."""
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    try:
        subprocess.run(["openssl", "req", *options, *names, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())


class Remembering:
    """Stands in for Dask's worker, as far as a plugin sees it."""

    def __init__(self, **resources: float) -> None:
        self.state = SimpleNamespace(nthreads=1, total_resources=resources)
        self.address = "tcp://me"
        self.events: list[tuple[str, dict[str, Any]]] = []

    def log_event(self, topic: str, said: dict[str, Any]) -> None:
        self.events.append((topic, said))


def set_up(plugin: GraderPlugin, worker: Remembering) -> None:
    """In a thread of its own: in this one the loop of another library may run, as Playwright's does."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, plugin.setup(worker)).result()


class TestPlugins:
    def test_a_worker_without_a_gpu_takes_no_part_where_one_is_needed(self) -> None:
        worker, made = Remembering(), GraderPlugin(order(device="cuda"))
        set_up(made, worker)
        ((topic, said),) = worker.events
        assert (topic, said["what"], said["worker"]) == (made.name, "refused", "tcp://me")
        assert "--gpus 1" in said["why"]
        with pytest.raises(WorkerFault, match="tcp://me takes no part"):
            made.grade(grade_task, Task(SLUG, b"{}"))

    def test_whatever_else_it_lacks_is_said_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv(COURSE, str(tmp_path))
        worker = Remembering()
        set_up(GraderPlugin(order()), worker)
        assert "is not a course: it has no grading_config.yaml" in worker.events[0][1]["why"]
