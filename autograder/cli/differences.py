"""What became stale and why, and what grading again changed: old and new, per student."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.escaping import printable
from autograder.fingerprint import is_same_submission
from autograder.gradebook import Entry
from autograder.reports.document import Status

Parts = Mapping[str, str]
HANDED_IN = "handed in anew"
WHY = {
    "cases": "the hidden cases changed",
    "mistakes": "the known mistakes changed",
    "solution": "the solution changed",
    "settings": "points, limits, seed or training in the config changed",
    "data": "the data is another",
    "quizzes": "the quizzes changed",
    "device": "the device is another",
    "engine": "this autograder changed",
}
OLDER = "an earlier release graded it"


def stale(results: Iterable[tuple[str, Parts | None, Parts]]) -> Iterator[str]:
    """A sentence for each exercise and reason why results are not what grading would give now.

    Of each result: the exercise, what its key was made from, if it is there, and what it would be made from now.
    """
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for exercise, old, new in results:
        why = _why(old, new) if old is not None else ""
        if why:
            counts[exercise, why] += 1
    for (exercise, why), count in sorted(counts.items()):
        yield f"stale: {printable(exercise)}: {count} result{'s' * (count != 1)} ({why})"


def _why(old: Parts, new: Parts) -> str:
    if not old:
        return OLDER
    anew = [] if is_same_submission(old, new) else [HANDED_IN]
    return ", ".join(anew + [sentence for name, sentence in WHY.items() if old.get(name) != new.get(name)])


def is_lower(old: Entry, new: Entry) -> bool:
    """Whether taking the new result would take points from a student, or a graded result away."""
    return new.final < old.final or (old.status == Status.GRADED.value and new.status != Status.GRADED.value)


@dataclass(slots=True)
class Differences:
    """What changed while a batch ran."""

    lines: list[str] = field(default_factory=list)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)

    def note(self, old: Entry, new: Entry, *, kept: bool) -> None:
        """Compare a report with the one before; `kept` says that the old one still counts."""
        kind = "higher" if new.final > old.final else "lower" if new.final < old.final else "the same"
        self.counts["kept" if kept else kind] += 1
        if kind == "the same" and old.score == new.score and not kept:
            return
        word = f", not taken: {old.final:g} stays" if kept else ""
        name = printable(f"{new.student}, {new.exercise}")
        self.lines.append(f"{name}: {old.final:g} -> {new.final:g} of {new.possible:g}{_questions(old, new)}{word}")

    def summary(self) -> str:
        """How many changed which way; empty where nothing was graded again."""
        said = [f"{count} {kind}" for kind, count in self._in_order() if count]
        return f"graded again: {', '.join(said)}" if said else ""

    def _in_order(self) -> Sequence[tuple[str, int]]:
        names = {
            "higher": "higher",
            "lower": "lower",
            "kept": "lower and not taken (--raise-only)",
            "the same": "the same",
        }
        return [(shown, self.counts[name]) for name, shown in names.items()]


def _questions(old: Entry, new: Entry) -> str:
    """Which questions' points moved, as grading gives them."""
    before = {question["id"]: question["earned"] for question in old.document["questions"]}
    moved = [
        f"{question['id']} {before[question['id']]:g} -> {question['earned']:g}"
        for question in new.document["questions"]
        if before.get(question["id"], question["earned"]) != question["earned"]
    ]
    return f" ({', '.join(moved)})" if moved else ""
