"""What the course says about results that are there already: lateness, and what pages and exports need to know."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from autograder.config import CONFIG_NAME, Config, FeedbackPolicy
from autograder.course import find_course
from autograder.errors import GraderError
from autograder.fingerprint import is_same_submission
from autograder.gradebook import ZONE, Dated, Entry, Gradebook, open_for_reading
from autograder.listing import listing
from autograder.submission import Submission

SHOWN, SHOWN_LATE = 5, 30
AT_ONCE = 500  # results in one transaction
FEEDBACK = "feedback:"


def now() -> str:
    """The present moment, in UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def policies(config: Config) -> dict[str, FeedbackPolicy]:
    """What students see, by exercise."""
    return {exercise.slug: exercise.feedback for exercise in config.exercises}


def remembered(config: Config) -> dict[str, str]:
    """What the gradebook keeps of the course."""
    seen = {f"{FEEDBACK}{exercise.slug}": exercise.feedback.value for exercise in config.exercises}
    zones = {f"{ZONE}{exercise.slug}": str(exercise.late.due.tzinfo) for exercise in config.exercises if exercise.late}
    return {"title": config.title} | seen | zones


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


def apply_lateness(gradebook: Gradebook, config: Config, submissions: Iterable[Submission]) -> Iterator[str]:
    """Bring what is graded already in line with the due dates of now; gives what an instructor should know.

    `submissions` are asked for more than once.
    """
    slugs = [exercise.slug for exercise in config.exercises if exercise.late]
    if not slugs and next(gradebook.dated([]), None) is None:
        return
    changed = moved = 0
    for new in (_by_their_times(gradebook, config, slugs, submissions), _by_due_dates(gradebook, config, slugs)):
        while several := list(itertools.islice(new, AT_ONCE)):
            gradebook.set_lateness(several)
            changed += len(several)
            moved += sum(1 for one in several if one.late_percent)
    if changed:
        yield f"lateness: {changed} earlier results brought up to date, {moved} of them late"
    yield from _unknown(gradebook, slugs, submissions)


def _by_their_times(
    gradebook: Gradebook, config: Config, slugs: Sequence[str], submissions: Iterable[Submission]
) -> Iterator[Dated]:
    """Results that change by what is known now of when that very notebook was handed in.

    Another one's time is that of its own result, once there is one.
    """
    for one in submissions:
        old = gradebook.dated_of(one.student.id, one.exercise or "") if one.submitted_at else None
        if old and _is_of(old, one) and (old.late_percent or old.exercise in slugs):
            new = _dated(old, config, one.submitted_at)
            if new != old:
                yield new


def _by_due_dates(gradebook: Gradebook, config: Config, slugs: Sequence[str]) -> Iterator[Dated]:
    """Results that change by the due dates alone."""
    for old in gradebook.dated(slugs):
        new = _dated(old, config, old.submitted_at)
        if new != old:
            yield new


def _dated(old: Dated, config: Config, submitted_at: str) -> Dated:
    percent = late_percent(config, old.exercise, submitted_at)
    return replace(old, submitted_at=submitted_at, late_percent=percent)


def _unknown(gradebook: Gradebook, slugs: Sequence[str], submissions: Iterable[Submission]) -> Iterator[str]:
    """A due date is of no use where nobody knows when a submission came."""

    def unknown(*, late: bool) -> Iterator[str]:
        for one in submissions:
            of_due = one.exercise in slugs and not one.submitted_at
            if of_due and one.marked_late == late and not _is_known(gradebook, one):
                yield one.student.id

    said, late = listing(unknown(late=False), SHOWN), listing(unknown(late=True), SHOWN_LATE)
    if said:
        yield (
            f"when they handed in is not known, so nothing is taken off: {said}"
            " (--submitted-at TIME or FILE.csv says it)"
        )
    if late:
        yield (
            f"Canvas marked as late, not since when, so nothing is taken off: {late}"
            " (--submitted-at TIME or FILE.csv says it)"
        )


def _is_known(gradebook: Gradebook, one: Submission) -> bool:
    """Whether an earlier run knew when this very submission came."""
    old = gradebook.dated_of(one.student.id, one.exercise or "")
    return old is not None and bool(old.submitted_at) and bool(old.digests) and _is_of(old, one)


def _is_of(old: Dated, one: Submission) -> bool:
    """Whether a result is this submission's; of an earlier release's results nobody knows better."""
    return not old.digests or not old.digests.isdisjoint((one.digest, one.content))
