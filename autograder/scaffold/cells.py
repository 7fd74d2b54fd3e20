"""The cells of another tool's notebook, and what is noticed while they are read."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import Complaint
from autograder.scaffold.magics import Code, code_of

SOLUTION_MARK = re.compile(r"#\s*((BEGIN|END) )?SOLUTION( NO PROMPT)?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its number, counted from 1; nbformat's kind; its text, without IPython's lines where it is code.

    `shown` is what Otter compares: what is printed, and the last value as it is shown. `nbgrader` is what that tool has
    in the metadata, whatever it is.
    """

    number: int
    kind: str
    source: str
    left_out: tuple[str, ...]
    language: str
    shown: str
    nbgrader: Any

    @classmethod
    def all_of(cls, notebook: Any) -> Iterator[Cell]:
        """All cells of a notebook of nbformat's."""
        for number, cell in enumerate(notebook.cells, 1):
            code = code_of(cell.source) if cell.cell_type == "code" else Code(cell.source)
            shown = "".join(map(_shown, cell.get("outputs", ()))).strip()
            nbgrader = cell.metadata.get("nbgrader", {})
            yield cls(number, cell.cell_type, code.source, code.left_out, code.language, shown, nbgrader)


def _shown(output: Any) -> str:
    text = output.get("text") or output.get("data", {}).get("text/plain") or ""
    return "".join(text)


class Notes:
    """Collects what a person should look at, and what has to be mended before anything can be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.remarks: list[str] = []
        self.complaints: list[Complaint] = []

    def complain(self, cell: Cell, question: str, problem: str, remedy: str) -> None:
        """Something to mend in a cell; `question` is "" outside of questions."""
        place = f"{self.path}, cell {cell.number}" + (f", question {question}" if question else "")
        self.complaints.append(Complaint(place, problem, remedy))

    def given(self, cell: Cell, question: str = "") -> str | None:
        """The Python of a cell that students get as it is; None where there is none."""
        if cell.language:
            self.remarks.append(f"cell {cell.number}: %%{cell.language} is not Python, and left out")
            return None
        source = self.graded(cell, question)
        if SOLUTION_MARK.search(source or ""):
            problem = "solution marks in a cell that students get as it is"
            self.complain(cell, question, problem, "make it the answer of a question, or drop the marks")
        return source if source and source.strip() else None

    def graded(self, cell: Cell, question: str) -> str | None:
        """The Python of an answer or a test; None, and a complaint, where it is something else."""
        if cell.language:
            self.complain(cell, question, f"%%{cell.language} is not Python", "write the cell in Python")
            return None
        if cell.kind != "code":
            self.complain(cell, question, f"a {cell.kind} cell where code is asked for", "mark it by hand, or move it")
            return None
        if cell.left_out:
            lines = ", ".join(f"`{line}`" for line in cell.left_out)
            self.remarks.append(f"cell {cell.number}: {lines}: not Python but IPython's, and left out")
        return cell.source if self.is_python(cell, question, cell.source) else None

    def is_python(self, cell: Cell, question: str, source: str) -> bool:
        """Whether it is; a complaint where it is not."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about how its author writes, which is not our business
                compile(source, "cell", "exec", dont_inherit=True)
        except SyntaxError as error:
            line = (error.text or "").strip()
            self.complain(cell, question, f"not Python: {error.msg}" + (f" ({line})" if line else ""), "mend the cell")
            return False
        except ValueError as error:  # a null byte
            self.complain(cell, question, f"not Python: {error}", "mend the cell")
            return False
        return True
