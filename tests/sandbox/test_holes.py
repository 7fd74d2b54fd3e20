"""Holes that were found by trying, each with what closes it: rights and times of files, signals, floods, lies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.errors import GraderError, ZygoteTrouble
from autograder.messages import Death, Died, Raised
from autograder.sandbox import attempt as attempts
from autograder.sandbox import cells, jail, launch, paths, watch
from autograder.sandbox.attempt import Attempt, AttemptEnded, Exit
from autograder.sandbox.channel import ChannelError, Frame, Kind, json_frame
from autograder.sandbox.leftovers import folder_bytes
from autograder.sandbox.outputs import MAX_ALL_PICTURES, OutputKeeper
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec
from autograder.wire import Packed

from .conftest import LIMITS, Submit, notebook, submissions

ROOT = paths.PACKAGE.parent

COPIES = (
    "import os, shutil, tarfile, tempfile, zipfile, pathlib\n"
    "pathlib.Path('a/b').mkdir(parents=True)\npathlib.Path('a/b/x').write_text('x')",
    "shutil.copy('a/b/x', 'y')\nshutil.copy2('a/b/x', 'z')\nshutil.copytree('a', 'c')\nshutil.move('y', 'w')",
    "assert open('w').read() == open('z').read() == open('c/b/x').read() == 'x'",
    "with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:\n"
    "    file.write(b'1')\n    open(folder + '/x', 'w').write('x')",
    "with zipfile.ZipFile('a.zip', 'w') as file: file.write('a/b/x')\n"
    "with zipfile.ZipFile('a.zip') as file: file.extract('a/b/x', 'unzipped')\n"
    "assert open('unzipped/a/b/x').read() == 'x'",
    "with tarfile.open('a.tar', 'w') as file: file.add('a')\n"
    "with tarfile.open('a.tar') as file: file.extractall('untarred')\n"
    "assert open('untarred/a/b/x').read() == 'x'",
    "pathlib.Path('new').touch()\npathlib.Path('new').touch()\nos.chmod('new', 0)\nshutil.rmtree('c')",
    "import numpy as np\nnp.savez('a.npz', x=np.arange(3))\nassert np.load('a.npz')['x'].sum() == 3",
    "with open('w', 'r+') as file: file.truncate(0)\nassert os.path.getsize('w') == 0",
    "import fcntl, threading\nfcntl.fcntl(0, fcntl.F_GETFL)",
)


def test_copying_packing_and_temporary_files_work_without_rights_and_times(submit: Submit) -> None:
    session = submit(*COPIES)
    session.begin_case()
    assert session.errors == {}


def test_a_figure_is_saved_where_rights_cannot_be_set(torch_zygote: Zygote) -> None:
    opened = submissions(torch_zygote)
    session = next(opened)(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2], label='x')\nplt.legend()\nplt.savefig('a.png')",
        "plt.savefig('a.pdf')\nimport torch\ntorch.save({'x': torch.ones(2)}, 'a.pt')\ntorch.load('a.pt')",
    )
    session.begin_case()
    assert session.errors == {}
    opened.close()


def test_rights_and_times_of_files_outside_stay_as_they_are(zygote: Zygote, tmp_path: Path) -> None:
    file = tmp_path / "theirs"
    file.write_text("text")
    file.chmod(0o666)
    for folder in (tmp_path, tmp_path.parent):
        folder.chmod(0o755)
    before = file.stat()
    tried = (
        f"import os\npath = {str(file)!r}\nabove = os.path.dirname(os.getcwd())\n"
        "for what in (lambda: os.chmod(path, 0), lambda: os.utime(path, (1, 1)), lambda: os.truncate(path, 0),\n"
        "             lambda: os.open(path, os.O_RDONLY | os.O_TRUNC), lambda: os.chmod(above, 0)):\n"
        "    try: what()\n    except OSError: pass"
    )
    for _ in range(2):  # the second one needs its folder made beside the first one's
        with SandboxSession(zygote, notebook(tried, "def f(): return 1"), LIMITS, 7) as session:
            assert session.begin_case() is None
            assert [cell.outcome for cell in session.facts.cells] == ["ok", "ok"]
    after = file.stat()
    assert (after.st_mode, after.st_mtime, after.st_size) == (before.st_mode, before.st_mtime, before.st_size)


def test_the_filter_alone_keeps_files_from_being_changed_and_signals_from_being_sent(tmp_path: Path) -> None:
    """As the owner of the files, and without Landlock: what holds on kernels whose Landlock does not see these."""
    file = tmp_path / "file"
    file.write_text("text")
    script = (
        "import ctypes, fcntl, os, signal, struct, sys\nfrom autograder.sandbox import seccomp\n"
        "program, path, parent = seccomp.compile_filter(devices=sys.argv[2] == 'devices'), sys.argv[1], os.getppid()\n"
        "ours, theirs = os.pipe()\nimport socket\na, b = socket.socketpair()\nbefore = os.stat(path)\n"
        "libc = ctypes.CDLL(None, use_errno=True)\nlibc.prctl(38, 1, 0, 0, 0)\nseccomp.install(program)\n"
        "def tried(name, function):\n    try: function()\n    except OSError: return\n    print(name, 'got through')\n"
        "os.chmod(path, 0)\nos.utime(path, (1, 1))\nfd = os.open(path, os.O_RDWR)\nos.fchmod(fd, 0)\nos.utime(fd)\n"
        "after = os.stat(path)\nassert (before.st_mode, before.st_mtime) == (after.st_mode, after.st_mtime)\n"
        "tried('truncate', lambda: os.truncate(path, 0))\n"
        "for flags in (os.O_TRUNC, 3, 3 | os.O_TRUNC): tried(flags, lambda: os.open(path, flags))\n"
        "tried('own', lambda: fcntl.fcntl(ours, fcntl.F_SETOWN, parent))\n"
        "tried('ownex', lambda: fcntl.fcntl(ours, 15, struct.pack('ii', 1, parent)))\n"
        "tried('sig', lambda: fcntl.fcntl(ours, fcntl.F_SETSIG, signal.SIGKILL))\n"
        "tried('lease', lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK))\n"
        "tried('notify', lambda: fcntl.fcntl(os.open('.', 0), fcntl.F_NOTIFY, 4))\n"
        "for request in (0x8901, 0x8902): tried(request, lambda: fcntl.ioctl(a, request, struct.pack('i', parent)))\n"
        "tried('what is kept of it', lambda: os.preadv(fd, [bytearray(1)], 0, os.RWF_NOWAIT))\n"
        "assert os.preadv(fd, [bytearray(1)], 0, 0) == 1\n"
        "os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)\nos.sync()\n"
        "page, seen = ctypes.create_string_buffer(4096), ctypes.create_string_buffer(2)\n"
        "assert libc.mincore(ctypes.c_void_p(ctypes.addressof(page) & ~4095), 1, seen) == -1\n"
        "open(path, 'r+').write('more')\nos.set_blocking(ours, False)\nos.close(os.dup(ours))\nprint('done')\n"
    )
    for devices in ("none", "devices"):
        command = [sys.executable, "-c", script, str(file), devices]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert done.stdout.split() == ["done"], done


def test_of_the_machine_proc_tells_little_and_of_itself_enough(submit: Submit) -> None:
    session = submit(
        "import os\n"
        "def enough(): return [len(open(f'/proc/self/{name}').read()) > 0 for name in\n"
        "    ('status', 'stat', 'statm', 'maps', 'cmdline', 'limits')] + [bool(os.listdir('/proc/self/task'))]",
        "def little(path): return open(path).read()",
        "def task(name): return open(f'/proc/self/task/{os.getpid()}/{name}').read()",
    )
    session.begin_case()
    assert all(session.value("enough"))
    for path in ("/proc/self/net/tcp", "/proc/net/tcp", "/proc/self/mountinfo", "/proc/thread-self/mountinfo"):
        assert isinstance(session.call("little", path), Raised)
    for name in ("net/tcp", "mountinfo"):
        assert isinstance(session.call("task", name), Raised)


def test_a_hoarder_of_threads_is_bounded(submit: Submit, zygote: Zygote) -> None:
    session = submit(
        "import threading, time\nthreading.stack_size(65536)\ncount = 0\n"
        "for count in range(5000): threading.Thread(target=time.sleep, args=(50,), daemon=True).start()",
        "def f(): return count",
    )
    session.begin_case()
    assert ("thread" in session.errors[0]) or ("had more than" in session.errors[0])
    if zygote.facts.identity == jail.Identity.OWN_UID.name:
        assert session.value("f") <= jail.MAX_THREADS


def test_threads_are_counted_from_outside() -> None:
    code = "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=[99]).start()\nprint(1)"
    with subprocess.Popen([sys.executable, "-uc", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert watch.threads_of(process.pid) == 6
        process.kill()
    assert watch.threads_of(process.pid) == 0


def _patched_zygote(patch: str, monkeypatch: pytest.MonkeyPatch) -> Zygote:
    """A zygote that runs this code once it is warm, before it serves; `self` is the zygote in it."""
    before = (
        "from autograder.sandbox import zygote\nserve = zygote.Zygote.serve\n"
        f"def patched(self):\n    exec({patch!r}, dict(self=self))\n    serve(self)\n"
        "zygote.Zygote.serve = patched\n"
    )
    start = "from autograder.sandbox.zygote"
    monkeypatch.setattr(launch, "_BOOT", launch._BOOT.replace(start, f"exec({before!r}); {start}"))
    return Zygote.start(ZygoteSpec())


def _failing_fork(failures: int) -> str:
    return (
        f"import errno, os\nfrom autograder.sandbox import zygote\nreal, left = os.fork, [{failures}]\n"
        "def fork():\n    if left[0]:\n        left[0] -= 1\n"
        "        raise BlockingIOError(errno.EAGAIN, 'no process left')\n    return real()\n"
        "zygote.FORK_RETRY_SECONDS = 1.0\nos.fork = fork\n"
    )


NO_MOUNTS = "import dataclasses\nself.ground = dataclasses.replace(self.ground, mounts=False)\n"


def test_a_fork_that_finds_no_process_left_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    patched = _patched_zygote(_failing_fork(2), monkeypatch)
    with patched as zygote, SandboxSession(zygote, notebook("1"), LIMITS, 7) as session:
        assert session.begin_case() is None


def test_a_fork_that_fails_for_long_is_trouble_of_the_zygotes(monkeypatch: pytest.MonkeyPatch) -> None:
    with _patched_zygote(_failing_fork(1000), monkeypatch) as zygote:
        with pytest.raises(ZygoteTrouble, match="cannot fork"):
            zygote.fork(LIMITS)
        with pytest.raises(ZygoteTrouble):
            zygote.fork(LIMITS)


def test_a_folder_that_cannot_be_made_is_trouble_of_the_zygotes() -> None:
    with Zygote.start(ZygoteSpec()) as zygote:
        base, away = Path(zygote._base), Path(zygote._base + "-away")
        base.rename(away)
        try:
            with pytest.raises(ZygoteTrouble, match="cannot fork"):
                zygote.fork(LIMITS)
        finally:
            away.rename(base)


def test_a_runner_that_is_killed_before_it_is_confined_is_trouble_of_the_zygotes(
    inner_zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = inner_zygote.fork(LIMITS)

    def gone(_: float) -> Frame:
        raise AttemptEnded(Death.KILLED, "the process ended with SIGKILL")

    monkeypatch.setattr(attempt, "receive", gone)
    with pytest.raises(ZygoteTrouble, match="did not start"):
        attempt.open(json_frame(Kind.START, 1, {}), 1e12)


def test_a_full_disk_is_nobodys_fault_and_other_excesses_are_the_notebooks() -> None:
    attempt = object.__new__(Attempt)
    attempt._limits = LIMITS
    with pytest.raises(ZygoteTrouble, match="ran full"):
        attempt._cause(Exit(9, 0.0, 0.0, watch.DISK_FULL))
    assert "16 MB of files, or folders deeper than 64" in str(attempt._cause(Exit(9, 0.0, 0.0, watch.DISK)))
    assert "threads at once" in str(attempt._cause(Exit(9, 0.0, 0.0, watch.THREADS)))
    assert issubclass(ZygoteTrouble, GraderError)
    assert attempts.Exit(0, 0.0, 0.0).excess == ""


def test_the_disk_is_full_where_little_is_left_and_a_child_may_have_taken_it() -> None:
    mib, gib = 2**20, 2**30
    assert watch.disk_is_full(before=900 * mib, free=50 * mib, size=gib, quota=64 * mib)
    assert watch.disk_is_full(before=100 * gib, free=19 * gib, size=1000 * gib, quota=64 * mib)
    assert not watch.disk_is_full(before=100 * gib, free=90 * gib, size=1000 * gib, quota=64 * mib)
    assert not watch.disk_is_full(before=10 * gib, free=10 * gib - mib, size=1000 * gib, quota=64 * mib)


def test_files_that_are_deleted_and_still_open_end_the_attempt_before_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is no quota: of the disk, the first look shows much that is free and later ones little."""
    patch = NO_MOUNTS + (
        "from autograder.sandbox import watch\nseen = []\n"
        "def disk(folder):\n    seen.append(folder)\n    return (2**30 if len(seen) == 1 else 2**24), 2**40\n"
        "watch.disk = disk\n"
    )
    hidden = "import os, time\nfile = open('x', 'wb')\nos.unlink('x')\nfile.write(bytes(10**7))\ntime.sleep(20)"
    patched = _patched_zygote(patch, monkeypatch)
    with patched as zygote, pytest.raises(ZygoteTrouble, match="ran full"):
        SandboxSession(zygote, notebook(hidden), LIMITS, 7).begin_case()


