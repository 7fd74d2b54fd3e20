"""Makes what these tests are about: notebooks, trees and zips of submissions, and reports."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.exercise import Exercise, Question
from autograder.gradebook import Entry, Override, entry
from autograder.intake import Intake, take_in
from autograder.intake.roster import Roster
from autograder.messages import Exchange, Raised, Request, Returned, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import (
    SCHEMA_VERSION,
    CellError,
    CellOutputsDocument,
    OutputDocument,
    ReportDocument,
    RunDocument,
    Setting,
    question_documents,
)
from autograder.submission import Source, StudentId, Submission

SLUG = "01_demo"
SLUGS = (SLUG, "02_more")
METADATA = "submission_metadata.yml"

Tree = Mapping[str, bytes]


def notebook(slug: str | None = SLUG, *sources: str) -> bytes:
    """A notebook of that exercise with these code cells; of no exercise for None."""
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": []}
        for number, source in enumerate(sources)
    ]
    metadata = {"autograder": {"exercise": slug}} if slug else {}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def plant(folder: Path, tree: Tree) -> Path:
    """Write files below a folder, the later ones newer than the earlier ones."""
    for number, (name, data) in enumerate(tree.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_800_000_000 + number, 1_800_000_000 + number))
    return folder


def packed(tree: Tree, *, date: tuple[int, int, int, int, int, int] = (2026, 9, 1, 10, 0, 0)) -> bytes:
    """A zip of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in tree.items():
            archive.writestr(zipfile.ZipInfo(name, date), data)
    return file.getvalue()


def gradescope(submitters: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """The metadata of a Gradescope export, as Ruby writes it."""
    lines = ["---"]
    for folder, people in submitters.items():
        lines += [f"{folder}:", "  :submitters:"]
        for person in people:
            lines += [
                f"  {'-' if not number else ' '} :{key}: {value}" for number, (key, value) in enumerate(person.items())
            ]
    return "\n".join(lines).encode()


def taken(
    *paths: Path, slugs: Sequence[str] = SLUGS, exercise: str | None = None, roster: Path | None = None
) -> Intake:
    """What the command line makes of these paths."""
    return take_in(paths, slugs, exercise, Roster.read(roster) if roster else None)


def whose(intake: Intake) -> list[tuple[str, str | None]]:
    """Student and exercise of each submission."""
    return [(one.student.id, one.exercise) for one in intake.submissions]


def students(intake: Intake) -> list[str]:
    """The students' ids."""
    return [one.student.id for one in intake.submissions]


SECRET_INPUT, SECRET_EXPECTED, SECRET_TEXT = 31337, 27182, "the hidden patch was 31337"

EXERCISE = Exercise(
    SLUG,
    "Exercise 1 · Demo",
    (Question("q1", "Mean of a patch", 10, ("patch_mean",)), Question("q2", "Its _range_", 4, ("patch_range",))),
    (),
    Path("01_demo.py"),
)


def call(name: str, *args: Any) -> Request:
    """A call of a student's function."""
    return Request(Target.STUDENT, name, args)


def results() -> tuple[CaseResult, ...]:
    """One case for each way to end that feedback tells apart, with secrets wherever a report holds some."""
    asked = call("patch_mean", SECRET_INPUT)
    wrong = Exchange(asked, Returned(3))
    own = Exchange(asked, Raised((f"Sees{SECRET_INPUT}", "Exception"), SECRET_TEXT))
    known = Exchange(asked, Raised(("ValueError", "Exception"), SECRET_TEXT))
    unanswered = Exchange(asked, Raised(("NotImplementedError", "RuntimeError", "Exception"), ""))
    said = f"patch_mean({SECRET_INPUT}): expected {SECRET_EXPECTED}, got 3"
    hint, died = "Add up *all* values.", f"patch_mean({SECRET_INPUT}): stopped after 20 s"
    return (
        CaseResult("q1", "one", "One patch", 2, Verdict.PASSED, 1.0, "", "", None, (wrong,)),
        CaseResult("q1", "two", "Two patches", 2, Verdict.WRONG, 0.0, said, hint, "counts_rows", (wrong,)),
        CaseResult("q1", "half", "Half of them", 2, Verdict.PARTIAL, 0.5, said, hint, None, (wrong,)),
        CaseResult("q1", "raises", "It raises", 2, Verdict.RAISED, 0.0, said, hint, None, (known,)),
        CaseResult("q1", "own", "It raises its own", 2, Verdict.RAISED, 0.0, said, hint, None, (own,)),
        CaseResult("q2", "stub", "The range", 1, Verdict.RAISED, 0.0, said, hint, None, (unanswered,)),
        CaseResult("q2", "slow", "A large patch", 1, Verdict.TIMEOUT, 0.0, died, hint, None, ()),
        CaseResult("q2", "dead", "A hard patch", 1, Verdict.DIED, 0.0, died, hint, None, ()),
        CaseResult("q2", "left", "The last patch", 1, Verdict.SKIPPED, 0.0, "not asked", hint, None, ()),
    )


STOPPED = CellError(2, "error", "NameError: name 'x' is not defined", "print(x < 2)")
RUN = RunDocument(3, (STOPPED,), 0, 1, 0.25, 0.125, 90.5, "hello\n")
OUTPUTS = (
    CellOutputsDocument(1, "ok", (OutputDocument("stdout", "41\n", "", ""), OutputDocument("omitted", "more", "", ""))),
    CellOutputsDocument(2, "error", (OutputDocument("error", "NameError: name 'x' is not defined\n", "", ""),)),
)
RAN = replace(RUN, outputs=OUTPUTS)
SETTING = Setting("cpu", "", "inner", ("bubblewrap",), {"course": 1, "notebook": 2}, {"autograder": "0.1"})


def document(**changes: Any) -> ReportDocument:
    """A graded report with something of everything."""
    report = Report(SLUG, results())
    values: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "exercise": SLUG,
        "exercise_title": EXERCISE.title,
        "status": "graded",
        "needs_review": False,
        "note": "",
        "score": report.earned,
        "possible": report.possible,
        "questions": question_documents(EXERCISE, report),
        "run": RUN,
        "setting": SETTING,
    }
    return ReportDocument(**{**values, **changes})


def submission(student: str = "alice", exercise: str = SLUG, *, name: str = "", source: str = "a.ipynb") -> Submission:
    """A submission as the intake gives it."""
    return Submission(StudentId(student, name), exercise, Source(Path(source)), "digest")


def row(
    student: str = "alice", exercise: str = SLUG, *, graded_at: str = "2026-09-01T10:00:00+00:00", **changes: Any
) -> Entry:
    """A row of the gradebook."""
    made = document(exercise=exercise, **changes)
    return entry(submission(student, exercise), "key", graded_at, json.loads(json.dumps(made.to_json())))


def overridden(entry: Entry, question: str = "q2", points: float = 4.0, **changes: Any) -> Entry:
    """The entry with points that a person gave."""
    whose = (entry.student, entry.exercise, question)
    given = Override(1, *whose, points, "A *fair* point, <b>", "Dr. Day", "2026-09-03T10:00:00+00:00")
    return replace(entry, overrides=(given,), **changes)
