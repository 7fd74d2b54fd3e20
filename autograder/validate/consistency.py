"""What an author's files must agree on: ids, names and points across solution, cases, mistakes and config."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograder.cases import Case, Mistake
from autograder.course import Course, Suite
from autograder.errors import Complaint
from autograder.exercise import Exercise, Question

TRAINING = "training: {dataset: ..., cpu: {images: 2000, epochs: 3, seconds: 60, full: 0.7, none: 0.4}}"


def inconsistencies(course: Course, exercise: Exercise, suite: Suite) -> Iterator[Complaint]:
    """Everything that the files of one exercise do not agree on."""
    ids = {question.id for question in exercise.questions}
    yield from _cases(course, exercise, suite, ids)
    for question in exercise.questions:
        yield from _points(course, exercise, suite, question)
    for mistake in suite.mistakes:
        yield from _mistake(course, exercise, suite, mistake, ids)
    total = course.config.exercise(exercise.slug).points
    if not math.isclose(exercise.points, total):
        where = f"{course.config.path}: exercises.{exercise.slug}.points"
        problem = f"says {total:g}, but the questions of {exercise.path.name} add up to {exercise.points:g}"
        yield Complaint(where, problem, "change the one or the others")


def _cases(course: Course, exercise: Exercise, suite: Suite, ids: set[str]) -> Iterator[Complaint]:
    path = course.hidden_path(exercise.slug)
    for case in suite.cases:
        if case.question not in ids:
            yield Complaint(f"{path}: {case.name}", f"is about question {case.question!r}", _one_of(ids))
        if case.points <= 0:
            yield Complaint(f"{path}: {case.name}", f"has points={case.points!r}", "more than 0")
        if case.trains and course.config.exercise(exercise.slug).training is None:
            where = f"{course.config.path}: exercises.{exercise.slug}"
            yield Complaint(where, f"has no `training:`, which the hidden case {case.name} asks for", TRAINING)
        if not case.hint.strip():
            yield Complaint(f"{path}: {case.name}", "has no hint", "one sentence that a student who fails it can use")


def _points(course: Course, exercise: Exercise, suite: Suite, question: Question) -> Iterator[Complaint]:
    path = course.hidden_path(exercise.slug)
    cases: tuple[Case, ...] = suite.cases_of(question.id)
    if not cases:
        yield Complaint(f"{path}: {question.id}", "has no hidden case", f'@case("{question.id}", points=..., hint=...)')
        return
    total = sum(case.points for case in cases)
    if not math.isclose(total, question.points):
        problem = f"its cases' points add up to {total:g}, the question has {question.points:g}"
        yield Complaint(f"{path}: {question.id}", problem, f"change the cases or points= in {exercise.path.name}")


def _mistake(course: Course, exercise: Exercise, suite: Suite, mistake: Mistake, ids: set[str]) -> Iterator[Complaint]:
    where = f"{course.mistakes_path(exercise.slug)}: {mistake.name}"
    if mistake.question not in ids:
        yield Complaint(where, f"is about question {mistake.question!r}", _one_of(ids))
        return
    names = {case.name for case in suite.cases_of(mistake.question)}
    if mistake.caught_by not in names:
        problem = f"caught_by={mistake.caught_by!r} is no hidden case of {mistake.question}"
        yield Complaint(where, problem, _one_of(names))
    question = exercise.question(mistake.question)
    if mistake.replaces is None and len(question.asked) > 1:
        yield Complaint(where, f"{mistake.question} asks for {' and '.join(question.asked)}", 'say replaces="..."')
    if mistake.replaces is not None and mistake.replaces not in question.asked:
        problem = f"replaces={mistake.replaces!r} is not asked in {mistake.question}"
        yield Complaint(where, problem, _one_of(set(question.asked)))
    if not mistake.hint.strip():
        yield Complaint(where, "has no hint", "name the misconception in a sentence or two")


def _one_of(names: set[str]) -> str:
    return f"one of: {', '.join(sorted(names)) or '(there are none)'}"
