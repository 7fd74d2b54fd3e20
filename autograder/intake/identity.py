"""Which exercise a notebook is: its metadata says so; for a broken one its bytes or its name may."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from autograder.intake.reading import Content, Found

IN_BYTES = re.compile(rb'"exercise"\s*:\s*"([0-9a-z_]{1,100})"')


def exercise_of(content: Content, found: Found, slugs: Sequence[str]) -> str | None:
    """The slug, or None where nothing tells. Whatever a student writes there, only known slugs come out."""
    said = _from_metadata(content.data)
    if said is None:
        match = IN_BYTES.search(content.data)
        said = match.group(1).decode("ascii") if match else None
    if said in slugs:
        return said
    names = [slug for slug in slugs if slug in found.parts[-1]]
    return names[0] if len(names) == 1 and said is None else None


def _from_metadata(data: bytes) -> str | None:
    try:
        notebook: Any = json.loads(data)
        said = notebook["metadata"]["autograder"]["exercise"]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError):
        return None
    return said if isinstance(said, str) else None
