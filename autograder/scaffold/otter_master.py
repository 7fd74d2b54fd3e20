"""Reads a master notebook of Otter Assign: its questions with their answers and tests, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from autograder.errors import GraderError
from autograder.exercise import BEGIN, END

RAW_MARK = re.compile(r"^#\s*(ASSIGNMENT CONFIG|(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS))\b", re.IGNORECASE)
FENCE = re.compile(r"\A```otter\n(.*)\n```\s*\Z", re.DOTALL)
TEST_CONFIG = re.compile(
    r"\A[^\n]*#\s*BEGIN\s*TEST\s*CONFIG[^\n]*\n(.*?)\n[^\n]*#\s*END\s*TEST\s*CONFIG[^\n]*\n?", re.DOTALL
)
HIDDEN = re.compile(r"\A\s*#[^\n]*\bhidden\b[^\n]*\n", re.IGNORECASE)
BLOCK_LINE = re.compile(r"^(\s*)#+ (BEGIN|END) SOLUTION( NO PROMPT)?\s*$")
SOLUTION_LINE = re.compile(r"^(\s*)(.*?)\s*# ?SOLUTION( NO PROMPT)?\s*$")
MAGIC = re.compile(r"^\s*[%!]")


@dataclass(frozen=True, slots=True)
class Test:
    """A test cell: its code without Otter's marks, what it shows when it is run, and its settings."""

    source: str
    shown: str
    hidden: bool
    points: float | None
    failure_message: str


@dataclass(slots=True)
class Question:
    """A question as Otter has it. `points` is what its config says: a number, a list, `{each: n}` or nothing."""

    name: str
    points: Any
    manual: bool
    prose: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Text:
    """A cell outside of questions."""

    prose: bool
    source: str


def is_master(cells: list[Any]) -> bool:
    """Whether there is a question of Otter Assign's."""
    return any((_marked(cell) or (False, ""))[1] == "QUESTION" for cell in cells)


def parts_of(cells: list[Any], path: Path) -> Iterator[Question | Text]:
    """The parts of a master notebook, in order.

    Raises:
        GraderError: a question has no name.
    """
    question: Question | None = None
    block = ""
    for cell in cells:
        marked = _marked(cell)
        if marked is None:
            if question is not None:
                _add(question, block, cell)
            elif not MAGIC.match(cell.source):
                yield Text(cell.cell_type == "markdown", cell.source)
            continue
        begins, what = marked
        if what == "QUESTION":
            question = _question(cell.source, path) if begins else None
            if question is not None:
                yield question
        else:
            block = what if begins else ""


def _marked(cell: Any) -> tuple[bool, str] | None:
    """Whether a cell opens or closes a block, and which; None for one that is no mark."""
    fenced = FENCE.match(cell.source) if cell.cell_type == "markdown" else None
    if cell.cell_type != "raw" and fenced is None:
        return None
    found = RAW_MARK.match(fenced[1] if fenced else cell.source)
    return ((found[2] or "BEGIN").upper() == "BEGIN", (found[3] or "CONFIG").upper()) if found else (False, "")


def _question(source: str, path: Path) -> Question:
    fenced = FENCE.match(source)
    settings = yaml.safe_load((fenced[1] if fenced else source).partition("\n")[2]) or {}
    if not isinstance(settings, dict) or "name" not in settings:
        raise GraderError(f"{path}: a question without a name\n    -> # BEGIN QUESTION, and below it `name: q1`")
    return Question(str(settings["name"]), settings.get("points"), bool(settings.get("manual")))


def _add(question: Question, block: str, cell: Any) -> None:
    if block == "PROMPT":  # ours come by themselves
        return
    if block == "TESTS":
        question.tests.append(_test(cell))
    elif cell.cell_type == "markdown":
        question.prose += [] if block == "SOLUTION" else [cell.source]
    elif block == "SOLUTION":
        question.answers.append(with_our_marks(cell.source))
    else:
        question.code.append(cell.source)


def _test(cell: Any) -> Test:
    source: str = cell.source
    settings: dict[str, Any] = {}
    found = TEST_CONFIG.match(source)
    if found:
        settings, source = yaml.safe_load(found[1]) or {}, source[found.end() :]
    hidden = HIDDEN.match(source)
    source = source[hidden.end() :] if hidden else source
    return Test(
        source,
        "".join(map(_shown, cell.get("outputs", ()))).strip(),
        bool(settings.get("hidden", hidden)),
        settings.get("points"),
        str(settings.get("failure_message") or ""),
    )


def _shown(output: Any) -> str:
    """What Otter compares: what is printed, and the last value as it is shown."""
    text = output.get("text") or output.get("data", {}).get("text/plain") or ""
    return "".join(text)


def with_our_marks(source: str) -> str:
    """An answer with Otter's marks as ours: a line marked `# SOLUTION` stands between marks, a prompt goes."""
    lines: list[str] = []
    in_prompt = False
    for line in source.splitlines():
        block, marked = BLOCK_LINE.match(line), SOLUTION_LINE.match(line)
        if "# BEGIN PROMPT" in line or "# END PROMPT" in line:
            in_prompt = "# BEGIN PROMPT" in line
        elif in_prompt:
            continue
        elif block:
            lines.append(f"{block[1]}# {block[2]} SOLUTION")
        elif marked and marked[2]:
            lines += [f"{marked[1]}{mark}" for mark in (BEGIN, marked[2], END)]
        else:
            lines.append(line)
    return _joined("\n".join(lines))


def _joined(source: str) -> str:
    """Neighbouring marked parts as one."""
    return re.sub(rf"^[ \t]*{END}\n[ \t]*{BEGIN}\n", "", source, flags=re.MULTILINE)
