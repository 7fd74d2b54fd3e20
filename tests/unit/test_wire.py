"""The codec: every plain value crosses unchanged, and nothing hostile gets further than a WireError."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder import wire
from autograder.messages import Death, Died, Handle, Name, Raised, Request, Returned, Target
from autograder.wire import Packed, WireError

WHOLE_TEXT = st.text(st.characters(exclude_categories=()))
SCALARS = st.none() | st.booleans() | st.integers(-(2**2990), 2**2990) | st.floats() | st.text()
KEYS = st.none() | st.booleans() | st.integers(-(2**61) + 2, 2**61 - 2) | st.text()
ARRAYS = st.sampled_from(sorted(wire.DTYPES)).flatmap(
    lambda name: npst.arrays(name, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
PLAIN = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([*"ltdfhna", "numpy", "int8", ""]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=25,
)


def cross(value: Any) -> Any:
    """The value as the judge sees it; what is not plain becomes a numbered Handle."""
    kept: list[object] = []

    def keep(other: object) -> Handle:
        kept.append(other)
        return Handle(len(kept), type(other).__name__)

    answer = wire.unpack_answer(wire.pack_answer(Returned(value), keep))
    assert isinstance(answer, Returned)
    return answer.value


def same(one: Any, other: Any) -> bool:
    """Equal in type and value, NaN included, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, float):
        return math.copysign(1, one) == math.copysign(1, other) and (one == other or one != one != other)
    return bool(one == other)


def answered(head: Any, body: bytes = b"") -> Any:
    text = head if isinstance(head, str) else json.dumps(head)
    return wire.unpack_answer(Packed(text.encode(), body))


class TestPlainValuesCross:
    @given(PLAIN)
    @example(float("nan"))
    @example([math.inf, -math.inf, -0.0])
    @example({"": [], 0: {}} | {None: ((),)})
    @example(np.zeros((0, 3), np.float16))
    @example(np.array(True))
    def test_every_plain_value_arrives_unchanged(self, value: Any) -> None:
        assert same(cross(value), value) or any_nan(value)

    @given(WHOLE_TEXT)
    @example("\ud800")
    def test_text_arrives_writable_whatever_surrogates_it_holds(self, text: str) -> None:
        arrived = cross(text)
        arrived.encode("utf-8")
        if text.isprintable() or text.isascii():
            assert arrived == text

    def test_a_lone_surrogate_becomes_a_visible_escape(self) -> None:
        assert cross("a\ud800b") == "a\\ud800b"

    @pytest.mark.parametrize("name", sorted(wire.DTYPES))
    @pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 5), (2, 3)])
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_arrays_keep_dtype_and_shape_in_either_byte_order(
        self, name: str, shape: tuple[int, ...], order: str
    ) -> None:
        array = np.arange(math.prod(shape)).reshape(shape).astype(np.dtype(name).newbyteorder(order))
        arrived = cross(array)
        assert arrived.dtype == np.dtype(name)
        assert arrived.shape == shape
        assert np.array_equal(arrived, array)

    @pytest.mark.parametrize(
        "view",
        [
            lambda array: array.T,
            lambda array: array[::-2, ::-1],
            lambda array: np.asfortranarray(array),
            lambda array: np.broadcast_to(array[0], (4, 6)),
        ],
    )
    def test_arrays_that_are_not_contiguous_arrive_in_order(self, view: Any) -> None:
        array = view(np.arange(30.0).reshape(5, 6))
        assert np.array_equal(cross(array), array)

    def test_what_arrives_can_be_written_to_and_shares_nothing(self) -> None:
        first, second = cross([np.zeros(2), np.zeros(2)])
        first += 1
        assert second.tolist() == [0, 0]

    @pytest.mark.parametrize(
        ("scalar", "plain"),
        [
            (np.int64(7), 7),
            (np.uint8(255), 255),
            (np.float32(0.5), 0.5),
            (np.float64(0.1), 0.1),
            (np.bool_(True), True),
            (np.str_("text"), "text"),
        ],
    )
    def test_numpy_scalars_arrive_as_python_numbers(self, scalar: Any, plain: Any) -> None:
        assert same(cross(scalar), plain)

    @pytest.mark.parametrize(
        "value",
        [
            np.longdouble(1.5),
            np.complex64(1j),
            np.datetime64("2026-01-01"),
            np.array(["text"]),
            np.array([object()]),
            np.zeros(2, np.longdouble),
            np.zeros((1,) * 17),
            {1, 2},
            object(),
            lambda: None,
        ],
    )
    def test_what_is_not_plain_stays_behind_as_a_handle(self, value: Any) -> None:
        assert cross(value) == Handle(1, type(value).__name__)
        assert cross([1, value])[1].number == 1

    def test_subclasses_arrive_as_the_plain_type(self) -> None:
        class Size(tuple):  # type: ignore[type-arg]
            pass

        class Text(str):
            pass

        assert same(cross([Size((1, 2)), Text("x")]), [(1, 2), "x"])


