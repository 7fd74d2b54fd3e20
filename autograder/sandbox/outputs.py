"""What a notebook's cells printed and drew, as the judge takes it from the runner: bounded, and evidence only.

Pages show it to the student, too. So nothing is taken once an attempt is through its cells: what student code does
after the first hidden call could hold hidden inputs, also in the cells of a later attempt.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.channel import ChannelError
from autograder.sandbox.png import PngError, checked

MAX_CELLS = 300
MAX_OUTPUTS = 20  # of a cell; a traceback is kept beyond them
MAX_TEXT = 8_192  # characters of an output
MAX_CELL_TEXT = 16_384  # characters of a cell, HTML included
MAX_ALL_TEXT = 65_536  # characters of a submission
MAX_PICTURE = 192 * 1024  # bytes
MAX_PICTURES = 24  # of a submission
MAX_ALL_PICTURES = 512 * 1024  # bytes of a submission


class OutputKind(enum.Enum):
    """What an output is."""

    STDOUT = "stdout"
    STDERR = "stderr"
    DISPLAY = "display"
    ERROR = "error"
    OMITTED = "omitted"


class Omission(enum.Enum):
    """What is not kept; the sentence is for readers, {n} is a number that the runner says."""

    PICTURE = "a picture of {n:,} bytes is left out: of a notebook 512 KiB are kept, of a picture 192"
    FIGURES = "a figure is left out: only the first ones are drawn"
    TEXT = "an output of {n:,} characters is left out"
    OUTPUTS = "{n:,} more outputs are left out"
    FORMAT = "an output is left out that is neither text nor a PNG picture"
    NO_PICTURE = "a picture is left out that is no PNG of ordinary size"


@dataclass(frozen=True, slots=True)
class Output:
    """One output. `png` is a checked file; `html` and `text` are the student's to write."""

    kind: OutputKind
    text: str
    html: str = ""
    png: bytes = b""


@dataclass(frozen=True, slots=True)
class CellOutputs:
    """What one code cell gave, counted from 1; `outcome` is ok, error, skipped (ours, as handed out) or died."""

    cell: int
    outcome: str
    outputs: tuple[Output, ...] = ()


class OutputKeeper:
    """Collects the outputs of one submission, of each cell those of the first attempt that came through it."""

    def __init__(self) -> None:
        self.cells: dict[int, CellOutputs] = {}
        self.is_open = True
        self._text = MAX_ALL_TEXT
        self._pictures = MAX_PICTURES
        self._picture_bytes = MAX_ALL_PICTURES

    def close(self) -> None:
        """Take nothing any more: from now on student code may know hidden inputs."""
        self.is_open = False

    def take(self, cell: int, outcome: str, listed: object, body: bytes) -> None:
        """Keep what the runner says about a cell.

        Each output is [what, text, html, number]; the number is the length of its picture, which stands in the body, or
        what an omission counts.

        Raises:
            ChannelError: it is not of that shape.
        """
        if not self.is_open or cell in self.cells or cell > MAX_CELLS:
            return
        if not isinstance(listed, list) or len(listed) > MAX_OUTPUTS + 2:
            raise ChannelError("outputs that are no list, or too many")
        self.cells[cell] = CellOutputs(cell, outcome, tuple(self._outputs(listed, body)))

    def died(self, cell: int, message: str, printed: str) -> None:
        """Keep how a cell ended that took the process with it."""
        if self.is_open and cell not in self.cells and cell <= MAX_CELLS:
            last = (Output(OutputKind.STDOUT, printed),) if printed else ()
            said = f"The process ended in this cell: {message}"
            said += "\nAbove stands what it printed last." if printed else ""
            self.cells[cell] = CellOutputs(cell, "died", (*last, Output(OutputKind.ERROR, said)))

    def _outputs(self, listed: Sequence[Any], body: bytes) -> Iterator[Output]:
        left, start = MAX_CELL_TEXT, 0
        for one in listed:
            what, text, html, number = _parts(one)
            if what in Omission.__members__:
                yield Output(OutputKind.OMITTED, Omission[what].value.format(n=number))
                continue
            if what not in OutputKind._value2member_map_ or what == OutputKind.OMITTED.value:
                raise ChannelError("an output of no known kind")
            left -= len(text) + len(html)
            self._text -= len(text) + len(html)
            if len(text) > 2 * MAX_TEXT or left < 0 or self._text < 0:
                yield Output(OutputKind.OMITTED, Omission.TEXT.value.format(n=len(text) + len(html)))
                continue
            kind = OutputKind(what)
            if kind is not OutputKind.DISPLAY:
                yield Output(kind, text)
                continue
            picture, start = body[start : start + number], start + number
            yield self._with_picture(picture, text) if number else Output(kind, text, html)

    def _with_picture(self, picture: bytes, text: str) -> Output:
        self._pictures -= 1
        self._picture_bytes -= len(picture)
        if self._pictures < 0 or self._picture_bytes < 0 or len(picture) > MAX_PICTURE:
            return Output(OutputKind.OMITTED, Omission.PICTURE.value.format(n=len(picture)))
        try:
            return Output(OutputKind.DISPLAY, text, "", checked(picture))
        except PngError:
            return Output(OutputKind.OMITTED, Omission.NO_PICTURE.value)


def _parts(one: object) -> tuple[str, str, str, int]:
    if not isinstance(one, list) or len(one) != 4:
        raise ChannelError("an output that is none")
    what, text, html, number = one
    if not (isinstance(what, str) and isinstance(text, str) and isinstance(html, str)):
        raise ChannelError("an output that is no text")
    if type(number) is not int or not 0 <= number < 2**53:
        raise ChannelError("an output with a number that is none")
    return what, _writable(text), _writable(html), number


def _writable(text: str) -> str:
    return text.encode(errors="replace").decode()
