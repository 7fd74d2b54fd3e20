"""Solution marks where ours have to stand: in the bodies of the functions that students are to write."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from autograder.exercise import BEGIN, END, MARK_LINE

Definition = ast.FunctionDef | ast.ClassDef
EMPTY = re.compile(rf"^[ \t]*{BEGIN}\n\s*^[ \t]*{END}\n?", re.MULTILINE)


def marked(source: str, asked: set[str]) -> str:
    """An answer whose functions have marks in their bodies.

    Without any mark the whole cell was the answer: each body gets them. Where marks stand around a whole function of
    `asked`, the names that tests use, they go into it: a stub would have no trace of it. Helpers stay between marks.
    """
    source = _bodies_below_headers(source)
    if not _marks(source):
        return _with_bodies_marked(source, lambda node: True)
    names = {node.name for node in _definitions(source)}
    wanted = (asked & names) or names
    inside = {node.name for node in _definitions(source) if node.name in wanted and _is_inside(node, source)}
    opened = _apart(source, lambda node: _is_import(node) or getattr(node, "name", "") in inside)
    return _with_bodies_marked(opened, lambda node: node.name in inside)


def _marks(source: str) -> list[str]:
    return [found[1] for found in map(MARK_LINE.match, source.splitlines()) if found]


def _definitions(source: str) -> Iterator[Definition]:
    return (node for node in ast.parse(source).body if isinstance(node, Definition))


def _functions(source: str, wanted: Callable[[Definition], bool]) -> Iterator[ast.FunctionDef]:
    """Functions at the top, and methods of classes there."""
    for node in _definitions(source):
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (one for one in inner if wanted(node) and isinstance(one, ast.FunctionDef))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _is_inside(node: ast.stmt, source: str) -> bool:
    """Whether it stands between marks as a whole."""
    return _marks("\n".join(source.splitlines()[: _first_line(node) - 1]))[-1:] == ["BEGIN"]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _bodies_below_headers(source: str) -> str:
    """`def f(x): return x` in two lines, so that marks can stand around the second."""
    for function in reversed(list(_functions(source, lambda node: True))):
        lines = source.splitlines()
        body = function.body[0]
        line, column = body.lineno - 1, len(lines[body.lineno - 1].encode()[: body.col_offset].decode())
        before = lines[line][:column]
        if before.strip():
            indent = _indent(lines[function.lineno - 1]) + "    "
            lines[line : line + 1] = [before.rstrip(), indent + lines[line][column:]]
        elif lines[line - 1].endswith("\\"):  # a mark below would be part of that line
            lines[line - 1] = lines[line - 1].rstrip("\\").rstrip()
        changed = "\n".join(lines)
        source = changed if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)) else source
    return source


def _with_bodies_marked(source: str, wanted: Callable[[Definition], bool]) -> str:
    lines = source.splitlines()
    for function in reversed(list(_functions(source, wanted))):
        has_more = ast.get_docstring(function) is not None and len(function.body) > 1
        body = function.body[1:] if has_more else function.body
        first, last = _first_line(body[0]) - 1, function.end_lineno or len(lines)
        indent = _indent(lines[first])
        while lines[first - 1].strip().startswith("#"):  # what it says is part of the answer
            first -= 1
        lines[first:last] = [indent + BEGIN, *lines[first:last], indent + END]
    return "\n".join(lines)


def _apart(source: str, wanted: Callable[[ast.stmt], bool]) -> str:
    """The marked parts of a cell without the wanted statements at its top, which stand between them then."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if wanted(node) and _is_inside(node, source):
            first, last = _first_line(node) - 1, node.end_lineno or len(lines)
            lines[first:last] = [END, *lines[first:last], BEGIN]
    return EMPTY.sub("", "\n".join(lines)).strip("\n")
