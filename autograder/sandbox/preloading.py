"""What the warm process has loaded before it forks: the frameworks, the probes, a shell that has practised."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.sandbox import remedies

if TYPE_CHECKING:
    from autograder.sandbox.shell import QuietShell

OPTIONAL = "?"
_HARMLESS_THREADS = frozenset({"jemalloc_bg_thd"})  # TensorFlow's allocator starts it at import; forking after is safe
_ALWAYS = ("numpy", "numpy.random", "getpass", "autograder.sandbox.child")


class RefusedError(Exception):
    """What the judge asked for cannot be done; the text goes back to it."""


def warm_shell(names: tuple[str, ...], home: str) -> QuietShell:
    """All that notebooks need, loaded and practised; raises RefusedError where something is missing."""
    warm(names)
    warm_up_probes()
    from autograder.sandbox import practice, runner, seeding, shell  # IPython, with the garbage collector off

    assert runner  # children run it
    made = shell.make(home)
    prepare()
    practice.practise(made)
    seeding.load()
    return made


def warm(names: Iterable[str]) -> None:
    """Import what was asked for; raises RefusedError with the remedy where something is missing.

    A name such as "tensorflow?" is for exercises that can do without it: what is not installed is left out.
    """
    gc.disable()
    for name in (*_ALWAYS, *names):
        if name.endswith(OPTIONAL) and importlib.util.find_spec(name.partition(".")[0].rstrip(OPTIONAL)) is None:
            continue
        try:
            importlib.import_module(name.removesuffix(OPTIONAL))
        except ImportError as error:
            missing = (getattr(error, "name", None) or name.removesuffix(OPTIONAL)).partition(".")[0]
            remedy = remedies.install(missing)
            raise RefusedError(f"this course needs {name}, which cannot be imported here ({error}): {remedy}") from None


def prepare() -> None:
    """Put in place what every child would do first, as far as the zygote can bear it."""
    from autograder.sandbox import figures, standins

    standins.prepare()
    figures.prepare()


def warm_up_probes() -> None:
    """Import all probes, which import frameworks only where they are called."""
    from autograder import probes

    warm_up(f"{probes.__name__}.{module.name}" for module in pkgutil.iter_modules(probes.__path__))


def warm_up(names: Iterable[str]) -> list[str]:
    """Import what a rehearsal found to be imported lazily; what cannot be is returned and does no harm."""
    failed = []
    gc.unfreeze()
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # a module may do anything when it is imported where it does not expect it
            failed.append(name)
    gc.collect()
    gc.freeze()
    return failed


def check_single_threaded() -> None:
    """Refuse to fork beside threads: a child would wait for ever for a lock that one of them held."""
    names = []
    for task in Path("/proc/self/task").iterdir():
        if task.name != str(os.getpid()):
            names.append((task / "comm").read_text().strip())
    extra = sorted(set(names) - _HARMLESS_THREADS)
    if extra:
        raise RefusedError(f"something that was imported started threads ({', '.join(extra)}); forking would hang")
