"""Single layers, each in a process of its own: older kernels' Landlock, the filter, a machine without either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import landlock, paths, seccomp, syscalls

from .conftest import Submit

ROOT = paths.PACKAGE.parent


def run(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(landlock.abi() < 1, reason="NO LANDLOCK HERE")
@pytest.mark.parametrize("version", range(1, 8))
def test_landlock_confines_with_the_rules_of_each_version(version: int, tmp_path: Path) -> None:
    if version > landlock.abi():
        pytest.skip(f"this kernel has Landlock {landlock.abi()}")
    for name in ("shown", "own", "hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    script = (
        "import sys, os, ctypes\nfrom autograder.sandbox import landlock\n"
        "version, root = int(sys.argv[1]), sys.argv[2]\nlandlock.abi = lambda: version\n"
        "ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)\n"
        "landlock.restrict(landlock.Paths(\n"
        "    (root + '/shown',), (root + '/own',), (root + '/hidden',), ('/dev/null',)))\n"
        "def tried(function, *args):\n    try: function(*args)\n"
        "    except PermissionError: return 'no'\n    return 'yes'\n"
        "print(tried(open, root + '/shown/file'), tried(open, root + '/shown/file', 'a'),\n"
        "      tried(open, root + '/own/new', 'w'), tried(os.rename, root + '/own/new', root + '/own/newer'),\n"
        "      tried(os.listdir, root + '/hidden'), tried(open, root + '/hidden/file'),\n"
        "      tried(open, '/dev/null', 'w'), tried(os.listdir, '/'), tried(os.mkfifo, root + '/own/fifo'))\n"
    )
    assert run(script, str(version), str(tmp_path)).split() == "yes no yes yes yes no yes no no".split()


@pytest.mark.skipif(landlock.abi() < 1, reason="NO LANDLOCK HERE")
def test_a_path_that_does_not_exist_is_an_error_and_not_a_skip() -> None:
    script = (
        "from autograder.sandbox import landlock\n"
        "try: landlock.restrict(landlock.Paths(('/no/such/path',)))\nexcept FileNotFoundError: print('said')"
    )
    assert run(script).strip() == "said"


def test_no_call_is_both_allowed_and_refused() -> None:
    assert set(syscalls.ALLOWED) & set(syscalls.REFUSED) == set()
    assert {"fork", "vfork", "execve", "socket", "socketpair", "ptrace", "memfd_create"} <= set(syscalls.REFUSED)
    by_argument = {
        "clone",
        "prctl",
        "ioctl",
        *syscalls.ABOUT_A_PROCESS,
        *syscalls.ABOUT_THIS_PROCESS,
        *syscalls.WITHOUT_FLAGS,
    }
    assert by_argument & (set(syscalls.ALLOWED) | set(syscalls.REFUSED)) == set()


def test_every_name_in_the_filter_is_a_call_of_some_architecture() -> None:
    import pyseccomp

    old_or_new = {"fchmodat2", "memfd_secret", "futex_waitv", "process_madvise", "epoll_pwait2", "landlock_add_rule"}
    for name in {*syscalls.ALLOWED, *syscalls.REFUSED, *syscalls.PRETENDED, *syscalls.WITHOUT_FLAGS} - old_or_new:
        numbers = [pyseccomp.resolve_syscall(arch, name) for arch in (pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64)]
        if max(numbers) < 0:
            assert numbers != [-1, -1], f"{name} is no system call"


def test_the_filter_compiles_with_and_without_devices() -> None:
    plain, devices = seccomp.compile_filter(), seccomp.compile_filter(devices=True)
    assert len(plain) % 8 == len(devices) % 8 == 0
    assert plain != devices


def test_a_machine_without_landlock_is_refused_unless_told_otherwise() -> None:
    """The kernel's calls are taken away from the judge itself, and so from all that it starts."""
    script = (
        "import errno, pyseccomp\n"
        "rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)\n"
        "rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), 'landlock_create_ruleset')\nrules.load()\n"
        "from autograder.errors import GraderError\nfrom autograder.sandbox.tier import find_tier\n"
        "try: find_tier(use_wall=False)\nexcept GraderError as error: print('refused:', error)\n"
        "tier = find_tier(use_wall=False, allow_weak=True)\nprint(tier.one_line())\n"
        "from tests.sandbox.conftest import LIMITS, notebook\nfrom autograder.messages import Request, Target\n"
        "from autograder.sandbox.session import SandboxSession\n"
        "from autograder.sandbox.warm import Zygote, ZygoteSpec\n"
        "with Zygote.start(ZygoteSpec()) as z, SandboxSession(z, notebook('def f(): return 5'), LIMITS, 7) as s:\n"
        "    s.begin_case()\n    print(s.ask(Request(Target.STUDENT, 'f')))\n"
    )
    said = run(script)
    assert "refused: " in said
    assert "container" in said
    assert "sandbox: weak (" in said
    assert "Landlock: this kernel has none" in said
    assert "Returned(value=5)" in said


