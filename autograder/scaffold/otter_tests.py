"""Otter's test cells as public checks and hidden cases. A test compares; a case asks the student and says `expect`."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.scaffold.otter_master import Question, Test, Text

CLOSE = {"isclose", "allclose"}
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
    """What a notebook defines at its top: functions, other names, and imports by the name that they bind."""

    functions: frozenset[str]
    values: frozenset[str]
    imports: dict[str, str]

    @classmethod
    def of(cls, parts: Iterable[Question | Text]) -> Known:
        """Look through all code cells that are Python."""
        functions, values, imports = set[str](), set[str](), dict[str, str]()
        for node in (node for source in _sources(parts) for node in _statements(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                functions.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    imports[bound] = ast.unparse(_only(node, alias))
            else:
                stored = (one for one in ast.walk(node) if isinstance(one, ast.Name))
                values |= {one.id for one in stored if isinstance(one.ctx, ast.Store)}
        return cls(frozenset(functions), frozenset(values), imports)

    def imports_of(self, made: Sequence[Translated]) -> list[str]:
        """The imports that hidden cases need."""
        used = {name for one in made for case in one.cases for name in _names(ast.parse(textwrap.dedent(case.body)))}
        return sorted({line for name, line in self.imports.items() if name in used})


def _sources(parts: Iterable[Question | Text]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, Question):
            yield from (*part.code, *part.answers)
        elif not part.prose:
            yield part.source


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def _only(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(node.module, [alias], node.level)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def translated(question: Question, question_id: str, known: Known) -> Translated:
    """Each test as a hidden case, each public one as a check, too: here points come from hidden cases alone."""
    points = _points(question)
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
    remarks = [f"{question_id}: {remark}" for remark in _remarks(question, bodies, known)]
    if all(test.hidden for test in question.tests):
        remarks.append(f"{question_id}: no test was public, and a question needs a check: the first one has become one")
    checks = tuple(_check(f"{name}_example", body, known) for name, body in public)
    return Translated(question_id, sum(case.points for case in cases), checks, tuple(cases), tuple(remarks))


def _points(question: Question) -> list[float]:
    """Points of each test, by Otter's own rule."""
    from otter.test_files.abstract_test import TestCase, TestFile

    total = question.points
    if isinstance(total, dict):
        total = total.get("each", 1) * len(question.tests)
    cases = [TestCase("", "", test.hidden, test.points, None, None) for test in question.tests]
    resolved = TestFile.resolve_test_file_points(total, cases)
    return [round(float(case.points or 0), 6) for case in resolved]


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
    used = set().union(*map(_names, body))
    arguments = ", ".join(sorted(used & (known.functions | known.values)))
    lines = sorted({known.imports[one] for one in used & known.imports.keys()}) + [_unparsed(one) for one in body]
    return f"def {name}({arguments}):\n" + textwrap.indent("\n".join(lines), "    ")


def _unparsed(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _case(body: list[ast.stmt], known: Known) -> str:
    """The body of a hidden case: the notebook's functions are the student's, and assertions say `expect`."""
    tree = _Asking(known).visit(ast.parse("\n".join(map(_unparsed, body))))
    return textwrap.indent(_unparsed(tree), "    ")


class _Asking(ast.NodeTransformer):
    def __init__(self, known: Known) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.known.functions and isinstance(node.ctx, ast.Load):
            return ast.Attribute(ast.Name("student", ast.Load()), node.id, ast.Load())
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.Expr:
        said = f"{ast.unparse(node.test)} does not hold"
        test = self.visit(node.test)
        if _is_close(test):
            return _expect("close", test.args[:2], test.keywords)
        if isinstance(test, ast.Compare) and [type(one) for one in test.ops] == [ast.Eq]:
            return _expect("equal", _got_first(test.left, test.comparators[0]))
        return _expect("true", [test, node.msg or ast.Constant(said)])


def _is_close(test: ast.expr) -> bool:
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Attribute):
        return False
    return test.func.attr in CLOSE and {one.arg for one in test.keywords} <= {"rtol", "atol"} and len(test.args) == 2


def _got_first(left: ast.expr, right: ast.expr) -> list[ast.expr]:
    """What the student gave, then what is right."""
    return [right, left] if "student" in _names(right) and "student" not in _names(left) else [left, right]


def _expect(what: str, arguments: list[ast.expr], keywords: Sequence[ast.keyword] = ()) -> ast.Expr:
    function = ast.Attribute(ast.Name("expect", ast.Load()), what, ast.Load())
    return ast.Expr(ast.Call(function, arguments, list(keywords)))


def _remarks(question: Question, bodies: list[list[ast.stmt]], known: Known) -> Iterable[str]:
    nodes = [node for body in bodies for statement in body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq) for node in nodes):
        yield STRICT
    if any(isinstance(node, ast.Try) for node in nodes):
        yield "a test has try ... except: say `with expect.raises(ValueError):` in the hidden case"
    values = sorted({node.id for node in nodes if isinstance(node, ast.Name)} & known.values)
    if values:
        yield f"a hidden case cannot see the notebook's {', '.join(values)}: make it in the case"
    if any(re.search(r"\brandom\b", test.source) for test in question.tests):
        yield "draw from `rng` in the hidden case, not from a generator of its own"
