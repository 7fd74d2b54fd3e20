"""Reads a notebook's code cells from its bytes, in the student's own process: the judge never parses them."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

OURS = frozenset({"setup", "figure", "check"})
"""Roles of cells that the built notebook brings along; unchanged, they have nothing to grade."""

MAX_LINE = 80
MAX_NAMES = 300
# a function or a class; the targets of an assignment; what is imported
_DEFINES = re.compile(
    r"^(?:(?:async\s+def|def|class)\s+(\w+)"
    r"|([\w ,*]+?)\s*=(?!=)|(\w+)\s*:[^=\n(]+=(?!=)"
    r"|(?:from\s+\S+\s+)?import\s+(.+))",
    re.MULTILINE,
)
_SAVE_AGAIN = "open it in Jupyter, VS Code or Colab, save it again and hand that in"


class NotebookError(Exception):
    """The file is not a notebook that can be run; the message is for the student."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell; `index` counts code cells from 1, as Jupyter does after "Restart and run all"."""

    index: int
    source: str
    role: str = ""

    @property
    def is_untouched(self) -> bool:
        """Whether it is one of ours, exactly as it was handed out."""
        return self.role in OURS


def first_line(source: str) -> str:
    """What a person finds a cell by: its first line that is not blank, cut where it is long."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return line.rstrip(":") if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 1]}…"


def functions(cells: Iterable[Cell]) -> list[str]:
    """The functions and classes that the cells define, by their text; the first ones, so that it stays short."""
    found = (match[0] for cell in cells for match in _DEFINES.findall(cell.source) if match[0])
    return [name for name in itertools.islice(dict.fromkeys(found), MAX_NAMES) if len(name) <= MAX_LINE]


def would_define(source: str, name: str) -> bool:
    """Whether a cell's text looks as if running it would define the name."""
    return any(name in re.findall(r"\w+", group) for match in _DEFINES.findall(source) for group in match)


def parse(data: bytes) -> tuple[Cell, ...]:
    """The code cells in order; raises NotebookError with a sentence for the student."""
    return code_cells(load(data))


def load(data: bytes) -> dict[str, Any]:
    """The notebook as JSON gives it; raises NotebookError."""
    return _load(_decode(data))


def code_cells(notebook: dict[str, Any]) -> tuple[Cell, ...]:
    """The code cells in order; raises NotebookError."""
    _check_format(notebook)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise NotebookError(f"this notebook has no list of cells: {_SAVE_AGAIN}")
    code = [_code_cell(number, cell) for number, cell in enumerate(cells, 1)]
    return tuple(
        Cell(index, source, role) for index, (source, role) in enumerate((cell for cell in code if cell is not None), 1)
    )


def _decode(data: bytes) -> str:
    if not data.strip():
        raise NotebookError("the file is empty: save the notebook and hand it in again")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:64]:
        raise NotebookError(f"the file is not UTF-8 text (it looks like UTF-16 or binary): {_SAVE_AGAIN}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(f"the file is not UTF-8 text (at byte {error.start:,}): {_SAVE_AGAIN}") from None


def _load(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise NotebookError("the file is nested too deep to be a notebook") from None
    except json.JSONDecodeError as error:
        cut_off = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        what = "ends in the middle (was it cut off?)" if cut_off else f"is not JSON (line {error.lineno}: {error.msg})"
        raise NotebookError(f"the file {what}, so it is not a notebook: {_SAVE_AGAIN}") from None
    except ValueError as error:
        raise NotebookError(f"the file is not JSON ({error}), so it is not a notebook: {_SAVE_AGAIN}") from None
    if not isinstance(notebook, dict):
        raise NotebookError(f"the file is JSON but not a notebook: {_SAVE_AGAIN}")
    return notebook


def _check_format(notebook: dict[str, Any]) -> None:
    version = notebook.get("nbformat")
    if version == 4:
        return
    if not isinstance(version, int) or isinstance(version, bool):
        raise NotebookError(f"the file does not say which notebook format it has: {_SAVE_AGAIN}")
    age = "an old" if version < 4 else "an unknown"
    raise NotebookError(f"the notebook has {age} format ({version}, not 4): {_SAVE_AGAIN}")


def _code_cell(number: int, cell: object) -> tuple[str, str] | None:
    if not isinstance(cell, dict):
        raise NotebookError(f"cell {number} of the notebook is not a cell: {_SAVE_AGAIN}")
    if cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise NotebookError(f"the source of cell {number} is not text: {_SAVE_AGAIN}")
    return source, role_of(cell, source)


def role_of(cell: dict[str, Any], source: str) -> str:
    """The role that the builder gave the cell, as long as its source is still what was built."""
    metadata = cell.get("metadata")
    mark = metadata.get("autograder") if isinstance(metadata, dict) else None
    role = mark.get("role") if isinstance(mark, dict) else None
    if not isinstance(mark, dict) or not isinstance(role, str) or role not in OURS:
        return ""
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return role if mark.get("sha256") == digest else ""
