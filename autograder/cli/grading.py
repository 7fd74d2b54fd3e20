"""grade, as a person sees it: what is done, how far it is, what came out and where to look."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.batch import Graded, grade_all, local_executor
from autograder.cli.progress import Meter
from autograder.cli.summary import plain_console, print_summary
from autograder.cli.tasks import task_of
from autograder.config import FeedbackPolicy
from autograder.course import Course, find_course
from autograder.datasets.supply import Supply, supply
from autograder.device import resolve_device
from autograder.errors import RehearsalError
from autograder.escaping import printable
from autograder.fingerprint import engine_fingerprint, exercise_fingerprint, submission_key
from autograder.gradebook import Entry, Gradebook, entry
from autograder.intake import Intake, take_in
from autograder.intake.roster import Roster
from autograder.reports.document import SCHEMA_VERSION, ReportDocument, Setting, Status
from autograder.reports.files import write_entry, write_scores
from autograder.sandbox.tier import Tier, find_tier
from autograder.submission import Submission
from autograder.task import Plan

OK, TO_LOOK_AT, INTERRUPTED = 0, 1, 130
MARK_EVERY = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for."""

    paths: Sequence[Path]
    output: Path
    course: Path | None
    exercise: str | None
    students: Path | None
    jobs: int
    device: str
    regrade: bool
    allow_weak: bool
    require_tier: str
    use_wall: bool


def grade(
    wishes: Wishes,
    *,
    find: Callable[..., Tier] = find_tier,
    make_executor: Callable[[Plan, int], Executor] = local_executor,
) -> int:
    """Grade what is new or changed, and print what came out."""
    console = plain_console(soft_wrap=True)
    course = find_course(wishes.course)
    exercise = course.select([wishes.exercise])[0] if wishes.exercise else None
    roster = Roster.read(wishes.students) if wishes.students else None
    intake = take_in(wishes.paths, course.slugs, exercise, roster)
    tier = find(
        protected=(str(course.root / "solutions"), str(course.config.tests_dir)),
        allow_weak=wishes.allow_weak,
        required=wishes.require_tier,
        use_wall=wishes.use_wall,
    )
    plan = Plan(course.root, tier, resolve_device(wishes.device))
    console.print(tier.one_line())
    with Gradebook(wishes.output) as gradebook:
        try:
            return _Run(course, plan, gradebook, wishes, console, make_executor).grade(intake)
        except RehearsalError as error:
            if wishes.device != "auto" or plan.device == "cpu":
                raise
            console.print(Text(f"CUDA is here, but of no use: {printable(str(error))}", style="bold yellow"))
            console.print(Text("grading on the CPU instead, with its budgets", style="bold yellow"))
        return _Run(course, replace(plan, device="cpu"), gradebook, wishes, console, make_executor).grade(intake)


