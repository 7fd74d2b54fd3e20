"""Cells in which students try out their own answers, such as `squares(2)`: in a notebook without answers they fail."""

from __future__ import annotations

import ast
import enum
import itertools
from collections.abc import Iterable, Iterator

from autograder.exercise import MARK_LINE
from autograder.scaffold.asking import names_of

KEPT = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Use(enum.Enum):
    """What a cell that is given to students does with their answers."""

    NONE = "none"
    TRIAL = "trial"  # it shows something, and nothing needs it
    NEEDED = "needed"  # it defines what other code uses


def use_of(source: str, asked: set[str], others: Iterable[str]) -> Use:
    """How `source` uses the functions of `asked`; `others` is all other code of the notebook."""
    body = ast.parse(source).body
    if not asked & {node.id for node in _at_once(body) if isinstance(node, ast.Name)}:
        return Use.NONE
    defined = set(_defined(body))
    needed = any(defined & names_of(ast.parse(other)) for other in others)
    return Use.NEEDED if needed else Use.TRIAL


def cut_trial(source: str, asked: set[str]) -> tuple[str, str]:
    """An answer, and the lines at its end that try it out: `def f(x): ...` and below it `f(3)`."""
    lines, first = source.splitlines(), len(source.splitlines())
    tail = list(itertools.takewhile(lambda node: not isinstance(node, KEPT), reversed(ast.parse(source).body)))
    if asked & {node.id for node in _at_once(tail) if isinstance(node, ast.Name)}:
        first = tail[-1].lineno - 1
    if first == len(lines) or any(map(MARK_LINE.match, lines[first:])):
        return source, ""
    while lines[first - 1].startswith("#") and not MARK_LINE.match(lines[first - 1]):
        first -= 1
    return "\n".join(lines[:first]).rstrip(), "\n".join(lines[first:])


def _at_once(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes that run when the cell does, not when a function in it is called."""
    for node in nodes:
        if not isinstance(node, INNER):
            yield node
            yield from _at_once(ast.iter_child_nodes(node))


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
