"""Expressions in quiz files: arithmetic and the formulas of `autograder.cnn`, interpreted here, never run as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.cnn import formulas

Value = Any
"""An int, a float, a bool, or a tuple of ints."""

FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    function.__name__: function
    for function in (
        *(formulas.conv_output_size, formulas.same_padding, formulas.conv2d_output_shape, formulas.pool2d_output_shape),
        *(formulas.global_average_pool_shape, formulas.flattened_shape, formulas.channels_last),
        *(formulas.conv2d_weight_shape, formulas.conv2d_parameters, formulas.linear_parameters),
        *(formulas.batchnorm2d_parameters, formulas.conv2d_macs, formulas.receptive_field),
        *(formulas.chance_loss, formulas.batch_normalised, formulas.clipped_gradient),
        *(min, max, round, math.prod),
    )
}
OPERATORS: Mapping[type[ast.AST], Callable[..., Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
MAX_LENGTH = 500


class ExpressionError(Exception):
    """The text is no expression that is understood here, or it has no value; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    source: str
    tree: ast.expr

    @classmethod
    def parse(cls, source: str) -> Expression:
        """Parse; raises ExpressionError for what is not Python or not in the small part of it that is meant."""
        if len(source) > MAX_LENGTH:
            raise ExpressionError(f"is longer than {MAX_LENGTH} characters")
        try:
            tree = ast.parse(source.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError) as error:
            raise ExpressionError(f"is not an expression ({error.args[0] if error.args else error})") from None
        _refuse_unknown(tree)
        return cls(source, tree)

    @property
    def names(self) -> frozenset[str]:
        """The names whose values it needs."""
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        names = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and id(node) not in called)
        return frozenset(node.id for node in names)

    @property
    def is_literal(self) -> bool:
        """Whether it is a stored value: nothing is drawn or computed."""
        return not any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(self.tree))

    def value(self, names: Mapping[str, Value]) -> Value:
        """Its value; raises ExpressionError where there is none, such as the size of a layer that cannot exist."""
        try:
            return _value(self.tree, names)
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise ExpressionError(f"{self.source} has no value ({error})") from None


def _refuse_unknown(node: ast.expr) -> None:
    """Raise for every kind of node that `_value` does not know."""
    match node:
        case ast.Constant(value=bool() | int() | float()) | ast.Name():
            return
        case ast.Call(func=ast.Name(id=name)):
            if name not in FUNCTIONS:
                raise ExpressionError(f"calls {name!r}, which is not one of: {', '.join(sorted(FUNCTIONS))}")
            if any(keyword.arg is None for keyword in node.keywords):
                raise ExpressionError("has ** in a call")
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        case ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            pass
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            parts = [node.left, node.right]
        case ast.UnaryOp(op=op) if type(op) in OPERATORS:
            parts = [node.operand]
        case ast.Compare(ops=ops) if all(type(op) in OPERATORS for op in ops):
            parts = [node.left, *node.comparators]
        case ast.Subscript(slice=ast.Constant(value=int())):
            parts = [node.value]
        case _:
            raise ExpressionError(
                f"has {ast.unparse(node)!r} in it; numbers, names, tuples, + - * / // %,"
                " comparisons, and, or, not, [number] and formulas are understood"
            )
    for part in parts:
        _refuse_unknown(part)


def _value(node: ast.expr, names: Mapping[str, Value]) -> Value:
    def value(part: ast.expr) -> Value:
        return _value(part, names)

    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.Tuple():
            return tuple(map(value, node.elts))
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name](
                *map(value, node.args), **{key.arg: value(key.value) for key in node.keywords if key.arg}
            )
        case ast.BinOp():
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        case ast.UnaryOp():
            return OPERATORS[type(node.op)](value(node.operand))
        case ast.BoolOp(op=ast.And()):
            return all(map(value, node.values))
        case ast.BoolOp():
            return any(map(value, node.values))
        case ast.Subscript(slice=ast.Constant(value=index)):
            return value(node.value)[index]
        case ast.Compare():
            sides = [value(side) for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides[:-1], sides[1:], strict=True)
            return all(OPERATORS[type(op)](left, right) for op, left, right in pairs)
    raise TypeError(f"{type(node).__name__} was let through")
