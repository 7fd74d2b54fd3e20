"""Makes our builders known to TensorFlow Datasets, without importing it: that takes seconds, and few need it.

A builder registers itself when its class is made, which needs `tensorflow_datasets`. Where that is imported already,
we import our builder at once. Else a finder waits on `sys.meta_path` for its import, lets Python find it as always, and
adds one step to the loader's work: when the module has run, ours is imported. So both orders of the imports work.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

TFDS = "tensorflow_datasets"
BUILDER = "autograder.datasets.sign_language_digits.builder"


def register_with_tfds() -> None:
    """Register now, or as soon as TensorFlow Datasets is imported; asked twice, it does no more."""
    if TFDS in sys.modules:
        _register()
    elif not any(isinstance(finder, _Waiting) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Waiting())


class _Waiting(importlib.abc.MetaPathFinder):
    """Finds nothing by itself: it asks the other finders for TensorFlow Datasets, and extends what they found."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != TFDS:
            return None
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next((found for finder in others if (found := finder.find_spec(name, path, target))), None)
        if spec is not None and spec.loader is not None:
            _extend(spec.loader)
        return spec


def _extend(loader: Any) -> None:
    run = loader.exec_module

    def run_and_register(module: ModuleType) -> None:
        run(module)
        _register()

    loader.exec_module = run_and_register


def _register() -> None:
    # without TensorFlow, theirs is imported but empty: then it says so itself when it is used
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module(BUILDER)
