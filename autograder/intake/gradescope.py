"""Who handed in what, as a Gradescope export's metadata says it. A student may have written it, so nothing is built.

It is read event by event: nothing of it is kept but a few short texts, however deep or large the rest is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from autograder.intake.reading import bounded
from autograder.late import read_moment
from autograder.submission import StudentId, writable

MAX_METADATA_BYTES = 4 * 2**20
MAX_DEPTH = 50
MAX_SUBMITTERS = 50  # of one submission: a group
MAX_TEXT = 200
NULLS = ("", "~", "null", "Null", "NULL")
CREATED = ":created_at"
SUBMITTERS = ":submitters"  # Ruby wrote it: the keys are symbols, which YAML reads as ":name"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str, ...]


def read_submitters(data: bytes) -> dict[str, tuple[StudentId, ...]]:
    """The submitters of each folder.

    Raises:
        ValueError: it is too large, is not UTF-8, has an alias or anchor in it, or says something else.
        yaml.YAMLError: it is not YAML.
    """
    people: dict[str, dict[str, dict[str, str]]] = {}
    folders: dict[str, bool] = {}  # with submitters or not
    for path, event in _values(bounded(data, MAX_METADATA_BYTES).decode("utf-8")):
        if len(path) < 2:
            _expect(event, yaml.MappingStartEvent, path)
            folders |= dict.fromkeys(path, False)
        elif path[1] == SUBMITTERS and len(path) == 2:
            _expect(event, yaml.SequenceStartEvent, path)
            folders[path[0]] = True
        elif path[1] == SUBMITTERS and len(path) == 3:
            _expect(event, yaml.MappingStartEvent, path)
            people.setdefault(path[0], {})[path[2]] = {}
        elif path[1] == SUBMITTERS and len(path) == 4 and isinstance(event, yaml.ScalarEvent):
            people[path[0]][path[2]][path[3]] = _text(event)
    if not folders or not all(folders.values()):
        raise ValueError(f"a folder without {SUBMITTERS}")
    return {folder: tuple(_students(people.get(folder, {}))) for folder in folders}


def read_times(data: bytes) -> dict[str, str]:
    """When each folder's submission came, in ISO 8601; nothing for a folder whose time is no time. Raises as above."""
    values = _values(bounded(data, MAX_METADATA_BYTES).decode("utf-8"))
    said = {
        path[0]: _text(event)
        for path, event in values
        if path[1:] == (CREATED,) and isinstance(event, yaml.ScalarEvent)
    }
    moments = {folder: read_moment(_iso(text)) for folder, text in said.items()}
    return {folder: moment.isoformat() for folder, moment in moments.items() if moment}


def _iso(text: str) -> str:
    """Ruby writes 2026-11-25 22:59:00.123456789 Z, or +01:00 behind a space."""
    return re.sub(r"(\.[0-9]{6})[0-9]*", r"\1", text).replace(" Z", "+00:00").replace(" +", "+").replace(" -", "-")


def _students(people: dict[str, dict[str, str]]) -> Iterator[StudentId]:
    for one in list(people.values())[:MAX_SUBMITTERS]:
        name, sid, email = (one.get(key, "") for key in (":name", ":sid", ":email"))
        if sid or email or name:
            yield StudentId(sid or email or name, name, email)


def _text(event: yaml.ScalarEvent) -> str:
    """A number is its digits as they stand there; what is longer than any name is nothing."""
    plain = event.implicit[0]
    return "" if len(event.value) > MAX_TEXT or (plain and event.value in NULLS) else writable(event.value)


def _expect(event: yaml.NodeEvent, kind: type[yaml.NodeEvent], path: Path) -> None:
    if not isinstance(event, kind):
        raise ValueError(f"{'/'.join(path)[:MAX_TEXT] or 'the document'} is something else")


def _values(text: str) -> Iterator[tuple[Path, yaml.NodeEvent]]:
    """Each value's first event with the keys that lead to it; an item of a list has its number for a key."""
    keys: list[str | None] = []  # of what is open; None where a key comes next
    lists: list[bool] = []
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.NodeEvent):
            if event.anchor is not None:
                raise ValueError("an alias or anchor in it")
            if keys and keys[-1] is None:
                keys[-1] = _key(event)
                continue
            yield tuple(key or "" for key in keys), event
        if isinstance(event, yaml.CollectionStartEvent):
            lists.append(isinstance(event, yaml.SequenceStartEvent))
            keys.append("0" if lists[-1] else None)
            if len(keys) > MAX_DEPTH:
                raise ValueError(f"more than {MAX_DEPTH} levels")
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            keys.pop()
            lists.pop()
        if keys and isinstance(event, (yaml.ScalarEvent, yaml.CollectionEndEvent)):
            keys[-1] = str(int(keys[-1] or 0) + 1) if lists[-1] else None


def _key(event: yaml.NodeEvent) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise ValueError("a key that is not text")
    return str(event.value)
