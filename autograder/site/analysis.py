"""A class in numbers: what was earned, which questions are hard, which tell students apart, who believes what.

Difficulty and discrimination are those of classical test theory: the mean share of a question's points, and the
correlation of that share with the points of all *other* questions (the corrected item-total correlation), so that a
question is not compared with itself.
"""

from __future__ import annotations

import collections
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.gradebook import Entry
from autograder.reports.document import Status, last_line

FEWEST = 5  # submissions; a correlation of fewer says nothing
BINS = 10
FULL, NONE = 0.999, 0.001  # a share is a quotient of floats


@dataclass(frozen=True, slots=True)
class Share:
    """A question in one submission: its title, its points, and which part of them was earned."""

    question: str
    title: str
    possible: float
    earned: float

    @property
    def part(self) -> float:
        """From 0 to 1, beyond it where a person gave more than all points."""
        return self.earned / self.possible if self.possible else 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """What the class page needs of one submission."""

    student: str
    name: str
    exercise: str
    exercise_title: str
    address: str
    raw: float
    final: float
    possible: float
    status: str
    to_review: bool
    note: str
    late_percent: float
    overridden: tuple[str, ...]
    seconds: float
    device: str
    tier: str
    data: str
    shares: tuple[Share, ...]
    mistakes: tuple[tuple[str, str, str], ...]

    @property
    def percent(self) -> float:
        """What counts, in percent of the possible points."""
        return 100 * self.final / self.possible if self.possible else 0.0

    @property
    def is_graded(self) -> bool:
        """Whether its points mean something."""
        return self.status == Status.GRADED.value

    @property
    def to_look_at(self) -> bool:
        """Whether a person has to do something about it."""
        return self.to_review or not (self.is_graded or self.overridden)


def line(entry: Entry, address: str) -> Line:
    """What the class page needs of an entry."""
    document, run = entry.document, entry.document["run"]
    mistakes = {
        (question["id"], case["mistake"], case["hint"])
        for question in document["questions"]
        for case in question["cases"]
        if case["mistake"]
    }
    shares = (
        Share(question["id"], question["title"], question["possible"], entry.points(question))
        for question in document["questions"]
    )
    return Line(
        entry.student,
        entry.name,
        entry.exercise,
        document["exercise_title"] or entry.exercise,
        address,
        entry.raw,
        entry.final,
        entry.possible,
        entry.status,
        entry.to_review,
        last_line(document),
        entry.late_percent,
        tuple(one.question for one in entry.overrides),
        run["wall_seconds"] if run else 0.0,
        entry.device,
        entry.tier,
        document["setting"]["data"],
        tuple(shares),
        tuple(sorted(mistakes)),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One question over the class. `discrimination` is None where too few or too equal answers give none."""

    question: str
    title: str
    possible: float
    full: int
    partial: int
    none: int
    difficulty: float
    discrimination: float | None

    @property
    def remark(self) -> str:
        """What an author should look at, after the usual rules of thumb."""
        if self.full + self.partial + self.none < FEWEST:
            return "too few submissions to say"
        if self.discrimination is not None and self.discrimination < 0:
            return "those who do well elsewhere fail it: look at its cases"
        if self.difficulty < 0.25:
            return "very hard"
        return "very easy" if self.difficulty > 0.95 else ""


@dataclass(frozen=True, slots=True)
class Misconception:
    """A known mistake and how many students make it."""

    question: str
    name: str
    hint: str
    count: int


@dataclass(frozen=True, slots=True)
class ExerciseSummary:
    """One exercise over the class; numbers are percent of the possible points, of what was graded."""

    slug: str
    title: str
    handed_in: int
    graded: int
    to_look_at: int
    mean: float
    median: float
    spread: float
    lowest: float
    highest: float
    bins: tuple[int, ...]
    items: tuple[Item, ...]
    misconceptions: tuple[Misconception, ...]


def summaries(lines: Sequence[Line]) -> tuple[ExerciseSummary, ...]:
    """Each exercise, in order; what is of no known exercise is in none."""
    groups: dict[str, list[Line]] = collections.defaultdict(list)
    for one in lines:
        if one.status != Status.UNKNOWN_EXERCISE.value:
            groups[one.exercise].append(one)
    return tuple(_summary(slug, group) for slug, group in sorted(groups.items()))


def _summary(slug: str, group: Sequence[Line]) -> ExerciseSummary:
    graded = [one for one in group if one.is_graded]
    percents = [one.percent for one in graded] or [0.0]
    return ExerciseSummary(
        slug,
        next((one.exercise_title for one in graded), slug),
        len(group),
        len(graded),
        sum(one.to_look_at for one in group),
        statistics.fmean(percents),
        statistics.median(percents),
        statistics.pstdev(percents),
        min(percents),
        max(percents),
        bins([one.percent for one in graded]),
        tuple(_items(graded)),
        tuple(_misconceptions(graded)),
    )


def bins(percents: Sequence[float]) -> tuple[int, ...]:
    """How many lie in each tenth; full marks lie in the last."""
    counts = collections.Counter(min(BINS - 1, max(0, int(percent * BINS / 100))) for percent in percents)
    return tuple(counts[index] for index in range(BINS))


def _items(graded: Sequence[Line]) -> Iterator[Item]:
    answers: dict[str, list[tuple[Share, float]]] = collections.defaultdict(list)
    for one in graded:
        total = sum(share.earned for share in one.shares)
        for share in one.shares:
            answers[share.question].append((share, total - share.earned))
    for question, pairs in answers.items():
        parts = [share.part for share, _ in pairs]
        full, none = sum(part >= FULL for part in parts), sum(part <= NONE for part in parts)
        first = pairs[0][0]
        yield Item(
            *(question, first.title, first.possible, full, len(parts) - full - none, none),
            *(statistics.fmean(parts), correlation(parts, [rest for _, rest in pairs])),
        )


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Pearson's r; None for few pairs, or where one side does not vary."""
    if len(left) < FEWEST or min(statistics.pstdev(left), statistics.pstdev(right)) < 1e-9:
        return None
    return statistics.correlation(left, right)


def _misconceptions(graded: Sequence[Line]) -> Iterator[Misconception]:
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    hints: dict[tuple[str, str], str] = {}
    for one in graded:
        named: Mapping[tuple[str, str], str] = {(question, name): hint for question, name, hint in one.mistakes}
        counts.update(named.keys())
        hints.update(named)
    for (question, name), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Misconception(question, name.replace("_", " "), hints[question, name], count)
