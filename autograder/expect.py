"""What hidden cases say about a student's answers; a claim that does not hold raises Wrong.

Values come from the student's process, so nothing here relies on their `==` alone: types and shapes
are looked at first.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.messages import Handle, Name
from autograder.student import StudentRaised

MAX_SHOWN = 200
MAX_NUMBERS, FIRST_NUMBERS = 20, 4
# what computing with a value of a wrong type, shape or size raises; RuntimeError is torch's, AssertionError NumPy's
UNUSABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class Wrong(Exception):
    """The answer is wrong; the message is for the student, `credit` (0 to 1) is what it earns all the same."""

    def __init__(self, message: str, *, credit: float = 0.0) -> None:
        if math.isnan(credit):
            raise ValueError("the credit of a wrong answer is not a number")
        self.credit = credit
        super().__init__(message)


class NeedsReview(Exception):
    """A person has to look at this answer; it earns `credit` (0 to 1) until somebody has."""

    def __init__(self, message: str, *, credit: float) -> None:
        self.credit = credit
        super().__init__(message)


def show(value: Any) -> str:
    """A value as a person reads it, bounded in length."""
    if isinstance(value, np.ndarray):
        text = f"array of shape {value.shape}: {_numbers_of(value)}"
    elif isinstance(value, Handle):
        text = f"an object of type {value.type_name}"
    elif isinstance(value, Name):
        text = value.text
    else:
        text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _numbers_of(array: np.ndarray[Any, Any]) -> str:
    """All numbers of a small array, the first of a large one: NumPy's own summary of many axes takes for ever."""
    if array.size <= MAX_NUMBERS:
        return np.array2string(array, precision=4).replace("\n", "")
    first = np.array2string(array.reshape(-1)[:FIRST_NUMBERS], precision=4)
    return f"{first[:-1]} ...]"


def equal(got: Any, expected: Any) -> None:
    """Hold exactly, by value. A list may stand for a tuple; True is not 1, and 3.0 is not the integer 3.

    A NumPy scalar, which only a case's own computing gives, is the number in it: np.int64(3) is 3.
    """
    got, expected = _plain(got), _plain(expected)
    if not _equal(got, expected):
        raise Wrong(f"expected {show(expected)}, got {_show_beside(got, expected)}")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _equal(got: Any, expected: Any) -> bool:
    got, expected = _plain(got), _plain(expected)  # in a list, too
    if isinstance(expected, np.ndarray):
        if not isinstance(got, np.ndarray) or got.shape != expected.shape:
            return False
        return (got.dtype == bool) == (expected.dtype == bool) and bool(np.all(got == expected))
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return False
        return all(_equal(*pair) for pair in zip(got, expected, strict=True))
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return False
        return all(_equal(got[key], expected[key]) for key in expected)
    if isinstance(expected, bool) or isinstance(got, bool):
        return isinstance(got, bool) and isinstance(expected, bool) and got is expected
    if isinstance(expected, int) and not isinstance(got, int):
        return False
    if isinstance(expected, float) and isinstance(got, int | float):
        return got == expected
    return type(got) is type(expected) and bool(got == expected)


def _show_beside(got: Any, expected: Any) -> str:
    """Name the type where the values alone would look alike or the type is the mistake."""
    same_kind = isinstance(expected, list | tuple) and isinstance(got, list | tuple)
    if type(got) is type(expected) or same_kind:
        return show(got)
    if isinstance(got, Handle):
        return show(got)
    if got is None:
        return "None (is a return missing?)"
    return f"{show(got)} (of type {type(got).__name__})"


