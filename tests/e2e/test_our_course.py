"""The course in this repository: the floor that every exercise keeps, and that it validates."""

from __future__ import annotations

import copy
import functools
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Suite, open_course
from autograder.datasets.supply import supply
from autograder.diagnosis import Diagnosis
from autograder.exercise import CellKind, Exercise
from autograder.judge import case_rng, judge, run_case
from autograder.local import LocalSession
from autograder.marks import marked_lines
from autograder.messages import Answer, Request, Returned, Target
from autograder.namespace import reference_namespace
from autograder.report import Verdict
from autograder.training import Training

COURSE = open_course(Path(__file__).parent.parent.parent)
SIX = ("01_output_size", "02_parameters", "03_convolution", "04_fashion_mnist", "05_debugging", "06_sign_language")
TRAINING = ("04_fashion_mnist", "05_debugging", "06_sign_language")
LAZIEST = (
    "raises_value_error",
    "raises_system_exit",
    "gives_none",
    "gives_1.0",
    "gives_an_empty_dict",
    "gives_its_argument",
)
TELLING = ("none", "nan", "many_parts", "an_array_in_a_dict")
# Cases of training: they look at what became of the weights, not at what the function gave back.
BY_EFFECT = {
    *("three_steps_move_the_weights_exactly", "the_given_criterion_and_optimiser_are_used"),
    *("a_step_is_one_forward_pass_in_training_mode", "the_given_model_is_trained_in_training_mode"),
    *("the_loss_leaves_chance", "new_images_are_recognised", "a_hundred_steps_are_enough"),
    *("the_first_step_is_exact", "later_steps_are_exact"),
}
MEASURED = {("04_fashion_mnist", "q7")}  # accuracy is one number: one case, and one mistake that only it sees
REFUSING_NOTHING = {
    "04_fashion_mnist",
    "05_debugging",
}  # networks and data: every input that is asked for is a good one


@pytest.fixture(scope="module", params=COURSE.slugs)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    return COURSE.exercise(request.param)


@pytest.fixture(scope="module")
def suite(exercise: Exercise) -> Suite:
    return COURSE.suite(exercise.slug)


def small_training(slug: str) -> Training | None:
    """A budget that is spent in a moment; its band is below every accuracy that a network can have by luck."""
    config = COURSE.config.exercise(slug).training
    return replace(config.on("cpu"), images=20, epochs=1, full=0.5, none=0.45) if config else None


@functools.lru_cache
def data_variables(slug: str) -> Mapping[str, str]:
    """What lets an exercise's code find the data that grading would give it, as quickly."""
    config = COURSE.config.exercise(slug).training
    return supply(config.dataset).environment if config else {}


def test_the_six_exercises_are_there() -> None:
    assert set(SIX) <= set(COURSE.slugs)
    assert {exercise.slug for exercise in COURSE.config.exercises} == set(COURSE.slugs)


def test_an_exercise_is_worth_100_points(exercise: Exercise) -> None:
    assert exercise.points == 100
    assert COURSE.config.exercise(exercise.slug).points == 100


def test_each_question_has_three_hidden_cases_and_two_mistakes(exercise: Exercise, suite: Suite) -> None:
    for question in exercise.questions:
        if (exercise.slug, question.id) in MEASURED:
            continue
        assert len(suite.cases_of(question.id)) >= 3, question.id
        assert len(suite.mistakes_of(question.id)) >= 2, question.id


def test_what_the_solution_refuses_some_hidden_case_asks_for(exercise: Exercise, suite: Suite) -> None:
    refusing = {
        cell.question
        for cell in exercise.cells
        if cell.kind is CellKind.ANSWER
        and any(inside and "raise ValueError" in line for line, inside in marked_lines(cell.source))
    }
    assert bool(refusing) == (exercise.slug not in REFUSING_NOTHING)
    for question in exercise.questions:
        sources = [inspect.getsource(case.function) for case in suite.cases_of(question.id)]
        if question.id in refusing:
            assert any("raises(ValueError)" in source for source in sources), question.id


def test_hints_are_whole_sentences(exercise: Exercise, suite: Suite) -> None:
    hints = [mistake.hint for mistake in suite.mistakes]
    for text in (*hints, *(case.hint for case in suite.cases)):
        assert text.rstrip()[-1] in ".?!)`", text
        assert len(text) >= 25, text


