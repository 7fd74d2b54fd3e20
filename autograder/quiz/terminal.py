"""A quiz in the terminal: one question after another, feedback at once, and a summary however it ends."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from autograder.escaping import printable
from autograder.quiz.answers import (
    Feedback,
    check_choices,
    check_value,
    points_made,
    read_letters,
    read_value,
)
from autograder.quiz.practice import Asked
from autograder.quiz.values import Kind

CODE = re.compile(r"`([^`]+)`")
QUIT = frozenset({"q", "quit", "exit"})
HOW = {
    Kind.SINGLE: "one letter",
    Kind.SEVERAL: "all letters that are right",
    Kind.NUMBER: "a number",
    Kind.SHAPE: "a shape, such as 1 3 28 28",
    Kind.TEXT: "a sentence or two, for yourself: it is not scored",
}
MEANT = HOW | {Kind.NUMBER: "one number, decimals with a point", Kind.SHAPE: "all axes of a shape, such as 1 3 28 28"}


class _Quit(Exception):
    """The reader has had enough."""


@dataclass(slots=True)
class Sitting:
    """What came out so far."""

    right: list[Asked] = field(default_factory=list)
    missed: list[Asked] = field(default_factory=list)
    read: list[Asked] = field(default_factory=list)


class Terminal:
    """Asks questions on a console; `read` reads a line, `answered` is told each result as it comes."""

    def __init__(self, console: Console, read: Callable[[str], str], answered: Callable[[Asked, bool], None]) -> None:
        self.console = console
        self.read = read
        self.answered = answered

    def ask_all(self, questions: Sequence[Asked]) -> Sitting:
        """Ask until the questions or the reader's patience end: q, Ctrl-D and Ctrl-C all lead to the summary."""
        sitting = Sitting()
        try:
            for number, asked in enumerate(questions, start=1):
                self._heading(f"{number}/{len(questions)}", asked)
                self._ask(asked, sitting)
        except (_Quit, EOFError, KeyboardInterrupt):
            self.console.print()
        self._summary(sitting)
        return sitting

    def _heading(self, place: str, asked: Asked) -> None:
        template = asked.drawn.template
        self.console.print(Text.assemble((f"{place}  ", "bold"), (printable(asked.quiz.title), "dim")))
        self._say(asked.drawn.fill(template.text))
        if template.code:
            for line in asked.drawn.fill(template.code).splitlines():
                self.console.print(Text(f"    {printable(line)}", style="cyan"), soft_wrap=True)
        for letter, position in zip(string.ascii_lowercase, asked.order, strict=False):
            self._say(asked.drawn.fill(template.choices[position].text), f"  {letter}) ")

    def _ask(self, asked: Asked, sitting: Sitting) -> None:
        feedback = None
        while feedback is None:
            typed = self.read(f"{HOW[asked.drawn.template.kind]}> ").strip()
            if typed.lower() in QUIT:
                raise _Quit
            feedback = self._feedback(asked, typed) if typed else None
            if feedback is None:
                self.console.print(
                    f"Not understood: {MEANT[asked.drawn.template.kind]}; q ends the quiz.", style="yellow"
                )
        if feedback.right is None:
            sitting.read.append(asked)
        else:
            (sitting.right if feedback.right else sitting.missed).append(asked)
        self.answered(asked, feedback.right is not False)  # a short text counts as seen
        self._tell(asked, feedback)

    def _feedback(self, asked: Asked, typed: str) -> Feedback | None:
        kind, drawn = asked.drawn.template.kind, asked.drawn
        if kind is Kind.TEXT:
            made = points_made(drawn, typed)
            lines = (f"{'✓' if point in made else '·'} {point.text}" for point in drawn.template.points)
            return Feedback(None, tuple(lines))
        if kind in (Kind.SINGLE, Kind.SEVERAL):
            chosen = read_letters(typed, asked.order)
            wanted = bool(chosen) and (kind is Kind.SEVERAL or len(chosen) == 1)
            return check_choices(drawn, chosen) if wanted else None
        value = read_value(drawn, typed)
        return None if value is None else check_value(drawn, value)

    def _tell(self, asked: Asked, feedback: Feedback) -> None:
        drawn = asked.drawn
        if feedback.right is None:
            self._say("Points that a good answer makes (✓: your words seem to have it):", style="bold")
        elif feedback.right:
            self._say("Right.", style="bold green")
        else:
            self._say(f"Not quite. Right is: {asked.right_answer}", style="bold red")
        for note in feedback.notes:
            self._say(note, "  ")
        if drawn.template.model_answer:
            self._say(f"A model answer: {drawn.fill(drawn.template.model_answer)}")
        self._say(drawn.fill(drawn.template.explanation), style="dim")
        self.console.print()

    def _summary(self, sitting: Sitting) -> None:
        scored = len(sitting.right) + len(sitting.missed)
        if not scored and not sitting.read:
            self._say("Nothing answered.")
            return
        line = f"{len(sitting.right)} of {scored} right"
        self._say(line + (f", {len(sitting.read)} in your own words" if sitting.read else ""), style="bold")
        for asked in sitting.missed:
            self._say(f"{asked.quiz.title}: {asked.drawn.template.id.replace('_', ' ')}", "  to repeat: ")

    def _say(self, text: str, prefix: str = "", style: str = "") -> None:
        """A paragraph, its `code` in colour, wrapped beside its prefix; nothing in it is markup or obeyed."""
        styled = Text(style=style)
        for number, part in enumerate(CODE.split(printable(text))):
            styled.append(part, style="cyan" if number % 2 else "")
        if not prefix:
            self.console.print(styled)
            return
        width = max(20, self.console.width - len(prefix))
        for number, line in enumerate(styled.wrap(self.console, width)):
            self.console.print(Text(prefix if not number else " " * len(prefix)) + line)
