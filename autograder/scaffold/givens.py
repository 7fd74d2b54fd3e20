"""What a notebook gives to its tests, such as `scores = np.array(...)`: a hidden case makes it for itself."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.marks import values_set_by
from autograder.scaffold.asking import names_of, stored_in

# another value each time, or one that a file has which the grader may not find
ELSEWHERE = re.compile(r"\brandom\b|\brng\b|\bopen\b|\b(read|load|fetch|download|urlopen)")


@dataclass(frozen=True, slots=True)
class Givens:
    """The statements at the top of given cells, and the names that code there may use: imports and Python's own."""

    statements: tuple[ast.stmt, ...]
    known: frozenset[str]

    @classmethod
    def of(cls, sources: Iterable[str], imports: Iterable[str]) -> Givens:
        """Look through the cells that students get as they are."""
        statements = tuple(node for source in sources for node in ast.parse(source).body)
        return cls(statements, frozenset(imports) | frozenset(dir(builtins)))

    def making(self, names: Iterable[str]) -> list[ast.stmt]:
        """The statements that make those of `names` that can be made without the rest of the notebook, in order."""
        found = set[int]()
        for name in names:
            found |= self._making(name) or set()
        return [self.statements[index] for index in sorted(found)]

    def _making(self, name: str) -> set[int] | None:
        """Which statements make a name; None where a case cannot."""
        changing = [index for index, node in enumerate(self.statements) if _changes(node, name)]
        if len(changing) != 1 or name not in values_set_by(self.statements[changing[0]]):
            return None
        (index,) = changing
        statement = self.statements[index]
        if ELSEWHERE.search(ast.unparse(statement)):
            return None
        found = {index}
        for other in names_of(statement) - stored_in(statement) - self.known:
            before = Givens(self.statements[:index], self.known)._making(other)
            if before is None or _changed_later(self.statements[index:], other):
                return None
            found |= before
        return found


def _changed_later(statements: Iterable[ast.stmt], name: str) -> bool:
    return any(_changes(node, name) for node in statements)


def _changes(node: ast.stmt, name: str) -> bool:
    """Whether a statement sets the name or may change what it stands for, as `words.append(x)` does."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and _root(node.value.func) == name
    return any(
        _root(one) == name and isinstance(getattr(one, "ctx", None), ast.Store)
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute | ast.Subscript)
    )


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
