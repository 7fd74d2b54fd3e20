"""Other tools' test cells as public checks and hidden cases: a test compares, a case asks the student."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.scaffold.asking import RAISING, SAYING, Asking, asserting, names_of, unparsed
from autograder.scaffold.guarding import computes_with_answers, foreign_objects
from autograder.scaffold.otter_master import Question, Test, Text
from autograder.scaffold.points import points_of_tests

LOOK_FIRST = (
    "look at its type first (expect.shape, expect.true(isinstance(...), ...)), or one of another type breaks the case"
)
MAKE_THERE = 'so make others there, as student.probe("basic.make", "pandas.DataFrame", ..., keep=True) does'
USE_THERE = "without its methods here: ask a function of the notebook's that uses it"
STRICT = "`==` has become expect.equal, for which 3.0 is not 3: say expect.close where a float will do"


@dataclass(frozen=True, slots=True)
class HiddenCase:
    """A case to be written: its name, its points, its hint, and the body, indented."""

    name: str
    points: float
    hint: str
    body: str


@dataclass(frozen=True, slots=True)
class Translated:
    """A question's checks and cases, and what a person should look at."""

    question: str
    points: float
    checks: tuple[str, ...]
    cases: tuple[HiddenCase, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a notebook defines at its top: functions and classes, classes alone, other names, imports by bound name."""

    functions: frozenset[str]
    values: frozenset[str]
    imports: dict[str, str]
    classes: frozenset[str]

    @classmethod
    def of(cls, parts: Iterable[Question | Text]) -> Known:
        """Look through all code cells."""
        functions, values, imports, classes = set[str](), set[str](), dict[str, str](), set[str]()
        for node in (node for source in _sources(parts) for node in ast.parse(source).body):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                functions.add(node.name)
                classes |= {node.name} if isinstance(node, ast.ClassDef) else set()
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    imports[bound] = ast.unparse(_only(node, alias))
            else:
                stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
                values |= {one.id for one in stored if isinstance(one.ctx, ast.Store)}
        return cls(frozenset(functions), frozenset(values), imports, frozenset(classes))

    def imports_of(self, made: Sequence[Translated]) -> list[str]:
        """The imports that hidden cases need."""
        used = {name for one in made for case in one.cases for name in names_of(ast.parse(textwrap.dedent(case.body)))}
        return sorted({line for name, line in self.imports.items() if name in used})


def _sources(parts: Iterable[Question | Text]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, Question):
            yield from (*part.code, *part.answers)
        elif not part.prose:
            yield part.source


def _only(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(node.module, [alias], node.level)


def translated(question: Question, question_id: str, known: Known) -> Translated:
    """Each test as a hidden case, each public one as a check, too: here points come from hidden cases alone."""
    points = points_of_tests(question)
    names = _unique_names(question, question_id)
    bodies = [_body(test) for test in question.tests]
    triples = list(zip(question.tests, names, bodies, strict=True))
    cases = [
        HiddenCase(
            name, worth, test.failure_message or "Read what the question asks for once more.", _case(body, known)
        )
        for (test, name, body), worth in zip(triples, points, strict=True)
        if worth > 0
    ]
    public = [(name, body) for test, name, body in triples if not test.hidden] or [(names[0], bodies[0])]
    remarks = [f"{question_id}: {remark}" for remark in _remarks(question, bodies, cases, known)]
    if all(test.hidden for test in question.tests):
        remarks.append(f"{question_id}: no test was public, and a question needs a check: the first one has become one")
    checks = tuple(_check(f"{name}_example", body, known) for name, body in public)
    return Translated(question_id, sum(case.points for case in cases), checks, tuple(cases), tuple(remarks))


def _unique_names(question: Question, question_id: str) -> list[str]:
    names: list[str] = []
    for number, test in enumerate(question.tests, 1):
        first = ast.parse(test.source).body[:1]
        own = first[0].name if first and isinstance(first[0], ast.FunctionDef) else f"test_{number}"
        name = f"{question_id}_{own}" if not own.startswith(question_id) else own
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _body(test: Test) -> list[ast.stmt]:
    """A test as statements that assert: of an exception-based one its function's, of an OK one what it shows."""
    body = ast.parse(test.source).body
    if body and isinstance(body[0], ast.FunctionDef) and not test.shown:
        return body[0].body
    if body and isinstance(body[-1], ast.Expr) and test.shown:
        body[-1] = _asserted(body[-1].value, test.shown)
    return body


def _asserted(value: ast.expr, shown: str) -> ast.Assert:
    """`value` is what was shown. What cannot be read back is compared as it is written, as Otter does."""
    if shown == "True":
        return ast.Assert(value)
    try:
        ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        written = ast.Call(ast.Name("repr", ast.Load()), [value], [])
        return ast.Assert(ast.Compare(written, [ast.Eq()], [ast.Constant(shown)]))
    return ast.Assert(ast.Compare(value, [ast.Eq()], [ast.parse(shown, mode="eval").body]))


def _check(name: str, body: list[ast.stmt], known: Known) -> str:
    """A public check: its arguments are the notebook's names, and it imports what it uses."""
    used = set().union(*map(names_of, body))
    arguments = ", ".join(sorted(used & (known.functions | known.values)))
    lines = sorted({known.imports[one] for one in used & known.imports.keys()}) + [unparsed(one) for one in body]
    return f"def {name}({arguments}):\n" + textwrap.indent("\n".join(lines), "    ")


def _case(body: list[ast.stmt], known: Known) -> str:
    """The body of a hidden case: the notebook's functions are the student's, and assertions say `expect`."""
    tree = Asking(known.functions).visit(ast.parse("\n".join(map(unparsed, body))))
    return textwrap.indent(unparsed(tree), "    ")


def _remarks(question: Question, bodies: list[list[ast.stmt]], cases: list[HiddenCase], known: Known) -> Iterable[str]:
    nodes = [node for body in bodies for statement in body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq) for node in nodes):
        yield STRICT
    yield from _beyond(cases, known)
    if any("try:" in case.body for case in cases):
        yield "a case has try ... except: say `with expect.raises(...)`"
    others = sorted({asserting(node) for node in nodes} - SAYING.keys() - RAISING - {""})
    if others:
        yield f"{', '.join(others)} has no counterpart: say what it holds with `expect`"
    values = sorted({node.id for node in nodes if isinstance(node, ast.Name)} & known.values)
    if values:
        yield f"a hidden case cannot see the notebook's {', '.join(values)}: make it in the case"
    if any(re.search(r"\brandom\b", test.source) for test in question.tests):
        yield "draw from `rng` in the hidden case, not from a generator of its own"


def _beyond(cases: list[HiddenCase], known: Known) -> Iterable[str]:
    """What these cases do that a case cannot, since a student's objects live in another process."""
    bodies = {case.name: ast.parse(textwrap.dedent(case.body)).body for case in cases}
    computing = [name for name, body in bodies.items() if computes_with_answers(body)]
    if computing:
        yield f"{', '.join(computing)} {'computes' if len(computing) == 1 else 'compute'} with an answer: {LOOK_FIRST}"
    statements = [statement for body in bodies.values() for statement in body]
    for name in foreign_objects(statements, known.imports):
        yield f"a hidden case uses {name}: plain values and arrays alone cross to the student's process, {MAKE_THERE}"
    asked = {node.attr for one in statements for node in ast.walk(one) if isinstance(node, ast.Attribute)}
    for name in sorted(asked & known.classes):
        yield f"a hidden case makes a {name}, which stays in the student's process, {USE_THERE}"
