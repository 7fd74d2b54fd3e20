"""The tier says what holds, the self-test proves it, and below the minimum nothing runs."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.messages import Raised, Request, Returned, Target
from autograder.sandbox import jail, paths, tier, wall
from autograder.sandbox.channel import Channel, Kind, json_frame
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.tier import MissingLayer, Tier, find_tier, self_test
from autograder.sandbox.warm import Zygote, ZygoteSpec

from .conftest import LIMITS, notebook


def test_the_self_test_holds_in_each_tier(zygote: Zygote, tmp_path: Path) -> None:
    hidden = tmp_path / "tests" / "hidden"
    hidden.mkdir(parents=True)
    (hidden / "01_sizes.py").write_text("answer = 42")
    assert self_test(zygote, (str(tmp_path), str(hidden / "01_sizes.py"))) == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets through most of the probes")
def test_without_a_jail_the_self_test_gets_through_and_says_what(inner_zygote: Zygote, tmp_path: Path) -> None:
    """So that the test above is not empty: the same probes, in a process that is not confined."""
    through = _probe_unconfined(tmp_path)
    for name in ("read a file outside", "connect by TCP", "fork", "make a pair of sockets", "signal the judge"):
        assert name in through
    assert "the system call memfd_create" in through
    assert len(through) > 25


def _probe_unconfined(folder: Path) -> list[str]:
    ours, theirs = socket.socketpair()
    script = (
        "import socket, sys\nfrom autograder.sandbox import selftest\nfrom autograder.sandbox.channel import Channel\n"
        "selftest.main(Channel(socket.socket(fileno=int(sys.argv[1]))))"
    )
    with tier._planted() as targets:
        targets.update(judge=os.getpid(), disk_mb=1, protected=[], calls=dict(tier._numbered({"memfd_create": [0, 0]})))
        with theirs:
            command = [sys.executable, "-c", script, str(theirs.fileno())]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=folder)
        channel = Channel(ours)
        try:
            channel.send(json_frame(Kind.START, 1, targets), time.monotonic() + 300)
            through = channel.receive(time.monotonic() + 300).json()["through"]
        finally:
            process.kill()
            process.wait()
            channel.close()
    return [str(name) for name in through]


def test_the_tier_of_this_machine_is_found_and_crosses_to_workers(inner_zygote: Zygote) -> None:
    found = find_tier()
    assert found.name in ("inner", "full")
    assert found.one_line().startswith(f"sandbox: {found.name} (")
    assert pickle.loads(pickle.dumps(found)) == found


def test_without_the_wall_the_tier_is_inner_and_says_what_is_missing(inner_zygote: Zygote) -> None:
    found = find_tier(use_wall=False)
    assert found.name == "inner"
    assert "bubblewrap" in [layer.name for layer in found.missing]
    assert "without bubblewrap" in found.one_line()
    with pytest.raises(GraderError, match="'full' is required"):
        find_tier(use_wall=False, required="full")


def test_below_the_minimum_it_refuses_and_names_the_container() -> None:
    weak = Tier("weak", (), (MissingLayer("Landlock", "this kernel has none", "a newer kernel"),))
    with pytest.raises(GraderError, match=r"Landlock: this kernel has none.*\n.*container.*--allow-weak-sandbox"):
        tier._check(weak, "inner", allow_weak=False)
    tier._check(weak, "inner", allow_weak=True)


def test_a_hidden_path_that_student_code_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    with pytest.raises(GraderError, match="must stay hidden"):
        Zygote.start(ZygoteSpec(readable=(str(tmp_path),), protected=(str(tmp_path / "tests"),)))


def test_course_data_can_be_read_and_nothing_beside_it(zygote: Zygote, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shown, hidden = tmp_path / "data", tmp_path / "hidden"
    for folder in (shown, hidden):
        folder.mkdir(mode=0o755)
        (folder / "file").write_text("text")
    cells = notebook("def f(path): return open(path).read()\ndef g(path): open(path, 'w')")
    spec = ZygoteSpec(readable=(str(shown),), wall=zygote.spec.wall)
    with Zygote.start(spec) as other, SandboxSession(other, cells, LIMITS, 7) as session:
        session.begin_case()
        read = session.ask(Request(Target.STUDENT, "f", (str(shown / "file"),)))
        beside = session.ask(Request(Target.STUDENT, "f", (str(hidden / "file"),)))
        written = session.ask(Request(Target.STUDENT, "g", (str(shown / "file"),)))
    if zygote.facts.identity == jail.Identity.OWN_UID.name and not os.access(tmp_path.parent, os.X_OK):
        pytest.skip("pytest's folder is closed to other users")
    assert read == Returned("text") or (isinstance(read, Raised) and "PermissionError" in read.type_names)
    assert isinstance(beside, Raised)
    assert isinstance(written, Raised)


def test_a_missing_framework_is_named_with_its_remedy(inner_zygote: Zygote) -> None:
    with pytest.raises(GraderError, match=r"this course needs no_such_framework.*pip install no_such_framework"):
        Zygote.start(ZygoteSpec(warm=("no_such_framework",)))


def test_an_optional_framework_may_be_missing(inner_zygote: Zygote) -> None:
    with Zygote.start(ZygoteSpec(warm=("no_such_framework?", "no_such.module?", "json?"))) as other:
        cell = "import sys\ndef loaded(): return 'json' in sys.modules\ndef needs(): import keras_nonesuch"
        with SandboxSession(other, notebook(cell), LIMITS, 7) as session:
            session.begin_case()
            assert session.ask(Request(Target.STUDENT, "loaded")) == Returned(True)


def test_a_missing_path_of_course_data_is_named() -> None:
    with pytest.raises(GraderError, match="/no/such/folder, which does not exist"):
        Zygote.start(ZygoteSpec(readable=("/no/such/folder",)))


def test_a_layer_that_fails_ends_the_child_and_is_our_error(zygote: Zygote) -> None:
    limits = dataclasses.replace(LIMITS, disk_mb=-5)
    with SandboxSession(zygote, notebook("1"), limits, 7) as session, pytest.raises(GraderError, match="does not hold"):
        session.begin_case()


def test_a_killed_judge_leaves_no_process_and_no_folder(inner_zygote: Zygote, tmp_path: Path) -> None:
    script = (
        "import sys, tempfile\ntempfile.tempdir = sys.argv[1]\n"
        "from tests.sandbox.conftest import LIMITS, notebook\n"
        "from autograder.sandbox.session import SandboxSession\n"
        "from autograder.sandbox.warm import Zygote, ZygoteSpec\n"
        "zygote = Zygote.start(ZygoteSpec())\n"
        "session = SandboxSession(zygote, notebook('import threading\\ndef f(): pass'), LIMITS, 7)\n"
        "session.begin_case()\nprint(zygote.pid, flush=True)\ninput()"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=paths.PACKAGE.parent,
    )
    with judge:
        assert judge.stdout is not None
        pid = int(judge.stdout.readline())
        judge.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and (_is_alive(pid) or list(tmp_path.iterdir())):
        time.sleep(0.05)
    assert not _is_alive(pid)
    assert list(tmp_path.iterdir()) == []


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_zygote_that_ends_is_our_error_and_never_the_students() -> None:
    with Zygote.start(ZygoteSpec()) as zygote:
        session = SandboxSession(zygote, notebook("import time\ndef f(): time.sleep(50)"), LIMITS, 7)
        session.begin_case()
        os.kill(zygote.pid, signal.SIGKILL)
        with pytest.raises(GraderError, match="warm process ended"):
            session.ask(Request(Target.STUDENT, "f"))
        with pytest.raises(GraderError, match="warm process"):
            session.begin_case()


def test_a_wall_that_is_not_there_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    trial = wall.try_wall(paths.for_student(()))
    assert not trial.works
    assert "bubblewrap" in trial.remedy


def test_of_this_package_only_what_runs_beside_students_can_be_read() -> None:
    allowed = paths.for_student(())
    hidden = [paths.PACKAGE / name for name in ("judge.py", "expect.py", "cnn", "student.py", "diagnosis.py")]
    assert paths.exposed(allowed, map(str, hidden)) == []
    assert paths.exposed(allowed, [str(paths.PACKAGE / "wire.py")]) != []
