"""The claims that hidden cases make: what holds, what does not, and the sentence that a student reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import expect
from autograder.expect import Wrong
from autograder.messages import Handle, Name, Raised
from autograder.student import StudentRaised

NAN, INF = float("nan"), float("inf")
HOSTILE: list[Any] = [
    None,
    True,
    "24",
    b"24",
    [],
    (),
    {},
    {"a": [None]},
    [None],
    ["1"],
    [True],
    [[1], [2, 3]],
    [Handle(1, "Net")],
    Handle(1, "Net"),
    Name("f"),
    10**400,
    [10**400],
    NAN,
    -INF,
    np.array([]),
    np.array(True),
    np.array([True, False]),
    np.array(NAN),
    np.zeros((2, 0)),
    np.zeros(3, np.uint8),
    np.float16(3),
]


class TestEqual:
    @pytest.mark.parametrize(
        ("got", "expected"),
        [
            (3, 3),
            (3, 3.0),
            (0.5, 0.5),
            ("NCHW", "NCHW"),
            (None, None),
            (True, True),
            ([1, (2, 3)], (1, [2, 3])),
            ({"a": [1]}, {"a": (1,)}),
            ([], ()),
            (np.array([1, 2]), np.array([1, 2])),
            (np.zeros((0, 2)), np.zeros((0, 2))),
            (np.int64(3), 3),
            (3, np.int64(3)),
            (np.float32(0.5), 0.5),
            (np.bool_(True), True),
            ([np.int8(3)], [3]),
            ({"w": np.ones(2)}, {"w": np.ones(2)}),
        ],
    )
    def test_it_holds(self, got: Any, expected: Any) -> None:
        expect.equal(got, expected)

    @pytest.mark.parametrize(
        ("got", "expected", "sentence"),
        [
            (4, 3, "expected 3, got 4"),
            (24.0, 24, "expected 24, got 24.0 (of type float)"),
            (np.float64(24), 24, "expected 24, got 24.0 (of type float)"),
            (np.bool_(True), 1, "expected 1, got True (of type bool)"),
            (True, 1, "expected 1, got True (of type bool)"),
            (1, True, "expected True, got 1 (of type int)"),
            (True, False, "expected False, got True"),
            ("3", 3, "expected 3, got '3' (of type str)"),
            (None, 3, "expected 3, got None (is a return missing?)"),
            ([1, 2], (1, 2, 3), "expected (1, 2, 3), got [1, 2]"),
            ((1, 2.0), (1, 2), "expected (1, 2), got (1, 2.0)"),
            (3, (3,), "expected (3,), got 3 (of type int)"),
            ({"a": 1}, {"b": 1}, "expected {'b': 1}, got {'a': 1}"),
            ([], {}, "expected {}, got [] (of type list)"),
            (10**400, 0.5, "expected 0.5, got 1000"),
            (Handle(1, "Conv2d"), 3, "expected 3, got an object of type Conv2d"),
            (np.zeros(2), np.zeros(3), "array of shape (3,)"),
            ([0, 0], np.zeros(2), "got [0, 0] (of type list)"),
            (np.zeros(2), 0, "(of type ndarray)"),
        ],
    )
    def test_it_does_not_hold_and_says_why(self, got: Any, expected: Any, sentence: str) -> None:
        with pytest.raises(Wrong) as wrong:
            expect.equal(got, expected)
        assert sentence in str(wrong.value)
        assert wrong.value.credit == 0

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
    def test_everything_equals_itself(self, value: Any) -> None:
        expect.equal(value, value)

    def test_long_values_are_cut(self) -> None:
        with pytest.raises(Wrong) as wrong:
            expect.equal(list(range(10_000)), [1])
        assert len(str(wrong.value)) < 2 * expect.MAX_SHOWN


class TestClose:
    @pytest.mark.parametrize(
        ("got", "expected"),
        [
            (0.1 + 0.2, 0.3),
            (3, 3.0),
            ([1, 2.0], np.array([1, 2])),
            ([[1], [2]], np.array([[1.0], [2.0]])),
            ([np.array([1, 2]), np.array([3, 4])], np.array([[1, 2], [3, 4]])),
            (np.float32(0.1) * np.ones(2, np.float32), [0.1, 0.1]),
            (NAN, NAN),
            (np.array([INF, NAN]), [INF, NAN]),
            ([], np.zeros(0)),
        ],
    )
    def test_it_holds(self, got: Any, expected: Any) -> None:
        expect.close(got, expected)

    @pytest.mark.parametrize(
        ("got", "expected", "sentence"),
        [
            (1.1, 1.0, "expected 1.0, got 1.1"),
            (None, 1.0, "expected numbers, got None (is a return missing?)"),
            ("1.0", 1.0, "expected numbers, got '1.0' (of type str)"),
            (["1.0"], [1.0], "expected numbers, got ['1.0']"),
            ([None], [NAN], "expected numbers, got [None]"),
            (True, 1.0, "expected numbers, got True (of type bool)"),
            ([[1], [2, 3]], [1.0], "expected numbers, got [[1], [2, 3]]"),
            (10**400, 1.0, "expected numbers, got 1000"),
            (Handle(1, "Net"), 1.0, "expected numbers, got an object of type Net"),
            ([1, 2], [1, 2, 3], "expected shape (3,), got shape (2,)"),
            (1.0, [1.0], "expected shape (1,), got shape ()"),
            ([1, 5, 6], [1, 2, 3], "at index (1,): expected 2, got 5 (2 of 3 values differ)"),
            (np.array([True, False]), [1.0, 1.0], "at index (1,): expected 1, got 0"),
            ([[0, 0], [NAN, 0]], np.zeros((2, 2)), "at index (1, 0): expected 0, got nan"),
            (INF, 1.0, "expected 1.0, got inf"),
        ],
    )
    def test_it_does_not_hold_and_says_why(self, got: Any, expected: Any, sentence: str) -> None:
        with pytest.raises(Wrong) as wrong:
            expect.close(got, expected)
        assert sentence in str(wrong.value)

    @pytest.mark.parametrize("size", [1e-3, 1, 1e6])
    def test_the_tolerance_is_relative_to_what_is_right(self, size: float) -> None:
        expect.close(size * (1 + 0.9e-3), size, rtol=1e-3, atol=0)
        with pytest.raises(Wrong):
            expect.close(size * (1 + 1.1e-3), size, rtol=1e-3, atol=0)


class TestShape:
    def test_an_array_of_that_shape_holds(self) -> None:
        expect.shape(np.zeros((2, 3)), [2, 3])
        expect.shape(np.array(1), ())

    @pytest.mark.parametrize(
        ("got", "sentence"),
        [
            (np.zeros((3, 2)), "expected shape (2, 3), got shape (3, 2)"),
            ([[0, 0, 0]] * 2, "expected an array of shape (2, 3), got [[0, 0, 0], [0, 0, 0]] (of type list)"),
            (None, "expected an array of shape (2, 3), got None (is a return missing?)"),
        ],
    )
    def test_anything_else_is_named(self, got: Any, sentence: str) -> None:
        with pytest.raises(Wrong) as wrong:
            expect.shape(got, (2, 3))
        assert str(wrong.value) == sentence


class TestBounds:
    @pytest.mark.parametrize("got", [0.5, 1, np.array(0.75), np.array(1)])
    def test_numbers_within_hold(self, got: Any) -> None:
        expect.at_least(got, 0.5)
        expect.at_most(got, 1)
        expect.between(got, 0.5, 1)

    @pytest.mark.parametrize("got", [0.25, np.array(0.25)])
    def test_numbers_below_are_named(self, got: Any) -> None:
        for claim in (lambda: expect.at_least(got, 0.5), lambda: expect.between(got, 0.5, 1)):
            with pytest.raises(Wrong, match=r"0\.5.*got 0\.25"):
                claim()

    @pytest.mark.parametrize("got", [3, np.array(3.0)])
    def test_numbers_above_are_named(self, got: Any) -> None:
        for claim in (lambda: expect.at_most(got, 2), lambda: expect.between(got, 0.5, 2)):
            with pytest.raises(Wrong, match="2, got 3"):
                claim()

    @pytest.mark.parametrize(
        ("got", "sentence"),
        [
            (NAN, "expected a finite number, got nan"),
            (INF, "expected a finite number, got inf"),
            (np.array(NAN), "expected a finite number, got nan"),
            (None, "expected a number, got None (is a return missing?)"),
            (True, "expected a number, got True"),
            ("0.9", "expected a number, got '0.9'"),
            ([0.9], "expected a number, got [0.9]"),
            (np.array([0.9]), "expected a number, got array of shape (1,)"),
            (10**400, "expected a number of ordinary size, got 1000"),
        ],
    )
    def test_what_is_no_finite_number_is_wrong(self, got: Any, sentence: str) -> None:
        for claim in (
            lambda: expect.at_least(got, -1),
            lambda: expect.at_most(got, 10),
            lambda: expect.between(got, -1, 10),
        ):
            with pytest.raises(Wrong) as wrong:
                claim()
            assert sentence in str(wrong.value)


class TestTrueAndRaises:
    def test_a_condition_that_does_not_hold_says_the_sentence(self) -> None:
        expect.true(True, "never read")
        with pytest.raises(Wrong, match=r"^the argument was changed$"):
            expect.true(False, "the argument was changed")

    @pytest.mark.parametrize("names", [("ValueError", "Exception"), ("UnicodeError", "ValueError", "Exception")])
    def test_the_exception_or_a_subclass_holds(self, names: tuple[str, ...]) -> None:
        with expect.raises(ValueError):
            raise StudentRaised(Raised(names, "negative"))

    def test_another_exception_is_named(self) -> None:
        with (
            pytest.raises(Wrong, match="expected ValueError, but the call raised TypeError: no"),
            expect.raises(ValueError),
        ):
            raise StudentRaised(Raised(("TypeError", "Exception"), "no"))

    def test_nothing_raised_is_wrong(self) -> None:
        with pytest.raises(Wrong, match="expected ValueError, but nothing was raised"), expect.raises(ValueError):
            pass

    @pytest.mark.parametrize(
        ("compute", "sentence"),
        [
            (lambda: None.sum(), "AttributeError: 'NoneType' object has no attribute 'sum'"),  # type: ignore[attr-defined]
            (lambda: Handle(1, "Net").sum(), "AttributeError: an object of such a type has no attribute 'sum'"),  # type: ignore[attr-defined]
            (lambda: [1][2], "IndexError: list index out of range"),
            (lambda: {}["mean"], "KeyError: 'mean'"),
            (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
            (lambda: np.zeros(2) + np.zeros(3), "ValueError: operands could not be broadcast"),
            (lambda: np.testing.assert_array_less([2], 1), "AssertionError: "),
        ],
    )
    def test_an_answer_that_cannot_be_computed_with_is_wrong(self, compute: Any, sentence: str) -> None:
        with pytest.raises(Wrong) as wrong, expect.usable():
            compute()
        assert f"what it gave cannot be used as the question asks ({sentence}"[:100] in str(wrong.value)
        assert len(str(wrong.value)) < 2 * expect.MAX_SHOWN

    @pytest.mark.parametrize(
        "error",
        [NameError("x"), OSError("full"), MemoryError(), ImportError("torch"), Wrong("no"), KeyboardInterrupt()],
    )
    def test_what_no_answer_causes_stays_what_it_is(self, error: BaseException) -> None:
        with pytest.raises(type(error)) as raised, expect.usable():
            raise error
        assert raised.value is error

    def test_a_fault_of_the_case_itself_is_not_taken_for_the_students(self) -> None:
        with pytest.raises(ZeroDivisionError), expect.raises(ZeroDivisionError):
            _ = 1 / 0


@pytest.mark.parametrize("got", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(
    "claim",
    [
        lambda got: expect.equal(got, 24),
        lambda got: expect.equal(got, 24.5),
        lambda got: expect.equal(got, (24, [1.5])),
        lambda got: expect.equal(got, {"a": 1}),
        lambda got: expect.equal(got, np.full(3, 24)),
        lambda got: expect.close(got, 24.5),
        lambda got: expect.close(got, np.full(2, 24.5)),
        lambda got: expect.shape(got, (2, 3)),
        lambda got: expect.at_least(got, 24),
        lambda got: expect.between(got, 24, 25),
    ],
)
def test_no_answer_of_any_type_breaks_a_claim(claim: Any, got: Any) -> None:
    with pytest.raises(Wrong) as wrong:
        claim(got)
    assert "Handle(" not in str(wrong.value) or isinstance(got, list)


@given(st.lists(st.integers() | st.floats() | st.none() | st.text(), max_size=3), st.floats())
def test_close_holds_for_what_numpy_calls_close_and_else_is_wrong(got: list[Any], wanted: float) -> None:
    numbers = all(isinstance(item, int | float) and abs(item) < 1e300 for item in got)
    right = numbers and len(got) == 1 and bool(np.isclose(got[0], wanted, rtol=1e-5, atol=1e-8, equal_nan=True))
    try:
        expect.close(got, [wanted])
    except Wrong:
        assert not right
    else:
        assert right or not math.isfinite(wanted) or abs(wanted) >= 1e300


class TestWrong:
    def test_partial_credit_is_carried(self) -> None:
        assert Wrong("nearly", credit=0.5).credit == 0.5

    def test_a_credit_that_is_no_number_is_the_authors_fault(self) -> None:
        with pytest.raises(ValueError, match="not a number"):
            Wrong("nearly", credit=NAN)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.arange(3), "array of shape (3,): [0 1 2]"),
        (np.zeros((2, 2)), "array of shape (2, 2): [[0. 0.] [0. 0.]]"),
        (Handle(4, "Sequential"), "an object of type Sequential"),
        (Name("build_model"), "build_model"),
        ("x", "'x'"),
    ],
)
def test_values_are_shown_as_a_person_reads_them(value: Any, text: str) -> None:
    assert expect.show(value) == text
