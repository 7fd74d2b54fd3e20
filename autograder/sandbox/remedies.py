"""What to install where a module is missing."""

from __future__ import annotations

EXTRAS = {
    "torch": "torch",
    "torchvision": "torch",
    "tensorflow": "tensorflow",
    "tensorflow_datasets": "tensorflow",
    "keras": "tensorflow",
}
"""Frameworks that courses use, and the extra of this package that brings each."""


def install(module: str) -> str:
    """The command that brings a module."""
    extra = EXTRAS.get(module)
    return f"pip install 'cnn-autograder[{extra}]'" if extra else f"pip install {module}"


def for_missing(error: BaseException) -> str:
    """A remark for the message of an exception: a framework that is missing is missing on the grader's machine."""
    name = str(error.name).partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return f" (it is not installed where this was graded: {install(name)})" if name in EXTRAS else ""
