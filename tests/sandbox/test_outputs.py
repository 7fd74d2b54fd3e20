"""What cells print and draw reaches the judge as in Jupyter, within bounds, and never what a hidden call did."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image

from autograder.sandbox.channel import ChannelError
from autograder.sandbox.outputs import (
    MAX_ALL_TEXT,
    MAX_CELL_TEXT,
    MAX_CELLS,
    MAX_OUTPUTS,
    MAX_PICTURE,
    MAX_TEXT,
    Output,
    OutputKeeper,
    OutputKind,
)
from autograder.sandbox.png import SIGNATURE, PngError, checked
from autograder.sandbox.warm import Zygote

from .conftest import Submission, Submit, submissions
from .test_session import ours


def given(session: Submission) -> dict[int, list[tuple[str, str]]]:
    """Kind and text of each cell's outputs."""
    return {cell.cell: [(one.kind.value, one.text) for one in cell.outputs] for cell in session.facts.outputs}


def sizes(session: Submission) -> list[tuple[int, int]]:
    files = [one.png for cell in session.facts.outputs for one in cell.outputs if one.png]
    return [Image.open(io.BytesIO(png)).size for png in files]


class TestAsInJupyter:
    def test_text_values_and_displays_stand_in_their_order(self, submit: Submit) -> None:
        session = submit(
            "import sys\nprint('one')\nprint('two', file=sys.stderr)\ndisplay('three')\nprint('four')\n5 + 1",
            "x = 1",
            "7;",
            "None",
            "class T:\n    def _repr_html_(self): return '<table></table>'\n    def __repr__(self): return 'T'\nT()",
        )
        session.begin_case()
        assert given(session) == {
            1: [
                ("stdout", "one\n"),
                ("stderr", "two\n"),
                ("display", "'three'"),
                ("stdout", "four\n"),
                ("display", "6"),
            ],
            2: [],
            3: [],
            4: [],
            5: [("display", "T")],
        }
        assert session.facts.outputs[4].outputs[0].html == "<table></table>"
        assert "6" in session.facts.output  # the excerpt of all that is printed has it, too

    def test_a_traceback_begins_at_the_students_line(self, submit_inner: Submit) -> None:
        session = submit_inner("def f(x):\n    return 1 / x", "print('before')\nf(0)", "def (", "%pip install x")
        session.begin_case()
        shown = given(session)
        assert shown[2][0] == ("stdout", "before\n")
        kind, told = shown[2][1]
        lines = [line.strip() for line in told.splitlines() if not set(line) <= set(" ~^")]  # Python 3.11 underlines
        assert (kind, lines) == (
            "error",
            [
                *("Traceback (most recent call last):", "Code cell 2, line 2, in <module>", "f(0)"),
                *("Code cell 1, line 2, in f", "return 1 / x", "ZeroDivisionError: division by zero"),
            ],
        )
        assert shown[3][0][1].endswith("SyntaxError: invalid syntax\n")
        assert "IPython" not in str(shown)
        assert [cell.outcome for cell in session.facts.outputs] == ["ok", "error", "error", "error"]

    def test_progress_bars_leave_their_last_state(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "for step in range(50_000):\n    print(f'\\rstep {step}', end='', flush=step % 100 == 0)\nprint()",
            "from IPython.display import clear_output\nprint('old')\nclear_output(wait=True)\nprint('new')",
            "shown = display('a', display_id=True)\nshown.update('b')",
        )
        session.begin_case()
        assert given(session) == {1: [("stdout", "step 49999\n")], 2: [("stdout", "new\n")], 3: [("display", "'b'")]}

    def test_captured_output_is_not_shown(self, submit_inner: Submit) -> None:
        session = submit_inner("%%capture text\nprint('hidden')\n1", "text.stdout")
        session.begin_case()
        assert given(session) == {1: [], 2: [("display", "'hidden\\n'")]}

    def test_cells_that_the_notebook_brings_along_are_told_apart(self, submit_inner: Submit) -> None:
        session = submit_inner("print(1)", ours("check", "grader.check('q1')"))
        session.begin_case()
        assert [(cell.cell, cell.outcome) for cell in session.facts.outputs] == [(1, "ok"), (2, "skipped")]