class _Run:
    """One run of the command on an open gradebook."""

    def __init__(
        self,
        course: Course,
        plan: Plan,
        gradebook: Gradebook,
        wishes: Wishes,
        console: Console,
        make_executor: Callable[[Plan, int], Executor],
    ) -> None:
        self.course = course
        self.plan = plan
        self.gradebook = gradebook
        self.wishes = wishes
        self.console = console
        self.make_executor = make_executor
        self.changes: list[str] = []
        self.started = _now()
        self.exercises: dict[str, str] = {}
        self.written: list[Entry] = []
        self.data: dict[str, Supply] = {}

    def grade(self, intake: Intake) -> int:
        self._write_missing_files()
        self.exercises = self._fingerprints(intake)
        self._announce_training()
        for remark in intake.remarks:
            self.console.print(Text(f"note: {printable(remark)}", style="yellow"))
        todo = self._todo(intake.submissions)
        self._announce(len(intake.submissions), len(todo))
        interrupted = False
        try:
            self._grade(todo)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            self._mark_written()
            scores = write_scores(self.gradebook)
        if interrupted:
            kept = self.gradebook.graded_since(self.started)
            left = len(todo) - kept
            self.console.print(f"stopped: {kept} graded and kept, {left} left. The same command goes on from here.")
            return INTERRUPTED
        for change in self.changes:
            self.console.print(change)
        wanted = {(one.student.id, one.exercise) for one in intake.submissions}
        shown = [one for one in self.gradebook.entries() if (one.student, one.exercise) in wanted]
        print_summary(shown, self.course.config.title, scores, self.console)
        return TO_LOOK_AT if any(one.needs_review or one.status != Status.GRADED.value for one in shown) else OK

    def _fingerprints(self, intake: Intake) -> dict[str, str]:
        engine, wanted = engine_fingerprint(), {submission.exercise for submission in intake.submissions}
        slugs = [slug for slug in self.course.slugs if slug in wanted]
        return {slug: exercise_fingerprint(self.course, slug, engine, self._data_version(slug)) for slug in slugs}

    def _data_version(self, slug: str) -> str:
        training = self.course.config.exercise(slug).training
        if training is None:
            return ""
        if training.dataset not in self.data:
            self.data[training.dataset] = supply(training.dataset)
        return self.data[training.dataset].version

    def _key(self, submission: Submission, digest: str) -> str:
        return submission_key(digest, self.exercises.get(submission.exercise or "", ""), self.plan.device)

    def _todo(self, submissions: Sequence[Submission]) -> list[Submission]:
        known = {} if self.wishes.regrade else self.gradebook.keys()
        return [
            one for one in submissions if known.get((one.student.id, one.exercise or "")) != self._key(one, one.digest)
        ]

    def _announce_training(self) -> None:
        """Which data, which device and what may be spent on it: results of other ones cannot be compared."""
        for data in self.data.values():
            self.console.print(f"data: {printable(data.sentence)}")
        for slug in self.exercises:
            config = self.course.config.exercise(slug).training
            if config is None:
                continue
            training = config.on(self.plan.device, self.data[config.dataset].version)
            why = (
                " (no CUDA device that torch can use)"
                if (self.wishes.device, self.plan.device) == ("auto", "cpu")
                else ""
            )
            self.console.print(
                f"{slug} trains on {self.plan.device}{why}: {training.images:,} images, {training.epochs} epochs,"
                f" full credit from {training.full:.2f} on"
            )

    def _announce(self, total: int, todo: int) -> None:
        plural = "s" * (total != 1)
        if todo == total:
            self.console.print(f"{total} submission{plural} to grade")
        else:
            self.console.print(
                f"{total} submission{plural}: {todo} to grade, {total - todo} graded already (same content, tests,"
                " settings and engine; --regrade grades them again)"
            )

    def _grade(self, todo: Sequence[Submission]) -> None:
        known = [one for one in todo if one.exercise in self.exercises]
        with Meter(len(todo), self.console) as meter:
            for submission in todo:
                if submission.exercise not in self.exercises:
                    self._keep(submission, self._unknown(submission))
                    meter.advance(failed=True)
            if not known:
                return
            jobs = min(self.wishes.jobs, len(known))
            tasks = [functools.partial(task_of, one) for one in known]
            executor = functools.partial(self.make_executor, self.plan, jobs)
            with contextlib.closing(grade_all(tasks, executor, in_flight=jobs + 1)) as outcomes:
                for graded in outcomes:
                    kept = self._keep(known[graded.index], graded.document or self._fault(known[graded.index], graded))
                    meter.advance(failed=kept.needs_review or kept.status != Status.GRADED.value)

    def _keep(self, submission: Submission, document: ReportDocument) -> Entry:
        """Store a report, then its files: a crash between the two is mended by the next run."""
        new = entry(submission, self._key(submission, submission.digest), _now(), document.to_json())
        old = self.gradebook.find(new.student, new.exercise)
        if old is not None and old.score != new.score:
            name = printable(f"{new.student}, {new.exercise}")
            self.changes.append(f"{name}: {old.score:g} -> {new.score:g} of {new.possible:g}")
        self.gradebook.put(new)
        write_entry(self.gradebook.folder, new, self._policy(new.exercise))
        self.written.append(new)
        if len(self.written) >= MARK_EVERY:
            self._mark_written()
        return new

    def _mark_written(self) -> None:
        """Of the last few reports; a run that is killed before writes their files once more."""
        self.gradebook.mark_written(self.written)
        self.written.clear()

    def _write_missing_files(self) -> None:
        unwritten = self.gradebook.unwritten()
        for one in unwritten:
            write_entry(self.gradebook.folder, one, self._policy(one.exercise))
        self.gradebook.mark_written(unwritten)

    def _policy(self, slug: str) -> FeedbackPolicy:
        known = {exercise.slug: exercise.feedback for exercise in self.course.config.exercises}
        return known.get(slug, FeedbackPolicy.NAME)

    def _unknown(self, submission: Submission) -> ReportDocument:
        what = submission.problem or "its metadata names no exercise of this course"
        note = f"which exercise is {submission.source}? ({what}) -> name it with --exercise SLUG"
        return self._ungraded(submission, Status.UNKNOWN_EXERCISE, note)

    def _fault(self, submission: Submission, graded: Graded) -> ReportDocument:
        return self._ungraded(submission, Status.ERROR, graded.fault)

    def _ungraded(self, submission: Submission, status: Status, note: str) -> ReportDocument:
        setting = Setting(self.plan.device, "", self.plan.tier.name, self.plan.missing_layers, {}, {})
        slug = submission.exercise or ""
        possible = self.course.config.exercise(slug).points if slug in self.exercises else 0.0
        return ReportDocument(SCHEMA_VERSION, slug, slug, status.value, True, note, 0.0, possible, (), None, setting)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
