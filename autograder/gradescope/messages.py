"""results.json before there are results, and where something of ours failed: without a score, so that it is no zero.

Gradescope takes a file without any score for a failure of the autograder, not of the student.
"""

from __future__ import annotations

from typing import Any

from autograder.exports.gradescope import FAULT, VISIBLE

__all__ = ["FAULT", "NOT_ENDED", "SO_FAR", "unscored"]

NOT_ENDED = (
    "Grading began and did not come to its end, so there are no points yet. **This is not a zero.** Your instructor"
    " sees that it failed and can run it again. Should your notebook take many minutes from its first cell to its last,"
    " shorten it and hand it in once more."
)
SO_FAR = "\n\nUp to there, these cases were looked at:"


def unscored(message: str, tests: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A results.json with a message and without any score."""
    return {
        "output": message,
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": "hidden",
        "tests": tests or [],
    }
