"""Which exercise a notebook is: its metadata says so; for a broken one its bytes or its name may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autograder.intake.content import Tree
from autograder.intake.reading import Found

IN_BYTES = re.compile(rb'"exercise"\s*:\s*"([0-9a-z_]{1,100})"')


def exercise_of(tree: Tree, found: Found, slugs: Sequence[str]) -> str | None:
    """The slug, or None where nothing tells. Whatever a student writes there, only known slugs come out."""
    said = said_exercise(tree)
    if said in slugs:
        return said
    names = [slug for slug in slugs if slug in found.parts[-1]]
    return names[0] if len(names) == 1 and said is None else None


def said_exercise(tree: Tree) -> str | None:
    """Which exercise a notebook's metadata names: a student may have written it, and it may be any text."""
    said = _from_metadata(tree.root)
    return said if said is not None else _from_bytes(tree.data)


def _from_bytes(data: bytes) -> str | None:
    """The last slug behind the metadata's key. No source or output looks like one: JSON escapes the quotes in it."""
    start = data.find(b'"autograder"', max(0, data.find(b'"metadata"')))
    said = None
    for match in IN_BYTES.finditer(data, start) if start >= 0 else ():
        said = match.group(1).decode("ascii")
    return said


def _from_metadata(root: Any) -> str | None:
    try:
        said = root["metadata"]["autograder"]["exercise"]
    except (KeyError, TypeError, IndexError):
        return None
    return said if isinstance(said, str) else None
