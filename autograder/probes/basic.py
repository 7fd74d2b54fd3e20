"""Probes that every course can use: hand back what they are given, or call what they are given."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def identity(value: Any) -> Any:
    """Return `value`; with `keep` it puts a value into the student's process, without it fetches one."""
    return value


def answer(value: Any) -> Any:
    """Return a value that students set, such as `mean = ...`.

    Raises:
        NotImplementedError: it is still the `...` that the untouched notebook has there.
    """
    if value is ...:
        raise NotImplementedError("it is still `...`: set it to your answer")
    return value


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call an object that stayed in the student's process, such as a model on a batch."""
    return function(*args, **kwargs)


def make(dotted_name: str, *args: Any, **kwargs: Any) -> Any:
    """Build a library object, for example `make("torch.nn.Conv2d", 3, 16, 3)`.

    Raises:
        ValueError: `dotted_name` names no module and attribute, such as "torch.nn.Conv2d".
    """
    module_name, _, attribute = dotted_name.rpartition(".")
    if not module_name:
        raise ValueError(f"{dotted_name!r} is not of the form 'module.attribute'")
    return getattr(importlib.import_module(module_name), attribute)(*args, **kwargs)


def modules() -> list[str]:
    """Names of the modules that the process has imported, in that order."""
    return list(sys.modules)
