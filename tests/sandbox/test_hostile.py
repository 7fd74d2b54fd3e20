"""Hostile and broken notebooks, in each tier: what they cost, what a person reads, what they cannot reach."""

from __future__ import annotations

import dataclasses
import os
import secrets
import socket
from pathlib import Path

import numpy as np
import pytest

from autograder.messages import Death, Died, Raised, Request, Returned, Target
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec

from .conftest import LIMITS, Submit, notebook

SHORT = dataclasses.replace(LIMITS, call_seconds=2.0)
GOOD = "def f(): return 1"


def died(answer: object) -> Died:
    assert isinstance(answer, Died), answer
    return answer


def test_a_cell_that_crashes_is_left_out_and_the_rest_still_counts(submit: Submit) -> None:
    session = submit("x = 1", "import ctypes\nctypes.string_at(0)\ndef g(): pass", GOOD)
    assert session.begin_case() is None
    assert session.value("f") == 1
    facts = session.facts
    assert (facts.attempts, facts.cells[1].outcome) == (2, "died")
    assert "SIGSEGV" in facts.cells[1].error
    answer = session.call("g")
    assert isinstance(answer, Raised)
    assert "cell 2 · import ctypes · was stopped (the process ended with SIGSEGV)" in answer.message


def test_a_call_that_crashes_costs_its_case_only(submit: Submit) -> None:
    session = submit(GOOD, "import ctypes\ndef crash(): ctypes.string_at(0)")
    session.begin_case()
    answer = died(session.call("crash"))
    assert (answer.death, answer.message) == (Death.KILLED, "the process ended with SIGSEGV")
    assert isinstance(session.call("f"), Died)  # the same case: there is no process any more
    assert session.begin_case() is None
    assert session.value("f") == 1
    assert session.facts.attempts == 2


def test_attempts_are_bounded(submit_inner: Submit) -> None:
    session = submit_inner(GOOD, "import os\ndef leave(): os._exit(3)")
    for _ in range(LIMITS.attempts):
        assert session.begin_case() is None
        assert died(session.call("leave")).message == "the process ended by itself, with exit code 3"
    refusal = died(session.begin_case())
    assert "not asked: the notebook was started 4 times" in refusal.message
    assert session.facts.attempts == 4


def test_an_endless_call_is_stopped_after_its_seconds(submit: Submit) -> None:
    session = submit(GOOD, "def loop():\n    while True: pass", limits=SHORT)
    session.begin_case()
    answer = died(session.call("loop"))
    assert (answer.death, answer.message) == (Death.TIMEOUT, "stopped after 2 s")
    assert session.begin_case() is None
    assert session.value("f") == 1


def test_an_endless_cell_is_stopped_left_out_and_leaves_time_for_the_rest(submit_inner: Submit) -> None:
    limits = dataclasses.replace(LIMITS, wall_seconds=12.0)  # 6 for the first cell, 3 for the last, 3 for the call
    session = submit_inner("while True: pass", GOOD, "import time\ntime.sleep(100)", limits=limits)
    assert session.begin_case() is None
    assert session.value("f") == 1
    assert [cell.outcome for cell in session.facts.cells] == ["died", "ok", "died"]


def test_the_wall_budget_is_one_for_all_attempts(submit_inner: Submit) -> None:
    limits = dataclasses.replace(LIMITS, wall_seconds=3.0, call_seconds=0.5, attempts=1_000)
    session = submit_inner("def loop():\n    while True: pass", limits=limits)
    while (refusal := session.begin_case()) is None:
        died(session.call("loop"))
    assert refusal.death is Death.TIMEOUT
    assert "not asked: all 3 s were used" in refusal.message
    assert 1 < session.facts.attempts < 1_000


def test_processor_time_is_limited_too(submit_inner: Submit) -> None:
    limits = dataclasses.replace(LIMITS, cpu_seconds=1.0)
    session = submit_inner("def loop():\n    while True: pass", limits=limits)
    session.begin_case()
    answer = died(session.call("loop"))
    assert answer.death is Death.TIMEOUT
    assert "processor time" in answer.message
    assert died(session.begin_case()).death is Death.TIMEOUT


def test_memory_is_limited(submit: Submit) -> None:
    session = submit(GOOD, "def bomb():\n    x = []\n    while True: x.append(bytearray(10**7))")
    session.begin_case()
    answer = session.call("bomb")
    assert isinstance(answer, Raised)
    assert answer.type_names[0] == "MemoryError"
    assert session.value("f") == 1
    assert session.facts.attempts == 1


