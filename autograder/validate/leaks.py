"""Looks for lines of a solution in what students get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import Complaint
from autograder.exercise import Exercise

MIN_LENGTH = 20  # shorter lines ("return out", "x = x + 1") stand anywhere by chance


def leaks(exercise: Exercise, exercises_dir: Path) -> Iterator[Complaint]:
    """Each place under exercises/ where a marked solution line of 20 or more characters stands."""
    secret = {line for line in exercise.solution_lines if len(line) >= MIN_LENGTH}
    for path in sorted(exercises_dir.rglob("*")):
        if not path.is_file():
            continue
        for number, line in enumerate(_lines(path), start=1):
            found = next((solution for solution in secret if solution in line), None)
            if found is not None:
                remedy = f"reword one of them; its source is {exercise.path.name}"
                yield Complaint(f"{path}, line {number}", f"a solution line of {exercise.slug}: {found!r}", remedy)


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text.splitlines()
    try:
        return [line for part in _texts(json.loads(text)) for line in part.splitlines()]
    except ValueError:
        return text.splitlines()


def _texts(value: Any) -> Iterator[str]:
    """All strings in a notebook: sources, outputs and metadata alike."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        # a source may be a list of lines: joined, so that none is missed
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
