"""One run of `grade`, as a person sees it: what is done, how far it is, what came out and where to look."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from autograder.batch import Graded, grade_all
from autograder.cli.differences import Differences, is_lower, stale
from autograder.cli.progress import Meter
from autograder.cli.summary import print_summary
from autograder.cli.terms import apply_lateness, in_force, now, policies, remembered
from autograder.cli.wishes import INTERRUPTED, OK, TO_LOOK_AT, Wishes
from autograder.config import FeedbackPolicy
from autograder.course import Course
from autograder.datasets.supply import Supply, supply
from autograder.escaping import printable
from autograder.fingerprint import engine_fingerprint, exercise_parts, fingerprint_of, submission_key
from autograder.gradebook import Entry, Gradebook, entry
from autograder.intake import Intake
from autograder.intake.opening import Opener
from autograder.intake.shelf import View
from autograder.intake.tasks import task_of
from autograder.reports.document import SCHEMA_VERSION, ReportDocument, Setting, Status
from autograder.reports.files import remove_files, write_entry, write_scores
from autograder.submission import Submission
from autograder.task import Plan

MARK_EVERY = 50


class Run:
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
        self.differences = Differences()
        self.started = now()
        self.exercises: dict[str, dict[str, str]] = {}
        self.fingerprints: dict[str, str] = {}
        self.written: list[Entry] = []
        self.data: dict[str, Supply] = {}

    def grade(self, intake: Intake) -> int:
        """Grade what is new or changed; gives the exit code."""
        self.gradebook.remember_course(remembered(self.course.config))
        self.exercises = self._exercise_parts(intake)
        self.fingerprints = {slug: fingerprint_of(parts) for slug, parts in self.exercises.items()}
        remarks = list(apply_lateness(self.gradebook, self.course.config, intake.submissions))
        self._write_missing_files()
        self._announce_training()
        for remark in (*intake.remarks, *remarks):
            self.console.print(Text(f"note: {printable(remark)}", style="yellow"))
        todo = self._todo(intake.submissions)
        self._say_what_is_stale(todo)
        self._announce(len(intake.submissions), len(todo))
        try:
            self._grade(todo)
        except KeyboardInterrupt:
            return self._stopped(len(todo))
        finally:
            self._mark_written()
            write_scores(self.gradebook)
        return self._finished(intake)

    def _stopped(self, todo: int) -> int:
        kept = self.gradebook.graded_since(self.started)
        self.console.print(f"stopped: {kept} graded and kept, {todo - kept} left. The same command goes on from here.")
        return INTERRUPTED

    def _finished(self, intake: Intake) -> int:
        for change in filter(None, [*self.differences.lines, self.differences.summary()]):
            self.console.print(change)
        title, scores = self.course.config.title, self.gradebook.folder / "scores.csv"
        to_look_at = print_summary(self._shown(intake.submissions), title, scores, self.console)
        return TO_LOOK_AT if to_look_at else OK

    def _shown(self, submissions: View[Submission]) -> Iterator[Entry]:
        """The results of these; with the whole document where there is only one."""
        find = self.gradebook.find if len(submissions) == 1 else self.gradebook.brief
        return filter(None, (find(one.student.id, one.exercise or "") for one in submissions))

    def _exercise_parts(self, intake: Intake) -> dict[str, dict[str, str]]:
        engine, wanted = engine_fingerprint(), {submission.exercise for submission in intake.submissions}
        slugs = [slug for slug in self.course.slugs if slug in wanted]
        return {slug: exercise_parts(self.course, slug, engine, self._data_version(slug)) for slug in slugs}

    def _data_version(self, slug: str) -> str:
        training = self.course.config.exercise(slug).training
        if training is None:
            return ""
        if training.dataset not in self.data:
            self.data[training.dataset] = supply(training.dataset)
        return self.data[training.dataset].version

    def _key(self, submission: Submission, digest: str) -> str:
        return submission_key(digest, self.fingerprints.get(submission.exercise or "", ""), self.plan.device)

    def _kept_key(self, submission: Submission, document: ReportDocument) -> str:
        """What a report answers to: the content alone where it was read, else the very bytes that could not be.

        Nothing where something of ours failed before it could be judged: the next run tries again.
        """
        if document.status == Status.ERROR.value and document.run is None:
            return ""
        was_read = document.status in (Status.GRADED.value, Status.ERROR.value)
        return self._key(submission, submission.content if was_read else submission.digest)

    def _parts(self, submission: Submission) -> dict[str, str]:
        mine = {"submission": submission.digest, "content": submission.content, "device": self.plan.device}
        return self.exercises.get(submission.exercise or "", {}) | mine

    def _todo(self, submissions: View[Submission]) -> View[Submission]:
        return submissions if self.wishes.regrade else submissions.where(lambda one: not self._is_known(one))

    def _is_known(self, submission: Submission) -> bool:
        known = self.gradebook.key(submission.student.id, submission.exercise or "")
        return known in (self._key(submission, submission.content), self._key(submission, submission.digest))

    def _say_what_is_stale(self, todo: View[Submission]) -> None:
        for sentence in stale(
            (one.exercise or "", self.gradebook.parts(one.student.id, one.exercise or ""), self._parts(one))
            for one in todo
        ):
            self.console.print(sentence)

    def _announce_training(self) -> None:
        """Which data, which device and what may be spent on it: results of other ones cannot be compared."""
        for data in self.data.values():
            self.console.print(f"data: {printable(data.sentence)}")
        for slug in self.exercises:
            config = self.course.config.exercise(slug).training
            if config is None:
                continue
            training = config.on(self.plan.device, self.data[config.dataset].version)
            lack = "no worker has a GPU to give" if self.wishes.cluster else "no CUDA device that torch can use"
            why = f" ({lack})" if (self.wishes.device, self.plan.device) == ("auto", "cpu") else ""
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

    def _grade(self, todo: View[Submission]) -> None:
        known = todo.where(lambda one: one.exercise in self.exercises)
        with Meter(len(todo), self.console) as meter, Opener() as opener:
            for submission in todo:
                if submission.exercise not in self.exercises:
                    self._keep(submission, self._unknown(submission))
                    meter.advance(failed=True)
            if not known:
                return
            jobs = min(self.wishes.jobs, len(known))
            tasks = (functools.partial(task_of, one, opener) for one in known)
            plan = replace(self.plan, parts=self.exercises)
            executor = functools.partial(self.make_executor, plan, jobs)
            with contextlib.closing(grade_all(tasks, executor, in_flight=jobs + 1)) as outcomes:
                for graded in outcomes:
                    submission = known[graded.index]
                    kept = self._keep(submission, graded.document or self._fault(submission, graded))
                    meter.advance(failed=kept.needs_review or kept.status != Status.GRADED.value)

    def _keep(self, submission: Submission, document: ReportDocument) -> Entry:
        """Store a report, then its files: a crash between the two is mended by the next run."""
        key, parts = self._kept_key(submission, document), self._parts(submission)
        new = entry(submission, key, now(), document.to_json(), parts=parts)
        old = self.gradebook.find(new.student, new.exercise)
        new = in_force(new, old, self.course.config)
        kept = old is not None and self.wishes.raise_only and is_lower(old, new)
        if old is not None:
            self.differences.note(old, new, kept=kept)
        if old is not None and kept:
            self.gradebook.put_aside(new)
            return old
        self.gradebook.put(new)
        if new.exercise in self.exercises:
            self._forget_unknown(new)
        write_entry(self.gradebook.folder, new, self._policy(new.exercise))
        self.written.append(new)
        if len(self.written) >= MARK_EVERY:
            self._mark_written()
        return new

    def _forget_unknown(self, known: Entry) -> None:
        """The rows of the same file from when nothing said which exercise it is, or it could not be read."""
        for exercise in self.gradebook.unknown_before(known.student, known.source):
            old = self.gradebook.brief(known.student, exercise)
            if old is not None:
                remove_files(self.gradebook.folder, old)
                self.gradebook.forget(known.student, exercise, "grade", now())

    def _mark_written(self) -> None:
        """Of the last few reports; a run that is killed before writes their files once more."""
        self.gradebook.mark_written(self.written)
        self.written.clear()

    def _write_missing_files(self) -> None:
        for one in self.gradebook.unwritten():
            write_entry(self.gradebook.folder, one, self._policy(one.exercise))
            self.written.append(one)
            if len(self.written) >= MARK_EVERY:
                self._mark_written()
        self._mark_written()

    def _policy(self, slug: str) -> FeedbackPolicy:
        return policies(self.course.config).get(slug, FeedbackPolicy.NAME)

    def _unknown(self, submission: Submission) -> ReportDocument:
        if submission.ours:
            note = f"{submission.source}: a fault of ours: {submission.problem} -> mend it, and grade again"
            return self._ungraded(submission, Status.ERROR, note)
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
