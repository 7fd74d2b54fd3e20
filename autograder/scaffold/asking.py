"""Code that tests a name of its own process as code that asks a student in another one."""

from __future__ import annotations

import ast
from collections.abc import Sequence

CLOSE = {"isclose", "allclose"}
SAYING = {
    "assert_equal": "equal",
    "assert_array_equal": "equal",
    "assert_allclose": "close",
    "assert_almost_equal": "close",
    "assert_array_almost_equal": "close",
}


class Asking(ast.NodeTransformer):
    """`f(3)` becomes `student.f(3)`, and what is asserted is said with `expect`."""

    def __init__(self, functions: frozenset[str]) -> None:
        self.functions = functions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A function of the notebook's is the student's."""
        if node.id in self.functions and isinstance(node.ctx, ast.Load):
            return ast.Attribute(ast.Name("student", ast.Load()), node.id, ast.Load())
        return node

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """`try: f(0)`, `except ValueError: pass`, `else: raise ...`, which asks for a refusal."""
        self.generic_visit(node)
        handlers = [one.type for one in node.handlers if isinstance(one.body[0], ast.Pass)]
        if node.finalbody or len(node.handlers) != 1 or not handlers or not isinstance(handlers[0], ast.Name):
            return node
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.Raise):
            return node
        refusing = _expect("raises", [handlers[0]]).value
        return ast.With([ast.withitem(refusing)], node.body)

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """`assert_equal(f(3), 9)` and its like."""
        value = self.visit(node.value)
        if asserting(value) in SAYING and isinstance(value, ast.Call) and len(value.args) >= 2:
            kept = [one for one in value.keywords if one.arg in ("rtol", "atol")]
            return _expect(SAYING[asserting(value)], _got_first(*value.args[:2]), kept)
        return ast.Expr(value)

    def visit_Assert(self, node: ast.Assert) -> ast.Expr:
        """`assert f(3) == 9`, with isclose or allclose, or whatever else is to be true."""
        said = f"{ast.unparse(node.test)} does not hold"
        test = self.visit(node.test)
        if _is_close(test):
            return _expect("close", test.args[:2], test.keywords)
        if isinstance(test, ast.Compare) and [type(one) for one in test.ops] == [ast.Eq]:
            return _expect("equal", _got_first(test.left, test.comparators[0]))
        return _expect("true", [test, node.msg or ast.Constant(said)])


def asserting(node: ast.AST) -> str:
    """The name of a function that asserts, such as NumPy's assert_allclose; nothing for another expression."""
    function = node.func if isinstance(node, ast.Call) else None
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name if name.startswith("assert") else ""


def _is_close(test: ast.expr) -> bool:
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Attribute):
        return False
    return test.func.attr in CLOSE and {one.arg for one in test.keywords} <= {"rtol", "atol"} and len(test.args) == 2


def _got_first(left: ast.expr, right: ast.expr) -> list[ast.expr]:
    """What the student gave, then what is right."""
    return [right, left] if "student" in names_of(right) and "student" not in names_of(left) else [left, right]


def _expect(what: str, arguments: list[ast.expr], keywords: Sequence[ast.keyword] = ()) -> ast.Expr:
    function = ast.Attribute(ast.Name("expect", ast.Load()), what, ast.Load())
    return ast.Expr(ast.Call(function, arguments, list(keywords)))


def names_of(tree: ast.AST) -> set[str]:
    """All names in it."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def unparsed(node: ast.AST) -> str:
    """The code of a tree that may have been put together."""
    return ast.unparse(ast.fix_missing_locations(node))