def test_threads_work_and_processes_do_not(submit: Submit) -> None:
    session = submit(
        "import threading, concurrent.futures as futures, ctypes, os\n"
        "def threads():\n    with futures.ThreadPoolExecutor(4) as pool: return list(pool.map(abs, [-1, -2]))\n"
        "def clone(flags):\n    ctypes.set_errno(0)\n    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    number = {'x86_64': 56, 'aarch64': 220}[os.uname().machine]\n"
        "    return [libc.syscall(number, ctypes.c_ulong(flags), 0, 0, 0, 0), ctypes.get_errno()]",
    )
    session.begin_case()
    assert session.value("threads") == [1, 2]
    sigchld, namespace = 17, 0x10000000
    for flags in (sigchld, 0, namespace | sigchld, 0x40000000):
        result, number = session.value("clone", flags)
        assert result == -1
        assert number in (1, 38)


def test_many_calls_at_once_are_answered_in_order(submit: Submit) -> None:
    from autograder import wire
    from autograder.messages import Died, Request, Returned, Target

    session = submit("import os\ndef f(x): return x\ndef leave(): os._exit(1)")
    session.begin_case()
    packed = [wire.pack_request(Request(Target.STUDENT, "f", (number,))) for number in range(50)]
    answers = list(session.ask_all(packed))
    assert [wire.unpack_answer(answer) for answer in answers if not isinstance(answer, Died)] == [
        Returned(number) for number in range(50)
    ]
    leave = wire.pack_request(Request(Target.STUDENT, "leave"))
    cut = list(session.ask_all([packed[0], leave, packed[1]]))
    assert len(cut) == 2
    assert isinstance(cut[1], Died)
    assert session.begin_case() is None
    assert session.value("f", 3) == 3


SOCKETS_AND_MEMORY_FILES = """
import ctypes, os, socket, sys
from autograder.sandbox import seccomp

def tried(action):
    try:
        return str(action() is not None)
    except OSError as error:
        return error.strerror

def bound():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.bind("\\0ours")
    sock.listen()
    return sock

program = seccomp.compile_filter(devices=sys.argv[1] == "devices")
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
seccomp.install(program)
print(tried(bound))
print(tried(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)))
print(tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)))
print(tried(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect("\\0theirs")))
print(tried(lambda: os.memfd_create("x", os.MFD_CLOEXEC | 8)))
print(tried(lambda: os.memfd_create("x", os.MFD_CLOEXEC)))
"""


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ("none", ["Operation not permitted"] * 6),
        (
            "devices",
            ["True", *["Function not implemented"] * 2, "Operation not permitted", "True", "Function not implemented"],
        ),
    ],
)
def test_cuda_gets_one_unreachable_socket_and_files_that_cannot_run(devices: str, expected: list[str]) -> None:
    assert run(SOCKETS_AND_MEMORY_FILES, devices).splitlines() == expected
