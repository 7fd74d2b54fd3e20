"""What a reader answers: typed text to a value, and a value to feedback."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.quiz.values import Drawn, Kind, Point, same

THOUSANDS = re.compile(r"[+-]?\d{1,3}([,_ ]\d{3})+(\.\d+)?")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
SHAPE = re.compile(r"[(\[]?\s*\d+(\s*[,x×;\s]\s*\d+)*\s*,?\s*[)\]]?", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
MAX_TYPED = 200


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether an answer is right (None for a short text, which is never scored), and what to tell about it."""

    right: bool | None
    notes: tuple[str, ...] = ()


def read_number(typed: str) -> float | int | None:
    """A number as people type it: 1728, 1,728, 0.5, 0,5; None where it is none."""
    text = typed.strip().replace("−", "-")
    if len(text) > MAX_TYPED:
        return None
    if THOUSANDS.fullmatch(text):
        text = re.sub(r"[,_ ]", "", text)
    if not NUMBER.fullmatch(text):
        return None
    text = text.replace(",", ".")
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def read_shape(typed: str) -> tuple[int, ...] | None:
    """A shape as people type it: (8, 16, 32, 32), 8 16 32 32, 8x16x32x32, torch.Size([8, 16, 32, 32])."""
    text = typed.strip()
    wrapped = re.fullmatch(r"torch\.Size\((.*)\)", text)
    text = wrapped[1] if wrapped else text
    if len(text) > MAX_TYPED or not SHAPE.fullmatch(text):
        return None
    return tuple(int(size) for size in re.findall(r"\d+", text))


def read_value(drawn: Drawn, typed: str) -> float | int | tuple[int, ...] | None:
    """A number or a shape, as the question asks for one; None where what is typed has another form.

    Where the answer is a whole number, 1,2 may be two numbers as well as 1.2; and one size is no shape of several axes.
    """
    answer = drawn.answer
    if drawn.template.kind is Kind.SHAPE:
        shape = read_shape(typed)
        return None if shape and len(shape) == 1 and isinstance(answer, tuple) and len(answer) > 1 else shape
    number = read_number(typed)
    is_whole = isinstance(answer, int | float) and answer == int(answer) and not drawn.template.tolerance
    return None if "," in typed and isinstance(number, float) and is_whole else number


def read_letters(typed: str, order: Sequence[int]) -> frozenset[int]:
    """The positions that letters such as "a, c" or "ac" stand for; none where something else is among them."""
    letters = re.sub(r"[\s,;]", "", typed.lower())
    known = dict(zip(string.ascii_lowercase, order, strict=False))
    return frozenset(known[letter] for letter in letters) if all(letter in known for letter in letters) else frozenset()


def check_choices(drawn: Drawn, chosen: Collection[int]) -> Feedback:
    """`chosen` are positions in the template's choices; each wrong one says why, each one left out is named."""
    choices = drawn.template.choices
    notes = []
    for number, choice in enumerate(choices):
        if number in chosen and not choice.right:
            notes.append(f"“{drawn.fill(choice.text)}” {drawn.fill(choice.why)}")
        elif number not in chosen and choice.right and drawn.template.kind is Kind.SEVERAL:
            notes.append(f"You left out: {drawn.fill(choice.text)}")
    return Feedback(not notes, tuple(notes))


def check_value(drawn: Drawn, value: float | tuple[int, ...]) -> Feedback:
    """A number or a shape; a known misconception says what went wrong."""
    template = drawn.template
    if isinstance(value, tuple) == isinstance(drawn.answer, tuple) and same(value, drawn.answer, template.tolerance):
        return Feedback(True)
    for misconception, wrong in zip(template.misconceptions, drawn.wrong, strict=True):
        if isinstance(value, tuple) == isinstance(wrong, tuple) and same(value, wrong, template.tolerance):
            return Feedback(False, (drawn.fill(misconception.why),))
    return Feedback(False)


def points_made(drawn: Drawn, typed: str) -> tuple[Point, ...]:
    """The points that a short text makes, by word stems: a help to compare, never a score."""
    words = _words(typed)
    return tuple(
        point
        for point in drawn.template.points
        if all(any(_words(stem) in words for stem in group) for group in point.words)
    )


def _words(text: str) -> str:
    """The words, each behind a blank, so that the beginning of a word is found and its middle is not."""
    return "".join(f" {word}" for word in WORD.findall(text.casefold()))
