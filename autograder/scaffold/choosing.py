"""Which questions of another tool's notebook can be asked here: what they ask for, and why one is left out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from autograder.errors import Complaint
from autograder.marks import BEGIN, END, functions_with_marks, values_with_marks
from autograder.scaffold.asking import names_of
from autograder.scaffold.marking import marked
from autograder.scaffold.otter_master import Question, Text
from autograder.scaffold.points import PointsError, points_of_tests
from autograder.scaffold.trials import cut_trial


def functions_of(question: Question) -> list[str]:
    """The functions that it asks for."""
    return [name for source in _marked(question) for name in functions_with_marks(source)]


def settable(question: Question) -> list[str]:
    """The names that its answer sets between marks."""
    return [name for source in _marked(question) for name in values_with_marks(source)]


def values_of(question: Question) -> list[str]:
    """The values that it asks for: its answer sets them, and its tests look at them."""
    used = _used(question)
    return [name for name in dict.fromkeys(settable(question)) if name in used]


def answers(question: Question) -> list[tuple[str, str]]:
    """Each answer cell, with marks, and what stood below it in order to try it out."""
    asked = set(functions_of(question))
    return [cut_trial(source, asked) for source in _marked(question)]


def _marked(question: Question) -> list[str]:
    used = _used(question)
    return [marked(source, used) for source in question.answers]


def _used(question: Question) -> set[str]:
    return {name for test in question.tests for name in names_of(ast.parse(test.source))}


def to_mend(questions: Sequence[Question], master: Path) -> Iterator[Complaint]:
    """What is wrong with them; of one that was complained about already, or is marked by hand, nothing."""
    seen: dict[str, str] = {}  # a function's question
    asked = [question for question in questions if not question.manual]
    names = [question.name for question in asked]
    for question in (question for question in asked if not question.broken):
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
    if not functions_of(question) and not values_of(question) and any(_tops(question, ast.FunctionDef)):
        yield "hands out its function: the marks are elsewhere", f"put {BEGIN} ... {END} into the function"


def _points_problem(question: Question) -> str:
    try:
        points_of_tests(question)
    except PointsError as error:
        return str(error)
    return ""


def unaskable(questions: Sequence[Question]) -> dict[str, str]:
    """By name, the questions that have to be left out, and why."""
    found: dict[str, str] = {}
    seen: dict[str, str] = {}  # a value's question
    for question in questions:
        values = values_of(question)
        again = [name for name in values if name in seen]
        if question.manual:
            found[question.name] = "is marked by hand, and left out"
        elif functions_of(question):
            continue
        elif again:
            found[question.name] = f"sets {again[0]}, for which question {seen[again[0]]} asks, and is left out"
        elif not values:
            found[question.name] = _nothing_asked(question)
        seen |= {} if question.name in found else dict.fromkeys(values, question.name)
    return found


def _nothing_asked(question: Question) -> str:
    if any(_tops(question, ast.ClassDef)):
        return (
            "asks for a class, and is left out: let students write a function, too, that uses it and returns what the"
            " tests look at"
        )
    return "asks for no function, and its tests look at no value that its answer sets, so it is left out"


def _tops(question: Question, kind: type[ast.stmt]) -> Iterator[ast.stmt]:
    return (node for source in question.answers for node in ast.parse(source).body if isinstance(node, kind))


def kept(parts: Sequence[Question | Text], left_out: Iterable[str]) -> list[Question | Text]:
    """The parts without those questions, but for an answer that others use: it stays, and is not asked for."""
    names = set(left_out)
    others = [part for part in parts if isinstance(part, Text) or part.name not in names]
    used = {name for source in _sources(others) for name in names_of(ast.parse(source))}
    asked = {name for part in others if isinstance(part, Question) for name in defined_by(part)}
    needed = [part for part in parts if isinstance(part, Question) and used & defined_by(part)]
    return [part for part in parts if part in others or (part in needed and not asked & defined_by(part))]


def _sources(parts: Iterable[Question | Text]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Question):
            yield from (*part.code, *part.answers, *(test.source for test in part.tests))
        elif not part.prose:
            yield part.source


def defined_by(question: Question) -> set[str]:
    """The functions, classes and values that its answer defines."""
    definitions = (*_tops(question, ast.FunctionDef), *_tops(question, ast.ClassDef))
    return {str(getattr(node, "name", "")) for node in definitions} | set(settable(question))
