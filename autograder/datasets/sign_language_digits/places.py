"""Where the photographs may lie: what the grader prepared, an archive that you name, a manual folder, your cache."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import training
from autograder.datasets.caches import user_cache

VARIABLE = "SIGN_DIGITS_ARCHIVE"
PREPARED_VARIABLE = "SIGN_DIGITS_PREPARED"
"""Set by the grader for a student's process: a folder with the training part alone."""
RENDERED_WORD = "rendered"
ARCHIVE_NAME = "sign-language-digits.zip"
ARCHIVE_PATTERNS = (ARCHIVE_NAME, "Sign-Language-Digits-Dataset-*.zip")


class Kind(enum.Enum):
    """Photographs of hands, or hands that our own code draws; the value is the config of the TFDS builder."""

    PHOTOGRAPHS = "photographs"
    RENDERED = "rendered"


class Source(enum.Enum):
    """Who has the data; in the order in which it is looked for."""

    GRADER = "the grader's training part"
    NAMED = "the archive that you named"
    MANUAL = "TensorFlow Datasets' manual folder"
    CACHE = "your cache"
    DRAWN = "drawn by autograder"


@dataclass(frozen=True, slots=True)
class Places:
    """The places of this user on this machine; `named` is a zip archive, a folder, or the word "rendered"."""

    cache: Path
    tfds: Path
    named: Path | None = None
    prepared: Path | None = None
    grading: bool = False

    @classmethod
    def here(cls, source: Path | str | None = None) -> Places:
        """As this process' environment has them; an argument goes before SIGN_DIGITS_ARCHIVE."""
        environment = os.environ
        named = source or environment.get(VARIABLE)
        prepared = environment.get(PREPARED_VARIABLE)
        return cls(
            cache=user_cache(environment, sys.platform, "sign-language-digits"),
            tfds=tfds_folder(environment),
            named=Path(named).expanduser() if named else None,
            prepared=Path(prepared) if prepared else None,
            grading=training.TOLD in environment or bool(prepared),
        )

    @property
    def rendered_only(self) -> bool:
        """The drawn pictures are asked for by their word."""
        return self.named == Path(RENDERED_WORD)

    @property
    def manual(self) -> Path:
        """Where TensorFlow Datasets looks for what a user fetched by hand."""
        return self.tfds / "downloads" / "manual"

    @property
    def archive(self) -> Path:
        """Where a downloaded archive is kept."""
        return self.cache / ARCHIVE_NAME

    def prepared_folder(self, kind: Kind) -> Path:
        """Where `prepare` writes."""
        return self.cache / kind.value


def tfds_folder(environment: Mapping[str, str]) -> Path:
    """Where TensorFlow Datasets keeps its data."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.cwd().anchor)
    return Path(environment.get("TFDS_DATA_DIR") or home / "tensorflow_datasets").expanduser()


def archive_in(place: Path) -> Path | None:
    """`place` itself where it is a file, else the archive in the folder that it is; None where there is none."""
    if place.is_file():
        return place
    found = (path for pattern in ARCHIVE_PATTERNS for path in sorted(place.glob(pattern)))
    return next(found, None)
