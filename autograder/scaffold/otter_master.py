"""Reads a master notebook of Otter Assign: its questions with their answers and tests, and what stands between them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from autograder.exercise import BEGIN, END, MARK_LINE
from autograder.scaffold.cells import Cell, Notes

RAW_MARK = re.compile(r"^#\s*(ASSIGNMENT CONFIG|(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS))\b", re.IGNORECASE)
FENCE = re.compile(r"\A```otter\n(.*)\n```\s*\Z", re.DOTALL)
TEST_CONFIG = re.compile(
    r"\A[^\n]*#\s*BEGIN\s*TEST\s*CONFIG[^\n]*\n(.*?)\n[^\n]*#\s*END\s*TEST\s*CONFIG[^\n]*\n?", re.DOTALL
)
HIDDEN = re.compile(r"\A\s*#[^\n]*\bhidden\b[^\n]*\n", re.IGNORECASE)
IGNORED_CELL = re.compile(r"##\s*ignore\s*##|#\s*ignore", re.IGNORECASE)  # Otter's own
BLOCK_LINE = re.compile(r"^(\s*)#+ (BEGIN|END) SOLUTION( NO PROMPT)?\s*$")
SOLUTION_LINE = re.compile(r"^(\s*)(.*?)\s*# ?SOLUTION( NO PROMPT)?\s*$")


@dataclass(frozen=True, slots=True)
class Test:
    """A test cell: its code without Otter's marks, what it shows when it is run, and its settings."""

    source: str
    shown: str
    hidden: bool
    points: Any
    failure_message: str


@dataclass(slots=True)
class Question:
    """A question as Otter has it. `points` is what its config says: a number, a list, `{each: n}` or nothing.

    A broken one has been complained about, and lacks what could not be read.
    """

    name: str
    points: Any
    manual: bool
    prose: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A cell outside of questions."""

    prose: bool
    source: str


def is_master(cells: Sequence[Cell]) -> bool:
    """Whether there is a question of Otter Assign's."""
    return any((_marked(cell) or (False, ""))[1] == "QUESTION" for cell in cells)


def parts_of(cells: Sequence[Cell], notes: Notes) -> Iterator[Question | Text]:
    """The parts of a master notebook, in order; `notes` gets what is wrong or to be looked at."""
    question: Question | None = None
    block = ""
    for cell in _without_ignored(cells, notes):
        marked = _marked(cell)
        if marked is not None:
            begins, what = marked
            block = what if begins else ""
            if what == "QUESTION":
                question = _question(cell, notes) if begins else None
                yield from [question] if question is not None else []
        elif question is not None and not question.manual:
            _add(question, block, cell, notes)
        elif question is None:
            yield from _text(cell, notes)


def _without_ignored(cells: Sequence[Cell], notes: Notes) -> Iterator[Cell]:
    """The cells without what is marked `# IGNORE`: Otter leaves it out of what it makes, too."""
    from otter.assign.solutions import remove_ignored_lines

    for cell in cells:
        if IGNORED_CELL.match(cell.source):
            notes.remarks.append(f"cell {cell.number} begins with # IGNORE, and is left out, as Otter does")
            continue
        try:
            kept = "\n".join(remove_ignored_lines(cell.source.splitlines()))
        except AssertionError:
            notes.complain(cell, "", "# BEGIN IGNORE and # END IGNORE do not pair up", "one of each, no pair in a pair")
            continue
        yield cell if kept.strip() == cell.source.strip() else replace(cell, source=kept)


def _marked(cell: Cell) -> tuple[bool, str] | None:
    """Whether a cell opens or closes a block, and which; None for one that is no mark."""
    found = RAW_MARK.match(_raw(cell) or "")
    return ((found[2] or "BEGIN").upper() == "BEGIN", (found[3] or "CONFIG").upper()) if found else None