def test_memory_mapped_by_numpy_and_by_shared_maps_is_limited_too(submit_inner: Submit) -> None:
    session = submit_inner(
        "import numpy as np, mmap\ndef a(): return np.ones(10**10).sum()\ndef b(): mmap.mmap(-1, 3 * 2**30)"
    )
    session.begin_case()
    for name in "ab":
        assert isinstance(session.call(name), Raised)


def test_an_answer_that_grows_when_it_is_encoded_is_an_error_of_the_call(submit_inner: Submit) -> None:
    session = submit_inner(
        "import numpy as np\ndef deep():\n    x = []\n    for _ in range(200): x = [x]\n    return x",
        "def wide():\n    x = [0] * 100\n    for _ in range(5): x = [x] * 100\n    return x",
        "def big(): return np.zeros(300 * 2**20, 'uint8')\ndef long(): return 10 ** 5000",
        "def text(): return 'x' * 2**25",
        "def loop():\n    x = []\n    x.append(x)\n    return x",
    )
    session.begin_case()
    for name in ("deep", "wide", "big", "long", "text", "loop"):
        answer = session.call(name)
        assert isinstance(answer, Raised), (name, answer)
        assert answer.type_names[0] in ("WireError", "MemoryError"), answer
    assert session.facts.attempts == 1


@pytest.mark.parametrize("cell", ["while True: print('x' * 1000)", "import os\nwhile True: os.write(2, b'y' * 65536)"])
def test_a_flood_of_output_ends_the_process_at_the_cap(submit_inner: Submit, cell: str) -> None:
    session = submit_inner(cell, GOOD, limits=dataclasses.replace(LIMITS, output_kb=500))
    assert "printed more than 500 kB" in died(session.begin_case()).message
    facts = session.facts
    assert facts.output_killed
    assert len(facts.output) < 70_000
    assert "left out" in facts.output


def test_a_disk_that_is_filled_is_an_error_of_the_notebook(submit: Submit) -> None:
    session = submit("with open('big', 'wb') as file:\n    while True: file.write(bytes(10**6))", GOOD)
    session.begin_case()
    assert session.errors[0].startswith("OSError")
    assert session.value("f") == 1


def test_many_files_are_stopped_by_the_quota_or_by_the_zygote(zygote: Zygote, submit: Submit) -> None:
    session = submit("for number in range(100_000):\n    open(f'file{number}', 'wb').write(bytes(9999))", GOOD)
    session.begin_case()
    said = "OSError" if zygote.facts.mounts else "more than 16 MB of files"
    assert said in session.errors[0]
    assert session.value("f") == 1


def test_a_bomb_of_threads_is_bounded(submit_inner: Submit) -> None:
    cell = (
        "import threading, time\n"
        "for _ in range(100_000): threading.Thread(target=time.sleep, args=(50,), daemon=True).start()"
    )
    session = submit_inner(cell, GOOD)
    session.begin_case()
    assert "thread" in session.errors[0] or "Memory" in session.errors[0]


def test_deep_recursion_is_an_error_or_the_end_of_that_call(submit: Submit) -> None:
    session = submit(
        "import sys\ndef f(n): return f(n + 1)\ndef g():\n    sys.setrecursionlimit(10**9)\n    return f(0)",
        "class A:\n    def __repr__(self): return repr(self)",
        "def ok(): return 1",
        limits=dataclasses.replace(LIMITS, memory_mb=200),
    )
    session.begin_case()
    answer = session.call("f", 0)
    assert isinstance(answer, Raised)
    assert answer.type_names[0] == "RecursionError"
    assert not isinstance(session.call("g"), Returned)
    session.begin_case()
    assert session.value("ok") == 1


@pytest.mark.parametrize(
    "leave", ["raise SystemExit(0)", "sys.exit(1)", "raise KeyboardInterrupt", "raise GeneratorExit", "exit()"]
)
def test_polite_exits_are_answers(submit_inner: Submit, leave: str) -> None:
    session = submit_inner(f"import sys\ndef f():\n    {leave}", leave, "def g(): return 1")
    session.begin_case()
    assert not isinstance(session.call("f"), Returned)
    assert session.begin_case() is None
    assert session.value("g") == 1


def test_handlers_and_exit_functions_change_nothing(submit: Submit) -> None:
    session = submit(
        "import atexit, signal, os, sys, threading\natexit.register(print, 'late')\n"
        "for number in range(1, 32):\n    try: signal.signal(number, signal.SIG_IGN)\n    except Exception: pass\n"
        "sys.excepthook = sys.settrace = lambda *a: None\nthreading.excepthook = print",
        "def f():\n    while True: pass",
        limits=SHORT,
    )
    session.begin_case()
    assert died(session.call("f")).death is Death.TIMEOUT


