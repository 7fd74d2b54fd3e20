"""One row of the gradebook: what grading gave, and what of it counts after overrides and lateness."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.gradebook.overrides import Override
from autograder.report import Verdict
from autograder.reports.document import Status, last_line
from autograder.submission import Source, Submission

COLUMNS = (
    "student, exercise, name, email, source, key, score, possible, status, needs_review, device, tier, graded_at,"
    " document, origin, parts, submitted_at, late_percent"
)
OUTPUTS = (
    "(SELECT outputs FROM cell_outputs"
    " WHERE cell_outputs.student = reports.student AND cell_outputs.exercise = reports.exercise)"
)
MARKS = ", ".join("?" * len(COLUMNS.split(",")))
BRIEF_COLUMNS = COLUMNS.replace(" document,", " brief,")
ASKS_FOR_REVIEW = (Verdict.JUDGE_ERROR.value, Verdict.REVIEW.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the gradebook; `document` is the report as in its JSON file, or in `brief`; `score` what grading gave.

    The `outputs` of its run are there where one report was asked for, not where all were.
    `origin` is where the notebook was: its path and, in zips, its members. `parts` are digests of what the key was made
    from. `late_percent` of the points are lost to lateness. `overrides` are those that count.
    """

    student: str
    exercise: str
    name: str
    email: str
    source: str
    key: str
    score: float
    possible: float
    status: str
    needs_review: bool
    device: str
    tier: str
    graded_at: str
    document: dict[str, Any]
    origin: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    submitted_at: str = ""
    late_percent: float = 0.0
    overrides: tuple[Override, ...] = ()

    def override(self, question: str) -> Override | None:
        """The points that a person gave for a question."""
        return next((one for one in self.overrides if one.question == question), None)

    def points(self, question: Mapping[str, Any]) -> float:
        """What counts for a question of the document, before lateness."""
        given = self.override(question["id"])
        earned: float = question["earned"]
        return given.points if given else earned

    @property
    def raw(self) -> float:
        """The points before lateness: what grading gave, where no person said otherwise."""
        if not self.overrides:
            return self.score
        earned = {question["id"]: question["earned"] for question in self.document["questions"]}
        changed = sum(one.points - float(earned.get(one.question, 0.0)) for one in self.overrides)
        return round(self.score + changed, 6)

    @property
    def final(self) -> float:
        """The points that count."""
        return round(self.raw * (1 - self.late_percent / 100), 6)

    @property
    def percent(self) -> float:
        """What counts, in percent of the possible points."""
        return 100 * self.final / self.possible if self.possible else 0.0

    @property
    def to_review(self) -> bool:
        """Whether a person still has to look: none has given points for each question that asked for one.

        Of a report that was not graded, that is each question; any of them, where it lists none.
        """
        every = self.document["questions"]
        asking = [question["id"] for question in every if _asks(question)]
        if not asking and self._is_ungraded:
            asking = [question["id"] for question in every]
        settled = all(map(self.override, asking)) if asking else bool(self.overrides) and self._is_ungraded
        return self.needs_review and not settled

    @property
    def _is_ungraded(self) -> bool:
        return self.status != Status.GRADED.value

    @property
    def is_settled(self) -> bool:
        """Whether its points may leave: it was graded and asks for no review, or a person gave points instead."""
        return not self.to_review and (not self._is_ungraded or bool(self.overrides))

    @property
    def found_at(self) -> Source | None:
        """Where the notebook was; unknown for what an earlier release graded."""
        return Source(Path(self.origin[0]), self.origin[1:]) if self.origin else None


@dataclass(frozen=True, slots=True)
class Dated:
    """When a report's submission was handed in and what that costs: quick to read for a whole class.

    `digests` are those of what was handed in; none for what an earlier release graded.
    """

    student: str
    exercise: str
    submitted_at: str
    late_percent: float
    digests: frozenset[str] = frozenset()


