"""grade: what is asked for, on an open gradebook; with the CPU where a CUDA device turns out to be of no use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from autograder.batch import local_executor
from autograder.cli.run import Run
from autograder.cli.summary import plain_console
from autograder.cli.wishes import INTERRUPTED, OK, TO_LOOK_AT, Wishes
from autograder.course import find_course
from autograder.device import resolve_device
from autograder.errors import GraderError, RehearsalError
from autograder.escaping import printable
from autograder.gradebook import Gradebook
from autograder.intake import take_in
from autograder.intake.roster import Roster
from autograder.intake.times import Times
from autograder.sandbox.tier import Tier, find_tier
from autograder.task import Plan

if TYPE_CHECKING:
    from autograder.cluster.joining import Cluster

__all__ = ["INTERRUPTED", "OK", "TO_LOOK_AT", "Wishes", "grade"]


ELSEWHERE = Tier("", (), ())  # each worker has its own, and says it with its results


def join_cluster(wishes: Wishes, console: Console) -> Cluster:
    """Imported here alone: Dask takes a second."""
    try:
        from autograder.cluster.joining import Cluster
    except ModuleNotFoundError as error:
        raise GraderError(f"--cluster needs {error.name}\n    -> pip install distributed") from None

    def say(line: str) -> None:
        style = "yellow" if line.startswith(("worker", "note", "a worker")) else ""
        console.print(Text("\n".join(map(printable, line.splitlines())), style=style))

    return Cluster(wishes.cluster, say, wishes.require_tier, wishes.allow_weak, wishes.use_wall, wishes.tls)


def grade(
    wishes: Wishes,
    *,
    find: Callable[..., Tier] = find_tier,
    make_executor: Callable[[Plan, int], Executor] = local_executor,
    join: Callable[[Wishes, Console], Cluster] = join_cluster,
) -> int:
    """Grade what is new or changed, and print what came out."""
    console = plain_console(soft_wrap=True)
    course = find_course(wishes.course)
    exercise = course.select([wishes.exercise])[0] if wishes.exercise else None
    roster = Roster.read(wishes.students) if wishes.students else None
    times = Times.read(wishes.submitted_at) if wishes.submitted_at else None
    intake = take_in(wishes.paths, course.slugs, exercise, roster, times)
    if wishes.cluster:
        cluster = join(wishes, console)
        plan = Plan(course.root, ELSEWHERE, cluster.device(wishes.device))
        make_executor = cluster.executor
    else:
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
            return Run(course, plan, gradebook, wishes, console, make_executor).grade(intake)
        except RehearsalError as error:
            if wishes.device != "auto" or plan.device == "cpu":
                raise
            console.print(Text(f"CUDA is here, but of no use: {printable(str(error))}", style="bold yellow"))
            console.print(Text("grading on the CPU instead, with its budgets", style="bold yellow"))
        return Run(course, replace(plan, device="cpu"), gradebook, wishes, console, make_executor).grade(intake)