def test_files_hidden_below_deep_folders_end_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "import os, time\nfor _ in range(80):\n    os.mkdir('d')\n    os.chdir('d')\ntime.sleep(20)"
    patched = _patched_zygote(NO_MOUNTS, monkeypatch)
    with patched as zygote, SandboxSession(zygote, notebook(deep, "def f(): return 1"), LIMITS, 7) as session:
        assert session.begin_case() is None
        assert "folders deeper than 64" in session.facts.cells[0].error


def test_folders_too_deep_to_be_counted_are_more_than_the_quota(tmp_path: Path) -> None:
    folder = tmp_path.joinpath("top", *"d" * 60)
    folder.mkdir(parents=True)
    assert folder_bytes(str(tmp_path / "top"), 10**9) < 10**6
    folder.joinpath(*"d" * 10).mkdir(parents=True)
    assert folder_bytes(str(tmp_path / "top"), 10**9) >= 10**9


def _run_of(*events: Any, body: bytes = b"") -> cells.CellRun:
    """A run that is told these events."""
    attempt: Any = SimpleNamespace(printed=SimpleNamespace(count=0))
    run = cells.CellRun(attempt, LIMITS, 60.0, 0.0, OutputKeeper())
    frames = iter([Frame(Kind.EVENT, run.number, Packed(json.dumps(event).encode(), body)) for event in events])
    run.attempt = SimpleNamespace(receive=lambda _: next(frames))  # type: ignore[assignment]
    run.until_ready()
    return run


