"""Verdicts and reports: what grading one submission gives, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from autograder.messages import Exchange, Figure


class Verdict(enum.Enum):
    """How one hidden case ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    WRONG = "wrong"
    RAISED = "raised"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    DIED = "died"
    SKIPPED = "skipped"
    REVIEW = "review"
    JUDGE_ERROR = "judge_error"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One hidden case's outcome. `credit` is from 0 to 1; `hint` is what the student reads if not passed.

    `undefined` is the name that it came to and that the notebook does not define.
    """

    question: str
    case: str
    title: str
    points: float
    verdict: Verdict
    credit: float
    message: str = ""
    hint: str = ""
    mistake: str | None = None
    exchanges: tuple[Exchange, ...] = ()
    figures: tuple[Figure, ...] = ()
    undefined: str = ""

    @property
    def earned(self) -> float:
        """Points earned; what we failed to judge earns nothing and loses nothing: see `Report.needs_review`."""
        return self.points * self.credit


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes of one submission of one exercise."""

    exercise: str
    results: tuple[CaseResult, ...]

    @property
    def earned(self) -> float:
        """Points earned over all questions."""
        return sum(result.earned for result in self.results)

    @property
    def possible(self) -> float:
        """Points that could be earned."""
        return sum(result.points for result in self.results)

    @property
    def needs_review(self) -> bool:
        """Whether a person has to look: a fault of ours kept a case from being judged, or a case asks for it."""
        return any(result.verdict in (Verdict.JUDGE_ERROR, Verdict.REVIEW) for result in self.results)

    def of_question(self, question_id: str) -> tuple[CaseResult, ...]:
        """The outcomes of one question."""
        return tuple(result for result in self.results if result.question == question_id)
