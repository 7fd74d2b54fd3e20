"""Submissions that claim points: forged messages, patched libraries, values that lie, ends that look like success."""

# ruff: noqa: E501 - programs read best a line a line

from __future__ import annotations

from pathlib import Path

from .course import RIGHT, SLUG, after, instead, notebook
from .hostile import ALL, NONE, Hostile, Places, cells, put
from .resources import TOO_LONG

WRONG = {name: f"def {name}(*arguments):\n    return 0\n" for name in RIGHT}
GC = """
import gc, os, sys, struct, threading
from autograder.sandbox.channel import Channel, Frame, Kind, json_frame
from autograder.sandbox import channel as channel_module, runner, servant
from autograder import wire
[channel] = [one for one in gc.get_objects() if isinstance(one, Channel)]
"""
UNREADABLE = r"broke the protocol|cannot be read"
PROTOCOL = r"broke the protocol|stopped|ended"
RESTORED = ("q1", "q3")


def wrong(
    name: str, source: str, says: str = r"expected", credited: tuple[str, ...] = NONE, partly: str = ""
) -> Hostile:
    """Wrong answers, and then a cell that wants points all the same."""
    return cells("forging", name, (*WRONG.values(), source), credited, says, partly=partly)


def right(name: str, source: str, says: str = r"", credited: tuple[str, ...] = ALL) -> Hostile:
    """Right answers, and a cell that tampers."""
    return cells("forging", name, after(source), credited, says)


