"""A notebook of Otter Assign or nbgrader as the files of an exercise: what can be translated is, the rest is said."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import Complaint, CourseError
from autograder.exercise import BEGIN, END, functions_with_marks
from autograder.scaffold import Files
from autograder.scaffold.asking import names_of
from autograder.scaffold.foreign_tests import Known, Translated, translated
from autograder.scaffold.marking import marked
from autograder.scaffold.otter_master import Question, Text
from autograder.scaffold.points import PointsError, points_of_tests
from autograder.scaffold.reading import read_notebook
from autograder.scaffold.trials import Use, cut_trial, use_of

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
    reading = read_notebook(master)
    by_hand = [part.name for part in reading.parts if isinstance(part, Question) and part.manual]
    parts = [part for part in reading.parts if isinstance(part, Text) or not part.manual]
    questions = [part for part in parts if isinstance(part, Question)]
    complaints = [*reading.complaints, *_refused(questions, master)]
    if complaints or not questions:
        raise CourseError(complaints or [Complaint(str(master), "all questions are marked by hand", "add a test")])
    known = Known.of(parts)
    ids = {question.name: f"q{number}" for number, question in enumerate(questions, 1)}
    made = [translated(question, ids[question.name], known) for question in questions]
    number, uses = int(slug[:2]), _uses(parts)
    imports = "\n".join(known.imports_of(made))
    files = Files(
        _script(parts, ids, made, slug, uses),
        HIDDEN_HEAD.format(number=number, imports=imports and f"{imports}\n\n") + "".join(_cases(made)),
        MISTAKES_HEAD.format(number=number) + "".join(_mistakes(questions, ids, made)),
        sum(one.points for one in made),
    )
    remarks = [f"question {name} is marked by hand, and left out" for name in by_hand]
    remarks += [*_trials(uses), *(remark for one in made for remark in one.remarks)]
    return Converted(files, (*reading.remarks, *remarks))


def functions_of(question: Question) -> list[str]:
    """The functions that it asks for."""
    return [name for source in _marked(question) for name in functions_with_marks(source)]


def _marked(question: Question) -> list[str]:
    used = {name for test in question.tests for name in names_of(ast.parse(test.source))}
    return [marked(source, used) for source in question.answers]


def _answers(question: Question) -> list[tuple[str, str]]:
    """Each answer cell, with marks, and what stood below it in order to try it out."""
    asked = set(functions_of(question))
    return [cut_trial(source, asked) for source in _marked(question)]


def _refused(questions: Sequence[Question], master: Path) -> Iterator[Complaint]:
    """What has no counterpart here, or is wrong; of a question that was complained about already, nothing."""
    seen: dict[str, str] = {}  # a function's question
    names = [question.name for question in questions]
    for question in (question for question in questions if not question.broken):
        where = f"{master}, question {question.name}"
        yield from (Complaint(where, *problem) for problem in _problems(question))
        if names.count(question.name) > 1:
            yield Complaint(where, "is there twice", "give each question a name of its own")
        for function in functions_of(question):
            if function in seen:
                problem = f"asks for {function}, as question {seen[function]} does: only the last one would be left"
                yield Complaint(where, problem, "give each function a name of its own")
            seen[function] = question.name


def _problems(question: Question) -> Iterator[tuple[str, str]]:
    if not question.tests:
        yield "has no tests", "write one, or have it marked by hand to leave it out"
    elif problem := _points_problem(question):
        yield problem, "mend the points in its config, or in its tests"
    imports = (node for test in question.tests for node in ast.walk(ast.parse(test.source)))
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in imports):
        yield "its tests import *, which a function cannot", "import the names that they use"
    if functions_of(question):
        return
    nodes = [node for source in question.answers for node in ast.parse(source).body]
    if any(isinstance(node, ast.FunctionDef) for node in nodes):
        yield "hands out its function: the marks are elsewhere", f"put {BEGIN} ... {END} into the function"
    elif any(isinstance(node, ast.ClassDef) for node in nodes):
        problem = "asks for a class, not for a function: only functions can be asked again with other inputs"
        yield problem, "let students write a function, too, that uses it and returns what the tests look at"
    else:
        problem = "asks for a value, not for a function: only functions can be asked again with other inputs"
        yield problem, "let students write a function that returns the value"


def _points_problem(question: Question) -> str:
    try:
        points_of_tests(question)
    except PointsError as error:
        return str(error)
    return ""


def _uses(parts: Sequence[Question | Text]) -> dict[str, Use]:
    """What each given cell does with the answers."""
    questions = [part for part in parts if isinstance(part, Question)]
    asked = {name for question in questions for name in functions_of(question)}
    given = [part.source for part in parts if isinstance(part, Text) and not part.prose]
    given += [source for question in questions for source in question.code]
    given += [trial for question in questions for _, trial in _answers(question) if trial]
    graded = [answer for question in questions for answer, _ in _answers(question)]
    graded += [test.source for question in questions for test in question.tests]
    return {
        source: use_of(source, asked, [*graded, *(other for other in given if other != source)]) for source in given
    }


def _trials(uses: dict[str, Use]) -> Iterator[str]:
    for source, use in uses.items():
        line = next((line for line in source.splitlines() if line.strip() and not line.startswith("#")), "")
        if use is Use.TRIAL:
            yield f"the cell `{line}` tries out an answer, so it has become a figure: folded, and not run by the grader"
        elif use is Use.NEEDED:
            yield f"the cell `{line}` needs an answer, and others need it: it stops a notebook without answers"


def _script(
    parts: Sequence[Question | Text], ids: dict[str, str], made: Sequence[Translated], slug: str, uses: dict[str, Use]
) -> str:
    """The solution script in percent format."""
    cells = list(_cells(parts, ids, {one.question: one for one in made}, uses))
    if not any(re.match(r"# %% \[markdown\]\n# # ", cell) for cell in cells):
        number, _, topic = slug.partition("_")
        cells.insert(0, _prose(f"# Exercise {int(number)} · {topic.replace('_', ' ').capitalize()}"))
    return "\n\n".join(cells) + "\n"


def _cells(
    parts: Sequence[Question | Text], ids: dict[str, str], made: dict[str, Translated], uses: dict[str, Use]
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Text):
            yield _prose(part.source) if part.prose else _given(part.source, uses)
            continue
        one = made[ids[part.name]]
        first, *more = part.prose or [f"## {part.name}"]
        heading = re.search(r"^#+[ \t]*(.*\S)", first, re.MULTILINE)
        title = heading[1] if heading else part.name
        said = json.dumps(title, ensure_ascii=False)
        yield _prose(first, f' question="{one.question}" points={one.points:g} title={said}')
        yield from map(_prose, more)
        yield from (_given(source, uses) for source in part.code)
        for answer, trial in _answers(part):
            yield _code(answer)
            yield from [_given(trial, uses)] if trial else []
        yield from (_code(check, ' tags=["check"]') for check in one.checks)


def _given(source: str, uses: dict[str, Use]) -> str:
    return _code(source, ' tags=["figure"]' if uses[source] is Use.TRIAL else "")


def _prose(source: str, metadata: str = "") -> str:
    lines = [re.sub(r"^(\s*)%%", r"\1\\%%", line) for line in source.splitlines()]  # or a cell would begin there
    return f"# %% [markdown]{metadata}\n" + "\n".join(f"# {line}".rstrip() for line in lines)


def _code(source: str, metadata: str = "") -> str:
    inner = re.sub(r"^([ \t]*)(# *%%)", r"\1# \2", source, flags=re.MULTILINE)  # an editor's mark of a cell
    return f"# %%{metadata}\n{inner}"


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