def test_aborting_and_killing_itself_is_its_own_end(submit_inner: Submit) -> None:
    session = submit_inner("import os, signal\ndef f(number): os.kill(os.getpid(), number)\ndef g(): os.abort()")
    for number, name in ((15, "SIGTERM"), (6, "SIGABRT")):
        session.begin_case()
        assert name in died(session.call("f", number)).message
    session.begin_case()
    assert "SIGABRT" in died(session.call("g")).message


@pytest.mark.parametrize(
    "forged",
    [
        b"hello world, this is no frame at all",
        b"AGR1" + bytes(20),
        b"AGR1\x04" + bytes(19),
        b"AGR1\x04\0\0\0\0\0\0\0" + b"\xff" * 12,
    ],
)
def test_frames_forged_on_the_connection_are_broken_protocol(submit: Submit, forged: bytes) -> None:
    session = submit(
        f"import os\ndef f():\n    for number in range(3, 64):\n        try: os.write(number, {forged!r})\n"
        "        except OSError: pass\n    return 1",
        GOOD.replace("f()", "g()"),
    )
    session.begin_case()
    assert died(session.call("f")).death is Death.PROTOCOL
    assert session.begin_case() is None
    assert session.value("g") == 1


def test_an_answer_sent_before_its_question_or_twice_is_broken_protocol(submit: Submit) -> None:
    session = submit(
        "import gc\nfrom autograder.sandbox.channel import Channel, json_frame, Kind\n"
        "[channel] = [x for x in gc.get_objects() if isinstance(x, Channel)]\n"
        "def early(): channel.send(json_frame(Kind.ANSWER, 5, {'returned': 100}))\n"
        "def event(): channel.send(json_frame(Kind.EVENT, 5, {'event': 'ready'}))\n"
        "def forged(n): return n",
    )
    session.begin_case()
    assert died(session.call("early")).death is Death.PROTOCOL
    session.begin_case()
    assert died(session.call("event")).death is Death.PROTOCOL


def test_a_process_that_closes_its_connection_is_ended(submit: Submit) -> None:
    session = submit("import os\ndef f():\n    os.closerange(3, 200)\n    while True: pass", limits=SHORT)
    session.begin_case()
    answer = died(session.call("f"))
    assert answer.death in (Death.PROTOCOL, Death.TIMEOUT)


def test_patched_libraries_answer_values_only(submit: Submit) -> None:
    session = submit(
        "import builtins, numpy as np, json, struct\n"
        "class Equal(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\n"
        "class Text(str):\n    __eq__ = lambda self, other: True\n    __hash__ = str.__hash__\n"
        "class Sneaky(np.ndarray):\n    __eq__ = lambda self, other: True\n"
        "def f(): return [Equal(3), Text('x'), np.arange(3).view(Sneaky), float('nan')]",
    )
    session.begin_case()
    number, text, array, nan = session.value("f")
    assert (type(number), type(text), type(array)) == (int, str, np.ndarray)
    assert number == 3 != 4
    assert nan != nan


@pytest.mark.parametrize(
    "attack", ["builtins.isinstance = lambda *a: True", "builtins.len = None", "json.dumps = None"]
)
def test_broken_builtins_break_the_student_only(submit_inner: Submit, attack: str) -> None:
    session = submit_inner(f"import builtins, json\ndef f():\n    {attack}\n    return 1")
    session.begin_case()
    assert session.call("f") is not None
    session.close()
    assert isinstance(session.facts.attempts, int)