def any_nan(value: Any) -> bool:
    """NaN as a dict's key equals nothing, so `same` cannot find it; everything else is compared."""
    return isinstance(value, dict) and any(key != key for key in value)


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


class TestTensors:
    def test_a_tensor_arrives_in_the_judge_as_an_array_that_knows_it_was_one(self, torch: Any) -> None:
        arrived = cross(torch.arange(6.0, requires_grad=True).reshape(2, 3).T)
        assert isinstance(arrived, wire.TorchArray)
        assert arrived.dtype == np.float32
        assert arrived.tolist() == [[0, 3], [1, 4], [2, 5]]

    def test_a_tensor_that_goes_back_is_a_tensor_again(self, torch: Any) -> None:
        arrived = cross([torch.ones(2), np.ones(2)])
        sent = wire.unpack_request(wire.pack_request(Request(Target.STUDENT, "f", tuple(arrived))))
        assert torch.is_tensor(sent.args[0])
        assert type(sent.args[1]) is np.ndarray

    def test_without_torch_it_stays_a_tagged_array(self, torch: Any) -> None:
        packed = wire.pack_request(Request(Target.STUDENT, "f", (torch.ones(2),)))
        assert isinstance(wire.unpack_request(packed, tensors=False).args[0], wire.TorchArray)

    def test_bfloat16_arrives_as_float32(self, torch: Any) -> None:
        assert cross(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32

    @pytest.mark.parametrize("kind", ["meta", "sparse", "float8", "negated", "complex"])
    def test_tensors_that_numpy_does_not_know_become_handles(self, torch: Any, kind: str) -> None:
        tensor = {
            "meta": lambda: torch.zeros(2, device="meta"),
            "sparse": lambda: torch.eye(2).to_sparse(),
            "float8": lambda: torch.zeros(2).to(torch.float8_e4m3fn),
            "negated": lambda: torch.tensor([1 + 2j]).conj().imag,
            "complex": lambda: torch.tensor([1j]),
        }[kind]()
        arrived = cross(tensor)
        assert isinstance(arrived, Handle)


class TestRequests:
    @given(st.lists(PLAIN, max_size=3), st.dictionaries(st.text(min_size=1), PLAIN, max_size=3), st.booleans())
    def test_a_request_arrives_whole(self, args: list[Any], kwargs: dict[str, Any], keep: bool) -> None:
        request = Request(Target.PROBE, "basic.call", tuple(args), kwargs, keep=keep)
        arrived = wire.unpack_request(wire.pack_request(request), tensors=False)
        assert (arrived.target, arrived.name, arrived.keep) == (Target.PROBE, "basic.call", keep)
        assert repr(arrived.args) == repr(request.args)
        assert repr(arrived.kwargs) == repr(request.kwargs)

    def test_handles_and_names_are_arguments_too(self) -> None:
        args = (Handle(3, "Conv2d"), [Name("model")], {"a": (Handle(4),)})
        assert wire.unpack_request(wire.pack_request(Request(Target.STUDENT, "f", args))).args == args

    def test_an_argument_that_is_not_plain_is_refused(self) -> None:
        with pytest.raises(WireError, match="a set is not a plain value"):
            wire.pack_request(Request(Target.STUDENT, "f", ({1},)))


class TestAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            Raised(("KeyError", "LookupError", "Exception"), "'x'", "Traceback ..."),
            Raised((), "", ""),
            Died(Death.MEMORY, "over 2 GiB"),
        ],
    )
    def test_raised_and_died_arrive_whole(self, answer: Any) -> None:
        assert wire.unpack_answer(wire.pack_answer(answer, lambda _: Handle(0))) == answer

    def test_an_exceptions_surrogates_can_be_printed(self) -> None:
        arrived = wire.unpack_answer(wire.pack_answer(Raised(("E\udc80",), "\ud800", "\udfff"), lambda _: Handle(0)))
        assert arrived == Raised(("E\\udc80",), "\\ud800", "\\udfff")