READY = {"event": "ready"}
STARTED = {"event": "cell", "index": 1}
ENDED = {"event": "ended", "index": 1, "outcome": "error", "error": "x"}


@pytest.mark.parametrize(
    "events",
    [
        [STARTED, {**ENDED, "outcome": []}],
        [STARTED, {**ENDED, "outcome": {}}],
        [STARTED, {**ENDED, "outcome": "died"}],
        [STARTED, {**ENDED, "error": None}],
        [STARTED, {**ENDED, "error": [[[]]]}],
        [STARTED, {**ENDED, "error": "x" * cells.MAX_EVENT_BYTES}],
        [STARTED, {**ENDED, "outputs": {}}],
        [STARTED, {**ENDED, "outputs": [["stdout", "x"]]}],
        [{**STARTED, "printed": -1}],
        [{**STARTED, "printed": 1.5}],
        [STARTED, {**ENDED, "index": 2}],
        [STARTED, {**STARTED, "index": 2}],
        [STARTED, ENDED, STARTED],
        [STARTED, ENDED, ENDED],
        [ENDED],
        [{**STARTED, "index": True}],
        [{**STARTED, "index": 0}],
        [{**STARTED, "index": 10**30}],
        [{**STARTED, "index": 1.0}],
        [{"event": "notebook", "error": 5}],
        [{"event": ["cell"], "index": 1}],
        [{"event": {}, "index": 1}],
        [{}],
        [[]],
        [5],
    ],
)
def test_an_event_that_is_malformed_breaks_the_protocol_and_nothing_else(events: list[Any]) -> None:
    with pytest.raises(ChannelError):
        _run_of(*events, READY)


