"""Runs in the jail: the notebook's cells first, then the judge's calls, until the judge closes the connection.

Nothing here can be relied on once student code runs beside it. It sends values and what became of the cells;
whatever it sends, points are the judge's business.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder import wire
from autograder.sandbox import figures, notebook, seeding, shell, standins
from autograder.sandbox.channel import Channel, ChannelClosed, Frame, Kind, json_frame, requests_of
from autograder.sandbox.recorder import flush, recorder, stream
from autograder.sandbox.servant import NOT_DEFINED, Servant, raised

MAX_ERROR = 1_000


@dataclass(slots=True)
class Runner:
    """One notebook in this process."""

    channel: Channel
    shell: shell.QuietShell
    number: int
    skip: Mapping[int, str]
    errors: dict[int, tuple[str, str]] = field(default_factory=dict)  # cell: its source, what stopped it

    def run(self, data: bytes) -> bool:
        """Run all cells; False where the notebook cannot be read."""
        try:
            cells = notebook.parse(data)
        except notebook.NotebookError as error:
            self.tell(event="notebook", error=str(error))
            return False
        except (MemoryError, RecursionError):
            self.tell(event="notebook", error="the file is too large or too deep to be read as a notebook")
            return False
        self.tell(event="notebook", error=None, cells=len(cells), defined=notebook.functions(cells))
        for cell in cells:
            self._cell(cell)
        figures.shown.end_of_cells()
        recorder.is_on = False
        self.tell(event="ready")
        return True

    def tell(self, body: bytes = b"", **facts: Any) -> None:
        """Report to the judge."""
        self.channel.send(json_frame(Kind.EVENT, self.number, facts, body))

    def serve(self) -> None:
        """Answer requests until the judge closes its end."""
        servant = Servant(self.shell.user_ns, explain=self._why_missing)
        while True:
            frame = self.channel.receive()
            if frame.kind is Kind.FORGET:
                servant.forget()
            elif frame.kind is Kind.REQUEST:
                self.channel.send(Frame(Kind.ANSWER, frame.number, _answer(servant, frame.packed)))
            elif frame.kind is Kind.REQUESTS:
                for number, packed in requests_of(frame):
                    self.channel.send(Frame(Kind.ANSWER, number, _answer(servant, packed)))

    def _cell(self, cell: notebook.Cell) -> None:
        if cell.index in self.skip:
            self.errors[cell.index] = cell.source, self.skip[cell.index]
            return
        if cell.is_untouched:
            self._skip_untouched(cell)
            return
        self.tell(event="cell", index=cell.index, printed=recorder.printed, line=notebook.first_line(cell.source))
        self.shell.execution_count = cell.index
        recorder.begin()
        error = shell.error_of(self.shell.run_cell(cell.source, store_history=False))
        figures.close_figures()
        flush()
        text = "" if error is None else describe(error)
        if error is not None:
            self.errors[cell.index] = cell.source, f"stopped with {text}"
        shown, pictures = _recorded()
        said = {"outcome": "ok" if error is None else "error", "error": text}
        self.tell(pictures, event="ended", index=cell.index, **said, **({"outputs": shown} if shown else {}))

    def _skip_untouched(self, cell: notebook.Cell) -> None:
        if cell.role == "setup":
            self.shell.user_ns.update(grader=standins.Notebook(), otter=sys.modules["otter"])
        self.tell(event="ended", index=cell.index, outcome="skipped", error="")

    def _why_missing(self, name: str) -> str:
        """For a name that is not there: the failed cell that would have defined it, where there is one."""
        for index, (source, reason) in self.errors.items():
            if notebook.would_define(source, name):
                return f"{name}{NOT_DEFINED}: cell {index} · {notebook.first_line(source)} · {reason}"
        return f"{name}{NOT_DEFINED} in the notebook"


def main(channel: Channel, quiet_shell: shell.QuietShell, folder: str) -> None:
    """Receive the notebook, run it, serve. Returns when the judge has closed its end."""
    _settle(folder)
    started = channel.receive()
    start = started.json()
    standins.install()
    os.environ.update(start["environment"])
    seeding.seed_everything(int(start["seed"]))
    seeding.set_threads(int(start["threads"]))
    skip = {int(index): str(reason) for index, reason in start["skip"].items()}
    recorder.is_on = bool(start["outputs"])
    runner = Runner(channel, quiet_shell, started.number, skip)
    with quiet_shell.builtin_trap:  # `display` and `get_ipython` are there in calls too
        readable = runner.run(started.packed.body)
        try:
            if readable:
                runner.serve()
        except ChannelClosed:
            pass  # the judge has all that it wants
    flush()


def describe(error: BaseException) -> str:
    """An exception in one line, also where its own text cannot be had."""
    answer = raised(error)
    return f"{answer.type_names[0]}: {answer.message}"[:MAX_ERROR]


def _recorded() -> tuple[list[list[Any]], bytes]:
    """What the cell printed and drew; nothing where student code broke the recorder."""
    with contextlib.suppress(BaseException):
        return recorder.take()
    return [], b""


def _answer(servant: Servant, packed: wire.Packed) -> wire.Packed:
    try:
        return wire.pack_answer(servant.answer(wire.unpack_request(packed)), servant.keep)
    except BaseException as error:  # not plain enough, too large, or hostile while it is encoded
        return wire.pack_answer(raised(error), servant.keep)
    finally:
        flush()


def _settle(folder: str) -> None:
    """A process like a notebook's: its own folder, its own streams, no arguments, no handlers of its parent."""
    for name in ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        os.environ[name] = folder
    os.environ.pop("PWD", None)
    tempfile.tempdir = folder
    sys.argv[:] = ["notebook"]
    sys.stdin = io.StringIO()
    sys.stdout, sys.stderr = stream(1, "stdout"), stream(2, "stderr")
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    time.tzset()