def test_nothing_of_the_judge_can_be_reached(zygote: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, environment, memory, descriptors, network: each tried by a notebook, each on a target that is there."""
    canary = secrets.token_hex(24)
    (tmp_path / "hidden.py").write_text(canary)
    monkeypatch.setenv("AUTOGRADER_TEST_CANARY", canary)
    listener = socket.create_server(("127.0.0.1", 0))
    cells = (
        f"path, pid, port = {str(tmp_path)!r}, {os.getpid()}, {listener.getsockname()[1]}\n"
        "import os, socket, ctypes\n"
        "def tried(function, *args):\n    try: return ['got', repr(function(*args))[:200]]\n"
        "    except Exception as error: return [type(error).__name__, '']\n",
        "def f():\n    ppid = os.getppid()\n    return [\n"
        "        tried(open, path + '/hidden.py'), tried(os.listdir, path), tried(open, path + '/new', 'w'),\n"
        "        *[tried(open, f'/proc/{p}/{n}', 'rb') for p in (pid, ppid, 1) for n in ('mem', 'environ', 'maps')],\n"
        "        tried(os.kill, pid, 0), tried(os.kill, ppid, 9), tried(os.kill, -1, 9),\n"
        "        tried(os.listdir, '/tmp'),\n"
        "        tried(socket.create_connection, ('127.0.0.1', port)), tried(socket.socketpair),\n"
        "        tried(open, '/etc/passwd'), tried(open, '/dev/shm/x', 'w'), tried(os.listdir, '/proc'),\n"
        "        tried(os.listdir, '..'), tried(os.setuid, 0), tried(os.chroot, '.'),\n"
        "        tried(os.memfd_create, 'x'),\n    ]",
        "def environment(): return [dict(os.environ), open('/proc/self/cmdline').read()]",
        "def descriptors():\n"
        "    return [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if int(n) > 2]",
    )
    with listener, SandboxSession(zygote, notebook(*cells), LIMITS, 7) as session:
        session.begin_case()
        answer = session.ask(Request(Target.STUDENT, "f"))
        assert isinstance(answer, Returned)
        assert [outcome for outcome in answer.value if outcome[0] == "got"] == []
        environment = session.ask(Request(Target.STUDENT, "environment"))
        assert isinstance(environment, Returned)
        assert canary not in repr(environment.value)
        assert set(environment.value[0]) & {"VIRTUAL_ENV", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "CI"} == set()
        descriptors = session.ask(Request(Target.STUDENT, "descriptors"))
        assert isinstance(descriptors, (Returned, Raised))
        if isinstance(descriptors, Returned):
            assert all(name.startswith(("socket:", "/proc/")) for name in descriptors.value), descriptors.value


def test_a_canary_in_the_judges_memory_is_not_in_the_childs(zygote: Zygote) -> None:
    """The notebook scans all of its own memory for a pattern whose complement only it was told."""
    canary = secrets.token_bytes(24)
    kept = [canary, canary.hex(), {"answer": canary.hex()}]
    masked = bytes(byte ^ 0xA5 for byte in canary)
    scan = (
        "import ctypes\n"
        "def scan(masked, step=2**20):\n"
        "    want = bytes(b ^ 0xA5 for b in masked[:12])\n"
        "    hits, own = 0, id(want)\n"
        "    for line in open('/proc/self/maps'):\n"
        "        span, rights, *_, = line.split()[:2]\n"
        "        name = line.split()[-1]\n"
        "        if 'r' not in rights or name in ('[vvar]', '[vsyscall]', '[vvar_vclock]'): continue\n"
        "        if line.split()[4] != '0': continue\n"
        "        start, end = (int(x, 16) for x in span.split('-'))\n"
        "        text = ctypes.string_at(start, end - start)\n"
        "        at = text.find(want + bytes(b ^ 0xA5 for b in masked[12:]))\n"
        "        while at >= 0:\n"
        "            hits += 1\n"
        "            at = text.find(want + bytes(b ^ 0xA5 for b in masked[12:]), at + 1)\n"
        "        del text\n"
        "    return hits"
    )
    limits = dataclasses.replace(LIMITS, memory_mb=4096)
    with SandboxSession(zygote, notebook(scan, "marker = bytes(range(200, 224))"), limits, 7) as session:
        session.begin_case()
        planted = session.ask(Request(Target.STUDENT, "scan", ([byte ^ 0xA5 for byte in range(200, 224)],)))
        found = session.ask(Request(Target.STUDENT, "scan", (list(masked),)))
    assert isinstance(planted, Returned), planted
    assert isinstance(found, Returned), found
    assert planted.value > found.value, "the scan must find what is there"
    assert kept


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    name = f"autograder-{secrets.token_hex(8)}"
    with Zygote.start(ZygoteSpec()) as zygote:
        for _ in range(2):
            with SandboxSession(
                zygote,
                notebook(
                    f"for folder in ('/dev/shm', '/tmp'):\n    try: open(folder + '/{name}', 'w')\n"
                    "    except OSError: pass\n"
                    "import os, threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n"
                    "os.makedirs('a/b/c')\nopen('a/b/c/x', 'w').write('x')\nos.symlink('/', 'a/root')\n"
                    "os.chmod('a/b/c', 0)\nos.chmod('a/b', 0)\nos.chmod('a', 0)"
                ),
                LIMITS,
                7,
            ) as session:
                session.begin_case()
                assert session.facts.cells[0].outcome == "ok", session.facts
        (base,) = tmp_path.glob("autograder-*")
        assert {path.name for path in base.iterdir()} == {"home"}
        pid = zygote.pid
    assert list(tmp_path.iterdir()) == []
    assert not [path for path in (Path("/dev/shm", name), Path("/tmp", name)) if path.exists()]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
