"""Which questions are asked, in which order and with which numbers."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.quiz.progress import Progress
from autograder.quiz.values import Drawn, Quiz, Template, draw


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked: `key` is what progress is kept under, `order` that of its choices."""

    quiz: Quiz
    drawn: Drawn
    order: tuple[int, ...]

    @property
    def key(self) -> str:
        """Section and question."""
        return f"{self.quiz.key}/{self.drawn.template.id}"

    @property
    def right_answer(self) -> str:
        """The key as a reader would type it: letters, or a value."""
        choices = self.drawn.template.choices
        letters = dict(zip(self.order, string.ascii_lowercase, strict=False))
        right = sorted(letters[number] for number, choice in enumerate(choices) if choice.right)
        return ", ".join(right) if choices else self.drawn.shown["answer"]


def practice(
    quizzes: Sequence[Quiz], seed: int, progress: Progress, *, count: int | None = None, review: bool = False
) -> tuple[Asked, ...]:
    """The questions of one sitting: missed ones first, then new ones, then the others; `review` is missed ones only.

    Equal seeds and equal progress give equal questions.
    """
    rng = random.Random(f"practice/{seed}")  # noqa: S311 - numbers to practise with
    pairs = [(quiz, template) for quiz in quizzes for template in quiz.templates]
    rng.shuffle(pairs)
    pairs.sort(key=lambda pair: _turn(_key(*pair), progress))
    if review:
        pairs = [pair for pair in pairs if progress.is_missed(_key(*pair))]
    return tuple(asked(quiz, template, seed) for quiz, template in pairs[:count])


def _key(quiz: Quiz, template: Template) -> str:
    return f"{quiz.key}/{template.id}"


def _turn(key: str, progress: Progress) -> int:
    if progress.is_missed(key):
        return 0
    return 1 if progress.is_new(key) else 2


def asked(quiz: Quiz, template: Template, seed: int | str) -> Asked:
    """Numbers depend on the seed and the question only, not on what else is asked."""
    rng = random.Random(f"{seed}/{_key(quiz, template)}")  # noqa: S311 - numbers to practise with
    drawn = draw(template, rng)
    return Asked(quiz, drawn, tuple(rng.sample(range(len(template.choices)), len(template.choices))))
