"""A solution script as values: an exercise, its questions and its cells."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import Complaint, CourseError, GraderError

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
MARK_LINE = re.compile(r"^\s*#\s*(BEGIN|END) SOLUTION\s*$")
SLUG = re.compile(r"^[0-9]{2}_[a-z0-9]+(_[a-z0-9]+)*\Z")
# a script is Python: without the last, a comment such as `# !pip install torch` would become a line of IPython's
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
QUESTION_ID = re.compile(r"^q[1-9][0-9]*$")


class CellKind(enum.Enum):
    """What a cell is for; it decides what becomes of it in the student's notebook.

    RUN is code that takes its time, such as the training of the network to hand in: it runs where a notebook is graded,
    and not each time that somebody asks for the reference's functions.
    """

    PROSE = "prose"
    CODE = "code"
    FIGURE = "figure"
    RUN = "run"
    ANSWER = "answer"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the script; `question` is the question it belongs to, if any."""

    kind: CellKind
    source: str
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its id ("q1"), title and points, and the names that its answer defines.

    `uses` are functions of earlier questions that are asked once more, for a question that adds none.
    """

    id: str
    title: str
    points: float
    names: tuple[str, ...]
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise as its solution script has it."""

    slug: str
    title: str
    questions: tuple[Question, ...]
    cells: tuple[Cell, ...]
    path: Path

    @property
    def points(self) -> float:
        """The sum of the questions' points."""
        return sum(question.points for question in self.questions)

    def question(self, question_id: str) -> Question:
        """The question of that id; raises KeyError."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    @property
    def solution_lines(self) -> tuple[str, ...]:
        """All lines between solution marks, stripped: what no student may be handed."""
        lines: list[str] = []
        for cell in self.cells:
            if cell.kind is CellKind.ANSWER:
                lines += (line.strip() for line, inside in marked_lines(cell.source) if inside)
        return tuple(lines)


def read_exercise(path: Path) -> Exercise:
    """Read a percent-format solution script.

    Raises:
        CourseError: everything that is wrong with it, at once.
    """
    return _Reader(path).read()


def read_text(path: Path) -> str:
    """A course file's text; raises GraderError where it is absent or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise GraderError(
            f"{path}: byte {error.start} is not UTF-8\n    -> save the file with the encoding UTF-8"
        ) from None
    except OSError as error:
        raise GraderError(f"{path}: cannot be read ({error.strerror})") from None


def marked_lines(source: str) -> Iterator[tuple[str, bool]]:
    """Each line that is not a mark, and whether it stands between solution marks."""
    inside = False
    for line in source.splitlines():
        found = MARK_LINE.match(line)
        if found:
            inside = found.group(1) == "BEGIN"
        else:
            yield line, inside


