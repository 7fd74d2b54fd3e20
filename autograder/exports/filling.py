"""What an export is made of, and what filling somebody's file gave: its bytes, and all that is not certain."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.errors import GraderError
from autograder.exports.matching import Matches
from autograder.exports.sheet import Sheet
from autograder.gradebook import Entry
from autograder.listing import listing

SHOWN = 20  # replaced grades


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


class Fit(enum.Enum):
    """What becomes of points where the LMS has another maximum."""

    EXACT = "exact"  # nothing is written
    SCALED = "scaled"
    AS_THEY_ARE = "as they are"


@dataclass(frozen=True, slots=True)
class Filled:
    """A file's bytes, and sentences for the person who imports it.

    `unmatched` is what a person must look at; `withheld` are results whose points are not settled, so that none stand
    in the file.
    """

    data: bytes
    remarks: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    withheld: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """Where points go: the column of an exercise, and its maximum there, if it says one."""

    place: int
    slug: str
    maximum: float | None


def unsettled(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those whose points may not leave."""
    return tuple(entry for entry in entries if not entry.is_settled)


def fill_in(sheet: Sheet, matches: Matches, column: Column, ours: Ours, fit: Fit, kept: Mapping[int, str]) -> Filled:
    """Put points into the matched rows, save those in `kept`, where a sentence says why not.

    Raises:
        GraderError: the maximum is another one there, and nobody said what becomes of the points.
    """
    slug, possible = column.slug, ours.possible(column.slug)
    factor, remarks = _factor(sheet, column, possible, fit)
    written, replaced = 0, []
    for row, entry in matches.rows.items():
        if row in kept or not entry.is_settled:
            continue
        before = sheet.get(row, column.place)
        sheet.put_number(row, column.place, entry.final * factor)
        after = sheet.get(row, column.place)
        replaced += [f"{entry.student} {before} -> {after}"] if before and not _are_equal(before, after) else []
        written += 1
    said = [f"{slug}: {written} grades filled in", *sheet.remarks, *matches.remarks, *kept.values(), *remarks]
    if replaced:
        said.append(f"{slug}: {len(replaced):,} grades that were there are replaced: {listing(replaced, SHOWN)}")
    return Filled(b"", tuple(said), matches.unmatched, unsettled(ours.of(slug)))


def finished(sheet: Sheet, filled: Filled, names: Sequence[int]) -> Filled:
    """With the sheet's bytes, in which no name is a formula; `names` are the columns where names stand."""
    defused = sheet.defuse(names)
    what = f"{defused} names that a spreadsheet would take for formulas have an apostrophe now"
    return replace(filled, data=sheet.data(), remarks=(*filled.remarks, *([what] if defused else [])))


def _factor(sheet: Sheet, column: Column, possible: float, fit: Fit) -> tuple[float, list[str]]:
    """What points are multiplied with, and what is to be said about that."""
    slug, maximum = column.slug, column.maximum
    if maximum is None:
        known = f"{slug}: the file does not say the maximum there, so points are written as they are"
        return 1.0, [known] if fit is Fit.SCALED else []
    if abs(maximum - possible) < 1e-9:
        return 1.0, []
    differ = f"{slug} has {possible:g} points here and {maximum:g} there"
    if fit is Fit.AS_THEY_ARE:
        return 1.0, [f"{differ}: points are written as they are"]
    if fit is Fit.SCALED and maximum and possible:
        return maximum / possible, [f"{differ}: points are scaled by {maximum / possible:g}"]
    options = "--scale converts them, --unscaled" if maximum and possible else "--unscaled"
    raise GraderError(f"{sheet.path}: {differ}, so nothing is written\n    -> {options} writes them as they are")


def _are_equal(before: str, after: str) -> bool:
    try:
        return float(before.replace(",", ".")) == float(after.replace(",", "."))
    except ValueError:
        return False
