"""Finds submissions in files, folders and zips, whatever LMS or tool left them, and says whose each one is."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.claims import Claim, Claims, claims_of, differ
from autograder.intake.content import Tree
from autograder.intake.identity import exercise_of
from autograder.intake.named import check_named
from autograder.intake.newest import Dated, newest, shelf_of_dated
from autograder.intake.opening import Opener
from autograder.intake.roster import Register, Roster
from autograder.intake.shelf import View
from autograder.intake.times import Times, times_in_zip, zip_time
from autograder.intake.without import without_notebook
from autograder.submission import Submission

MAX_NOTEBOOKS = 20  # of one student, where there are others; more where a course has more than ten exercises


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found: submissions to grade, and sentences about what was left out."""

    submissions: View[Submission]
    remarks: tuple[str, ...]


def take_in(
    paths: Sequence[Path],
    slugs: Sequence[str],
    exercise: str | None,
    roster: Roster | None,
    times: Times | None = None,
) -> Intake:
    """Find all submissions under `paths`. Nothing of a student's is opened but regular files, read-only, bounded.

    Raises:
        GraderError: a path does not exist, cannot be read, is a damaged zip, or holds no notebook at all; or there is
            no room for a list of them on disk.
    """
    for path in paths:
        check_named(path)
    register = Register(roster or Roster({}))
    claims = claims_of(paths, slugs, register)
    remarks = [remark for _, layout, _ in claims.named for remark in layout.remarks]
    nothing = without_notebook(claims, slugs, register, remarks)
    remarks += [*_without_floods(claims, slugs), *register.remarks()]
    every, read = shelf_of_dated(), _Read(slugs, exercise, times or Times())
    with Opener() as opener:
        dated = itertools.chain(_dated(claims, _zip_times(paths)), ((claim, _Known()) for claim in nothing))
        for claim, known in dated:
            for one in read.submissions(claim, known, opener):
                every.add(one, rank=one.rank)
    remarks += read.times.left_over(read.timed)
    submissions = newest(every, remarks)
    return Intake(submissions, tuple(remarks))


def _zip_times(paths: Sequence[Path]) -> Mapping[str, str]:
    """When the members of the one zip that is named were handed in: one of several may be a student's own."""
    return times_in_zip(paths[0]) if len(paths) == 1 else {}


@dataclass(frozen=True, slots=True)
class _Known:
    """What an LMS noted about when something was handed in."""

    at: str = ""
    marked_late: bool = False


def _dated(claims: Claims, zipped: Mapping[str, str]) -> Iterator[tuple[Claim, _Known]]:
    """With the times that an LMS noted: a Gradescope export's, or a zip's where that holds more than one student."""
    for _, layout, mine in claims.named:
        is_class = differ(claim.students for claim in mine)
        for claim in mine:
            at = layout.submitted_at(claim.found) or (zip_time(claim.found, zipped) if is_class else "")
            yield claim, _Known(at, layout.marked_late(claim.found))


def _without_floods(claims: Claims, slugs: Sequence[str]) -> Iterator[str]:
    """Drop those that are too many for one student of several, since each is at most a row; gives the remarks."""
    limit = max(MAX_NOTEBOOKS, 2 * len(slugs))
    if not differ(claim.students for _, _, mine in claims.named for claim in mine):
        return
    for mine in claims.shelf.crowds(limit):
        yield f"{_common(mine)} holds {len(mine):,} notebooks: the first {limit} are looked at"
        claims.shelf.drop(mine.rows[limit:])


def _common(claims: Iterable[Claim]) -> str:
    """The folder or zip that they are all in."""
    parts: Iterator[list[str]] = (re.split(r"(?<=[/!])", str(claim.found.source)) for claim in claims)
    shared: list[str] = functools.reduce(_shared, parts)
    return "".join(shared).rstrip("/!")


def _shared(some: list[str], other: list[str]) -> list[str]:
    return [one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(some, other, strict=False))]


@dataclass(frozen=True, slots=True)
class _Read:
    """How claims become submissions; `timed` are the names by which --submitted-at knew somebody."""

    slugs: Sequence[str]
    exercise: str | None
    times: Times
    timed: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)  # the exercises of what was read so far

    def submissions(self, claim: Claim, known: _Known, opener: Opener) -> Iterator[Dated]:
        """One for each student whose it is."""
        found, content = claim.found, opener.read(claim.found)
        weights = weights_beside(found.source, opener) if content.problem is None else None
        tree = Tree.of(content.data)
        digest, decisive = digests_with((content.digest, tree.digest), weights, opener)
        slug = self.exercise or exercise_of(tree, found, self.slugs) or (self._only() if claim.nothing else None)
        self.read.update([slug] if slug else [])
        for student in claim.students:
            self.timed.update(self.times.key(student))
            when = self.times.of(student) or known.at
            problem = (content.problem, weights, when, decisive, content.ours, known.marked_late)
            yield Dated(claim.depth, found.modified, Submission(student, slug, found.source, digest, *problem))

    def _only(self) -> str | None:
        """Where a whole class handed in one exercise, so did who handed in no notebook."""
        return next(iter(self.read)) if len(self.read) == 1 else None
