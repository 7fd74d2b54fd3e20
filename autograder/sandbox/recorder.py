"""Records what cells print, show and draw, in the student's process: so it is the student's claim, for people to read.

Within the bounds of `autograder.sandbox.outputs`; what is beyond them is named. Nothing is drawn that no cell showed.
"""

from __future__ import annotations

import base64
import contextlib
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.drawing import as_png, drawn
from autograder.sandbox.item import Item, cut, finished, shorten
from autograder.sandbox.outputs import (
    MAX_ALL_PICTURES,
    MAX_ALL_TEXT,
    MAX_CELL_TEXT,
    MAX_OUTPUTS,
    MAX_PICTURE,
    MAX_PICTURES,
    Omission,
    OutputKind,
)

TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")
MAX_DRAWN = 2 * MAX_PICTURES  # also of those that clear_output took away again
_CELL = re.compile(r'File "<ipython-input-(\d+)-[0-9a-f]*>"')
_PACKAGE = re.compile(r'File "[^"\n]*/(?:(?:site-packages|dist-packages|python3\.\d+)/|(?=autograder/\w+/\w+\.py"))')


@dataclass(slots=True)
class Recorder:
    """The outputs of the cell that runs, and what the cells before it left of the budgets."""

    is_on: bool = False
    is_muted: bool = False
    printed: int = 0  # bytes, by all cells and calls
    items: list[Item] = field(default_factory=list)
    more: int = 0
    clear_next: bool = False
    drawn: int = 0
    text_left: int = MAX_ALL_TEXT
    pictures_left: int = MAX_PICTURES
    picture_bytes_left: int = MAX_ALL_PICTURES

    def begin(self) -> None:
        """A cell begins."""
        self.items, self.more = [], 0
        self.is_muted = self.clear_next = False

    def stream(self, name: str, data: bytes) -> None:
        """Something was printed."""
        if not self.is_on or self.is_muted:
            return
        self._clear_if_asked()
        if not (self.items and self.items[-1].what == name):
            self._add(Item(name))
        last = self.items[-1]
        if last.what == name:
            last.data += data
            shorten(last)

    def display(self, bundle: Mapping[str, Any], display_id: object = "", *, update: bool = False) -> None:
        """Something was shown, in several forms: the richest one that is kept, and the plain one."""
        if not self.is_on:
            return
        self._clear_if_asked()
        new = self._displayed(bundle)
        new.display_id = display_id if isinstance(display_id, str) else ""
        if not update:
            self._add(new)
        elif new.display_id:
            self.items = [new if one.display_id == new.display_id else one for one in self.items]

    def figure(self, figure: Any) -> None:
        """A figure was shown: drawn as Jupyter would, a little smaller."""
        if not self.is_on:
            return
        flush()
        self._clear_if_asked()
        self.drawn += 1
        if self.drawn > MAX_DRAWN or self.pictures_left <= sum(bool(one.png) for one in self.items):
            self._add(Item(Omission.FIGURES.name))
            return
        try:
            self._add(self._picture(drawn(figure), ""))
        except BaseException as error:  # drawing runs what the student made
            said = str(error)[:500] if isinstance(error, Exception) else ""
            self._add(Item(OutputKind.ERROR.value, f"a figure cannot be drawn: {type(error).__name__}: {said}"))

    def error(self, text: str) -> None:
        """A cell stopped with this traceback."""
        if self.is_on:
            self._clear_if_asked()
            text = _PACKAGE.sub('File "', _CELL.sub(r"Code cell \1", text))
            self.items.append(Item(OutputKind.ERROR.value, text))

    def clear(self, *, wait: bool) -> None:
        """`clear_output`: at once, or when the next output comes."""
        self.clear_next = True
        if not wait:
            self._clear_if_asked()

    def take(self) -> tuple[list[list[Any]], bytes]:
        """The outputs of the cell that ended, as the judge takes them: a list, and the bytes of their pictures."""
        listed: list[list[Any]] = []
        pictures: list[bytes] = []
        left = min(MAX_CELL_TEXT, self.text_left)
        for item in self.items:
            what, text, html, number = finished(item, left)
            left -= len(text) + len(html)
            self.text_left -= len(text) + len(html)
            pictures += [item.png] if what == item.what and item.png else []
            listed.append([what, text, html, number])
        if self.more:
            listed.append([Omission.OUTPUTS.name, "", "", self.more])
        self.pictures_left -= len(pictures)
        self.picture_bytes_left -= sum(map(len, pictures))
        self.items = []
        return listed, b"".join(pictures)

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """What is printed in here is recorded already; it goes to the judge's excerpt alone."""
        if self.is_on:
            flush()
        before, self.is_muted = self.is_muted, True
        try:
            yield
        finally:
            if self.is_on:
                flush()
            self.is_muted = before

    def _add(self, item: Item) -> None:
        if len(self.items) < MAX_OUTPUTS:
            self.items.append(item)
        else:
            self.more += 1

    def _clear_if_asked(self) -> None:
        if self.clear_next:
            self.clear_next = False
            self.items, self.more = [], 0

    def _displayed(self, bundle: Mapping[str, Any]) -> Item:
        png, html = _png(bundle), bundle.get("text/html")
        plain = next((bundle[kind] for kind in ("text/markdown", "text/latex", "text/plain") if kind in bundle), None)
        text = plain if isinstance(plain, str) else ""
        if png:
            return self._picture(png, text)
        if text or isinstance(html, str):
            return Item(OutputKind.DISPLAY.value, text, html if isinstance(html, str) else "")
        return Item(Omission.FORMAT.name)

    def _picture(self, png: bytes, text: str) -> Item:
        here = sum(len(one.png) for one in self.items)
        count = sum(bool(one.png) for one in self.items)
        fits = len(png) <= MAX_PICTURE and here + len(png) <= self.picture_bytes_left and count < self.pictures_left
        if not png or not fits:
            return Item(Omission.PICTURE.name, number=len(png))
        return Item(OutputKind.DISPLAY.value, cut(text, 500), "", png, len(png))


def drawn_for_cells(figure: Any) -> bytes | None:
    """A figure that is displayed as a value; None in hidden calls, where nobody looks."""
    return drawn(figure) if recorder.is_on else None


def _png(bundle: Mapping[str, Any]) -> bytes:
    """The picture of a display, a photograph redrawn; empty where there is none, or none that can be read."""
    for kind in ("image/png", "image/jpeg"):
        with contextlib.suppress(Exception):  # what it holds is the student's
            picture = bundle[kind]
            data = base64.b64decode(picture) if isinstance(picture, str) else bytes(picture)
            return data if kind == "image/png" else as_png(data)
    return b""


def flush() -> None:
    """Send on what was printed; student code may have closed or replaced the streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()


def stream(descriptor: int, name: str) -> io.TextIOWrapper:
    """A stream to print to, of which a copy is recorded whenever it is flushed."""
    raw = io.BufferedWriter(_Copying(descriptor, name))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=False)


class _Copying(io.FileIO):
    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._stream_name = name

    def write(self, data: Any) -> Any:
        """Write, and record what was written."""
        written = super().write(data)
        recorder.printed += written or 0
        recorder.stream(self._stream_name, bytes(data[:written]))
        return written


recorder = Recorder()
