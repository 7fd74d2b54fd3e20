"""What people type is read as they mean it, and judged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz.answers import points_made, read_number, read_shape, read_value
from autograder.quiz.expressions import Expression, ExpressionError
from autograder.quiz.values import Drawn, Kind, Point, Template, show


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("448", 448), (" 1,728 ", 1728), ("1 234 567", 1234567), ("0.5", 0.5), ("0,5", 0.5), ("-3", -3), ("−3", -3)),
        *(("2.30", 2.3), ("1e3", 1000.0), ("", None), ("four", None), ("1,2,3", None), ("nan", None)),
        ("9" * 500, None),
    ],
)
def test_numbers_as_people_type_them(typed: str, value: float | None) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize("typed", ["(8, 16, 32, 32)", "8 16 32 32", "8x16x32x32", "8 × 16 × 32 × 32", "[8,16,32,32]"])
def test_shapes_as_people_type_them(typed: str) -> None:
    assert read_shape(typed) == (8, 16, 32, 32)
    assert read_shape(f"torch.Size({typed})") == (8, 16, 32, 32)


@pytest.mark.parametrize("typed", ["", "8 by 16", "(8, -1)", "8..16", "(8, 16, None)"])
def test_what_is_no_shape_is_asked_again(typed: str) -> None:
    assert read_shape(typed) is None


@pytest.mark.parametrize(
    ("typed", "kind", "answer", "tolerance", "value"),
    [
        *(("1,2", Kind.NUMBER, 12, 0.0, None), ("1,5", Kind.NUMBER, 1.5, 0.0, 1.5), ("2,3", Kind.NUMBER, 2, 0.1, 2.3)),
        *(("1,728", Kind.NUMBER, 3, 0.0, 1728), ("1.5", Kind.NUMBER, 1, 0.0, 1.5)),
        *(
            ("1", Kind.SHAPE, (1, 3), 0.0, None),
            ("1", Kind.SHAPE, (4,), 0.0, (1,)),
            ("1 2 3", Kind.SHAPE, (1, 3), 0.0, (1, 2, 3)),
        ),
    ],
)
def test_what_has_another_form_than_the_answer_is_asked_again(
    typed: str, kind: Kind, answer: Any, tolerance: float, value: object
) -> None:
    drawn = Drawn(Template("id", kind, "", "", 1, tolerance=tolerance), {}, answer=answer)
    assert read_value(drawn, typed) == value


@given(value=st.integers(-(10**9), 10**9))
def test_a_number_is_read_as_it_is_shown(value: int) -> None:
    assert read_number(show(value)) == value


@given(shape=st.lists(st.integers(1, 10**6), min_size=1, max_size=5).map(tuple))
def test_a_shape_is_read_as_it_is_shown(shape: tuple[int, ...]) -> None:
    assert read_shape(show(shape)) == shape


def test_points_are_matched_by_stems_at_the_beginning_of_words() -> None:
    points = (Point("shared", (("share", "same"), ("weight", "no matter where"))), Point("found", (("are",),)))
    drawn = Drawn(Template("id", Kind.TEXT, "", "", 1, points=points), {})
    assert points_made(drawn, "It SHARES its weights") == points[:1]
    assert points_made(drawn, "the same, no matter, where!") == points[:1]
    assert points_made(drawn, "It shares") == ()
    assert points_made(drawn, "They are") == points[1:]


@given(a=st.integers(-50, 50), b=st.integers(1, 50))
def test_expressions_are_pythons_arithmetic(a: int, b: int) -> None:
    source = "(a + 2 * b) // b - a % b, a < b <= 20 or not a == b, max(a, b), -a / b, (a, b)[1]"
    assert Expression.parse(source).value({"a": a, "b": b}) == eval(source)  # the oracle


@pytest.mark.parametrize(
    "source",
    ["a.b", "a ** 9", "[a]", "'a'", "lambda: 1", "open(1)", "f'{a}'", "a if b else a", "a := 1", "max(*a)", "("],
)
def test_only_arithmetic_is_understood(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression.parse(source)
