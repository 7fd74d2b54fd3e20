"""What came out of a batch, on one screen."""

from __future__ import annotations

import collections
import shlex
import statistics
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.escaping import printable
from autograder.gradebook import Entry
from autograder.reports.document import Status

MOST = 5


def plain_console(*, soft_wrap: bool = False) -> Console:
    """A console that shows text as it is: in students' names and course titles nothing is markup."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=soft_wrap)


def print_summary(entries: Sequence[Entry], title: str, scores: Path, console: Console) -> None:
    """The class by exercise, the commonest mistakes, what to look at, and where the files are."""
    if len(entries) == 1:
        _print_one(entries[0], console)
    elif entries:
        console.print(_class_table(entries, title))
        _print_mistakes(entries, console)
    _print_to_look_at(entries, console)
    folder = scores.parent
    console.print(f"scores    {scores}\nreports   {folder / 'reports'}   (for you)")
    console.print(f"feedback  {folder / 'feedback'}   (for students)")
    console.print(f"pages     autograder report {shlex.quote(str(folder))}")


def _class_table(entries: Sequence[Entry], title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("exercise", no_wrap=True)
    for name in ("graded", "mean", "median", "lowest", "highest", "to look at"):
        table.add_column(name, justify="right")
    groups: dict[str, list[Entry]] = collections.defaultdict(list)
    for entry in entries:
        groups[entry.exercise].append(entry)
    for exercise, group in sorted(groups.items()):
        percents = [entry.percent for entry in group if entry.status == Status.GRADED.value]
        numbers = (
            [statistics.mean(percents), statistics.median(percents), min(percents), max(percents)] if percents else []
        )
        shown = [f"{number:.0f} %" for number in numbers] or ["-"] * 4
        table.add_row(printable(exercise), str(len(percents)), *shown, str(sum(map(to_look_at, group)) or ""))
    return table


def to_look_at(entry: Entry) -> bool:
    """Whether a person has to do something about it."""
    return entry.to_review or not (entry.overrides or entry.status == Status.GRADED.value)


def _print_mistakes(entries: Sequence[Entry], console: Console) -> None:
    counts: collections.Counter[tuple[str, str, str]] = collections.Counter()
    for entry in entries:
        for question in entry.document["questions"]:
            named = {case["mistake"] for case in question["cases"] if case["mistake"]}
            counts.update((entry.exercise, question["id"], name) for name in named)
    if counts:
        console.print("Commonest misconceptions:")
    for (exercise, question, name), count in counts.most_common(MOST):
        console.print(f"  {count:4d}  {exercise} {question}: {name.replace('_', ' ')}")


def _print_to_look_at(entries: Sequence[Entry], console: Console) -> None:
    chosen = [entry for entry in entries if to_look_at(entry)]
    if chosen:
        console.print(Text("To look at:", style="bold yellow"))
    for entry in chosen[: 2 * MOST]:
        note = printable(entry.document["note"].strip().splitlines()[-1] if entry.document["note"] else "")
        console.print(Text(f"  {printable(entry.student)}, {printable(entry.exercise)}: {entry.status}: {note}"))
    if len(chosen) > 2 * MOST:
        console.print(f"  ... and {len(chosen) - 2 * MOST} more: filter scores.csv by status and needs_review")


def _print_one(entry: Entry, console: Console) -> None:
    console.print(f"{printable(entry.student)}, {entry.exercise}: {entry.final:g} of {entry.possible:g} points")
    for error in entry.document["run"]["cell_errors"] if entry.document["run"] else []:
        console.print(Text(f"  code cell {error['cell']} {error['outcome']}: {printable(error['error'])[:200]}"))
    for question in entry.document["questions"]:
        console.print(f"  {question['id']}  {question['earned']:g}/{question['possible']:g}  {question['title']}")
        for case in question["cases"]:
            if case["verdict"] != "passed":
                console.print(Text(f"      ✗ {case['title']}: {printable(case['message'])[:300]}", style="red"))
                console.print(Text(f"        {case['hint']}", style="dim"))