class TestLimitsOfTheSender:
    def test_a_list_within_itself_is_refused(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        with pytest.raises(WireError, match="nested deeper than 32"):
            cross(endless)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_an_integer_of_thousands_of_bits_is_refused(self, sign: int) -> None:
        assert cross(sign * 2**2999) == sign * 2**2999
        with pytest.raises(WireError, match="3,001 bits does not cross"):
            cross(sign * 2**3000)

    def test_what_was_decoded_can_always_be_sent_on(self) -> None:
        largest = 2**3000 - 1
        assert answered(f'{{"returned": {largest}}}') == Returned(largest)
        assert cross(largest) == largest
        with pytest.raises(WireError, match="3,001 bits"):
            answered(f'{{"returned": {largest + 1}}}')

    def test_too_many_parts_are_refused(self) -> None:
        with pytest.raises(WireError, match="1,000,000 parts"):
            cross([None] * wire.MAX_NODES)

    def test_too_much_text_is_refused(self) -> None:
        with pytest.raises(WireError, match="bytes as text"):
            cross("x" * (wire.MAX_HEAD_BYTES + 1))

    def test_arrays_over_the_limit_are_refused_before_they_are_copied(self) -> None:
        huge = np.broadcast_to(np.zeros(1), (wire.MAX_BODY_BYTES,))
        with pytest.raises(WireError, match="256 MiB"):
            cross(huge)


HUGE = 2**40
HOSTILE = {
    "an unknown tag": ({"returned": ["z", 1]}, "unknown tag 'z'"),
    "a list without a tag": ({"returned": [1, 2]}, "without a tag"),
    "an empty list": ({"returned": []}, "without a tag"),
    "an object as a value": ({"returned": {"a": 1}}, "without a tag"),
    "a tag that is a list": ({"returned": [["l"], []]}, "without a tag"),
    "a list tag without a list": ({"returned": ["l", "abc"]}, "list was expected"),
    "a tuple of nothing": ({"returned": ["t"]}, "malformed 't'"),
    "too many parts for a tag": ({"returned": ["l", [], []]}, "malformed 'l'"),
    "a dict whose pair is a text": ({"returned": ["d", ["ab"]]}, "list was expected"),
    "a dict whose pair is an object": ({"returned": ["d", [{"a": 1, "b": 2}]]}, "list was expected"),
    "a dict whose pair is a triple": ({"returned": ["d", [[1, 2, 3]]]}, "malformed 'd'"),
    "a dict with a list as its key": ({"returned": ["d", [[["l", []], 1]]]}, "list as a key"),
    "a dict whose keys all hash alike": ({"returned": ["d", [[2**61 - 1, 1]]]}, "int as a key"),
    "a dict with a float as its key": ({"returned": ["d", [[0.5, 1]]]}, "float as a key"),
    "a dict that says a key twice": ({"returned": ["d", [["a", 1], ["a", 2]]]}, "twice"),
    "a dict that says 1 and True": ({"returned": ["d", [[1, 1], [True, 2]]]}, "twice"),
    "a float as text": ({"returned": ["f", "1.5"]}, "came as text"),
    "a float as a list": ({"returned": ["f", []]}, "came as text"),
    "a handle numbered by text": ({"returned": ["h", "1", "x"]}, "whole number"),
    "a handle numbered True": ({"returned": ["h", True, "x"]}, "whole number"),
    "a handle of a negative number": ({"returned": ["h", -1, "x"]}, "whole number"),
    "a handle with no type": ({"returned": ["h", 1]}, "malformed 'h'"),
    "a handle whose type is no text": ({"returned": ["h", 1, 2]}, "text was expected"),
    "a name": ({"returned": ["n", "conv2d"]}, "unknown tag 'n'"),
    "an array of objects": ({"returned": ["a", "numpy", "object", [1], 0]}, "do not cross"),
    "an array of a dtype list": ({"returned": ["a", "numpy", ["int8"], [1], 0]}, "malformed 'a'"),
    "an array of an unknown library": ({"returned": ["a", "pickle", "int8", [1], 0]}, "do not cross"),
    "an array of 8 TiB": ({"returned": ["a", "numpy", "float64", [HUGE], 0]}, "more elements than were sent"),
    "an array of 2**80 elements": ({"returned": ["a", "numpy", "int8", [HUGE, HUGE], 0]}, "more elements"),
    "an empty array with a huge side": ({"returned": ["a", "numpy", "int8", [0, 2**70], 0]}, "malformed 'a'"),
    "an array of negative size": ({"returned": ["a", "numpy", "int8", [-1], 0]}, "whole number"),
    "an array of fractional size": ({"returned": ["a", "numpy", "int8", [1.0], 0]}, "whole number"),
    "an array whose shape is a text": ({"returned": ["a", "numpy", "int8", "12", 0]}, "list was expected"),
    "an array that starts before the body": ({"returned": ["a", "numpy", "int8", [1], -1]}, "whole number"),
    "an array that starts behind the body": ({"returned": ["a", "numpy", "int8", [0], 99]}, "does not begin"),
    "two arrays of the same bytes": (
        {"returned": ["l", [["a", "numpy", "int8", [4], 0], ["a", "numpy", "int8", [4], 0]]]},
        "does not begin",
    ),
    "an array of 17 axes": ({"returned": ["a", "numpy", "int8", [1] * 17, 0]}, "17 axes"),
    "an array without a start": ({"returned": ["a", "numpy", "int8", [1]]}, "malformed 'a'"),
    "two answers at once": ({"returned": 1, "died": ["timeout", ""]}, "none of the keys"),
    "no answer": ({}, "none of the keys"),
    "an answer that is a list": ([], "not a JSON object"),
    "an answer said twice": ('{"returned": 0, "returned": 1}', "twice"),
    "NaN": ('{"returned": NaN}', "NaN is written"),
    "Infinity": ('{"returned": -Infinity}', "-Infinity is written"),
    "an integer of 2,000 digits": ('{"returned": ' + "9" * 2000 + "}", "2,000 digits"),
    "not JSON": ("{", "not JSON"),
    "nesting that overflows a stack": ('{"returned": ' + "[" * 200_000, "not JSON"),
    "nesting of 34 levels": ('{"returned": ' + '["l",[' * 34 + "]]" * 34 + "}", "nested too deep"),
    "an exception that is null": ({"raised": None}, "not an answer"),
    "an exception of two parts": ({"raised": [[], ""]}, "not an answer"),
    "an exception whose names are a text": ({"raised": ["E", "", ""]}, "not a list"),
    "an exception whose names are numbers": ({"raised": [[1], "", ""]}, "text was expected"),
    "an exception whose message is a list": ({"raised": [["E"], [], ""]}, "text was expected"),
    "an unknown death": ({"died": ["boredom", ""]}, "not an answer"),
    "a death that is a list": ({"died": [[], ""]}, "not an answer"),
    "a death without a reason": ({"died": ["timeout"]}, "not an answer"),
}


class TestHostileAnswers:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_it_is_refused_in_a_sentence(self, name: str) -> None:
        head, sentence = HOSTILE[name]
        with pytest.raises(WireError, match=sentence.replace("(", r"\(")):
            answered(head, bytes(64))

    def test_bytes_that_are_not_utf8_are_refused(self) -> None:
        with pytest.raises(WireError, match="not JSON"):
            wire.unpack_answer(Packed(b'{"returned": "\xff"}', b""))

    def test_a_head_over_the_limit_is_refused_unread(self) -> None:
        with pytest.raises(WireError, match="too long"):
            wire.unpack_answer(Packed(b" " * (wire.MAX_HEAD_BYTES + 1), b""))

    def test_too_many_parts_are_refused(self) -> None:
        with pytest.raises(WireError, match="too many parts"):
            answered('{"returned": ["l", [' + "0," * wire.MAX_NODES + "0]]}")

    def test_a_shape_of_very_many_very_long_integers_is_refused_before_it_is_multiplied(self) -> None:
        sizes = ",".join(["9" * 900] * 10_000)
        with pytest.raises(WireError, match="10,000 axes"):
            answered(f'{{"returned": ["a", "numpy", "int8", [{sizes}], 0]}}')

    def test_a_type_name_is_shortened(self) -> None:
        assert answered({"returned": ["h", 1, "x" * 999]}).value == Handle(1, "x" * 200)

    def test_an_exceptions_bases_are_bounded_in_number(self) -> None:
        assert len(answered({"raised": [["E"] * 999, "", ""]}).type_names) == 64

    @settings(max_examples=300)
    @given(st.sampled_from(["returned", "raised", "died", "other"]), JSON, st.binary(max_size=32))
    def test_arbitrary_json_is_an_answer_or_a_wire_error(self, key: str, value: Any, body: bytes) -> None:
        answer_or_wire_error(json.dumps({key: value}).encode(), body)

    @settings(max_examples=300)
    @given(JSON.map(json.dumps).map(str.encode) | st.binary(), st.binary(max_size=32))
    def test_arbitrary_bytes_are_an_answer_or_a_wire_error(self, head: bytes, body: bytes) -> None:
        answer_or_wire_error(head, body)

    @settings(max_examples=150)
    @given(PLAIN, st.data())
    def test_a_real_packet_with_changed_bytes_is_an_answer_or_a_wire_error(self, value: Any, data: Any) -> None:
        packed = wire.pack_answer(Returned(value), lambda _: Handle(0))
        head = bytearray(packed.head)
        for place in data.draw(st.lists(st.integers(0, len(head) - 1), max_size=3)):
            head[place] = data.draw(st.sampled_from(b'[]{}",:0123456789-.eltdfhna\xff'))
        answer_or_wire_error(bytes(head), packed.body[: data.draw(st.integers(0, len(packed.body)))])


def answer_or_wire_error(head: bytes, body: bytes) -> None:
    with contextlib.suppress(WireError):
        assert isinstance(wire.unpack_answer(Packed(head, body)), Returned | Raised | Died)
