"""Submissions that take more than their share: time, memory, disk, output, threads, stack."""

from __future__ import annotations

from .course import after, instead
from .hostile import ALL, NONE, Hostile, cells


def cell(name: str, source: str, says: str, credited: tuple[str, ...] = ALL) -> Hostile:
    """In a cell of its own, after the right answers."""
    return cells("resources", name, after(source), credited, says)


def call(name: str, body: str, says: str, credited: tuple[str, ...] = ("q1", "q3")) -> Hostile:
    """In the function that question 2 asks for."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return cells("resources", name, instead(mean=f"def mean(values):\n{lines}"), credited, says)


TOO_LONG = r"stopped after|its time was over"
TOO_MUCH = r"MemoryError|memory"
FLOOD = r"printed more than 256 kB"
PROCESSES = """
import os, multiprocessing, subprocess, threading
def tried(function, *arguments, **options):
    try:
        started = function(*arguments, **options)
    except BaseException as error:
        print("refused:", type(error).__name__)
    else:
        print("LEAK started", function, started)
"""

RESOURCES = (
    cell("loops_in_a_cell", "while True:\n    pass", TOO_LONG),
    call("loops_in_a_call", "while True:\n    pass", r"stopped after 2 s"),
    cell("sleeps_in_a_cell", "import time\ntime.sleep(10**6)", TOO_LONG),
    call("sleeps_in_a_call", "import time\ntime.sleep(10**6)", r"stopped after 2 s"),
    call("waits_for_a_lock", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", TOO_LONG),
    call("matches_a_catastrophic_pattern", "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')", TOO_LONG),
    call("computes_a_huge_power", "return 7 ** 10**9 % 10", TOO_LONG),
    call(
        "ignores_every_signal",
        "import signal\nfor number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True:\n    pass",
        TOO_LONG,
    ),
    cell("loops_in_its_repr", "class Odd:\n    def __repr__(self):\n        while True: pass\nOdd()", TOO_LONG),
    cell(
        "loops_in_the_text_of_its_exception",
        "class Odd(Exception):\n    def __str__(self):\n        while True: pass\nraise Odd",
        TOO_LONG,
    ),
    cell("takes_all_memory_at_once", "hoard = bytearray(10**10)", r"MemoryError"),
    call("takes_memory_bit_by_bit", "hoard = []\nwhile True:\n    hoard.append(bytearray(10**6))", TOO_MUCH),
    cell("takes_memory_in_a_cell_bit_by_bit", "hoard = []\nwhile True:\n    hoard.append(bytearray(10**6))", TOO_MUCH),
    cell("asks_for_a_petabyte_of_numbers", "import numpy as np\nnp.ones((10**8, 10**7))", r"MemoryError|allocate"),
    cell("maps_shared_memory", "import mmap\nmapped = mmap.mmap(-1, 3 * 2**30)", r"OSError|MemoryError"),
    cell("fills_the_disk", "with open('big', 'wb') as big:\n    while True: big.write(bytes(10**6))", r"OSError"),
    cell("makes_a_sparse_file", "import os\nos.truncate(os.open('big', 66), 10**15)", r"OSError|SIGXFSZ"),
    cell(
        "makes_a_hundred_thousand_files",
        "import os\nfor number in range(100_000):\n    os.close(os.open(f'f{number}', os.O_CREAT | os.O_WRONLY))",
        rf"OSError|{TOO_LONG}",
    ),
    cell("makes_a_deep_folder", "import os\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')", rf"Error|{TOO_LONG}"),
    cell("floods_standard_output", "while True:\n    print('x' * 10_000)", FLOOD, NONE),
    cell("floods_standard_error", "import sys\nwhile True:\n    print('x' * 10_000, file=sys.stderr)", FLOOD, NONE),
    cell("floods_descriptor_1", "import os\nwhile True:\n    os.write(1, bytes(65_536))", FLOOD, NONE),
    cell("floods_descriptor_2", "import os\nwhile True:\n    os.write(2, b'\\x1b[2J' * 9_999)", FLOOD, NONE),
    call("floods_in_a_call", "while True:\n    print('x' * 10_000)", FLOOD, ("q1",)),
    cell(
        "starts_a_hundred_thousand_threads",
        "import threading, time\nfor _ in range(100_000):\n"
        "    threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
        r"can't start new thread|MemoryError|threads at once",
    ),
    cell("forks_for_ever", "import os\nwhile True:\n    os.fork()", r"PermissionError|processes are not allowed"),
    cell(
        "starts_processes_in_every_way",
        PROCESSES + "tried(os.fork)\ntried(os.forkpty)\ntried(os.posix_spawn, '/bin/true', ['true'], {})\n"
        "tried(subprocess.run, ['/bin/true'])\ntried(multiprocessing.Process(target=print).start)\n"
        "tried(os.execv, '/bin/true', ['true'])\ntried(lambda: os.system('true') and 1 / 0)\n",
        r"refused: (PermissionError|NotAvailable|OSError)",
    ),
    cell("runs_a_shell_command", "!ls /", r"processes are not allowed"),
    cell("installs_a_package", "%pip install evil", r"pip"),
    call("recurses_without_end", "return mean(values)", r"RecursionError"),
    call("recurses_past_the_stack", "import sys\nsys.setrecursionlimit(10**9)\nreturn mean(values)", r"."),
    cell("compiles_deep_nesting", "eval('-' * 10**6 + '1')", r"Error|SIGSEGV|memory"),
    cell("crashes_python_in_a_cell", "import ctypes\nctypes.string_at(0)", r"SIGSEGV"),
    call("crashes_python_in_a_call", "import ctypes\nctypes.string_at(0)", r"SIGSEGV"),
    cell("aborts_in_a_cell", "import os\nos.abort()", r"SIGABRT"),
    cell("is_killed_by_its_alarm", "import signal, time\nsignal.alarm(1)\ntime.sleep(60)", r"SIGALRM"),
    call("returns_what_grows_when_encoded", "x = [0] * 100\nfor _ in range(5): x = [x] * 100\nreturn x", r"WireError"),
    call("returns_a_deep_list", "x = []\nfor _ in range(10_000): x = [x]\nreturn x", r"WireError"),
    call("returns_a_list_that_holds_itself", "x = []\nx.append(x)\nreturn x", r"WireError"),
    call("returns_an_endless_text", "return 'x' * 2**26", r"WireError|MemoryError"),
    call("returns_a_huge_integer", "return 10 ** 5_000", r"WireError"),
    call("returns_a_claim_of_80_gigabytes", "return np.broadcast_to(np.float64(1), (10**5, 10**5))", r"WireError"),
    call("raises_an_endless_text", "raise RuntimeError('x' * 10**7)", r"RuntimeError"),
    call("returns_a_list_without_end", "import itertools\nreturn list(itertools.count())", TOO_MUCH + "|" + TOO_LONG),
    call(
        "returns_a_list_that_grows_while_it_is_read",
        "class Grows(list):\n    def __iter__(self):\n        while True: yield 1\nreturn Grows([1])",
        rf"WireError|{TOO_MUCH}|{TOO_LONG}",
    ),
    cell("opens_files_until_there_are_no_more", "kept = [open(f'{n}', 'w') for n in range(10_000)]", r"OSError"),
    cell("closes_every_descriptor", "import os\nos.closerange(0, 1_000)", r"stopped|ended|died"),
    call("closes_every_descriptor_in_a_call", "import os\nos.closerange(0, 1_000)", r"stopped|ended"),
    cell("removes_its_own_folder", "import os, shutil\nshutil.rmtree('.', ignore_errors=True)\nos.chmod('.', 0)", r"."),
    cell("raises_its_own_limits", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", r"ValueError"),
)
