"""Which questions a reader has missed, kept in the user's data folder so that they come back first."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """For each question that was answered ("2_convolution_layer/one_axis"), whether its last answer was right."""

    right: Mapping[str, bool] = field(default_factory=dict)

    def with_answer(self, question: str, right: bool) -> Progress:
        """The progress after one more answer."""
        return replace(self, right={**self.right, question: right})

    def is_missed(self, question: str) -> bool:
        """Whether its last answer was wrong."""
        return self.right.get(question) is False

    def is_new(self, question: str) -> bool:
        """Whether it was never answered."""
        return question not in self.right


def progress_path(environment: Mapping[str, str], platform: str) -> Path:
    """The file in the folder for data of this platform's user."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.cwd().anchor)
    if environment.get("XDG_DATA_HOME"):
        base = Path(environment["XDG_DATA_HOME"])
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    elif platform == "win32":
        base = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        base = home / ".local" / "share"
    return base / "autograder" / "quiz.json"


def load_progress(path: Path) -> Progress:
    """What is kept there; nothing where there is no file, or one that cannot be read: then practice starts anew."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        answers = kept["right"] if kept["schema_version"] == SCHEMA_VERSION else {}
        return Progress({str(question): bool(right) for question, right in answers.items()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Progress()


def save_progress(path: Path, progress: Progress) -> None:
    """Write the whole file or leave the old one; raises OSError where the folder cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema_version": SCHEMA_VERSION, "right": dict(progress.right)}, indent=1, sort_keys=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".quiz-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
