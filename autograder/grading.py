"""Grades one submission: its notebook in a sandbox, the judge here, and a report of both."""

from __future__ import annotations

import hashlib
import os
import select
from collections.abc import Callable
from dataclasses import replace

from autograder.course import Course, open_course
from autograder.deadline import deadline
from autograder.errors import RehearsalError, ZygoteTrouble
from autograder.judge import judge
from autograder.messages import Request, Returned, Target
from autograder.namespace import empty_notebook, reference_notebook
from autograder.outcome import names_a_death, note, of_verdict, run_document, versions
from autograder.readying import Ready, environment_of, made_ready
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import (
    SCHEMA_VERSION,
    ReportDocument,
    Setting,
    Status,
    question_documents,
)
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import RunFacts, SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec
from autograder.task import Plan, Task
from autograder.training import Training
from autograder.undefined import name_undefined
from autograder.weights import WeightsError, read_weights

MAX_ZYGOTES = 3  # that may end while one notebook is graded
ENDING_MILLISECONDS = 50
JUDGE_SECONDS = 60.0  # for the judge's own work on one notebook, which takes milliseconds


class Grader:
    """Grades tasks one after another. Frameworks are warm: one zygote for each set of them that exercises name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.course: Course = open_course(plan.course_root)
        self._ready: dict[str, Ready] = {}
        self._zygotes: dict[ZygoteSpec, Zygote] = {}
        self._versions = versions()

    def close(self) -> None:
        """Stop the zygotes."""
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()

    def prepare(self, slug: str) -> None:
        """Load an exercise and warm its zygote; raises GraderError where something of ours is missing."""
        self._exercise(slug)

    def grade(self, task: Task, told: Callable[[CaseResult], None] | None = None) -> ReportDocument:
        """Grade one notebook; with a new zygote where the zygote ended on the way, since that is no student's fault.

        `told` hears of each case's result at once: again from the first one where a new zygote begins again.

        Raises:
            GraderError: something of ours is missing, so that nobody could be graded.
            ZygoteTrouble: the zygote failed again and again on this notebook.
            DeadlineError: judging took far longer than the notebook may run.
        """
        for _ in range(MAX_ZYGOTES):
            ready = self._exercise(task.exercise)
            if task.problem:
                return self._unreadable(ready, task.problem, ours=task.ours)
            trouble = "it ended"
            try:
                document = self._grade(ready, task, told)
                if not names_a_death(document) or not self._has_ended(ready.spec):
                    return document
            except WeightsError as error:
                return self._unreadable(ready, f"its weights cannot be used: {error}")
            except ZygoteTrouble as error:
                trouble = str(error)
            self._bury(ready.spec)
        raise ZygoteTrouble(f"the warm process failed {MAX_ZYGOTES} times on this notebook, at last: {trouble}")

    def _grade(self, ready: Ready, task: Task, told: Callable[[CaseResult], None] | None) -> ReportDocument:
        training = self._training(ready, task)
        limit = ready.config.limits.wall_seconds + JUDGE_SECONDS
        with deadline(limit), self._session(ready, task.notebook) as session:
            suite = ready.suite.with_quiz(self.course.quiz(task.student))
            report = self._judge(replace(ready, suite=suite), session, training, told)
        facts = session.facts  # closing the session gave the last numbers
        if facts.notebook_error:
            return self._unreadable(ready, facts.notebook_error)
        return self._document(ready, name_undefined(report, ready.exercise, facts.defined), facts)

    def _has_ended(self, spec: ZygoteSpec) -> bool:
        """Whether the zygote is gone. Its sockets close a moment before its end can be seen, so that is waited for."""
        handle = os.pidfd_open(self._zygotes[spec].pid)
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            return bool(poll.poll(ENDING_MILLISECONDS))
        finally:
            os.close(handle)

    def _bury(self, spec: ZygoteSpec) -> None:
        """Drop a zygote that ended, and what was got ready in it."""
        zygote = self._zygotes.pop(spec, None)
        if zygote is not None:  # it may not have started at all
            zygote.close()
        self._ready = {slug: ready for slug, ready in self._ready.items() if ready.spec != spec}

    def _exercise(self, slug: str) -> Ready:
        if slug not in self._ready:
            ready = made_ready(self.plan, self.course, slug)
            self._rehearse_patiently(ready)
            self._ready[slug] = ready
        return self._ready[slug]

    def _rehearse_patiently(self, ready: Ready) -> None:
        """Rehearse with another zygote where one ended on the way: then it says nothing about the reference."""
        for left in reversed(range(MAX_ZYGOTES)):
            try:
                return self._rehearse(ready)
            except (ZygoteTrouble, RehearsalError) as error:
                of_reference = isinstance(error, RehearsalError) and not self._has_ended(ready.spec)
                if of_reference or not left:
                    raise
            self._bury(ready.spec)

    def _zygote(self, spec: ZygoteSpec) -> Zygote:
        if spec not in self._zygotes:
            self._zygotes[spec] = Zygote.start(spec)
        return self._zygotes[spec]

    def _session(self, ready: Ready, notebook: bytes) -> SandboxSession:
        return SandboxSession(
            self._zygote(ready.spec),
            notebook,
            self._limits(ready.config.limits),
            self._child_seed(ready.exercise.slug),
            threads=self.plan.threads,
            slot=self.plan.slot,
            environment=environment_of(ready),
        )

    def _limits(self, limits: Limits) -> Limits:
        """The exercise's limits, with no more memory than this machine has for a notebook."""
        most = self.plan.memory_mb
        return replace(limits, memory_mb=min(limits.memory_mb, most)) if most else limits

    def _judge(
        self,
        ready: Ready,
        session: SandboxSession,
        training: Training | None,
        told: Callable[[CaseResult], None] | None = None,
    ) -> Report:
        asked, seed = (ready.exercise.slug, ready.suite, session, ready.diagnosis), self.course.config.seed
        return judge(*asked, seed=seed, scripts=ready.scripts, training=training, told=told)

    def _training(self, ready: Ready, task: Task) -> Training | None:
        """The exercise's budget, with the weights that were handed in where the course takes them.

        Raises:
            WeightsError: the file is not what it should be.
        """
        config = ready.config.training
        if ready.training is None or config is None or not config.takes_weights or task.weights is None:
            return ready.training
        name, data = task.weights
        # by whom, and not by what: handing in again is no other draw
        whose = f"{ready.exercise.slug}/{task.student}".encode() if task.student else task.notebook + data
        draw = hashlib.sha256(f"{self.course.config.seed}/audit/".encode() + whose).digest()
        audited = int.from_bytes(draw[:4], "big") < config.audit * 2**32
        return replace(ready.training, weights=read_weights(name, data), audit=audited)

    def _rehearse(self, ready: Ready) -> None:
        """Grade the reference solution. It must pass here too, and what it imports on the way is imported ahead.

        Raises:
            RehearsalError: it does not pass in this sandbox, so that no student could.
        """
        with self._session(ready, empty_notebook()) as session:
            session.begin_case()
            before = set(_modules(session))
        with self._session(ready, reference_notebook(ready.exercise)) as session:
            report = self._judge(ready, session, ready.training)
            after = _modules(session)
        for result in report.results:
            if result.verdict is not Verdict.PASSED:
                raise RehearsalError(
                    f"{ready.exercise.slug}, {result.question}, case {result.case}: the reference solution does not"
                    f" pass in this machine's sandbox, on {self.plan.device} ({result.verdict.value}):"
                    f" {result.message}\n"
                    "    -> `autograder doctor` shows what is missing, `autograder validate` whether it is right at all"
                )
        self._zygote(ready.spec).warm_up(name for name in after if name not in before)

    def _child_seed(self, slug: str) -> int:
        """The same for every student of an exercise, so that nobody has luck.

        Not drawn from the course's seed: a notebook sees its own, and could find that one by trying all dates.
        """
        return int.from_bytes(hashlib.sha256(f"notebook/{slug}".encode()).digest()[:4], "big")

    def _unreadable(self, ready: Ready, problem: str, *, ours: bool = False) -> ReportDocument:
        results = tuple(
            CaseResult(case.question, case.name, case.title, case.points, Verdict.SKIPPED, 0.0, problem)
            for case in ready.suite.cases
        )
        document = self._document(ready, Report(ready.exercise.slug, results), None)
        # the reason once, and not with every case: none of them was asked
        questions = tuple(replace(question, cases=()) for question in document.questions)
        status = Status.ERROR if ours else Status.UNREADABLE
        said = f"a fault of ours: {problem}" if ours else problem
        return replace(document, status=status.value, note=said, questions=questions, needs_review=ours)

    def _document(self, ready: Ready, report: Report, facts: RunFacts | None) -> ReportDocument:
        exercise = ready.exercise
        return ReportDocument(
            SCHEMA_VERSION,
            exercise.slug,
            exercise.title,
            (Status.ERROR if of_verdict(report, Verdict.JUDGE_ERROR) else Status.GRADED).value,
            report.needs_review,
            note(report),
            round(report.earned, 6),
            report.possible,
            question_documents(exercise, report),
            run_document(facts) if facts else None,
            self._setting(ready),
        )

    def _setting(self, ready: Ready) -> Setting:
        """Where and how this worker grades."""
        seeds = {"course": self.course.config.seed, "notebook": self._child_seed(ready.exercise.slug)}
        data = ready.data.sentence if ready.data else ""
        return Setting(self.plan.device, data, self.plan.tier.name, self.plan.missing_layers, seeds, self._versions)


def _modules(session: SandboxSession) -> list[str]:
    answer = session.ask(Request(Target.PROBE, "basic.modules"))
    return list(answer.value) if isinstance(answer, Returned) else []
