"""IPython's own lines in a cell, such as `%matplotlib inline` and `!pip install x`: no Python, and left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

WRAPPING = {"capture", "prun", "time", "timeit"}  # cell magics whose body is Python of the notebook's
SHELL = {"system": "!", "getoutput": "!"}
PRINTED = 60  # characters of a line that are shown


@dataclass(frozen=True, slots=True)
class Code:
    """A code cell: its Python, the lines that were left out, and its language, which is "" for Python."""

    source: str
    left_out: tuple[str, ...] = ()
    language: str = ""


def code_of(source: str) -> Code:
    """Tell Python from the rest. What is neither Python nor IPython's stays as it is, to be complained about."""
    if _is_python(source) and "get_ipython" not in source:
        return Code(source)  # also `(10\n  % 3)`, whose second line is no magic
    from IPython.core.inputtransformer2 import TransformerManager  # slow, and not needed for --help

    try:
        changed = TransformerManager().transform_cell(source)
        calls = list(_calls(ast.parse(changed).body))
    except SyntaxError:
        return Code(source)
    if [name for _, name, _ in calls] == ["run_cell_magic"]:
        magic, rest, body = calls[0][2]
        inner = code_of(body)
        if magic not in WRAPPING:
            return Code(source, language=magic)
        return Code(inner.source, (_shown("%%", magic, rest), *inner.left_out), inner.language)
    lines = changed.splitlines()
    for statement, _, _ in reversed(calls):
        indent = lines[statement.lineno - 1][: statement.col_offset]
        lines[statement.lineno - 1 : statement.end_lineno] = [f"{indent}pass"] if indent else []
    return Code("\n".join(lines).strip("\n"), tuple(_written(*call) for call in calls))


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):  # ValueError: a null byte
        return False
    return True


def _calls(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str, list[str]]]:
    """The statements that ask IPython for something, what they call, and with what texts."""
    for statement in (node for one in body for node in ast.walk(one) if isinstance(node, ast.Expr | ast.Assign)):
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            of = call.func.value
            if isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "get_ipython":
                yield statement, call.func.attr, [str(one.value) for one in call.args if isinstance(one, ast.Constant)]


def _written(statement: ast.stmt, name: str, texts: list[str]) -> str:
    """A line as its author wrote it."""
    target = f"{ast.unparse(statement.targets[0])} = " if isinstance(statement, ast.Assign) else ""
    if name in SHELL:
        return target + _shown(SHELL[name], *texts)
    if texts[:1] in (["pinfo"], ["pinfo2"]):
        return f"{texts[1]}?"
    return target + _shown("%", *texts) if name == "run_line_magic" else _shown(ast.unparse(statement))


def _shown(sign: str, *texts: str) -> str:
    shown = sign + " ".join(" ".join(texts).split())
    return shown if len(shown) <= PRINTED else f"{shown[:PRINTED]}..."
