"""What a hidden case of somebody else's tests cannot do here, found by reading it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from autograder.scaffold.asking import names_of

LOOKING = {"isinstance", "repr", "str", "type"}  # these take whatever an answer may be
PLAIN = {"numpy", "torch"}  # what a call hands over and gets back, beside Python's own values
HOLDING = (ast.Assign, ast.Expr, ast.List, ast.ListComp, ast.Tuple, ast.keyword)


def computes_with_answers(body: list[ast.stmt]) -> bool:
    """Whether something is done with an answer before `expect` has looked at it: of a wrong type, that is an error."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    answers = {
        node.targets[0].id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_answer(node.value, set())
    }
    return any(
        _is_answer(child, answers) and not isinstance(parent, HOLDING) and not _looks(parent)
        for parent in nodes
        for child in ast.iter_child_nodes(parent)
    )


def _is_answer(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names and isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_name(node.func.value, "student")


def _looks(parent: ast.AST) -> bool:
    if not isinstance(parent, ast.Call):
        return False
    function = parent.func
    if isinstance(function, ast.Attribute):
        return _is_name(function.value, "expect") or _is_name(function.value, "student")
    return isinstance(function, ast.Name) and function.id in LOOKING


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def foreign_objects(body: list[ast.stmt], imports: dict[str, str]) -> Iterator[str]:
    """The names in a case of libraries whose objects do not cross to the student's process, such as pd."""
    for name in sorted(set().union(*map(names_of, body)) & imports.keys()):
        root = imports[name].split()[1].partition(".")[0]
        if root not in PLAIN | sys.stdlib_module_names:
            yield name
