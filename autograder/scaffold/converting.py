"""A notebook of Otter Assign or nbgrader as the files of an exercise: what can be translated is, the rest is said."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import Complaint, CourseError
from autograder.exercise import BEGIN, END, MARK_LINE
from autograder.scaffold import Files
from autograder.scaffold.foreign_tests import Known, Translated, translated
from autograder.scaffold.otter_master import MAGIC, Question, Text
from autograder.scaffold.reading import read_parts

HIDDEN_HEAD = """\
\"\"\"Hidden cases of exercise {number}. Converted tests: give each a name that is its claim, and a hint.\"\"\"

{imports}from autograder import expect
from autograder.cases import case
"""
MISTAKES_HEAD = """\
\"\"\"Mistakes of exercise {number}. One for each function, to begin with: add those that you know from marking.\"\"\"

from autograder.cases import mistake
"""
MISTAKE = """

@mistake(
    "{question}",
    caught_by="{case}",
    replaces="{function}",
    hint="{function} gives nothing back: is its return missing?",
)
def forgets_to_return_in_{function}(*arguments, **options):
    return None
"""


@dataclass(frozen=True, slots=True)
class Converted:
    """The files, and what is left for a person to do."""

    files: Files
    remarks: tuple[str, ...]


def convert(master: Path, slug: str) -> Converted:
    """Translate a master or source notebook.

    Raises:
        GraderError: it is none, or asks for something that has no counterpart here; all of that at once.
    """
    parts = read_parts(master)
    remarks = [
        f"question {part.name} is marked by hand, and left out"
        for part in parts
        if isinstance(part, Question) and part.manual
    ]
    parts = [part for part in parts if isinstance(part, Text) or not part.manual]
    questions = [part for part in parts if isinstance(part, Question)]
    known = Known.of(parts)
    complaints = [problem for question in questions for problem in _refused(question, master)]
    if complaints or not questions:
        raise CourseError(complaints or [Complaint(str(master), "all questions are marked by hand", "add a test")])
    ids = {question.name: f"q{number}" for number, question in enumerate(questions, 1)}
    made = [translated(question, ids[question.name], known) for question in questions]
    remarks += [remark for one in made for remark in one.remarks]
    number = int(slug[:2])
    imports = "\n".join(known.imports_of(made))
    files = Files(
        _script(parts, ids, made, slug),
        HIDDEN_HEAD.format(number=number, imports=imports and f"{imports}\n\n") + "".join(_cases(made)),
        MISTAKES_HEAD.format(number=number) + "".join(_mistakes(questions, ids, made)),
        sum(one.points for one in made),
    )
    return Converted(files, tuple(remarks))


def functions_of(question: Question) -> list[str]:
    """The functions that its answers define."""
    bodies = [ast.parse(source).body for source in question.answers]
    return [node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)]


def _refused(question: Question, master: Path) -> Iterator[Complaint]:
    where = f"{master}, question {question.name}"
    for source in (*question.answers, *question.code, *(test.source for test in question.tests)):
        try:
            ast.parse(source)
        except SyntaxError as error:
            yield Complaint(where, f"not Python: {error.msg} ({(error.text or '').strip()})", "mend the cell")
            return
    if any("AUTOTEST" in test.source for test in question.tests):
        yield Complaint(where, "its tests are made by AUTOTEST", "write out what it makes")
    if not question.tests:
        yield Complaint(where, "has no tests", "write one, or have it marked by hand to leave it out")
    if not functions_of(question):
        problem = "asks for a value, not for a function: only functions can be asked again with other inputs"
        yield Complaint(where, problem, "let students write a function that returns the value")


def _script(parts: Sequence[Question | Text], ids: dict[str, str], made: Sequence[Translated], slug: str) -> str:
    """The solution script in percent format."""
    cells = list(_cells(parts, ids, {one.question: one for one in made}))
    if not any(re.match(r"# %% \[markdown\]\n# # ", cell) for cell in cells):
        number, _, topic = slug.partition("_")
        cells.insert(0, _prose(f"# Exercise {int(number)} · {topic.replace('_', ' ').capitalize()}"))
    return "\n\n".join(cells) + "\n"


def _cells(parts: Sequence[Question | Text], ids: dict[str, str], made: dict[str, Translated]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Text):
            yield _prose(part.source) if part.prose else _code(part.source)
            continue
        one = made[ids[part.name]]
        first, *more = part.prose or [f"## {part.name}"]
        heading = re.search(r"^#+[ \t]*(.*\S)", first, re.MULTILINE)
        title = heading[1] if heading else part.name
        said = json.dumps(title, ensure_ascii=False)
        yield _prose(first, f' question="{one.question}" points={one.points:g} title={said}')
        yield from map(_prose, more)
        yield from map(_code, part.code)
        yield from (_code(_marked(source)) for source in part.answers)
        yield from (_code(check, ' tags=["check"]') for check in one.checks)


def _prose(source: str, metadata: str = "") -> str:
    return f"# %% [markdown]{metadata}\n" + "\n".join(f"# {line}".rstrip() for line in source.splitlines())


def _code(source: str, metadata: str = "") -> str:
    lines = [line for line in source.splitlines() if not MAGIC.match(line)]
    return "\n".join([f"# %%{metadata}", *lines])


def _marked(source: str) -> str:
    """An answer with marks: where Otter had none, since the whole cell was the answer, around each function's body."""
    if any(map(MARK_LINE.match, source.splitlines())):
        return source
    lines = source.splitlines()
    for node in reversed([node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]):
        body = node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
        indent = " " * body[0].col_offset
        lines[body[0].lineno - 1 : node.end_lineno] = [
            indent + BEGIN,
            *lines[body[0].lineno - 1 : node.end_lineno],
            indent + END,
        ]
    return "\n".join(lines)


def _cases(made: Sequence[Translated]) -> Iterator[str]:
    for one in made:
        for case in one.cases:
            hint = json.dumps(case.hint, ensure_ascii=False)
            mark = f'@case("{one.question}", points={case.points!r}, hint={hint})'
            yield f"\n\n{mark}\ndef {case.name}(student, rng):\n{case.body}\n"


def _mistakes(questions: Sequence[Question], ids: dict[str, str], made: Sequence[Translated]) -> Iterator[str]:
    for question, one in zip(questions, made, strict=True):
        for function in functions_of(question):
            asking = [case.name for case in one.cases if f"student.{function}(" in case.body]
            if asking:
                yield MISTAKE.format(question=ids[question.name], case=asking[0], function=function)