def mean(name: str, body: str, says: str, credited: tuple[str, ...] = RESTORED, partly: str = "") -> Hostile:
    """Right answers but for question 2, whose function tampers when it is called."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return cells("forging", name, instead(GC, mean=f"def mean(values):\n{lines}"), credited, says, partly=partly)


def every(
    name: str, source: str, answer: str, says: str, credited: tuple[str, ...] = NONE, partly: str = ""
) -> Hostile:
    """Every function gives the same object."""
    functions = "".join(f"def {one}(*arguments):\n    return {answer}\n" for one in RIGHT)
    return cells("forging", name, (f"import numpy as np\n{source}\n{functions}",), credited, says, partly=partly)


def imitates_our_cells(folder: Path, _: Places) -> None:
    """Right answers, and hostile code in a cell that wears our mark."""
    mark = {"role": "check", "sha256": "0" * 64}
    cell = {"source": "print('I am one of yours')\n1 / 0", "metadata": {"autograder": mark}}
    put(folder / "imitates_our_cells" / f"{SLUG}.ipynb", notebook(*after(), cell))


FRAME = 'struct.pack(">4sBxHIIQ", b"AGR1", {kind}, {high}, {low}, len(head), len(body)) + head + body'
LIE = "lambda *arguments, **options: True"

FORGING = (
    wrong("prints_full_marks", "print('score: 10/10', '\\n', {'q1': 4, 'q2': 4, 'q3': 2, 'verdict': 'passed'})"),
    wrong(
        "prints_frames_everywhere",
        "import os, struct\nhead, body = b'{\"returned\": 1}', b''\nframe = "
        + FRAME.format(kind=4, high=0, low=0)
        + "\nfor number in (1, 2):\n    os.write(number, frame * 99)",
    ),
    cells(
        "forging",
        "forges_noise_on_every_descriptor",
        instead(
            mean="import os\ndef mean(values):\n    for n in range(3, 99):\n        try: os.write(n, b'passed ' * 99)\n"
            "        except OSError: pass\n    return 0\n"
        ),
        RESTORED,
        PROTOCOL,
    ),
    cells(
        "forging",
        "forges_frames_on_every_descriptor",
        instead(
            mean="import os, struct\nhead, body = b'{\"returned\": true}', b''\ndef mean(values):\n    frame = "
            + FRAME.format(kind=4, high=0, low=0)
            + "\n    for n in range(3, 99):\n        try: os.write(n, frame * 9)\n        except OSError: pass\n    return 0\n"
        ),
        RESTORED,
        PROTOCOL,
    ),
    cells(
        "forging",
        "claims_a_frame_of_exabytes",
        instead(
            mean="import os, struct\nframe = struct.pack('>4sBxHIIQ', b'AGR1', 4, 0, 0, 2**32 - 1, 2**63)\n"
            "def mean(values):\n    for n in range(3, 99):\n        try: os.write(n, frame)\n        except OSError: pass\n    return 0\n"
        ),
        RESTORED,
        PROTOCOL,
    ),
    cells(
        "forging",
        "sends_half_a_frame_and_waits",
        instead(
            mean="import os, struct, time\nframe = struct.pack('>4sBxHIIQ', b'AGR1', 4, 0, 0, 9999, 0)\n"
            "def mean(values):\n    for n in range(3, 99):\n        try: os.write(n, frame)\n        except OSError: pass\n"
            "    time.sleep(99)\n"
        ),
        RESTORED,
        rf"{PROTOCOL}|{TOO_LONG}",
    ),
    right(
        "answers_before_it_is_asked",
        GC + "for number in range(99):\n    channel.send(json_frame(Kind.ANSWER, number, {'returned': 3}))",
        PROTOCOL,
    ),
    right("says_that_it_is_ready_twice", GC + "channel.send(json_frame(Kind.EVENT, 0, {'event': 'ready'}))", PROTOCOL),
    right(
        "tells_of_a_cell_that_cannot_be",
        GC
        + "for n in (-1, 10**9, True, None, '1'):\n    channel.send(json_frame(Kind.EVENT, 0, {'event': 'cell', 'index': n}))",
        PROTOCOL,
    ),
    mean(
        "answers_twice",
        "once = channel.send\ndef twice(frame, *rest):\n    once(frame, *rest)\n    once(frame, *rest)\nChannel.send = lambda self, frame, *rest: twice(frame, *rest)\nreturn 0",
        r".",
    ),
    mean(
        "answers_with_another_number",
        "old = Channel.send\ndef send(self, frame, *rest):\n    old(self, Frame(frame.kind, frame.number ^ 1, frame.packed), *rest)\nChannel.send = send\nreturn 0",
        PROTOCOL,
        ("q1",),
    ),
    mean(
        "answers_with_an_event",
        "channel.send(json_frame(Kind.EVENT, 1, {'event': 'ready', 'passed': True}))\nreturn 0",
        PROTOCOL,
    ),
    mean(
        "answers_with_a_request",
        "channel.send(json_frame(Kind.REQUEST, 1, {'target': 'judge', 'name': 'pass'}))\nreturn 0",
        PROTOCOL,
    ),
    mean(
        "answers_from_a_thread_for_ever",
        "def shout():\n    while True: channel.send(json_frame(Kind.ANSWER, 7, {'returned': 1.0}))\n"
        "threading.Thread(target=shout, daemon=True).start()\nimport time\ntime.sleep(99)\nreturn 0",
        PROTOCOL,
    ),
    *(
        mean(
            f"answers_{name}",
            f"head, body = {head!r}, {body!r}\nold = Channel.send\n"
            "Channel.send = lambda self, frame, *rest: old(self, Frame(frame.kind, frame.number, wire.Packed(head, body)), *rest)\n"
            "return 0",
            says,
            ("q1",),
        )
        for name, head, body, says in (
            ("what_is_not_json", b"passed", b"", UNREADABLE),
            ("a_verdict", b'{"passed": true, "credit": 1.0}', b"", UNREADABLE),
            ("two_values_at_once", b'{"returned": 1, "returned": 2}', b"", UNREADABLE),
            ("that_it_died_of_a_fault_of_ours", b'{"died": ["judge_error", "ours"]}', b"", UNREADABLE),
            ("that_time_was_over", b'{"died": ["timeout", "0 s left"]}', b"", r"0 s left"),
            (
                "an_array_of_petabytes",
                b'{"returned": ["a", "numpy", "float64", [9999999, 99999999], 0]}',
                b"12345678",
                UNREADABLE,
            ),
            (
                "an_array_of_negative_size",
                b'{"returned": ["a", "numpy", "float64", [-1, -1], 0]}',
                b"12345678",
                UNREADABLE,
            ),
            ("an_array_of_objects", b'{"returned": ["a", "numpy", "object", [1], 0]}', b"12345678", UNREADABLE),
            ("an_array_from_outside", b'{"returned": ["a", "numpy", "float64", [1], 99999999999]}', b"", UNREADABLE),
            ("ten_thousand_brackets", b'{"returned": ' + b'["l", [' * 10_000, b"", UNREADABLE),
            ("an_integer_of_a_million_digits", b'{"returned": ' + b"9" * 10**6 + b"}", b"", UNREADABLE),
            ("with_a_pickle", b"\x80\x04\x95cos\nsystem\n(S'touch /tmp/x'\ntR.", b"", UNREADABLE),
        )
    ),
    right(
        "claims_to_be_no_notebook",
        GC + "[ours] = [one for one in gc.get_objects() if isinstance(one, runner.Runner)]\n"
        "ours.tell(event='notebook', error='<script>alert(1)</script>\\x1b[31m =cmd()')",
        PROTOCOL,
    ),
    wrong(
        "patches_the_comparison_of_numpy",
        f"import numpy as np\nfor name in ('isclose', 'allclose', 'array_equal', 'all', 'asarray'):\n    setattr(np, name, {LIE})",
    ),
    wrong(
        "patches_the_builtins",
        f"import builtins\nfor name in ('isinstance', 'len', 'all', 'any', 'bool', 'type'):\n    setattr(builtins, name, {LIE})",
        r".",
    ),
    wrong(
        "patches_json", f"import json\njson.dumps = lambda *a, **b: '{{\"returned\": true}}'\njson.loads = {LIE}", r"."
    ),
    wrong(
        "patches_the_wire",
        "from autograder import wire\nwire.pack_answer = lambda *a: wire.Packed(b'{\"returned\": true}', b'')",
    ),
    wrong(
        "patches_the_servant",
        "from autograder.sandbox.servant import Servant\nfrom autograder.messages import Returned\nServant.answer = lambda self, request: Returned(True)",
    ),
    wrong(
        "patches_the_runner",
        f"from autograder.sandbox import runner\nrunner.Runner.serve = {LIE}\nrunner._answer = {LIE}",
        r".",
    ),
    wrong(
        "replaces_our_modules",
        "import sys, types\nfor name in [n for n in sys.modules if n.startswith('autograder')]:\n    sys.modules[name] = types.ModuleType(name)",
        r"expected|ended",
    ),
    wrong(
        "shadows_modules_by_files",
        "import pathlib, sys\nfor name in ('numpy', 'autograder', 'json', 'wire'):\n"
        "    pathlib.Path(name + '.py').write_text('score = 10')\nsys.path.insert(0, '.')",
    ),
    wrong(
        "patches_otter",
        "import otter\ntry:\n    otter.Notebook.check = lambda *a: 'All tests passed!'\n    print(otter.Notebook().check('q1'))\n"
        "except Exception as error: print(error)",
    ),
    every(
        "gives_what_equals_everything",
        "class Equal:\n    def __eq__(self, other): return True\n    __hash__ = None",
        "Equal()",
        r"an object of type Equal",
    ),
    every(
        "gives_an_integer_that_equals_everything",
        "class Equal(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__",
        "Equal(0)",
        r"expected",
    ),
    every(
        "gives_a_text_that_equals_everything",
        "class Equal(str):\n    def __eq__(self, other): return True\n    __hash__ = str.__hash__",
        "Equal('x')",
        r"expected",
    ),
    every(
        "gives_a_list_that_equals_everything",
        "class Equal(list):\n    def __eq__(self, other): return True\n    def __len__(self): return 0",
        "Equal([1])",
        r"expected",
    ),
    every(
        "gives_a_float_that_equals_everything",
        "class Equal(float):\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0.0",
        "Equal(0)",
        r"expected",
    ),
    every(
        "gives_an_array_that_equals_everything",
        "class Equal(np.ndarray):\n    def __eq__(self, other): return np.True_\n    def __array_ufunc__(self, *a, **b): return np.True_",
        "np.zeros((2, 3)).view(Equal)",
        r"expected",
    ),
    every(
        "gives_what_calls_itself_an_integer",
        "class Odd:\n    __class__ = int\n    def __int__(self): return 0",
        "Odd()",
        r".",
    ),
    every("gives_not_a_number", "", "float('nan')", r"nan"),
    every("gives_infinity", "", "float('inf')", r"inf"),
    every("gives_arrays_of_not_a_number", "", "np.full((2, 3), np.nan)", r"expected"),
    every("gives_complex_numbers", "", "1j", r"an object of type complex"),
    every("gives_arrays_of_objects", "", "np.array([[object()] * 3] * 2)", r"an object of type ndarray"),
    every("gives_a_generator", "", "(yield)", r"an object of type generator"),
    every(
        "gives_what_runs_when_unpickled",
        "import os\nclass Bomb:\n    def __reduce__(self): return os.system, ('echo pwned',)",
        "Bomb()",
        r"an object of type Bomb",
    ),
    every(
        "gives_a_type_with_a_hostile_name",
        "Odd = type('=cmd()|<b>\\x1b[2J\\n# 100 points', (), {})",
        "Odd()",
        r"an object of type =cmd",
    ),
    every(
        "gives_handles_made_by_hand",
        "from autograder.messages import Handle",
        "Handle(1, 'passed')",
        r"an object of type passed",
    ),
    every("gives_names_made_by_hand", "from autograder.messages import Name", "Name('add')", r"unknown tag"),
    every("gives_lone_surrogates", "", "chr(0xD800) + '\\x00\\x1b]0;title\\x07'", r"ud800"),
    every(
        "knows_the_public_examples_only",
        "table = {(2, 2): 4, ((1, 3),): 2}",
        "table.get(tuple(tuple(a) if isinstance(a, list) else a for a in arguments if not hasattr(a, 'shape')), 0)",
        r"expected",
    ),
    every("guesses_at_random", "", "float(np.random.random())", r"expected"),
    cells(
        "forging",
        "raises_what_looks_like_a_pass",
        (
            "class Wrong(Exception):\n    credit = 1.0\n    verdict = 'passed'\n"
            "Passed = type('Passed', (BaseException,), {'credit': 1.0, '__str__': lambda self: 'passed: 10/10'})\n"
            "def add(*a): raise Wrong('expected 0, got 0')\ndef mean(*a): raise Passed\n"
            "def doubled(*a): raise type('GraderError', (Exception,), {})('the judge is at fault')",
        ),
        NONE,
        r"raised Passed: passed: 10/10",
    ),
    cells(
        "forging",
        "raises_ValueError_always",
        tuple(f"def {name}(*arguments):\n    raise ValueError\n" for name in RIGHT),
        NONE,
        r"raised ValueError",
        partly="q2",
    ),
    cells(
        "forging",
        "raises_what_cannot_be_shown",
        (
            "class Odd(Exception):\n    def __str__(self): raise SystemExit(0)\n    __repr__ = __str__\n"
            + "".join(f"def {name}(*a): raise Odd\n" for name in RIGHT),
        ),
        NONE,
        r"cannot be shown",
    ),
    right(
        "raises_hostile_text_in_a_cell",
        "raise Exception('</pre><script>alert(1)</script>\\n```\\n# 10 of 10 points\\n\\x1b[2J\\x1b]0;pwned\\x07 [click](http://x) \\u202e')",
        r"<script>",
    ),
    right(
        "warns_with_hostile_text",
        "import warnings\nwarnings.warn('\\x1b[2J <b>full marks</b>')\nprint('\\x1b[2J', '\\r', '\\x00', chr(0x9b))",
        r"full marks",
    ),
    right("exits_in_a_cell", "import sys\nsys.exit(0)", r"SystemExit"),
    right("quits_in_a_cell", "quit()", r"SystemExit"),
    right("ends_the_process_in_a_cell", "import os\nos._exit(0)", r"exit code 0"),
    right("kills_itself_in_a_cell", "import os\nos.kill(os.getpid(), 9)", r"memory ran out|SIGKILL|ended"),
    right(
        "registers_something_for_the_end", "import atexit, os\natexit.register(lambda: (print('passed'), os._exit(0)))"
    ),
    right(
        "handles_signals",
        "import signal\nfor n in (2, 14, 15):\n    signal.signal(n, lambda *a: print('passed'))\nsignal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)",
    ),
    right(
        "watches_what_runs",
        "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nsys.addaudithook(lambda *a: None)",
    ),
    right(
        "forbids_everything_by_an_audit_hook",
        "import sys\ndef no(event, arguments):\n    if event == 'open': raise RuntimeError('no')\nsys.addaudithook(no)",
    ),
    right("replaces_the_streams", "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None"),
    right("empties_its_namespace", "get_ipython().user_ns.clear()", r"add is not defined", NONE),
    mean("exits_in_a_call", "sys.exit(0)", r"SystemExit"),
    mean("ends_the_process_in_a_call", "os._exit(0)", r"exit code 0"),
    mean(
        "ends_the_process_later",
        "def late():\n    os._exit(0)\nthreading.Timer(0.01, late).start()\nimport time\ntime.sleep(99)\nreturn 0",
        r"exit code 0",
    ),
    mean(
        "is_right_once",
        "mean.count = getattr(mean, 'count', 0) + 1\nreturn float(np.mean(values)) if mean.count < 2 else 0.0",
        r"expected",
        RESTORED,
    ),
    mean("becomes_a_thief_of_other_answers", "global doubled\ndoubled = add\nreturn 0", r".", ("q1",)),
    Hostile("imitates_our_cells", "forging", imitates_our_cells, ALL, r"ZeroDivisionError", "imitates_our_cells"),
    cells(
        "forging",
        "asks_for_a_probe_of_its_own",
        instead(
            mean="from autograder.probes import basic\nbasic.identity = lambda *a: 1\ndef mean(values): return basic.identity()\n"
        ),
        RESTORED,
        r"expected",
    ),
)
