"""A YAML file with the place of each of its keys, so that a complaint about a value names file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from autograder.errors import Complaint, CourseError
from autograder.exercise import read_text

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file says: plain values, and the nodes that know their lines."""

    path: Path
    root: yaml.Node | None
    raw: Any

    @classmethod
    def read(cls, path: Path) -> YamlFile:
        """Read and parse; raises CourseError where the file is not YAML, GraderError where it cannot be read."""
        text = read_text(path)
        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)  # once, in C: a quiz starts at once
            root = loader.get_single_node()
            return cls(path, root, None if root is None else loader.construct_document(root))
        except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-01
            raise CourseError([_syntax_complaint(path, error)]) from None

    def place(self, location: Location) -> str:
        """File, line and key, as "grading_config.yaml:3: exercises.01_sizes"."""
        key = ".".join(map(str, location)) or "the file"
        return f"{self.path}:{self.line(location)}: {key}"

    def line(self, location: Location) -> int:
        """The line of the deepest part of `location` that the file has."""
        node = self.root
        line = node.start_mark.line + 1 if node else 1
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line

    def duplicate_keys(self) -> Iterator[Complaint]:
        """Keys that a mapping has twice, of which YAML would silently take the last."""
        return _duplicate_keys(self.path, self.root)

    def complaint(
        self, problem: Any, suggestion: Callable[[Location], str], example: Callable[[str], str]
    ) -> Complaint:
        """One of pydantic's errors as a sentence; `suggestion` is for an unknown key, `example` for a wrong value."""
        location = tuple(part for part in problem["loc"] if isinstance(part, str | int))
        place = self.place(location)
        if location[-1:] == ("[key]",):
            place = place.removesuffix(".[key]")
            return Complaint(place, "is a number or a date to YAML, not a text", 'write the key in quotes: "02_1":')
        if problem["type"] == "missing":
            return Complaint(place, "is missing", f"add '{location[-1]}:' with a value")
        if problem["type"] == "extra_forbidden":
            return Complaint(place, "is not a key that is known here", suggestion(location))
        if problem["type"] == "model_type":
            return Complaint(place, "is not a mapping of keys to values", "write 'key: value' lines, indented")
        message, it_says = _said(problem), repr(problem["input"])
        is_said = problem["type"] == "value_error" and it_says in message
        says = "" if isinstance(problem["input"], dict | list) or is_said else f" (it says {it_says})"
        return Complaint(place, message + says, example(str(location[-1])))


def _said(problem: Any) -> str:
    """What is wrong, as it was said where that was one of us: names in it keep their capitals."""
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    message = str(problem["msg"]).removeprefix("Input ")
    return message[:1].lower() + message[1:]


def did_you_mean(location: Location, model: type[BaseModel]) -> str:
    """The nearest key of `model`, or all of them."""
    known = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"


def _syntax_complaint(path: Path, error: Exception) -> Complaint:
    mark = getattr(error, "problem_mark", None)
    place = f":{mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", None) or str(error)
    return Complaint(
        f"{path}{place}", f"not YAML: {problem}", "look at this line and the one above: spaces, colons, quotes"
    )


def _child(node: yaml.Node | None, part: Any) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _duplicate_keys(path: Path, node: yaml.Node | None) -> Iterator[Complaint]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicate_keys(path, item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            yield Complaint(f"{path}:{line}: {key.value}", f"is there already, in line {seen[key.value]}", "keep one")
        seen[key.value] = line
        yield from _duplicate_keys(path, value)
