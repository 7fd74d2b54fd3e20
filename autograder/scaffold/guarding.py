"""What a hidden case of somebody else's tests does with answers, and what it cannot do here, found by reading it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from autograder.scaffold.asking import names_of, stored_in

LOOKING = {"isinstance", "repr", "str", "type"}  # these take whatever an answer may be
CLAIMS = {"at_least", "at_most", "between", "close", "equal", "shape"}  # so do these; `true` does not
STRICT = "`==` has become expect.equal, for which 3.0 is not 3: say expect.close where a float will do"
PLAIN = {"numpy", "torch"}  # what a call hands over and gets back, beside Python's own values


def guarded(body: list[ast.stmt]) -> list[ast.stmt]:
    """A case in which all that computes with an answer stands in `with expect.usable():`.

    An answer of a wrong type, such as None, would break it otherwise: that is an error of ours, not a wrong answer.
    """
    holding = {"student"}  # the names that give or hold answers, or what was made of them
    for number, statement in enumerate(body):
        if not _is_safe(statement, holding):
            usable = ast.parse("expect.usable()", mode="eval").body
            return [*body[:number], ast.With([ast.withitem(usable)], body[number:])]
        if names_of(statement) & holding:
            holding |= stored_in(statement)
    return body


def _is_safe(node: ast.stmt, holding: set[str]) -> bool:
    """Whether no answer of any type breaks it: answers are put away, or handed to what takes anything."""
    if not names_of(node) & holding:
        return True
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Name) and _is_answer(node.value, holding)
    if isinstance(node, ast.Expr):
        return _is_answer(node.value, holding) or _is_claim(node.value, holding)
    heads = [node.iter] if isinstance(node, ast.For) else []
    heads += [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    inner = node.body if isinstance(node, ast.For | ast.With) else []
    return (
        bool(heads)
        and not any(names_of(one) & holding for one in heads)
        and all(_is_safe(one, holding) for one in inner)
    )


def _is_claim(node: ast.expr, holding: set[str]) -> bool:
    """`expect.equal(student.f(3), 9)`, in which nothing of the student's says what is right."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    others = [*node.args[1:], *(one.value for one in node.keywords)]
    named = _is_name(node.func.value, "expect") and node.func.attr in CLAIMS
    return named and _is_answer(node.args[0], holding) and not any(names_of(one) & holding for one in others)


def _is_answer(node: ast.expr, holding: set[str]) -> bool:
    """An answer as it came, or a look at it that cannot fail."""
    if isinstance(node, ast.Name):
        return node.id in holding
    if not isinstance(node, ast.Call):
        return False
    arguments = [*node.args, *(one.value for one in node.keywords)]
    if not all(_is_answer(one, holding) or not names_of(one) & holding for one in arguments):
        return False
    if isinstance(node.func, ast.Attribute):
        of = node.func.value
        is_value = isinstance(of, ast.Attribute) and node.func.attr == "fetch" and _is_name(of.value, "student")
        return is_value or _is_name(of, "student")
    return isinstance(node.func, ast.Name) and node.func.id in LOOKING


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def foreign_objects(body: list[ast.stmt], imports: dict[str, str]) -> Iterator[str]:
    """The names in a case of libraries whose objects do not cross to the student's process, such as pd."""
    for name in sorted(set().union(*map(names_of, body)) & imports.keys()):
        root = imports[name].split()[1].partition(".")[0]
        if root not in PLAIN | sys.stdlib_module_names:
            yield name


def values_in_bounds(statement: ast.stmt) -> Iterator[str]:
    """The values of the student's that are to be larger or smaller than something, such as an accuracy."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Call) and ast.unparse(side.func).endswith(".fetch"):
                    yield ast.unparse(side.func).split(".")[1]


def strict(hidden: str) -> Iterator[str]:
    """The cases in which a float is no whole number, as it was to `==`."""
    cases = [node for node in ast.parse(hidden).body if isinstance(node, ast.FunctionDef)]
    names = [case.name for case in cases if any(map(_asks_for_a_number, ast.walk(case)))]
    if names:
        yield f"{', '.join(names)}: {STRICT}"


def _asks_for_a_number(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "expect.equal":
        return False
    expected = list(ast.walk(node.args[1]))
    return any(isinstance(one, ast.Name) or type(getattr(one, "value", None)) is int for one in expected)