def _asks(question: Mapping[str, Any]) -> bool:
    return any(map(_asks_for_review, question["cases"]))


def _asks_for_review(case: Mapping[str, Any]) -> bool:
    return case["verdict"] in ASKS_FOR_REVIEW


def entry(
    submission: Submission,
    key: str,
    graded_at: str,
    document: dict[str, Any],
    *,
    parts: Mapping[str, str] | None = None,
    late_percent: float = 0.0,
) -> Entry:
    """The row for one graded submission."""
    student, setting, source = submission.student, document["setting"], submission.source
    return Entry(
        student.id,
        submission.exercise or "",
        student.name,
        student.email,
        str(source),
        key,
        document["score"],
        document["possible"],
        document["status"],
        document["needs_review"],
        setting["device"],
        setting["tier"],
        graded_at,
        document,
        (str(source.path.absolute()), *source.members),
        parts or {},
        submission.submitted_at,
        late_percent,
    )


def brief(document: dict[str, Any]) -> dict[str, Any]:
    """What tables of a whole class need of a report: each question's points, what asks for review, which mistakes."""
    questions = [
        {name: question[name] for name in ("id", "title", "possible", "earned")}
        | {"cases": [_brief_case(case) for case in question["cases"] if case["mistake"] or _asks_for_review(case)]}
        for question in document["questions"]
    ]
    note = last_line(document)
    return {"exercise_title": document["exercise_title"], "note": note, "questions": questions}


def brief_text(document: str) -> str:
    """The same from JSON to JSON."""
    return _json(brief(json.loads(document)))


def _brief_case(case: Mapping[str, Any]) -> dict[str, Any]:
    return {name: case[name] for name in ("case", "verdict", "mistake")}


def to_row(new: Entry) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    return (
        *(new.student, new.exercise, new.name, new.email, new.source, new.key, new.score, new.possible, new.status),
        *(int(new.needs_review), new.device, new.tier, new.graded_at, document_text(new)),
        *(_json(new.origin), _json(dict(new.parts)), new.submitted_at, new.late_percent),
    )


def document_text(new: Entry) -> str:
    """The report as it is kept, without what its cells gave."""
    return _json(_without_outputs(new.document))


def outputs_of(new: Entry) -> str | None:
    """What the cells gave, as it is kept; None where the notebook did not run."""
    outputs = (new.document["run"] or {}).get("outputs")
    return None if outputs is None else _json(outputs)


def _without_outputs(document: dict[str, Any]) -> dict[str, Any]:
    run = document.get("run")
    return document if run is None else {**document, "run": {**run, "outputs": None}}


def whole_entry(row: tuple[Any, ...], overrides: tuple[Override, ...] = ()) -> Entry:
    """The entry of a row of COLUMNS and OUTPUTS."""
    found = from_row(row[:-1], overrides)
    if found.document["run"]:  # reports of earlier releases have none
        found.document["run"]["outputs"] = None if row[-1] is None else json.loads(row[-1])
    return found


def from_row(row: tuple[Any, ...], overrides: tuple[Override, ...] = ()) -> Entry:
    """The entry of a row of COLUMNS."""
    student, exercise, name, email, source, key, score, possible, status, needs_review, device, tier, *later = row
    graded_at, document, origin, parts, submitted_at, late_percent = later
    return Entry(
        student, exercise, name, email, source, key, score, possible, status,
        bool(needs_review), device, tier, graded_at, json.loads(document),
        tuple(json.loads(origin)), json.loads(parts), submitted_at, late_percent, overrides,
    )  # fmt: skip


def dated_row(row: tuple[Any, ...]) -> Dated:
    """What a row says of student, exercise, time, percentage and parts."""
    student, exercise, submitted_at, late_percent, text = row
    parts = json.loads(text)
    digests = frozenset(parts[name] for name in ("submission", "content") if name in parts)
    return Dated(student, exercise, submitted_at, late_percent, digests)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
