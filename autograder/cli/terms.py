"""What the course says about results that are there already: lateness, and what pages and exports need to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from autograder.config import CONFIG_NAME, Config, FeedbackPolicy
from autograder.course import find_course
from autograder.errors import GraderError
from autograder.fingerprint import is_same_submission
from autograder.gradebook import Dated, Entry, Gradebook, open_for_reading
from autograder.submission import Submission

SHOWN = 5
FEEDBACK = "feedback:"


def now() -> str:
    """The present moment, in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def policies(config: Config) -> dict[str, FeedbackPolicy]:
    """What students see, by exercise."""
    return {exercise.slug: exercise.feedback for exercise in config.exercises}


def remembered(config: Config) -> dict[str, str]:
    """What the gradebook keeps of the course."""
    return {"title": config.title} | {
        f"{FEEDBACK}{exercise.slug}": exercise.feedback.value for exercise in config.exercises
    }


def course_terms(results: Path, course: Path | None) -> tuple[str, dict[str, FeedbackPolicy]]:
    """The course's title and feedback policies: as the last grading noted them, or the named course's of now.

    Raises:
        GraderError: there is no such course, or no gradebook.
    """
    if course is not None:
        config = find_course(course).config
        return config.title, policies(config)
    with open_for_reading(results) as reader:
        noted = reader.course()
    if not noted and not (Path.cwd() / CONFIG_NAME).is_file():
        raise GraderError(f"{results} does not say what students may see\n    -> grade once more, or name --course DIR")
    if not noted:
        return course_terms(results, Path.cwd())
    known = {name.removeprefix(FEEDBACK): value for name, value in noted.items() if name.startswith(FEEDBACK)}
    return noted["title"], {slug: FeedbackPolicy(value) for slug, value in known.items()}


def late_percent(config: Config, slug: str, submitted_at: str) -> float:
    """What lateness costs a submission of this exercise."""
    known = {exercise.slug: exercise.late for exercise in config.exercises}
    late = known.get(slug)
    return late.percent(submitted_at) if late else 0.0


def in_force(new: Entry, old: Entry | None, config: Config) -> Entry:
    """A new report with what holds beside grading: overrides, and what lateness costs.

    When the very same notebook was handed in, may be known from an earlier run.
    """
    submitted_at = new.submitted_at
    if old is not None and not submitted_at and is_same_submission(old.parts, new.parts):
        submitted_at = old.submitted_at
    late = late_percent(config, new.exercise, submitted_at)
    return replace(new, overrides=old.overrides if old else (), submitted_at=submitted_at, late_percent=late)


def apply_lateness(gradebook: Gradebook, config: Config, submissions: Sequence[Submission]) -> Iterator[str]:
    """Bring what is graded already in line with the due dates of now; gives what an instructor should know."""
    with_due_date = [exercise.slug for exercise in config.exercises if exercise.late]
    due = list(gradebook.dated(with_due_date))
    if not (due or with_due_date):
        return
    times = {(one.student.id, one.exercise or ""): one.submitted_at for one in submissions if one.submitted_at}
    changed = [new for old in due if (new := _dated(old, config, times)) != old]
    if changed:
        gradebook.set_lateness(changed)
        moved = sum(1 for new in changed if new.late_percent)
        yield f"lateness: {len(changed)} earlier results brought up to date, {moved} of them late"
    known = {(old.student, old.exercise, digest) for old in due if old.submitted_at for digest in old.digests}
    yield from _unknown(config, [one for one in submissions if known.isdisjoint(_whose(one))])


def _dated(old: Dated, config: Config, times: dict[tuple[str, str], str]) -> Dated:
    submitted_at = times.get((old.student, old.exercise), old.submitted_at)
    percent = late_percent(config, old.exercise, submitted_at)
    return replace(old, submitted_at=submitted_at, late_percent=percent)


def _whose(one: Submission) -> Iterator[tuple[str, str, str]]:
    return ((one.student.id, one.exercise or "", digest) for digest in (one.digest, one.content))


def _unknown(config: Config, submissions: Sequence[Submission]) -> Iterator[str]:
    """A due date is of no use where nobody knows when a submission came."""
    due = {exercise.slug for exercise in config.exercises if exercise.late}
    unknown = [one.student.id for one in submissions if one.exercise in due and not one.submitted_at]
    if unknown:
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        yield (
            f"when they handed in is not known, so nothing is taken off: {', '.join(unknown[:SHOWN])}{more}"
            " (--submitted-at TIME or FILE.csv says it)"
        )