class TestFigures:
    @pytest.fixture
    def submit(self, torch_zygote: Zygote) -> Iterator[Submit]:
        yield from submissions(torch_zygote)

    def test_they_are_drawn_where_cells_show_them(self, submit: Submit) -> None:
        session = submit(
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
            "print('between')\nplt.figure(figsize=(3, 2));",
            "figure = plt.figure()\nplt.close(figure)\nfigure",
            "plt.title('$\\\\frac$')\nNone",
            "plt.figure(figsize=(400, 400));",
            "def f():\n    plt.plot([1]); plt.show(); display(plt.gcf()); print('asked'); return 1",
        )
        session.begin_case()
        assert session.value("f") == 1
        kinds = [kind for outputs in given(session).values() for kind, _ in outputs]
        assert kinds == ["display", "stdout", "display", "display", "error", "display"]
        assert "a figure cannot be drawn: ValueError" in given(session)[4][0][1]
        assert len(sizes(session)) == 4
        assert all(0 < width * height <= 2_500_000 for width, height in sizes(session))

    def test_photographs_are_shown_as_png(self, submit_inner: Submit) -> None:
        shown = "from IPython.display import Image as Shown\n"
        made = (
            "import io\nfrom PIL import Image\nfile = io.BytesIO()\nImage.new('RGB', SIZE, 'red').save(file, 'jpeg')\n"
        )
        small, large = made.replace("SIZE", "(30, 20)"), made.replace("SIZE", "(4000, 2000)")
        session = submit_inner(
            shown + small + "Shown(file.getvalue())",
            large + "Shown(file.getvalue())",
            "class Torn:\n    def _repr_jpeg_(self): return b'\\xff'\n    def __repr__(self): return 'torn'\nTorn()",
        )
        session.begin_case()
        assert sizes(session) == [(30, 20), (2000, 1000)]
        assert given(session)[3] == [("display", "torn")]

    def test_pictures_beyond_the_budget_are_named(self, submit_inner: Submit) -> None:
        noise = (
            "import io, os\nfrom PIL import Image\n"
            "def noise(side):\n    return Image.frombytes('RGB', (side, side), os.urandom(3 * side * side))\n"
        )
        session = submit_inner(noise + "display(noise(300))", *["display(noise(200), noise(200))"] * 3, "print('on')")
        session.begin_case()
        shown = list(given(session).values())
        assert "a picture of 27" in shown[0][0][1]
        assert [len(session.facts.outputs[index].outputs[0].png) > 0 for index in (1, 2)] == [True, True]
        assert "is left out: of a notebook 512 KiB are kept" in shown[3][-1][1]
        assert shown[4] == [("stdout", "on\n")]


class TestBounds:
    def test_long_text_is_cut_in_the_middle_and_many_outputs_are_counted(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "for _ in range(100): print('a' * 10_000, end='')\nprint('z')",
            "for number in range(50): display(number)\n1 / 0",
            *["print('b' * 9_000)"] * 12,
            "print('the last')",
        )
        session.begin_case()
        shown = given(session)
        text = shown[1][0][1]
        assert len(text) <= MAX_TEXT
        assert (text[0], text[-2:]) == ("a", "z\n")
        (left_out,) = re.findall(r"\[\.\.\. ([\d,]+) characters are left out", text)
        assert abs(int(left_out.replace(",", "")) - (1_000_000 - MAX_TEXT)) < 200
        assert len(shown[2]) == MAX_OUTPUTS + 2
        assert shown[2][-2][0] == "error"
        assert shown[2][-1] == ("omitted", "30 more outputs are left out")
        assert sum(len(text) for outputs in shown.values() for _, text in outputs) < MAX_ALL_TEXT + 1_000
        assert shown[15][0][0] == "omitted"

    def test_a_table_that_is_too_long_is_shown_as_text(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "from IPython.display import HTML\ndisplay({'text/html': 'x' * 99_999, 'text/plain': 'T'}, raw=True)"
        )
        session.begin_case()
        (output,) = session.facts.outputs[0].outputs
        assert (output.text, output.html) == ("T", "")


