"""What came out of a batch, on one screen."""

from __future__ import annotations

import collections
import shlex
import statistics
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.escaping import printable
from autograder.gradebook import Entry
from autograder.reports.document import Status, cell_label, last_line

MOST = 5
CUT = " ..."


def plain_console(*, soft_wrap: bool = False) -> Console:
    """A console that shows text as it is: in students' names and course titles nothing is markup."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap)


def print_summary(entries: Iterable[Entry], title: str, scores: Path, console: Console) -> bool:
    """The class by exercise, the commonest mistakes, what to look at, and where the files are.

    Gives whether there is something to look at. Of a class, only numbers are kept in memory.
    """
    tally = _Tally()
    for entry in entries:
        tally.add(entry)
    if tally.count == 1 and tally.first:
        _print_one(tally.first, console)
    elif tally.count:
        console.print(_class_table(tally, title))
        _print_mistakes(tally, console)
    _print_to_look_at(tally, console)
    folder = scores.parent
    console.print(f"scores    {scores}\nreports   {folder / 'reports'}   (for you)")
    console.print(f"feedback  {folder / 'feedback'}   (for students)")
    console.print(f"pages     autograder report {shlex.quote(str(folder))}")
    return tally.unsettled > 0


@dataclass(slots=True)
class _Group:
    """One exercise: the percentages of what is graded, and how many to look at."""

    percents: array[float] = field(default_factory=lambda: array("d"))
    to_look_at: int = 0


@dataclass(slots=True)
class _Tally:
    """What the summary says, counted one entry after another."""

    count: int = 0
    first: Entry | None = None
    groups: dict[str, _Group] = field(default_factory=dict)
    mistakes: collections.Counter[tuple[str, str, str]] = field(default_factory=collections.Counter)
    unsettled: int = 0
    shown: list[Entry] = field(default_factory=list)  # the first of those to look at

    def add(self, entry: Entry) -> None:
        self.count += 1
        self.first = self.first or entry
        group = self.groups.setdefault(entry.exercise, _Group())
        if entry.status == Status.GRADED.value:
            group.percents.append(entry.percent)
        if to_look_at(entry):
            group.to_look_at += 1
            self.unsettled += 1
            self.shown += [entry] if self.unsettled <= 2 * MOST else []
        for question in entry.document["questions"]:
            named = {case["mistake"] for case in question["cases"] if case["mistake"]}
            self.mistakes.update((entry.exercise, question["id"], name) for name in named)


def _class_table(tally: _Tally, title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("exercise", no_wrap=True)
    for name in ("graded", "mean", "median", "lowest", "highest", "to look at"):
        table.add_column(name, justify="right")
    for exercise, group in sorted(tally.groups.items()):
        percents = group.percents
        numbers = (
            [statistics.mean(percents), statistics.median(percents), min(percents), max(percents)] if percents else []
        )
        shown = [f"{number:.0f} %" for number in numbers] or ["-"] * 4
        table.add_row(printable(exercise), str(len(percents)), *shown, str(group.to_look_at or ""))
    return table


def to_look_at(entry: Entry) -> bool:
    """Whether a person has to do something about it."""
    return not entry.is_settled


def _print_mistakes(tally: _Tally, console: Console) -> None:
    if tally.mistakes:
        console.print("Commonest misconceptions:")
    for (exercise, question, name), count in tally.mistakes.most_common(MOST):
        console.print(f"  {count:4d}  {exercise} {question}: {name.replace('_', ' ')}")


def _print_to_look_at(tally: _Tally, console: Console) -> None:
    if tally.shown:
        console.print(Text("To look at:", style="bold yellow"))
    for entry in tally.shown:
        note = printable(last_line(entry.document))
        console.print(Text(f"  {printable(entry.student)}, {printable(entry.exercise)}: {entry.status}: {note}"))
    if tally.unsettled > len(tally.shown):
        more = tally.unsettled - len(tally.shown)
        console.print(f"  ... and {more} more: filter scores.csv by status and needs_review")


def _print_one(entry: Entry, console: Console) -> None:
    console.print(f"{printable(entry.student)}, {entry.exercise}: {entry.final:g} of {entry.possible:g} points")
    for error in entry.document["run"]["cell_errors"] if entry.document["run"] else []:
        said = f"{printable(cell_label(error))}: {error['outcome']}: {_shortened(error['error'], 200)}"
        console.print(Text(f"  code cell {said}"))
    for question in entry.document["questions"]:
        console.print(f"  {question['id']}  {question['earned']:g}/{question['possible']:g}  {question['title']}")
        for case in question["cases"]:
            if case["verdict"] != "passed":
                console.print(Text(f"      ✗ {case['title']}: {_shortened(case['message'], 300)}", style="red"))
                console.print(Text(f"        {case['hint']}", style="dim"))


def _shortened(text: str, most: int) -> str:
    """As one line, cut behind a word where it is long, or within one that never ends."""
    line = printable(text)
    if len(line) <= most:
        return line
    kept = line[: most - len(CUT)]
    return (kept.rpartition(" ")[0].rstrip() or kept) + CUT
