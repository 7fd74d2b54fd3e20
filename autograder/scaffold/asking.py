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
RAISING = {"assert_raises", "assertRaises", "raises"}
CATCHING_FAILURES = {"AssertionError", "BaseException", "Exception"}  # with these, such a test holds always


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
        """`try: f(0)`, `except ValueError: pass`, and a failure where nothing was raised, which asks for a refusal."""
        self.generic_visit(node)
        handlers = [one.type for one in node.handlers if isinstance(one.body[0], ast.Pass)]
        if node.finalbody or len(node.handlers) != 1 or not handlers or not isinstance(handlers[0], ast.Name):
            return node
        if [type(one) for one in node.orelse] == [ast.Raise]:
            return ast.With([ast.withitem(_expect("raises", [handlers[0]]).value)], node.body)
        if not node.orelse and len(node.body) > 1 and _fails(node.body[-1]) and handlers[0].id not in CATCHING_FAILURES:
            return ast.With([ast.withitem(_expect("raises", [handlers[0]]).value)], node.body[:-1])
        return node

    def visit_withitem(self, node: ast.withitem) -> ast.withitem:
        """`with pytest.raises(ValueError):` and its like."""
        self.generic_visit(node)
        call = node.context_expr
        if isinstance(call, ast.Call) and _called(call) in RAISING and [type(one) for one in call.args] == [ast.Name]:
            return ast.withitem(_expect("raises", call.args).value, node.optional_vars)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """`assert_equal(f(3), 9)`, `assert_raises(ValueError, f, 0)` and their like."""
        value = self.visit(node.value)
        if isinstance(value, ast.Call) and _called(value) in RAISING and len(value.args) > 1:
            asked = ast.Expr(ast.Call(value.args[1], value.args[2:], value.keywords))
            return ast.With([ast.withitem(_expect("raises", value.args[:1]).value)], [asked])
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
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            found = _compared(test.left, test.ops[0], test.comparators[0])
            if found is not None:
                return found
        return _expect("true", [test, node.msg or ast.Constant(said)])


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Expr | None:
    """A comparison that `expect` can say: an equal value or shape, or a difference that is small."""
    if isinstance(operator, ast.Eq):
        got, right_one = _got_first(left, right)
        if isinstance(got, ast.Attribute) and got.attr == "shape" and _is_asked(got.value):
            return _expect("shape", [got.value, right_one])
        return _expect("equal", [got, right_one])
    if not isinstance(operator, ast.Lt | ast.LtE) or not isinstance(left, ast.Call) or _called(left) != "abs":
        return None
    difference = left.args[0] if len(left.args) == 1 else None
    if not isinstance(difference, ast.BinOp) or not isinstance(difference.op, ast.Sub):
        return None
    tolerances = [ast.keyword("rtol", ast.Constant(0)), ast.keyword("atol", right)]
    return _expect("close", _got_first(difference.left, difference.right), tolerances)


def _is_asked(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "student" in names_of(node.func)


def _fails(node: ast.stmt) -> bool:
    """`assert False`, as it has become, or `raise AssertionError`."""
    if isinstance(node, ast.Raise):
        return node.exc is not None and "AssertionError" in names_of(node.exc)
    arguments = node.value.args if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else []
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and not arguments[0].value


def _called(call: ast.Call) -> str:
    """The last part of what is called, such as raises of pytest.raises."""
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def asserting(node: ast.AST) -> str:
    """The name of a function that asserts, such as NumPy's assert_allclose; nothing for another expression."""
    name = _called(node) if isinstance(node, ast.Call) else ""
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