class TestNothingHidden:
    def test_what_calls_print_is_no_cells_output_in_any_attempt(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "import os\nprint('cell')\nclass Late:\n    def __repr__(self): return 'cell'\nLate()",
            "def f(secret):\n    print(secret, flush=True)\n    display(secret)\n    os._exit(3)",
            "def g(): return 1",
        )
        session.begin_case()
        session.call("f", "a hidden input")
        session.begin_case()  # another attempt runs the cells again
        assert session.value("g") == 1
        assert session.facts.attempts == 2
        assert "a hidden input" in session.facts.output
        assert given(session) == {1: [("stdout", "cell\n"), ("display", "cell")], 2: [], 3: []}

    def test_nor_is_it_the_error_of_a_cell_in_any_attempt(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "import os\nraise RuntimeError(f'of {os.getpid()}')", "def f(): os._exit(3)\ndef g(): return 1"
        )
        session.begin_case()
        before = [cell.error for cell in session.facts.cell_errors]
        session.call("f")
        session.begin_case()
        assert session.value("g") == 1
        assert session.facts.attempts == 2
        assert [cell.error for cell in session.facts.cell_errors] == before
        assert before[0].startswith("RuntimeError: of ")

    def test_a_cell_that_ends_the_process_shows_what_it_printed_last(self, submit_inner: Submit) -> None:
        session = submit_inner("print('first')", "import os\nprint('last', flush=True)\nos._exit(3)", "print('third')")
        session.begin_case()
        shown = given(session)
        assert shown[1] == [("stdout", "first\n")]
        assert shown[2][0] == ("stdout", "last\n")
        assert "exit code 3" in shown[2][1][1]
        assert shown[3] == [("stdout", "third\n")]
        assert [cell.outcome for cell in session.facts.outputs] == ["ok", "died", "ok"]

    def test_after_the_last_attempt_cells_are_not_reached(self, submit_inner: Submit) -> None:
        session = submit_inner(*["import os; os._exit(1)"] * 5, "print('never')")
        session.begin_case()
        assert [cell.cell for cell in session.facts.outputs] == [1, 2, 3, 4]

    def test_a_broken_recorder_costs_nothing(self, submit_inner: Submit) -> None:
        session = submit_inner(
            "from autograder.sandbox.recorder import recorder\nrecorder.items = 3\ndef f(): return 1", "print('after')"
        )
        session.begin_case()
        assert session.value("f") == 1
        assert session.facts.outputs[0].outputs == ()


def text(length: int, what: str = "stdout", html: str = "") -> list[object]:
    return [what, "x" * length, html, 0]


