"""What grading one exercise needs beside a sandbox, loaded once a worker."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from autograder.config import ExerciseConfig
from autograder.course import Course, Suite
from autograder.datasets.supply import Supply, supply
from autograder.diagnosis import Diagnosis
from autograder.exercise import Exercise
from autograder.judge import case_rng, judge, run_case, scripts_of
from autograder.local import LocalSession
from autograder.namespace import reference_namespace
from autograder.report import CaseResult
from autograder.sandbox.warm import ZygoteSpec
from autograder.script import Script
from autograder.student import Session
from autograder.task import Plan
from autograder.training import TOLD, Training

OTHER_SEEDS = 1  # that tell what a case hands on from what happens to be the same number


@dataclass(frozen=True, slots=True)
class Ready:
    """What one exercise needs, loaded once a worker."""

    exercise: Exercise
    config: ExerciseConfig
    suite: Suite
    diagnosis: Diagnosis
    scripts: Mapping[str, Script]
    training: Training | None
    data: Supply | None
    spec: ZygoteSpec


def made_ready(plan: Plan, course: Course, slug: str) -> Ready:
    """Load an exercise, and ask its reference all that can be asked ahead."""
    exercise, suite = course.exercise(slug), course.suite(slug)
    config, seed = course.config.exercise(slug), course.config.seed
    data = supply(config.training.dataset) if config.training else None
    training = config.training.on(plan.device, data.version) if config.training and data else None
    variables = data.environment if data else {}
    reference = reference_namespace(exercise)
    diagnosis = Diagnosis(exercise, suite, reference, variables)
    # what trains is not asked ahead: a wrong answer before it may end the case without it; nor is what has
    # other right answers for each student or notebook
    plain = suite.without(lambda case: not (case.replayable and case.ahead) or case.of_notebook)
    local = LocalSession(reference, variables)
    again = functools.partial(_again, slug, plain, local, seed)
    scripts = scripts_of(judge(slug, plain, local, diagnosis, seed=seed), again)
    spec = plan.zygote_spec(config.warm, course, data)
    return Ready(exercise, config, suite, diagnosis, scripts, training, data, spec)


def _again(slug: str, suite: Suite, session: Session, seed: int, name: str) -> list[CaseResult]:
    """A case with other random numbers."""
    (case,) = (one for one in suite.cases if one.name == name)
    return [run_case(case, session, case_rng(seed + more, slug, case)) for more in range(1, 1 + OTHER_SEEDS)]


def environment_of(ready: Ready) -> dict[str, str]:
    """What the notebook's `autograder.budget` reads, and where its data is."""
    budgets = {ready.training.dataset: asdict(ready.training.budget)} if ready.training else {}
    return {TOLD: json.dumps(budgets), **(ready.data.environment if ready.data else {})}