def _raw(cell: Cell) -> str | None:
    """The text of a raw cell, or of one that stands for it; None for other cells."""
    fenced = FENCE.match(cell.source) if cell.kind == "markdown" else None
    return fenced[1] if fenced else cell.source if cell.kind == "raw" else None


def _text(cell: Cell, notes: Notes) -> Iterator[Text]:
    if cell.kind == "markdown" and _raw(cell) is None:
        yield Text(True, cell.source)
    elif cell.kind == "code":
        source = notes.given(cell)
        yield from [Text(False, source)] if source is not None else []


def _question(cell: Cell, notes: Notes) -> Question:
    settings = _settings((_raw(cell) or "").partition("\n")[2], cell, "", "the question's config", notes)
    if settings is None:
        return Question("?", None, manual=False, broken=True)
    name = settings.get("name")
    if isinstance(name, bool) or not isinstance(name, str | int | float) or not str(name).strip():
        problem = f"a question whose name is {name!r}" if "name" in settings else "a question without a name"
        notes.complain(cell, "", problem, "# BEGIN QUESTION, and below it `name: q1`")
        return Question("?", None, manual=False, broken=True)
    if settings.get("all_or_nothing"):
        notes.remarks.append(f"question {name} is all_or_nothing, which has no counterpart: make one case of its tests")
    return Question(str(name), settings.get("points"), bool(settings.get("manual")))


def _settings(text: str, cell: Cell, question: str, what: str, notes: Notes) -> dict[str, Any] | None:
    """What YAML says; None, and a complaint, where it is no mapping."""
    try:
        settings = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-01
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""  # it begins below the mark's own line
        problem = f"{what} is not YAML{line}: {getattr(error, 'problem', None) or error}"
        notes.complain(cell, question, problem, "one `key: value` a line; a text with a colon in it stands in quotes")
        return None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        notes.complain(cell, question, f"{what} is not a mapping of keys to values", "one `key: value` a line")
        return None
    return settings


def _add(question: Question, block: str, cell: Cell, notes: Notes) -> None:
    if block == "PROMPT" or cell.kind == "raw" or _raw(cell) is not None:  # our prompts come by themselves
        return
    if block == "TESTS":
        _add_test(question, cell, notes)
    elif cell.kind == "markdown":
        question.prose += [] if block == "SOLUTION" else [cell.source]
    elif block == "SOLUTION":
        answer = answer_of(cell, question, notes)
        question.answers += [answer] if answer and answer.strip() else []
    else:
        source = notes.given(cell, question.name)
        question.code += [source] if source is not None else []


def _add_test(question: Question, cell: Cell, notes: Notes) -> None:
    source = notes.graded(cell, question.name)
    found = TEST_CONFIG.match(source or "")
    settings = _settings(found[1], cell, question.name, "the test's config", notes) if found else {}
    if source is None or settings is None:
        question.broken = True
        return
    source = source[found.end() :] if found else source
    hidden = HIDDEN.match(source)
    source = source[hidden.end() :] if hidden else source
    if not notes.is_python(cell, question.name, source):
        question.broken = True
        return
    if not ast.parse(source).body:  # comments alone
        return
    question.tests.append(
        Test(
            source,
            cell.shown,
            bool(settings.get("hidden", hidden)),
            settings.get("points"),
            str(settings.get("failure_message") or ""),
        )
    )


def answer_of(cell: Cell, question: Question, notes: Notes) -> str | None:
    """A cell's answer with our marks; None, and a broken question, where there is none that can be used."""
    source = notes.graded(cell, question.name)
    answer = with_our_marks(source) if source is not None else None
    if answer is None or not notes.is_python(cell, question.name, answer):
        question.broken = True
        return None
    marks = [found[1] for found in map(MARK_LINE.match, answer.splitlines()) if found]
    if marks != ["BEGIN", "END"] * (len(marks) // 2):
        notes.complain(cell, question.name, f"solution marks do not pair up ({', '.join(marks)})", f"{BEGIN} ... {END}")
        question.broken = True
    return answer


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
