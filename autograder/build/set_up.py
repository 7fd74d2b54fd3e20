"""The set-up cell: installs what is missing, and unpacks the public checks where the notebook came alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import resources

from autograder.exercise import CellKind, Exercise
from autograder.sandbox import remedies

OURS = "autograder"
FROM_ADDRESS = """\
if importlib.util.find_spec("autograder") is None:  # the course's own package is on no index
    %pip install --quiet "ADDRESS"
    importlib.invalidate_caches()
"""
WHERE_MISSING = """\
if importlib.util.find_spec("autograder") is None:
    print("MISSING")

"""
ASK = (
    "This exercise needs the course's own package, which is not on PyPI: ask your instructor for its file or address,"
    " and run  %pip install FILE-OR-ADDRESS  and then this cell again."
)
FAILED = (
    "The course's own package could not be installed from its address, see above: tell your instructor,"
    " or run  %pip install FILE  with a copy of its file and then this cell again."
)


def set_up_source(exercise: Exercise, install: str = "") -> str:
    """The set-up cell; `install` is from where pip gets this package, or empty where the course does not say."""
    modules = _needed(exercise)
    others = {module: remedies.package(module) for module in modules if module != OURS}
    needed = ", ".join(f'"{module}": "{package}"' for module, package in others.items())
    package = _installing_ours(install) if OURS in modules else "\n"
    cell = resources.files("autograder.build").joinpath("set_up_cell.txt").read_text(encoding="utf-8")
    cell = cell.replace("NEEDED", f"{{{needed}}}").replace("PACKAGE\n", package)
    return cell.replace("SLUG", exercise.slug).strip()


def _installing_ours(install: str) -> str:
    """Apart from the others: pip installs all that it is given or nothing."""
    if not install:
        return WHERE_MISSING.replace("MISSING", ASK)
    return FROM_ADDRESS.replace("ADDRESS", install) + WHERE_MISSING.replace("MISSING", FAILED)


def _needed(exercise: Exercise) -> tuple[str, ...]:
    """The modules that the student's notebook imports beyond the standard library, Otter first."""
    trees = [ast.parse(cell.source) for cell in exercise.cells if cell.kind is not CellKind.PROSE]
    modules = {name.partition(".")[0] for tree in trees for name in _imports(tree)}
    return ("otter", *sorted(modules - sys.stdlib_module_names - {"otter"}))


def _imports(node: ast.AST) -> Iterator[str]:
    """Modules that the code cannot do without: one that is imported in a `try` for ImportError is not among them."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    optional = node.body if isinstance(node, ast.Try) and _handles_import_error(node) else []
    for child in ast.iter_child_nodes(node):
        if child not in optional:
            yield from _imports(child)


def _handles_import_error(node: ast.Try) -> bool:
    return any(isinstance(handler.type, ast.Name) and handler.type.id == "ImportError" for handler in node.handlers)