class TestKeeper:
    def taken(self, listed: object, body: bytes = b"") -> tuple[Output, ...]:
        keeper = OutputKeeper()
        keeper.take(1, "ok", listed, body)
        return keeper.cells[1].outputs

    @pytest.mark.parametrize(
        "listed",
        [
            None, {}, "x", [None], [[]], [["stdout", "x", ""]], [["stdout", 1, "", 0]], [["stdout", "x", None, 0]],
            [["stdout", "x", "", -1]], [["stdout", "x", "", True]], [["stdout", "x", "", 2**60]],
            [["sound", "x", "", 0]], [["stdout", "x", "", 1.5]], [text(1)] * (MAX_OUTPUTS + 3),
            [[["stdout"], "x", "", 0]],
        ],
    )  # fmt: skip
    def test_what_has_another_shape_breaks_the_protocol(self, listed: object) -> None:
        with pytest.raises(ChannelError):
            self.taken(listed)

    def test_a_sentence_of_ours_cannot_be_written_by_a_runner(self) -> None:
        assert self.taken([["OUTPUTS", "your points: 100", "<b>", 3]]) == (
            Output(OutputKind.OMITTED, "3 more outputs are left out"),
        )
        with pytest.raises(ChannelError):
            self.taken([["omitted", "your points: 100", "", 0]])

    def test_text_beyond_each_bound_is_left_out(self) -> None:
        kinds = [one.kind for one in self.taken([text(2 * MAX_TEXT + 1), text(1)])]
        assert kinds == [OutputKind.OMITTED, OutputKind.OMITTED]
        half = MAX_CELL_TEXT // 2
        kinds = [one.kind for one in self.taken([text(half), text(half), text(1)])]
        assert kinds == [OutputKind.STDOUT, OutputKind.STDOUT, OutputKind.OMITTED]
        keeper = OutputKeeper()
        for cell in range(1, 100):
            keeper.take(cell, "ok", [text(MAX_TEXT)], b"")
        assert sum(len(one.text) for cell in keeper.cells.values() for one in cell.outputs) < MAX_ALL_TEXT + 100 * 60

    def test_pictures_beyond_each_bound_and_what_are_none_are_left_out(self) -> None:
        png = made()
        assert self.taken([["display", "", "", len(png)]], png)[0].png == png
        for data in (b"", b"x" * len(png), b"\x89PNG" * 100_000):
            (output,) = self.taken([["display", "", "", max(1, len(data))]], data)
            assert output.kind is OutputKind.OMITTED
        assert len(b"\x89PNG" * 100_000) > MAX_PICTURE
        many = self.taken([["display", "", "", len(png)]] * 20, png * 20)
        assert sum(bool(one.png) for one in many) == 20

    def test_only_the_first_attempt_and_the_first_cells_count(self) -> None:
        keeper = OutputKeeper()
        keeper.take(1, "ok", [text(1)], b"")
        keeper.take(1, "error", [text(2)], b"")
        keeper.take(MAX_CELLS + 1, "ok", [text(1)], b"")
        keeper.close()
        keeper.take(2, "ok", [text(1)], b"")
        keeper.died(3, "x", "y")
        assert [(cell.cell, cell.outcome) for cell in keeper.cells.values()] == [(1, "ok")]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def made(
    width: int = 4, height: int = 3, depth: int = 8, colour: int = 2, pixels: bytes | None = None, more: bytes = b""
) -> bytes:
    rows = (b"\0" + b"\x10" * (width * 3)) * height if pixels is None else pixels
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class TestPng:
    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_those_of_a_library_stay_the_same_picture(self, mode: str) -> None:
        image, file = Image.effect_noise((37, 11), 90).convert(mode), io.BytesIO()
        image.save(file, format="png", dpi=(72, 72))
        clean = checked(file.getvalue())
        assert Image.open(io.BytesIO(clean)).tobytes() == Image.open(file).tobytes()
        assert b"pHYs" not in clean

    def test_what_is_no_picture_goes(self) -> None:
        assert checked(made(more=chunk(b"tEXt", b"<script>")) + b"<script>") == made()

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"<svg onload=alert(1)>",
            made()[:-12],
            made()[:40],
            made().replace(b"IDAT", b"IDAU"),
            made(width=60_000, height=60_000, pixels=b"\0"),  # made whole, it would be 11 GB while tests are collected
            made(width=2_001, height=2_000),
            made(width=6_001, height=1),
            made(width=0),
            made(depth=3),
            made(colour=3),
            made(colour=5),
            made(pixels=b"\0" * 10),
            made(pixels=b"\0" * 10_000_000),
            made(pixels=(b"\7" + b"\0" * 12) * 3),
            made(more=chunk(b"ABCD", b"")),
            made(more=chunk(b"IHDR", b"")),
            made(more=chunk(b"tRNS", b"x" * 300)),
            SIGNATURE + chunk(b"IEND", b""),
            SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 3, 8, 2, 0, 0, 1)) + chunk(b"IEND", b""),
            SIGNATURE + b"\xff\xff\xff\xffIHDR",
        ],
        ids=range(21),
    )
    def test_all_else_is_refused(self, data: bytes) -> None:
        with pytest.raises(PngError):
            checked(data)
