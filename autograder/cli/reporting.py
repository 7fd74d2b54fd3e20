"""report: the site once, or again and again while a batch runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from autograder.cli.summary import plain_console
from autograder.cli.terms import course_terms
from autograder.gradebook import FILE_NAME
from autograder.site import Plan
from autograder.site.watching import Watch

OK = 0


def report(
    results: Path,
    course: Path | None,
    *,
    instructor: bool,
    students: bool,
    every: int,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Build the site; with `every`, go on until Ctrl-C."""
    console = plain_console(soft_wrap=True)
    watch: Watch | None = None
    try:
        if every:
            _wait_for(results, every, console.print, sleep)
        watch = Watch(_plan(results, course, instructor=instructor, students=students))
        console.print(f"{watch.step(refresh=every)} submissions")
        _say_where(watch.plan, console.print)
        while every:
            sleep(every)
            count = watch.step(refresh=every)
            if count:
                console.print(f"{count} new or changed")
    except KeyboardInterrupt:
        if watch:
            watch.step()  # once more, without the refreshing
    return OK


def _wait_for(results: Path, every: int, say: Callable[[str], None], sleep: Callable[[float], None]) -> None:
    """Until a batch has begun: it makes the file and notes the course in it at once."""
    if (results / FILE_NAME).is_file():
        return
    say(f"{results} has no {FILE_NAME} yet: waiting")
    while not (results / FILE_NAME).is_file():
        sleep(every)
    sleep(1)


def _say_where(plan: Plan, say: Callable[[str], None]) -> None:
    if plan.instructor:
        say(f"class     {plan.site / 'index.html'}   (for you)")
    if plan.students:
        say(f"students  {plan.site / 'students'}   (to hand out)")


def _plan(results: Path, course: Path | None, *, instructor: bool, students: bool) -> Plan:
    title, seen = course_terms(results, course)
    jobs = len(os.sched_getaffinity(0))
    return Plan(results, results / "site", instructor, students, seen, title, jobs)
