"""IPython without its history, its threads and its costs: runs cells as Jupyter would, offers no processes."""

from __future__ import annotations

import ast
import sys
import traceback
import warnings
from types import ModuleType
from typing import Any, NoReturn

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox import figures, standins

_PROCESS_MAGICS = frozenset("! !! sx system bash sh script perl ruby pypy python python2 python3 cmd".split())
_INSTALL_MAGICS = frozenset("pip conda mamba micromamba uv".split())
_TRACEBACK_LINES = -12
_FIRST_CELLS = ("0", "%matplotlib inline", "raise ValueError", "def _first():\n    return 0\n\n\ndel _first")


class QuietShell(InteractiveShell):  # type: ignore[misc]
    """The shell that a student's cells run in."""

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
        if is_python(raw_cell) and not self.input_transformers_post:
            return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        return str(super().transform_cell(raw_cell))

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
            traceback.print_exception(error, limit=_TRACEBACK_LINES, file=sys.stderr)
        except BaseException:  # a hostile __str__ is the student's
            print("(the exception cannot be shown)", file=sys.stderr)
        del trace

    def showsyntaxerror(self, filename: Any = None, running_compiled_code: bool = False) -> None:
        """The same for a cell that does not compile."""
        self.showtraceback()


def is_python(cell: str) -> bool:
    """Whether a cell of several lines is Python as it stands; `await` and `return` outside of functions are, here."""
    if cell[:1].isspace() or len(cell.splitlines()) < 2:
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
    main = ModuleType("__main__", "The student's notebook.")
    shell: QuietShell = QuietShell.instance(config=config, ipython_dir=folder, user_module=main)
    shell.user_ns["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    for cell in _FIRST_CELLS:  # lazy parts load here and not in every child
        shell.run_cell(cell, store_history=False)
    return shell


def error_of(result: Any) -> BaseException | None:
    """What stopped a cell, from IPython's result."""
    error = result.error_before_exec or result.error_in_exec
    return error if isinstance(error, BaseException) else None
