"""A name that the notebook does not define is said by its name, and not with a hint about what it should compute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.exercise import Exercise, Question
from autograder.messages import Answer, Exchange, Name, Raised, Request, Returned, Target
from autograder.report import CaseResult, Report, Verdict
from autograder.undefined import name_undefined

EXERCISE = Exercise(
    "01_sizes", "Sizes", (Question("q1", "", 4, ("same_padding", "pool_size", "pool_sizes")),), (), Path("01.py")
)
HINT = "A kernel of k costs k - 1 pixels."


def missing(name: str, rest: str = " in the notebook") -> Raised:
    return Raised(("NameError", "Exception"), f"{name} is not defined{rest}")


def asked(answer: Answer, name: str = "same_padding", *args: Any, target: Target = Target.STUDENT) -> CaseResult:
    exchanges = (Exchange(Request(target, name, args), answer),)
    return CaseResult("q1", "one", "One", 4, Verdict.RAISED, 0.0, "", HINT, None, exchanges)


def named(result: CaseResult, *defined: str) -> tuple[str, str]:
    (explained,) = name_undefined(Report("01_sizes", (result,)), EXERCISE, defined).results
    return explained.undefined, explained.hint


def test_a_name_that_is_not_defined_takes_the_place_of_the_hint() -> None:
    assert named(asked(missing("same_padding"))) == ("same_padding", "Your notebook defines no same_padding.")


@pytest.mark.parametrize("near", ["samepadding", "SamePadding", "same_paddding", "get_same_padding"])
def test_a_near_name_that_it_has_is_pointed_to(near: str) -> None:
    _, hint = named(asked(missing("same_padding")), "helper", near)
    assert hint == f"Your notebook defines no same_padding. It has {near}: is that the one?"


def test_no_name_that_the_exercise_asks_for_is_taken_for_another() -> None:
    _, hint = named(asked(missing("pool_size"), "pool_size"), "pool_sizes", "draw")
    assert hint == "Your notebook defines no pool_size."


def test_where_its_text_stands_in_a_cell_that_failed_that_is_said() -> None:
    answer = missing("same_padding", ": cell 2 · def same_padding(k) · stopped with X")
    _, hint = named(asked(answer), "same_padding", "samepadding")
    assert hint == "Your notebook defines no same_padding: its cell did not run to the end."


def test_a_function_that_is_handed_to_a_probe_counts() -> None:
    result = asked(
        missing("same_padding"), "basic.call", [Name("pool_size"), Name("same_padding")], target=Target.PROBE
    )
    assert named(result)[0] == "same_padding"


def test_a_refusal_that_was_asked_first_counts() -> None:
    assert named(replace(asked(missing("same_padding")), verdict=Verdict.WRONG))[0] == "same_padding"


@pytest.mark.parametrize(
    "answer",
    [
        Raised(("NameError", "Exception"), "name 'same_padding' is not defined"),  # in a call of it, so it is there
        missing("secret_7_pixels"),  # a message of the student's making
        Raised(("ValueError", "Exception"), "same_padding is not defined in the notebook"),
        Returned("same_padding is not defined in the notebook"),
    ],
)
def test_other_failures_keep_their_hint(answer: Answer) -> None:
    assert named(asked(answer), "samepadding") == ("", HINT)


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.JUDGE_ERROR, Verdict.REVIEW, Verdict.SKIPPED])
def test_other_verdicts_keep_their_hint(verdict: Verdict) -> None:
    assert named(replace(asked(missing("same_padding")), verdict=verdict)) == ("", HINT)


def test_another_answer_that_needs_the_name_says_the_same() -> None:
    needs = Raised(("NameError", "Exception"), "name 'same_padding' is not defined")
    results = (asked(missing("same_padding")), asked(needs, "pool_size"))
    explained = name_undefined(Report("01_sizes", results), EXERCISE, ()).results
    assert [one.hint for one in explained] == ["Your notebook defines no same_padding."] * 2
