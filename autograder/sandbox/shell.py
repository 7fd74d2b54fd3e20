"""IPython without its history, its threads and its costs: runs cells as Jupyter would, offers no processes."""

from __future__ import annotations

import ast
import re
import sys
import traceback
import warnings
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox import figures, standins
from autograder.sandbox.recorder import TYPES, drawn_for_cells, flush, recorder

_PROCESS_MAGICS = frozenset("! !! sx system bash sh script perl ruby pypy python python2 python3 cmd".split())
_INSTALL_MAGICS = frozenset("pip conda mamba micromamba uv".split())
_TRACEBACK_LINES = -12
PROMPT = re.compile(r"^In \[", re.MULTILINE)  # pasted from IPython, which takes it away; to Python it is an annotation
_FIRST_CELLS = ("0", "%matplotlib inline", "raise ValueError", "def _first():\n    return 0\n\n\ndel _first")


class Publisher(DisplayPublisher):  # type: ignore[misc]
    """`display(...)`: recorded; its plain text is printed, too."""

    def publish(self, data: Any, *arguments: Any, **options: Any) -> None:
        """Take one bundle."""
        if recorder.is_on:
            flush()
            transient = options.get("transient") or {}
            recorder.display(data, transient.get("display_id"), update=bool(options.get("update")))
        with recorder.apart():
            super().publish(data, *arguments, **options)

    def clear_output(self, wait: bool = False) -> None:
        """What the cell gave so far goes from the record."""
        flush()
        recorder.clear(wait=wait)


class Hook(DisplayHook):  # type: ignore[misc]
    """The value of a cell's last expression."""

    def quiet(self) -> bool:
        """Whether the cell ends in a semicolon; IPython would look for it in a history that is off here."""
        cell = getattr(getattr(self.exec_result, "info", None), "raw_cell", None)
        return isinstance(cell, str) and cell.rstrip()[-1:] == ";" and self.semicolon_at_end_of_expression(cell)

    def write_output_prompt(self) -> None:
        """The value stands for itself."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Record it; its plain text is printed, too."""
        if recorder.is_on:
            flush()
            recorder.display(format_dict)
        with recorder.apart():
            super().write_format_data(format_dict, md_dict)

    def finish_displayhook(self) -> None:
        """Nothing stands between outputs."""


class QuietShell(InteractiveShell):  # type: ignore[misc]
    """The shell that a student's cells run in."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    transforms: tuple[int, ...] = ()  # as it was made

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window to open."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
        """`%matplotlib inline`, or any other, leaves the backend that shows nothing."""
        return "inline", figures.BACKEND

    def system(self, cmd: str) -> NoReturn:
        """`!command`."""
        raise standins.NotAvailable(f"!{cmd.strip()[:80]}: {standins.NO_PROCESSES}")

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> NoReturn:
        """`name = !command`."""
        self.system(cmd)

    def transform_cell(self, raw_cell: str) -> str:
        """IPython's own syntax as Python; what is Python already stays as it is, without a look at each of its tokens.

        No statement of Python begins with %, ! or ?, so nothing of IPython's is missed. A line alone may be a magic
        without its sign, and white space at the head is taken off.
        """
        if self.transforms == self.count_transforms() and is_python(raw_cell):
            return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        return str(super().transform_cell(raw_cell))

    def count_transforms(self) -> tuple[int, ...]:
        """How many steps lie between a cell and Python: a notebook can add some."""
        manager = self.input_transformer_manager
        steps = manager.cleanup_transforms, manager.line_transforms, manager.token_transformers
        return (*map(len, steps), len(self.input_transformers_post))

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """A `%magic`; those that need a process or the network say that there is none."""
        _refuse_magic("%", magic_name)
        return super().run_line_magic(magic_name, line, _stack_depth=_stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """A `%%magic`."""
        _refuse_magic("%%", magic_name)
        return super().run_cell_magic(magic_name, line, cell)

    def ask_exit(self) -> NoReturn:
        """`exit()` and `quit()` end the cell; the kernel of a graded notebook stays."""
        raise SystemExit

    def showtraceback(self, exc_tuple: Any = None, *_arguments: Any, **_options: Any) -> None:
        """Plain and short: IPython's own takes longer than most cells and nobody sees its colours."""
        _, error, trace = exc_tuple or sys.exc_info()
        try:
            text = _traceback(error, trace)
        except BaseException:  # a hostile __str__ is the student's
            text = "(the exception cannot be shown)\n"
        flush()
        recorder.error(text)
        with recorder.apart():
            print(text, end="", file=sys.stderr)
        del trace

    def showsyntaxerror(self, filename: Any = None, running_compiled_code: bool = False) -> None:
        """The same for a cell that does not compile."""
        self.showtraceback()


def _traceback(error: Any, trace: TracebackType | None) -> str:
    """From the student's first line on; of an exception without one, as of a syntax error, what it says."""
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<ipython-input-"):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace, limit=_TRACEBACK_LINES))


def is_python(cell: str) -> bool:
    """Whether a cell of several lines is Python as it stands; `await` and `return` outside of functions are, here."""
    if cell[:1].isspace() or PROMPT.search(cell) or len(cell.splitlines()) < 2:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they come when the cell is compiled
        try:
            ast.parse(cell)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return False
    return True


def _refuse_magic(sign: str, name: str) -> None:
    if name in _INSTALL_MAGICS:
        raise standins.NotAvailable(f"{sign}{name}: {standins.NO_INSTALLING}")
    if name in _PROCESS_MAGICS:
        raise standins.NotAvailable(f"{sign}{name}: {standins.NO_PROCESSES}")


def make(folder: str) -> QuietShell:
    """The process's shell, with a fresh `__main__` as its namespace; made once before the fork, since it takes time."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.xmode = "Minimal"
    config.DisplayFormatter.active_types = list(TYPES)
    main = ModuleType("__main__", "The student's notebook.")
    shell: QuietShell = QuietShell.instance(config=config, ipython_dir=folder, user_module=main)
    shell.user_ns["__builtins__"] = __builtins__
    shell.transforms = shell.count_transforms()
    shell.display_formatter.formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", drawn_for_cells)
    sys.modules["__main__"] = main
    for cell in _FIRST_CELLS:  # lazy parts load here and not in every child
        shell.run_cell(cell, store_history=False)
    return shell


def error_of(result: Any) -> BaseException | None:
    """What stopped a cell, from IPython's result."""
    error = result.error_before_exec or result.error_in_exec
    return error if isinstance(error, BaseException) else None
