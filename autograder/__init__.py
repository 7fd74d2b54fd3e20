"""Assessment of deep-learning coursework: build, validate and grade notebooks safely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.training import Budget, budget

__all__ = ["Budget", "__version__", "budget"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`autograder.budget` for notebooks, imported when it is asked for."""
    if name in ("budget", "Budget"):
        from autograder import training

        return getattr(training, name)
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