def close(got: Any, expected: Any, *, rtol: float = 1e-5, atol: float = 1e-8) -> None:
    """Hold up to `atol + rtol * |expected|` in every element, after the shape."""
    target = np.asarray(expected)
    array = _numbers(got)
    if array.shape != target.shape:
        raise Wrong(f"expected shape {target.shape}, got shape {array.shape}")
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(array, target, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return
    if target.ndim == 0:
        raise Wrong(f"expected {show(target.item())}, got {show(array.item())}")
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    many = f" ({int(wrong.sum())} of {wrong.size} values differ)"
    raise Wrong(f"at index {index}: expected {float(target[index]):.6g}, got {float(array[index]):.6g}{many}")


def _numbers(got: Any) -> np.ndarray[Any, Any]:
    if isinstance(got, np.ndarray):
        return got
    if not _holds_numbers(got):
        raise Wrong(f"expected numbers, got {_show_beside(got, 0.0)}")
    try:
        return np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise Wrong(f"expected numbers, got {show(got)}") from None


def _holds_numbers(value: Any) -> bool:
    """NumPy would take strings, None and True for numbers, too."""
    if isinstance(value, list | tuple):
        return all(map(_holds_numbers, value))
    return isinstance(value, int | float | np.ndarray | np.integer | np.floating) and not isinstance(value, bool)


def shape(got: Any, expected_shape: Sequence[int]) -> None:
    """Hold where `got` is an array of that shape."""
    if not isinstance(got, np.ndarray):
        raise Wrong(f"expected an array of shape {tuple(expected_shape)}, got {_show_beside(got, np.array(0))}")
    if got.shape != tuple(expected_shape):
        raise Wrong(f"expected shape {tuple(expected_shape)}, got shape {got.shape}")


def at_least(got: Any, bound: float) -> None:
    """Hold for finite numbers of `bound` or more."""
    if _number(got) < bound:
        raise Wrong(f"expected at least {bound:g}, got {got:g}")


def at_most(got: Any, bound: float) -> None:
    """Hold for finite numbers of `bound` or less."""
    if _number(got) > bound:
        raise Wrong(f"expected at most {bound:g}, got {got:g}")


def between(got: Any, low: float, high: float) -> None:
    """Hold for finite numbers from `low` to `high`, both included."""
    if not low <= _number(got) <= high:
        raise Wrong(f"expected a number from {low:g} to {high:g}, got {got:g}")


def _number(got: Any) -> float:
    if isinstance(got, np.generic) or (isinstance(got, np.ndarray) and got.ndim == 0):
        got = got.item()
    if isinstance(got, bool) or not isinstance(got, int | float):
        raise Wrong(f"expected a number, got {_show_beside(got, 0.0)}")
    try:
        number = float(got)
    except OverflowError:
        raise Wrong(f"expected a number of ordinary size, got {show(got)}") from None
    if not math.isfinite(number):
        raise Wrong(f"expected a finite number, got {number}")
    return number


def banded(accuracy: float, *, full: float, none: float, images: int, trainings: int = 1) -> None:
    """Hold from an accuracy of `full` on; below, credit falls linearly to nothing at `none`.

    The message shows the 95 % interval of a share measured on `images` images (Wilson 1927).
    """
    if accuracy >= full:
        return
    low, high = interval(accuracy, images)
    credit = credit_in_band(accuracy, full=full, none=none)
    raise Wrong(
        f"accuracy {accuracy:.3f} on {images:,} held-out images (95 % interval {low:.3f} to {high:.3f}"
        f"{f', the better of {trainings} trainings' if trainings > 1 else ''}):"
        f" full credit from {full:.2f} on, none at {none:.2f} and below",
        credit=credit,
    )


def credit_in_band(accuracy: float, *, full: float, none: float) -> float:
    """Linear between `none` and `full`, from 0 to 1."""
    return min(1.0, max(0.0, (accuracy - none) / (full - none)))


def interval(share: float, count: int, *, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share measured on `count` trials."""
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def true(condition: bool, message: str) -> None:
    """Hold where `condition` does; `message` is the sentence that the student reads otherwise."""
    if not condition:
        raise Wrong(message)


@contextlib.contextmanager
def usable() -> Iterator[None]:
    """Hold where the case can compute with the answers; put all of that inside, calls too.

    An answer of another type or shape than the reference's (None, which has no `.sum()`) is wrong, and no fault of the
    case: `validate` proves that what is computed with the right answer works. Faults that no answer causes, such as a
    name that is not defined, a file that is missing or memory that runs out, stay ours.
    """
    try:
        yield
    except UNUSABLE as error:
        text = str(error).replace("'Handle' object", "an object of such a type")
        said = f"{type(error).__name__}: {text}" if text else type(error).__name__
        said = said if len(said) <= MAX_SHOWN else said[: MAX_SHOWN - 1] + "…"
        raise Wrong(f"what it gave cannot be used as the question asks ({said})") from None


@contextlib.contextmanager
def raises(exception: type[BaseException]) -> Iterator[None]:
    """Hold where a call inside raises `exception`, or a subclass, in the student's code."""
    try:
        yield
    except StudentRaised as raised:
        if exception.__name__ in raised.answer.type_names:
            return
        raise Wrong(f"expected {exception.__name__}, but the call raised {raised}") from None
    raise Wrong(f"expected {exception.__name__}, but nothing was raised")