def test_an_event_with_a_body_breaks_the_protocol() -> None:
    for events in ([READY], [STARTED, ENDED, READY]):
        with pytest.raises(ChannelError):
            _run_of(*events, body=b"x")
    with pytest.raises(ChannelError, match="too long"):
        _run_of(ENDED, body=b"x" * (MAX_ALL_PICTURES + 1))


def test_texts_of_a_runner_can_be_written_to_a_file() -> None:
    run = _run_of(STARTED, {**ENDED, "error": "\ud800 half a character"}, READY)
    assert run.cells[1].error.encode() == b"? half a character"


def test_an_event_of_student_code_ends_its_attempt_only(submit_inner: Submit) -> None:
    session = submit_inner(
        "import gc\nfrom autograder.sandbox import runner\n"
        "[found] = [x for x in gc.get_objects() if isinstance(x, runner.Runner)]\n"
        "found.tell(event='ended', index=1, outcome=[], error={})",
        "def f(): return 1",
    )
    assert session.begin_case() is None
    assert "broke the protocol" in session.errors[0]
    assert session.value("f") == 1


def test_a_flood_of_cell_errors_is_kept_in_part_and_counted(inner_zygote: Zygote) -> None:
    facts = [cells.CellFact(index, "error", "\U0001f600" * 1000) for index in range(10_000)]
    kept, more = cells.within_budget(facts)
    assert len(kept) == 10_000
    assert more == 9_980
    assert 0 < sum(len(cell.error.encode()) for cell in kept) <= cells.MAX_ERROR_BYTES
    with SandboxSession(inner_zygote, notebook(*["1 / 0"] * 30), LIMITS, 7) as session:
        assert not isinstance(session.begin_case(), Died)
    assert len(session.facts.cells) == 30
    assert [cell.error for cell in session.facts.cell_errors] == ["ZeroDivisionError: division by zero"] * 20
    assert session.facts.more_errors == 10
