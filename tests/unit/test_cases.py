"""The decorators of hidden cases and mistakes, and the titles that people read."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.cases import MARK, Case, Mistake, case, mistake


def test_a_case_is_marked_and_stays_callable() -> None:
    @case("q1", points=2.5, hint="Divide first.")
    def a_stride_rounds_down(student: Any, rng: Any) -> None:
        """A stride that does not divide rounds down.

        And this is for authors.
        """

    mark = getattr(a_stride_rounds_down, MARK)
    assert isinstance(mark, Case)
    assert (mark.question, mark.name, mark.points, mark.hint) == ("q1", "a_stride_rounds_down", 2.5, "Divide first.")
    assert mark.title == "A stride that does not divide rounds down"
    assert mark.function is a_stride_rounds_down


def test_a_mistake_is_marked_with_what_it_replaces() -> None:
    @mistake("q2", caught_by="some_case", hint="Both borders.", replaces="pool_shape")
    def pads_one_side_only() -> int:
        return 3

    mark = getattr(pads_one_side_only, MARK)
    assert isinstance(mark, Mistake)
    assert (mark.caught_by, mark.replaces, mark.title) == ("some_case", "pool_shape", "pads one side only")
    assert pads_one_side_only() == 3


@pytest.mark.parametrize(
    ("docstring", "title"),
    [
        (None, "an odd kernel"),
        ("   \n ", "an odd kernel"),
        ("One line.", "One line"),
        ("\n    First.\n    Second.", "First"),
    ],
)
def test_the_title_is_the_docstrings_first_line_or_the_name_as_words(docstring: str | None, title: str) -> None:
    def an_odd_kernel(student: Any, rng: Any) -> None: ...

    an_odd_kernel.__doc__ = docstring
    assert getattr(case("q1", points=1, hint="x")(an_odd_kernel), MARK).title == title


@pytest.mark.parametrize("points", ["2", None, True])
def test_points_that_are_no_number_are_refused_where_they_stand(points: Any) -> None:
    with pytest.raises(TypeError, match=r"points=.* is not a number"):
        case("q1", points=points, hint="x")


def test_a_hint_that_is_no_text_is_refused_where_it_stands() -> None:
    with pytest.raises(TypeError, match="hint=None is not a text"):
        case("q1", points=1, hint=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="hint=3 is not a text"):
        mistake("q1", caught_by="c", hint=3)  # type: ignore[arg-type]
