"""Replacements for what a notebook may call but a graded one need not, or may not, do."""

from __future__ import annotations

import builtins
import functools
import getpass
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

NO_INPUT = "input() is not available while grading: give the value in the cell instead"
NO_PROCESSES = "processes are not allowed here: while grading, a notebook is one process, and its threads"
NO_INSTALLING = "packages cannot be installed while grading: what the course lists is installed already"


class NotAvailable(RuntimeError):
    """Raised where a notebook asks for what grading does not offer."""


class Notebook:
    """Stands for `otter.Notebook`: its checks are for the student's own eyes and do nothing here."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing


def _nothing(*_arguments: Any, **_options: Any) -> None:
    return None


def otter_module() -> ModuleType:
    """A module to stand for `otter`, which would take a second to import."""
    module = ModuleType("otter", "A stand-in while grading: checks do nothing.")
    module.Notebook = Notebook  # type: ignore[attr-defined]
    return module


def prepare() -> None:
    """What can be put in place before the fork: it takes a few milliseconds, and the zygote does not notice."""
    sys.modules.setdefault("otter", otter_module())
    keep_loading_in_this_process()


def install() -> None:
    """What can only be put in place in a child: the zygote itself forks."""
    builtins.input = _refusing(NotAvailable, NO_INPUT)
    getpass.getpass = _refusing(NotAvailable, NO_INPUT)
    refuse_process = _refusing(PermissionError, NO_PROCESSES)
    for name in ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp"):
        setattr(os, name, refuse_process)
    setattr(subprocess.Popen, "__init__", refuse_process)  # noqa: B010
    setattr(subprocess.Popen, "__del__", _nothing)  # noqa: B010


def _refusing(error: type[Exception], sentence: str) -> Callable[..., NoReturn]:
    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        raise error(sentence)

    return refuse


def keep_loading_in_this_process() -> None:
    """Let torch's DataLoader work with any `num_workers`: here it loads in this process, with the same batches."""
    data = sys.modules.get("torch.utils.data")
    if data is None or hasattr(data.DataLoader.__init__, "__wrapped__"):
        return
    original = data.DataLoader.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def without_workers(*arguments: Any, **options: Any) -> None:
        bound = signature.bind(*arguments, **options).arguments
        extra = bound.pop("kwargs", {})
        for name in ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout"):
            bound.pop(name, None)
        original(**bound, **extra)

    data.DataLoader.__init__ = without_workers
