"""Grades the one submission that Gradescope put in its folders, and writes results.json as cases are looked at."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.exports import gradescope
from autograder.gradebook import Entry, entry
from autograder.gradescope.choosing import choose
from autograder.gradescope.container import container_mb, for_notebook
from autograder.gradescope.messages import FAULT, NOT_ENDED, SO_FAR, unscored
from autograder.gradescope.metadata import NOBODY, Metadata, read_metadata
from autograder.gradescope.staff import for_staff
from autograder.grading import Grader
from autograder.intake.opening import Opener
from autograder.intake.tasks import task_of
from autograder.report import CaseResult, Report
from autograder.reports.document import SCHEMA_VERSION, ReportDocument, Setting, Status, question_documents
from autograder.reports.files import write_atomically
from autograder.sandbox.tier import Tier, find_tier
from autograder.submission import Submission
from autograder.task import Plan

OK, FAILED = 0, 1
SELF_TEST = "self-test"
WEAK = "\n    -> docs/gradescope.md, Confinement there, says what `autograder package --allow-weak-sandbox` would mean"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """Gradescope's folders below /autograder, or a stand-in for it."""

    root: Path

    @property
    def submission(self) -> Path:
        """What the student handed in."""
        return self.root / "submission"

    @property
    def metadata(self) -> Path:
        """Whose it is and when it came."""
        return self.root / "submission_metadata.json"

    @property
    def results(self) -> Path:
        """What Gradescope reads in the end."""
        return self.root / "results" / "results.json"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What student code must not read."""
        wanted = (self.root / "source", self.root / "results", self.metadata)
        return tuple(str(path) for path in wanted if path.exists())


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the instructor packaged it: which exercise of which course, when students see it, how well confined."""

    course: Path
    exercise: str
    visibility: str = gradescope.VISIBLE
    allow_weak: bool = False


def grade(
    layout: Layout,
    wishes: Wishes,
    say: Say,
    *,
    find: Callable[..., Tier] = find_tier,
    make_grader: Callable[[Plan], Grader] = Grader,
) -> int:
    """Grade it and tell the staff what happened; 1 where something of ours failed. A results.json is always left."""
    write(layout.results, unscored(NOT_ENDED))
    try:
        return _Run(layout, wishes, say).grade(find, make_grader)
    except Exception as error:  # whatever it is, it is ours, and the student must read so
        say(f"error: {error}" if isinstance(error, GraderError) else traceback.format_exc())
        write(layout.results, unscored(FAULT))
        return FAILED


def write(path: Path, made: dict[str, Any]) -> None:
    """Write results.json: whoever reads it in that moment, or kills us, has the old one or the new one."""
    write_atomically(path, gradescope.text(made))


class _Run:
    """One submission on its way."""

    def __init__(self, layout: Layout, wishes: Wishes, say: Say) -> None:
        self.layout = layout
        self.wishes = wishes
        self.say = say
        self.course: Course = open_course(wishes.course)
        self.config = self.course.config.exercise(wishes.exercise)
        self.exercise = self.course.exercise(wishes.exercise)
        self.metadata: Metadata = read_metadata(layout.metadata)
        self.looked_at: dict[str, CaseResult] = {}

    def grade(self, find: Callable[..., Tier], make_grader: Callable[[Plan], Grader]) -> int:
        metadata = self.metadata
        if metadata.student == NOBODY and self.course.quiz_paths(self.wishes.exercise):
            raise GraderError(f"{metadata.problem or 'it names no student'}: a quiz's numbers are each student's own")
        folder, slug = self.layout.submission, self.wishes.exercise
        with Opener() as opener:
            submission = choose(folder, slug, metadata.student, metadata.submitted_at, opener)
            task = task_of(submission, opener)
        plan = self._plan(find)
        grader = make_grader(plan)
        try:
            document = grader.grade(task, lambda result: self._look(submission, plan, result))
        finally:
            grader.close()
        made = self._entry(submission, document)
        write(self.layout.results, self._results(made))
        self.say(for_staff(made, metadata))
        return FAILED if made.document["status"] == Status.ERROR.value else OK

    def _plan(self, find: Callable[..., Tier]) -> Plan:
        root, tests = self.course.root, self.course.config.tests_dir
        secrets = (str(root / "solutions"), str(tests), *self.layout.secrets)
        try:
            tier = find(protected=secrets, allow_weak=self.wishes.allow_weak)
        except GraderError as error:
            raise error if self.wishes.allow_weak else GraderError(f"{error}{WEAK}") from None
        self.say(tier.one_line())
        tried = [layer.reason for layer in tier.missing if layer.name == SELF_TEST]
        through = [reason for reason in tried if any(secret in reason for secret in secrets)]
        if through:
            raise GraderError(f"grading refuses, weak sandbox or not: {'; '.join(through)}")
        return Plan(root, tier, "cpu", memory_mb=self._memory())

    def _memory(self) -> int:
        """The most that the notebook may use here, in MiB; 0 where the course's limit is the only one."""
        container, wanted = container_mb(), self.config.limits.memory_mb
        most = for_notebook(container)
        if most and most < wanted:
            self.say(
                f"memory: {most} MiB for the notebook, of the {container} MiB of this container (the course allows"
                f" {wanted}); a larger container is chosen in the assignment's settings"
            )
        return most

    def _look(self, submission: Submission, plan: Plan, result: CaseResult) -> None:
        """Keep what is known so far where it is read if the platform ends us. Points wait for the end."""
        self.looked_at[result.case] = result
        exercise = self.exercise
        questions = question_documents(exercise, Report(exercise.slug, tuple(self.looked_at.values())))
        setting = Setting(plan.device, "", plan.tier.name, plan.missing_layers, {}, {})
        document = ReportDocument(
            SCHEMA_VERSION, exercise.slug, exercise.title, Status.ERROR.value, True, "", 0.0, exercise.points,
            tuple(question for question in questions if question.cases), None, setting,
        )  # fmt: skip
        made = gradescope.results(self._entry(submission, document), self._policy, self.wishes.visibility)
        write(self.layout.results, unscored(NOT_ENDED + (SO_FAR if made["tests"] else ""), made["tests"]))

    def _entry(self, submission: Submission, document: ReportDocument) -> Entry:
        graded_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        late = self.metadata.late_percent(self.config.late)
        return entry(submission, submission.digest, graded_at, document.to_json(), late_percent=late)

    def _results(self, made: Entry) -> dict[str, Any]:
        results = gradescope.results(made, self._policy, self.wishes.visibility)
        before = self.metadata.before
        if "score" in results and before is not None and self.wishes.visibility == gradescope.VISIBLE:
            results["output"] += (
                f"\n\nThis is submission {self.metadata.attempt}; the one before it had {before:g} points."
            )
        return results

    @property
    def _policy(self) -> FeedbackPolicy:
        return self.config.feedback
