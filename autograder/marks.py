"""Solution marks: what stands between them, and what students are asked for by that, functions and values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
MARK_LINE = re.compile(r"^\s*#\s*(BEGIN|END) SOLUTION\s*$")


def mark_of(line: str) -> str | None:
    """BEGIN or END where the line is a mark."""
    found = MARK_LINE.match(line)
    return found.group(1) if found else None


def marked_lines(source: str) -> Iterator[tuple[str, bool]]:
    """Each line that is not a mark, and whether it stands between solution marks."""
    inside = False
    for line in source.splitlines():
        mark = mark_of(line)
        if mark:
            inside = mark == "BEGIN"
        else:
            yield line, inside


def functions_with_marks(source: str) -> list[str]:
    """The functions that an answer asks for: students get their headers, and write what stands between the marks."""
    lines = enumerate(source.splitlines(), 1)
    begins = [
        number for number, line in lines if mark_of(line) == "BEGIN" and line[:1].isspace()
    ]  # others are below it
    return [
        node.name
        for node in _parsed(source)
        if isinstance(node, ast.FunctionDef)
        and any(node.lineno < begin <= (node.end_lineno or 0) + 1 for begin in begins)
        and not is_marked(node, source)
    ]


def values_with_marks(source: str) -> list[str]:
    """The names that an answer sets between marks, outside of functions: a check that names one asks for it."""
    marked = (node for node in _outside_functions(_parsed(source)) if is_marked(node, source))
    return list(dict.fromkeys(name for node in marked for name in values_set_by(node)))


def is_marked(node: ast.stmt, source: str) -> bool:
    """Whether the statement stands between marks as a whole, as a helper does that the stub leaves out."""
    marks_above = [mark for line in source.splitlines()[: node.lineno - 1] if (mark := mark_of(line))]
    return marks_above[-1:] == ["BEGIN"]


def is_in_function(line: int, source: str) -> bool:
    """Whether a mark in that line, counted from 1, stands in a function or a method."""
    nodes = (node for one in _parsed(source) for node in ast.walk(one))
    return any(
        node.lineno < line <= (node.end_lineno or 0) + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def _outside_functions(body: Iterable[ast.AST]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _outside_functions(ast.iter_child_nodes(node))


def _parsed(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []  # complained about already


def values_set_by(node: ast.stmt) -> Iterator[str]:
    """The names that an assignment sets; none of another statement."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    for one in (one for target in targets for one in ast.walk(target)):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
