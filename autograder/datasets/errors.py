"""What can be wrong with data: it is not what its name says, or it is not to be had here."""

from __future__ import annotations

from autograder.errors import GraderError


class DataError(GraderError):
    """Data that is not what its name says, or not there; the text names the file and what to do."""


class HeldOutError(GraderError, FileNotFoundError):
    """The held-out images were asked for where they are not to be had: in students' code while grading."""
