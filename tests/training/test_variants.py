"""Right submissions of many styles get full marks, whatever the seed; a wrong one loses points where it is wrong."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cases import Case, Mistake
from autograder.course import open_course
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.messages import Name, Request, Target
from autograder.namespace import reference_namespace

from .conftest import ROW
from .variants import VARIANTS, Variant, grade

COURSE = open_course(Path(__file__).parents[2])
FIRST_SEED, MORE_SEEDS = 1, (2, 3, 4, 5)
MISTAKEN = ("04_fashion_mnist", "05_debugging")
# Question 7 trains with the student's own build_model, train, training_step and augment: who breaks one of them so that
# nothing is learned has no accuracy either. And batches that grow on the way no longer fit their labels.
ALSO_LOSE = {
    "mirrors_the_batch": {"q7"},
    "adds_mirrored_copies": {"q5", "q7"},
    "mirrors_all": {"q7"},
    "ends_in_a_relu": {"q7"},
    "gives_eleven_scores": {"q7"},
    "takes_sigmoids": {"q7"},
    "never_empties_the_gradients": {"q7"},
    "never_steps": {"q7"},
    "never_goes_backward": {"q7"},
    "empties_the_gradients_too_late": {"q7"},
    "steps_before_going_backward": {"q7"},
    "returns_nothing": {"q7"},
    "trains_a_copy": {"q7"},
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def full_marks(variant: Variant, seeds: Sequence[int], record: Any) -> None:
    outcomes = [grade(variant, seed) for seed in seeds]
    scores = " ".join(f"{one.earned:6.2f}" for one in outcomes)
    seconds = sum(one.cpu_seconds for one in outcomes) / len(outcomes)
    record(ROW, f"{variant.name:58} seeds {seeds[0]}-{seeds[-1]}: {scores}  {seconds:5.1f} s")
    assert not [lost for one in outcomes for lost in one.lost]
    assert [one.earned for one in outcomes] == [100] * len(seeds)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_right_submission_gets_full_marks(variant: Variant, record_property: Any) -> None:
    full_marks(variant, [FIRST_SEED], record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_so_it_does_with_other_seeds(variant: Variant, record_property: Any) -> None:
    """Together with the first seed 45 gradings, and no false reject among them."""
    full_marks(variant, MORE_SEEDS, record_property)


class Watched(LocalSession):
    """Keeps the names of the student's functions that were called or handed on."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        super().__init__(namespace)
        self.names: set[str] = set()

    def ask(self, request: Request) -> Any:
        if request.target is Target.STUDENT:
            self.names.add(request.name)
        self.names |= {value.text for value in request.args if isinstance(value, Name)}
        return super().ask(request)


class Patients:
    """An exercise's reference, in which one function is exchanged as a later cell of a notebook would do it."""

    def __init__(self, slug: str) -> None:
        self.slug, self.exercise, self.suite = slug, COURSE.exercise(slug), COURSE.suite(slug)
        training = COURSE.config.exercise(slug).training
        self.training = training.on("cpu") if training else None
        self.small = replace(self.training, images=40, epochs=1, full=0.02, none=0.01) if self.training else None
        reference = reference_namespace(self.exercise)
        self.used = {case.name: self._used(case, reference) for case in self.suite.cases}

    def _used(self, case: Case, reference: Mapping[str, Any]) -> set[str]:
        """The functions that a case comes upon: those that it calls, and those that they call."""
        session = Watched(reference)
        run_case(case, session, case_rng(COURSE.config.seed, self.slug, case), None, self.small)
        found, waiting = set[str](), list(session.names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _names(getattr(reference.get(name), "__code__", None)) & reference.keys()
        return found

    def function_of(self, mistake: Mistake) -> str:
        return mistake.replaces or self.exercise.question(mistake.question).names[0]

    def others(self, mistake: Mistake, *, trains: bool) -> list[Case]:
        """The cases of other questions that come upon a mistake's function."""
        name = self.function_of(mistake)
        return [
            case
            for case in self.suite.cases
            if case.question != mistake.question and case.trains == trains and name in self.used[case.name]
        ]

    def lose(self, mistake: Mistake, cases: Sequence[Case]) -> set[str]:
        """The questions of those cases that are not passed with the mistake."""
        namespace: Any = reference_namespace(self.exercise)  # the globals of its functions, as in a notebook
        namespace[self.function_of(mistake)] = mistake.function
        session = LocalSession(namespace)
        rngs = [case_rng(COURSE.config.seed, self.slug, case) for case in cases]
        results = [run_case(case, session, rng, None, self.training) for case, rng in zip(cases, rngs, strict=True)]
        return {one.question for one in results if one.earned < one.points}


def _names(code: types.CodeType | None) -> set[str]:
    """All names in a function and in those that are made in it."""
    if code is None:
        return set()
    inner = [_names(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return set(code.co_names).union(*inner)


@pytest.fixture(scope="module", params=MISTAKEN)
def patients(request: pytest.FixtureRequest) -> Patients:
    return Patients(request.param)


def lose_elsewhere(patients: Patients, *, trains: bool) -> dict[str, set[str]]:
    """Mistakes that cost points where nobody expects it, and the questions where they do."""
    found = {}
    for mistake in patients.suite.mistakes:
        lost = patients.lose(mistake, patients.others(mistake, trains=trains))
        if lost - ALSO_LOSE.get(mistake.name, set()):
            found[mistake.name] = lost
    return found


def test_a_mistake_loses_points_on_its_question_only(patients: Patients) -> None:
    assert lose_elsewhere(patients, trains=False) == {}


@pytest.mark.exhaustive
def test_few_mistakes_lose_accuracy_too(patients: Patients) -> None:
    assert lose_elsewhere(patients, trains=True) == {}


def test_the_mistakes_that_lose_more_are_there(patients: Patients) -> None:
    if patients.slug == "04_fashion_mnist":
        assert ALSO_LOSE.keys() <= {mistake.name for mistake in patients.suite.mistakes}
