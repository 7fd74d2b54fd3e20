"""Which of several notebooks of one student counts: one a student and exercise, the newest."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograder.intake.packing import pack_submission, unpack_submission
from autograder.intake.shelf import Rank, Shelf, View
from autograder.submission import Submission


@dataclass(frozen=True, slots=True)
class Dated:
    """A submission with what decides between two of them; `depth` is how far in the name is that says whose it is."""

    depth: int
    modified: float
    submission: Submission

    @property
    def rank(self) -> Rank:
        """What counts more is later."""
        return -self.depth, self.modified, str(self.submission.source)

    def pack(self) -> object:
        """As it lies on a shelf."""
        return self.depth, self.modified, pack_submission(self.submission)

    @classmethod
    def unpack(cls, packed: Any) -> Dated:
        """What `pack` made."""
        depth, modified, submission = packed
        return cls(depth, modified, unpack_submission(submission))


def shelf_of_dated() -> Shelf[Dated]:
    """For those of a whole class."""
    return Shelf(Dated.pack, Dated.unpack)


def newest(every: Shelf[Dated], remarks: list[str]) -> View[Submission]:
    """One submission a student and exercise: the newest, and a remark for those that it replaces.

    One that is the student's by a name further out counts more than any that is so by a name further in: what lies in
    a folder or zip was named by whoever handed that in. They come by exercise and student.
    """
    chosen = shelf_of_dated()
    for one in every.ranked():
        new = one.submission
        # files of unknown exercise may be anything, so each of them is listed
        label = json.dumps((new.student.id, new.exercise, "" if new.exercise else str(new.source)))
        row = chosen.row_of(label)
        if row is None:
            chosen.add(one, label=label, rank=(new.exercise or "", new.student.id, ""))
            continue
        old = chosen.get(row)
        if old.submission.source != new.source:
            remarks.append(_remark(old, one))
        chosen.put(row, one)
    in_order = (one.submission for one in chosen.ranked())
    return Shelf(pack_submission, unpack_submission).add_all(_distinct(in_order))


def _remark(old: Dated, one: Dated) -> str:
    new = one.submission
    why = f"is older than {new.source}"
    if old.depth > one.depth:
        why = f"is {new.student.id}'s by a name further in than that of {new.source}"
    return f"{new.student.id}, {new.exercise}: {old.submission.source} {why}, so it is left out"


def _distinct(submissions: Iterable[Submission]) -> Iterator[Submission]:
    """Unknown exercises of one student get numbered, so that no row of the gradebook hides another."""
    for (slug, _), mine in itertools.groupby(submissions, lambda one: (one.exercise, one.student.id)):
        for number, submission in enumerate(mine, start=1):
            yield submission if slug is not None else replace(submission, exercise=f"unknown-{number}")
