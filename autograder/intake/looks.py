"""What one named path looks like by itself: at which depth an LMS's names are, and where nbgrader's `submitted` is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.intake.metadata import GRADESCOPE
from autograder.intake.reading import Found
from autograder.intake.shelf import Votes
from autograder.submission import Source

MOODLE = re.compile(r"^(?P<name>.+)_(?P<id>[0-9]+)_assignsubmission_(file|onlinetext)_?$")
CANVAS = re.compile(r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>[0-9]+)_[0-9]+_(?P<file>.+)$")
LEVELS = (0, 1, 2)  # the named folder itself, what is in it, what is in its folders


@dataclass(frozen=True, slots=True)
class Look:
    """What one named path alone looks like."""

    path: Path
    found: Sequence[Found]
    level: int | None
    submitted: int | None

    @classmethod
    def at(cls, path: Path, found: Sequence[Found]) -> Look:
        """Look at what was found under a path."""
        return cls(path, found, _level(found), _submitted(path, found))

    @property
    def named(self) -> int:
        """Where the named path's own name is in the parts."""
        return self.found[0].named if self.found else 0

    @property
    def is_lms(self) -> bool:
        """Whether an LMS's names are in it."""
        return self.level is not None

    @property
    def is_course(self) -> bool:
        """Whether it is a tree of nbgrader's."""
        return self.submitted is not None

    @property
    def has_lms_names(self) -> bool:
        """Whether more than one name of an LMS's is where those are."""
        names = (one.parts[: (self.level or 0) + 1] for one in self.found if name_at(one, self.level))
        return any(one != other for one, other in itertools.pairwise(names))

    @property
    def is_class(self) -> bool:
        """Whether it certainly is no single student's: several names of an LMS's, or an nbgrader tree, is below it."""
        below = self.level is not None and self.level > self.named
        return (below and self.has_lms_names) or self.is_course


def _submitted(path: Path, found: Sequence[Found]) -> int | None:
    """Where nbgrader's `submitted` is: at or above what the instructor named, or all that there is in it.

    A zip of that name is not that folder, nor is a folder beside others: those may be a student's.
    """
    if found and found[0].parts[0] == "submitted" and (found[0].named or path.is_dir()):
        return 0
    return 1 if found and all(_in_submitted(path, one) for one in found) else None


def _in_submitted(path: Path, found: Found) -> bool:
    if len(found.parts) < 4 or found.parts[1] != "submitted":
        return False
    if found.source.members and found.source.path == path:
        return "submitted" in PurePosixPath(found.source.members[0].replace("\\", "/")).parts[:-1][:2]
    return (path / "submitted") in found.source.path.parents


def _level(found: Sequence[Found]) -> int | None:
    """The depth at which most names are an LMS's. A folder of names has one vote, so no student can outvote others."""
    votes = Votes()
    for one in found:
        for level in LEVELS:
            votes.cast(level, one.parts[: min(level + 1, 2)], yes=bool(name_at(one, level)))
    return next(iter(votes.majorities()), None)


def name_at(found: Found, level: int | None) -> str:
    """The name at that depth where it follows an LMS's pattern, else nothing."""
    if level is None or level >= len(found.parts):
        return ""
    name, last = found.parts[level], level == len(found.parts) - 1
    patterns = [CANVAS] if last else [GRADESCOPE, MOODLE]
    if name in _zip_stems(found.source):
        patterns.append(CANVAS)
    return name if any(pattern.match(name) for pattern in patterns) else ""


def _zip_stems(source: Source) -> set[str]:
    zips = (str(source.path), *source.members[:-1]) if source.members else ()
    return {PurePosixPath(name.replace("\\", "/")).stem for name in zips}