class _Reader:
    """Collects complaints while it turns the notebook cells of one script into values."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complaints: list[Complaint] = []
        self.questions: list[Question] = []
        self.cells: list[Cell] = []

    def read(self) -> Exercise:
        if not SLUG.match(self.path.stem):
            self.complain("", f"{self.path.stem!r} is not a slug", "name it like 01_output_size.py")
        notebook_cells = _percent_cells(self.path)
        open_question: str | None = None
        for number, cell in enumerate(notebook_cells, start=1):
            if "question" in cell["metadata"]:
                open_question = self.begin_question(number, cell["metadata"])
            self.cells.append(self.cell(number, cell, open_question))
        self.name_answers()
        self.check_whole()
        if self.complaints:
            raise CourseError(self.complaints)
        return Exercise(self.path.stem, self.title() or "", tuple(self.questions), tuple(self.cells), self.path)

    def complain(self, place: str, problem: str, remedy: str) -> None:
        self.complaints.append(Complaint(f"{self.path}{place}", problem, remedy))

    def begin_question(self, number: int, metadata: dict[str, Any]) -> str:
        question_id, points, title = (metadata.get(key) for key in ("question", "points", "title"))
        place = f", cell {number}"
        if not isinstance(question_id, str) or not QUESTION_ID.match(question_id):
            self.complain(place, f"question id {question_id!r}", 'write question="q1", "q2" ...')
        if any(known.id == question_id for known in self.questions):
            self.complain(place, f"question {question_id} is there twice", "give each question an id of its own")
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            self.complain(place, f"question {question_id} has points={points!r}", "write points=10, say")
            points = 0
        if not isinstance(title, str) or not title.strip():
            self.complain(place, f"question {question_id} has no title", 'write title="One axis", say')
        uses = tuple(str(metadata.get("uses", "")).replace(",", " ").split())
        self.questions.append(Question(str(question_id), str(title), points, (), uses))
        return str(question_id)

    def cell(self, number: int, cell: dict[str, Any], question: str | None) -> Cell:
        source, tags = cell["source"], cell["metadata"].get("tags", [])
        place = f", cell {number}"
        if cell["cell_type"] == "markdown":
            return Cell(CellKind.PROSE, source, question)
        if "check" in tags:
            self.check_check(place, source, question)
            return Cell(CellKind.CHECK, source, question)
        for kind in (CellKind.FIGURE, CellKind.RUN):
            if kind.value in tags:
                self.check_figure(place, source)
                return Cell(kind, source, question)
        if any(map(_mark, source.splitlines())):
            self.check_marks(place, source, question)
            return Cell(CellKind.ANSWER, source, question)
        self.parsed(place, source)
        return Cell(CellKind.CODE, source, question)

    def check_check(self, place: str, source: str, question: str | None) -> None:
        if question is None:
            self.complain(place, "a check stands before the first question", "move it below its question")
        body = self.parsed(place, source)
        if body is not None and (len(body) != 1 or not isinstance(body[0], ast.FunctionDef)):
            self.complain(
                place, "a check is exactly one function", "one cell a check; its arguments are names to check"
            )

    def check_figure(self, place: str, source: str) -> None:
        if any(map(_mark, source.splitlines())):
            self.complain(
                place, "a cell like this is handed to students with all that it has", "drop the tag or the marks"
            )
        self.parsed(place, source)

    def check_marks(self, place: str, source: str, question: str | None) -> None:
        if question is None:
            self.complain(place, "a solution stands before the first question", 'open one with question="q1"')
        marks = [mark for line in source.splitlines() if (mark := _mark(line))]
        if marks != ["BEGIN", "END"] * (len(marks) // 2):
            self.complain(place, f"solution marks do not pair up ({', '.join(marks)})", f"{BEGIN} ... {END}")
        self.parsed(place, source)

    def parsed(self, place: str, source: str) -> list[ast.stmt] | None:
        try:
            return ast.parse(source).body
        except SyntaxError as error:
            self.complain(f"{place}, line {error.lineno}", f"not Python: {error.msg}", "mend the cell")
            return None

    def name_answers(self) -> None:
        self.questions = [
            Question(question.id, question.title, question.points, self.names(question.id), question.uses)
            for question in self.questions
        ]

    def names(self, question_id: str) -> tuple[str, ...]:
        """The functions whose bodies hold marks: those are in the stub, so those are asked for."""
        names: list[str] = []
        for cell in self.cells:
            if cell.kind is CellKind.ANSWER and cell.question == question_id:
                names += functions_with_marks(cell.source)
        return tuple(names)

    def title(self) -> str | None:
        for cell in self.cells:
            if cell.kind is CellKind.PROSE and cell.source.startswith("# "):
                return cell.source.splitlines()[0][2:].strip()
        return None

    def check_whole(self) -> None:
        if self.title() is None:
            self.complain("", "no title", "open with a markdown cell whose first line is '# Exercise 1 · ...'")
        if not any(cell.kind is CellKind.ANSWER for cell in self.cells):
            self.complain("", "no solution marks", f"put each answer between {BEGIN} and {END}")
        if not self.questions:
            self.complain("", "no question", '# %% [markdown] question="q1" points=10 title="..."')
        for question in self.questions:
            kinds = {cell.kind for cell in self.cells if cell.question == question.id}
            if CellKind.CHECK not in kinds:
                self.complain("", f"question {question.id} has no public check", '# %% tags=["check"]')
            if not question.names and not question.uses:
                self.complain("", f"question {question.id} asks for no function", f"mark a body with {BEGIN}")


def _percent_cells(path: Path) -> list[dict[str, Any]]:
    import jupytext  # slow, and not needed for --help

    text = read_text(path)
    try:
        notebook = jupytext.reads(text, fmt=PERCENT)
    except Exception as error:  # jupytext raises what its parsers raise; all of it is about this file
        raise GraderError(f"{path}: not a percent-format script ({error})") from error
    return [dict(cell) for cell in notebook.cells if cell["cell_type"] in ("markdown", "code")]


def functions_with_marks(source: str) -> list[str]:
    """The functions that an answer asks for: students get their headers, and write what stands between the marks."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []  # complained about already
    lines = enumerate(source.splitlines(), 1)
    begins = [number for number, line in lines if _mark(line) == "BEGIN" and line[:1].isspace()]  # others are below it
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(node.lineno < begin <= (node.end_lineno or 0) + 1 for begin in begins)
        and not _wholly_marked(node, source)
    ]


def _wholly_marked(node: ast.FunctionDef, source: str) -> bool:
    """Whether the whole function stands between marks: a helper that the stub leaves out."""
    lines = source.splitlines()
    marks_above = [mark for line in lines[: node.lineno - 1] if (mark := _mark(line))]
    return marks_above[-1:] == ["BEGIN"]


def _mark(line: str) -> str | None:
    found = MARK_LINE.match(line)
    return found.group(1) if found else None
