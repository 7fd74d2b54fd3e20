"""What an export is made of, and what filling somebody's file gave: its bytes, and all that is not certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.errors import GraderError
from autograder.exports.matching import Matches
from autograder.exports.sheet import Sheet
from autograder.gradebook import Entry


@dataclass(frozen=True, slots=True)
class Ours:
    """The results to export, of one or several exercises."""

    entries: tuple[Entry, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The exercises, in order."""
        return tuple(sorted({entry.exercise for entry in self.entries}))

    @property
    def titles(self) -> Mapping[str, str]:
        """What each exercise is called."""
        return {entry.exercise: entry.document["exercise_title"] or entry.exercise for entry in reversed(self.entries)}

    def of(self, slug: str) -> tuple[Entry, ...]:
        """The results of one exercise."""
        return tuple(entry for entry in self.entries if entry.exercise == slug)

    def possible(self, slug: str) -> float:
        """The points of an exercise; a submission that no case could be asked of may say 0."""
        return max((entry.possible for entry in self.of(slug)), default=0.0)

    def by_student(self) -> dict[str, dict[str, Entry]]:
        """Each student's results, by exercise."""
        found: dict[str, dict[str, Entry]] = {}
        for entry in sorted(self.entries, key=lambda one: (one.student, one.exercise)):
            found.setdefault(entry.student, {})[entry.exercise] = entry
        return found

    def only(self) -> str:
        """The one exercise that there is; raises GraderError where there are several."""
        if len(self.slugs) != 1:
            raise GraderError(
                f"the results are of {len(self.slugs)} exercises ({', '.join(self.slugs)}), and one is wanted here\n"
                "    -> name it with --exercise"
            )
        return self.slugs[0]


@dataclass(frozen=True, slots=True)
class Filled:
    """A file's bytes, and sentences for the person who imports it. `unmatched` is what a person must look at."""

    data: bytes
    remarks: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()


def report_filled(
    sheet: Sheet,
    matches: Matches,
    slug: str,
    maximum: float | None,
    possible: float,
    factor: float,
    remarks: Sequence[str],
    skipped: int,
    defused: int,
) -> Filled:
    """The sheet's bytes with all that is to be said about them."""
    said = [f"{slug}: {len(matches.rows) - skipped} grades filled in", *sheet.remarks, *matches.remarks, *remarks]
    if maximum is not None and maximum != possible:
        what = f"scaled by {factor:g}" if factor != 1 else "written as they are; --scale converts them"
        said.append(f"{slug} has {possible:g} points here and {maximum:g} there: points are {what}")
    if defused:
        said.append(f"{defused} names that a spreadsheet would take for formulas have an apostrophe now")
    return Filled(sheet.data(), tuple(said), matches.unmatched)
