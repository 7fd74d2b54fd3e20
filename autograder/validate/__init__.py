"""Proves the assessment itself: references pass, stubs fail, mistakes are caught and named, nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.build import stale_files
from autograder.cases import Case, Mistake
from autograder.course import Course, Suite
from autograder.datasets.supply import supply
from autograder.diagnosis import Diagnosis, mistaken
from autograder.errors import Complaint, CourseError, GraderError
from autograder.exercise import Exercise
from autograder.judge import case_rng, judge, run_case
from autograder.local import LocalSession
from autograder.namespace import notebook_namespace, reference_namespace
from autograder.report import CaseResult, Report, Verdict
from autograder.validate.consistency import inconsistencies
from autograder.validate.leaks import leaks

# In the order in which an author mends them: what makes the later ones meaningless comes first.
CHECKS = ("files", "notebook", "solution", "stub", "mistakes", "cases", "leaks")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold for an exercise; `shown` is its cell of the table."""

    name: str
    shown: str
    complaints: tuple[Complaint, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.complaints


@dataclass(frozen=True, slots=True)
class Validation:
    """All checks of one exercise that could be made."""

    slug: str
    checks: tuple[Check, ...]

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """Everything to mend, the first thing first."""
        return tuple(complaint for check in self.checks for complaint in check.complaints)


def validate(course: Course, slug: str) -> Validation:
    """Validate one exercise. Checks that need what an earlier one misses are left out."""
    try:
        exercise = course.exercise(slug)
        suite = course.suite(slug)
        complaints = tuple(inconsistencies(course, exercise, suite))
        if complaints:
            return Validation(slug, (Check("files", _count(complaints), complaints),))
        return Validation(slug, tuple(_Validator(course, exercise, suite).checks()))
    except CourseError as error:
        return Validation(slug, (Check("files", _count(error.complaints), error.complaints),))
    except GraderError as error:
        return Validation(slug, (Check("files", "error", (Complaint(slug, str(error)),)),))


def _count(complaints: tuple[Complaint, ...]) -> str:
    return f"{len(complaints)} to mend"


class _Validator:
    def __init__(self, course: Course, exercise: Exercise, suite: Suite) -> None:
        self.course = course
        self.exercise = exercise
        self.suite = suite.without(lambda case: case.of_notebook)  # nothing runs a notebook's slow cells here
        self.reference = reference_namespace(exercise)
        self.seed = course.config.seed
        config = course.config.exercise(exercise.slug)
        data = supply(config.training.dataset) if config.training else None
        self.training = config.training.on("cpu", data.version) if config.training and data else None
        self.environment = data.environment if data else {}
        self.diagnosis = Diagnosis(exercise, self.suite, self.reference, self.environment)
        # no two trainings or students have the same numbers, so no mistake is told by them: the case's hint is read
        self.unreplayed = frozenset(case.name for case in suite.cases if not case.replayable)
        self.caught: set[str] = set()

    def checks(self) -> Iterator[Check]:
        yield Check("files", "agree")
        yield self.notebook()
        yield self.solution()
        if self.course.notebook_path(self.exercise.slug).is_file():
            yield self.stub()
        yield self.mistakes()
        yield self.cases()
        yield self.leaks()

    def where(self, name: str) -> str:
        return f"{self.exercise.slug}, {name}"

    def notebook(self) -> Check:
        remedy = f"autograder build {self.exercise.slug}{self.course.option}"
        stale = tuple(
            Complaint(str(file.path), file.reason, remedy) for file in stale_files(self.course, self.exercise)
        )
        return Check("notebook", f"{len(stale)} stale" if stale else "fresh", stale)

    def solution(self) -> Check:
        report = self.judge(LocalSession(self.reference, self.environment))
        complaints = tuple(
            Complaint(
                self.where(f"{result.question}, case {result.case}"),
                f"the reference solution does not pass: {result.message}",
                f"mend {self.course.solution_path(self.exercise.slug)} or the case",
            )
            for result in report.results
            if result.verdict is not Verdict.PASSED
        )
        return Check("solution", _points(report), complaints)

    def stub(self) -> Check:
        path = self.course.notebook_path(self.exercise.slug)
        try:
            report = self.judge(LocalSession(notebook_namespace(path), self.environment))
        except GraderError as error:
            problem = f"the stub does not run: {error}"
            return Check("stub", "error", (Complaint(str(path), problem, "a stub defines names and computes nothing"),))
        complaints = tuple(
            Complaint(
                self.where(f"{result.question}, case {result.case}"),
                f"the untouched stub earns {result.earned:g} points",
                "ask for a value before anything else, so that NotImplementedError ends the case",
            )
            for result in report.results
            if result.earned > 0
        )
        return Check("stub", _points(report), complaints)

    def judge(self, session: LocalSession) -> Report:
        return judge(self.exercise.slug, self.suite, session, self.diagnosis, seed=self.seed, training=self.training)

    def mistakes(self) -> Check:
        complaints = [complaint for mistake in self.suite.mistakes for complaint in self.mistake(mistake)]
        total = len(self.suite.mistakes)
        wrong = len({complaint.where for complaint in complaints})
        return Check("mistakes", f"{total - wrong}/{total}", tuple(complaints))

    def mistake(self, mistake: Mistake) -> Iterator[Complaint]:
        """The named case must catch it, and its hint must be what the student reads there."""
        where = self.where(f"{mistake.question}, mistake {mistake.name}")
        session = LocalSession(mistaken(self.exercise, self.reference, mistake), self.environment)
        asked = self.suite.cases_of(mistake.question)
        own = [case for case in asked if not case.trains or case.name == mistake.caught_by]  # training takes its time
        results = [
            run_case(case, session, case_rng(self.seed, self.exercise.slug, case), None, self.training) for case in own
        ]
        self.caught |= {result.case for result in results if result.verdict is not Verdict.PASSED}
        broken = [result for result in results if result.verdict is Verdict.JUDGE_ERROR]
        if broken:
            yield Complaint(where, f"{broken[0].case} breaks on it: {broken[0].message}", "guard it with expect.*")
            return
        named = next(result for result in self.diagnosis.explain(results) if result.case == mistake.caught_by)
        if named.verdict is Verdict.PASSED:
            yield Complaint(where, f"{mistake.caught_by} does not catch it", "sharpen the case, or name another one")
        elif named.mistake != mistake.name and mistake.caught_by not in self.unreplayed:
            yield Complaint(where, *_misnamed(named, mistake))

    def cases(self) -> Check:
        idle = [case for case in self.suite.cases if case.name not in self.caught]
        complaints = tuple(
            Complaint(self.where(_name(case)), "catches no mistake", self._idle_remedy()) for case in idle
        )
        total = len(self.suite.cases)
        return Check("cases", f"{total - len(idle)}/{total}", complaints)

    def _idle_remedy(self) -> str:
        return f"add the mistake that it is for to {self.course.mistakes_path(self.exercise.slug)}, or drop the case"

    def leaks(self) -> Check:
        found = tuple(leaks(self.exercise, self.course.root / "exercises"))
        return Check("leaks", f"{len(found)} found" if found else "none", found)


def _name(case: Case) -> str:
    return f"{case.question}, case {case.name}"


def _misnamed(result: CaseResult, mistake: Mistake) -> tuple[str, str]:
    if result.mistake is None:
        return "its hint would not reach the student", "it raises or dies where the case cannot compare answers"
    return (
        f"the student would read the hint of {result.mistake}: both give the same answers to all hidden calls",
        f"merge the two, or ask in {mistake.question} what tells them apart",
    )


def _points(report: Report) -> str:
    return f"{report.earned:g}/{report.possible:g}"