LONG = pytest.param("06_sign_language", marks=pytest.mark.exhaustive)  # `make check` has it, too


@pytest.mark.slow
@pytest.mark.parametrize("slug", [*(slug for slug in COURSE.slugs if slug != "06_sign_language"), LONG])
def test_it_validates(process, repository: Path, slug: str) -> None:
    outcome = process("-m", "autograder", "validate", slug, cwd=repository)
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.out.endswith("All is well: the assessment holds what it promises.\n")
    assert outcome.err == ""


class BothErrors(KeyError, ValueError):
    """Whatever a case may expect, this is one."""


def _raising(error: BaseException) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise error

    return refuse


def _giving(value: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: copy.deepcopy(value)


def _argument_itself(*args: Any, **kwargs: Any) -> Any:
    return args[0] if args else next(iter(kwargs.values()), None)


def _argument_unless_negative(*args: Any, **kwargs: Any) -> Any:
    """Hands back what it is given, and refuses what begins with a number below 1."""
    value = _argument_itself(*args, **kwargs)
    if isinstance(value, int | float) and value < 1:
        raise ValueError("not positive")
    return value


# Students who know nothing: every name that an exercise asks for is the same function.
LAZY: dict[str, Callable[..., Any]] = {
    "raises_value_error": _raising(ValueError("no")),
    "raises_several_errors_at_once": _raising(BothErrors("no")),
    "raises_not_implemented_error": _raising(NotImplementedError("no")),
    "raises_type_error": _raising(TypeError("no")),
    "raises_system_exit": _raising(SystemExit(0)),
    "gives_none": _giving(None),
    "gives_0": _giving(0),
    "gives_0.0": _giving(0.0),
    "gives_1": _giving(1),
    "gives_1.0": _giving(1.0),
    "gives_nan": _giving(math.nan),
    "gives_true": _giving(True),
    "gives_an_empty_text": _giving(""),
    "gives_an_empty_list": _giving([]),
    "gives_an_empty_tuple": _giving(()),
    "gives_an_empty_dict": _giving({}),
    "gives_an_empty_array": _giving(np.zeros(0)),
    "gives_nine_zeros": _giving(np.zeros((3, 3))),
    "gives_nine_ones": _giving(np.ones((3, 3))),
    "gives_an_object": _giving(object()),
    "gives_its_argument": _argument_itself,
    "gives_its_argument_unless_negative": _argument_unless_negative,
}


@pytest.mark.parametrize("lazy", LAZY)
def test_who_knows_nothing_earns_nothing(
    exercise: Exercise, suite: Suite, lazy: str, request: pytest.FixtureRequest
) -> None:
    """At most 2 of 100 points: one case may be passed by luck, not a pattern of them."""
    if exercise.slug in TRAINING and lazy not in LAZIEST and "exhaustive" not in request.config.option.markexpr:
        pytest.skip("takes minutes: pytest -m 'exhaustive or not exhaustive' tests/e2e/test_our_course.py")
    names = [name for question in exercise.questions for name in question.names]
    session = LocalSession(dict.fromkeys(names, LAZY[lazy]))
    unexplained = Diagnosis(exercise, replace(suite, mistakes=()), {})
    training = small_training(exercise.slug)
    report = judge(exercise.slug, suite, session, unexplained, seed=COURSE.config.seed, training=training)
    assert not [result for result in report.results if result.verdict is Verdict.JUDGE_ERROR]
    assert report.earned <= 2, [result.case for result in report.results if result.earned > 0]


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _conv2d(**changed: Any) -> dict[str, Any]:
    """The description of a convolution, as the student's process gives it."""
    settings = {
        "in_channels": 4,
        "out_channels": 4,
        "kernel_size": (3, 3),
        "stride": (1, 1),
        "padding": (1, 1),
        "dilation": (1, 1),
        "groups": 1,
        "padding_mode": "zeros",
    }
    return {"type": "Conv2d", "settings": settings | changed, "parameters": ["weight"]}


def _sequence(*layers: Any) -> dict[str, Any]:
    return {"type": "Sequential", "layers": list(layers)}


RELU = {"type": "ReLU", "settings": {}, "parameters": []}
FORGED: dict[str, Any] = {
    "none": None,
    "a_number": 3,
    "a_huge_number": 10**900,
    "nan": math.nan,
    "a_text": "Sequential",
    "an_array": np.ones((3, 3)),
    "an_array_of_texts_lengths": np.arange(2),
    "an_empty_array": np.zeros((0, 5)),
    "a_large_array": np.ones(5_000_000, dtype=np.uint8),
    "many_parts": [0] * 100_000,
    "a_deep_list": _nested(28),
    "an_array_in_a_list": [np.ones(3)],
    "an_array_in_a_dict": {"0.weight": np.ones(3)},
}
DESCRIBED: dict[str, Any] = {
    "an_array_for_a_type": {"type": np.ones(3), "layers": [RELU]},
    "a_number_for_layers": {"type": "Sequential", "layers": 7},
    "no_layers": _sequence(),
    "many_layers": _sequence(*[RELU] * 5_000),
    "layers_that_are_arrays": _sequence(np.ones(3)),
    "a_layer_of_an_array": _sequence({"type": np.ones(3), "settings": {}, "parameters": []}),
    "the_same_as_an_array": _sequence({"same_as": np.ones(3)}),
    "the_same_as_itself": _sequence({"same_as": 0}),
    "settings_that_are_arrays": _sequence(_conv2d(kernel_size=np.ones(2), groups=np.ones(1))),
    "settings_that_are_long": _sequence(_conv2d(padding_mode=["zeros"] * 100_000)),
    "settings_that_are_huge": _sequence(_conv2d(kernel_size=10**900)),
    "parameters_that_are_arrays": _sequence(_conv2d() | {"parameters": [np.ones(3)]}),
    "a_wide_border": _sequence(
        *[_conv2d(in_channels=4096, out_channels=4096, groups=4096, padding=64, padding_mode="replicate")] * 3
    ),
    "a_wide_border_by_name": _sequence(
        _conv2d(kernel_size=(64, 64), dilation=64, padding="same", padding_mode="circular")
    ),
    "large_weights": _sequence(_conv2d(in_channels=4, out_channels=4096, kernel_size=64)),
    "layers_that_do_not_fit": _sequence(_conv2d(in_channels=3, out_channels=7)),
}


class ForgingSession(LocalSession):
    """The reference, but each answer with something in it, of a function or of a probe, is the forged one."""

    def __init__(
        self, namespace: Mapping[str, Any], forged: Any, target: Target, variables: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(namespace, variables)
        self.forged = forged
        self.target = target
        self.count = 0

    def ask(self, request: Request) -> Answer:
        answer = super().ask(request)
        says_something = isinstance(answer, Returned) and answer.value is not None
        if request.target is not self.target or request.keep or not says_something:
            return answer
        self.count += 1
        return Returned(self.forged)


@pytest.mark.exhaustive
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("slug", TRAINING)
def test_no_forged_answer_at_all_breaks_a_case_that_trains(slug: str, forged: str) -> None:
    _forge(COURSE.exercise(slug), COURSE.suite(slug), forged)


@pytest.mark.parametrize("forged", FORGED)
def test_no_forged_answer_breaks_a_case(exercise: Exercise, suite: Suite, forged: str) -> None:
    if exercise.slug in TRAINING and forged not in TELLING:
        pytest.skip("networks are trained again and again: pytest -m exhaustive")
    _forge(exercise, suite, forged)


def _forge(exercise: Exercise, suite: Suite, forged: str) -> None:
    """Neither of a function nor of a probe; and none of them passes a case that looks at it."""
    training = small_training(exercise.slug)
    for target in (Target.STUDENT, Target.PROBE):
        variables = data_variables(exercise.slug)
        session = ForgingSession(reference_namespace(exercise), FORGED[forged], target, variables)
        passed: set[str] = set()
        for case in suite.cases:
            session.count = 0
            rng = case_rng(COURSE.config.seed, exercise.slug, case)
            result = run_case(case, session, rng, None, training)
            assert result.verdict is not Verdict.JUDGE_ERROR, (result.case, result.message)
            if result.verdict is Verdict.PASSED and session.count:
                passed.add(case.name)
        assert passed <= (BY_EFFECT if target is Target.STUDENT else set())


PARTS: tuple[Any, ...] = (
    *(None, True, -1, 10**900, math.nan, "", "conv2d", [], {}, [0, "x"], {"type": 1}),
    *(np.zeros((0, 5)), np.zeros((0, 2, 2, 2)), np.ones(()), np.full((3, 1), math.nan), np.arange(4) > 1),
)


def _spoiled(value: Any, rng: np.random.Generator) -> Any:
    """The value with one of its parts lost or exchanged for another one, or an array with other contents."""
    if isinstance(value, np.ndarray) and rng.random() < 0.6:
        parts = [value[..., :0], value[:1], value[0]] if value.ndim and len(value) else []
        others = [value.astype(bool), value * math.nan, value * 1e30, value[None], *parts]
        return others[rng.integers(len(others))]
    if isinstance(value, list | tuple | dict) and value and rng.random() < 0.9:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = keys[int(rng.integers(len(keys)))]
        changed = dict(value) if isinstance(value, dict) else list(value)
        if rng.random() < 0.2:
            del changed[key]
        else:
            changed[key] = _spoiled(value[key], rng)
        return tuple(changed) if isinstance(value, tuple) else changed
    return copy.deepcopy(PARTS[rng.integers(len(PARTS))])


class SpoilingSession(LocalSession):
    """The reference, but one part of every fourth answer with something in it is not what it should be."""

    def __init__(
        self, namespace: Mapping[str, Any], rng: np.random.Generator, variables: Mapping[str, str] | None
    ) -> None:
        super().__init__(namespace, variables)
        self.rng = rng

    def ask(self, request: Request) -> Answer:
        answer = super().ask(request)
        plain = isinstance(answer, Returned) and answer.value is not None and not request.keep
        if not plain or self.rng.random() < 0.75:
            return answer
        with np.errstate(all="ignore"):
            return Returned(_spoiled(answer.value, self.rng))


@pytest.mark.parametrize("number", range(4))
def test_an_answer_that_is_wrong_in_one_place_breaks_no_case(exercise: Exercise, suite: Suite, number: int) -> None:
    if exercise.slug in TRAINING and number:
        pytest.skip("networks are trained again and again: test_no_forged_answer_breaks_a_case spoils them, too")
    variables = data_variables(exercise.slug)
    session = SpoilingSession(reference_namespace(exercise), np.random.default_rng(number), variables)
    for case in suite.cases:
        rng = case_rng(COURSE.config.seed, exercise.slug, case)
        result = run_case(case, session, rng, None, small_training(exercise.slug))
        assert result.verdict is not Verdict.JUDGE_ERROR, (result.case, result.message)


@pytest.mark.parametrize("described", DESCRIBED)
def test_a_forged_description_is_wrong_with_a_sentence(described: str) -> None:
    reference = reference_namespace(COURSE.exercise("02_parameters"))
    session = ForgingSession(reference, DESCRIBED[described], Target.PROBE)
    for case in COURSE.suite("02_parameters").cases_of("q6"):
        result = run_case(case, session, case_rng(COURSE.config.seed, "02_parameters", case))
        assert result.verdict is Verdict.WRONG, (case.name, result.message)
        assert len(result.message) < 1_000


def _bombs() -> dict[str, list[Any]]:
    from torch import nn

    depthwise = nn.Conv2d(64, 64, 3, padding=1, groups=64)
    border = nn.Conv2d(64, 64, 3, stride=8, padding=64, dilation=2, groups=64, padding_mode="replicate")
    return {
        "borders": [border, nn.ReLU()],
        "dilations": [nn.ReLU(), nn.Conv2d(4, 4, 64, padding="same", dilation=64, padding_mode="circular")],
        "windows": [nn.ReLU(), nn.ReplicationPad2d(64), nn.MaxPool2d(64, stride=1, padding=32, dilation=2)],
        "depths": [depthwise] * 200,
        "growth": [nn.ReLU(), *[nn.ReplicationPad2d(64)] * 90],
    }


@pytest.mark.parametrize("bomb", ["borders", "dilations", "windows", "depths", "growth"])
def test_a_block_that_takes_too_much_is_wrong_with_a_sentence(bomb: str) -> None:
    from torch import nn

    def design_block(in_channels: int, out_channels: int, max_parameters: int) -> nn.Module:
        first = nn.Conv2d(in_channels, 4 if bomb in ("dilations", "windows") else 64, 1)
        return nn.Sequential(first, *_bombs()[bomb])

    suite = COURSE.suite("02_parameters")
    session = LocalSession({"design_block": design_block})
    for case in suite.cases_of("q6"):
        rng = case_rng(COURSE.config.seed, "02_parameters", case)
        result = run_case(case, session, rng)
        assert result.verdict is Verdict.WRONG, (case.name, result.message)
        assert len(result.message) < 1_000
