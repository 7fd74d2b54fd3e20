"""Plain values to JSON with raw array bytes beside it, and back: the grammar of the wire.

Nothing here can run code when it decodes: no pickle, no `np.load`. Every list, tuple, dict, array ... is a JSON list
that opens with its tag, so that nothing can be mistaken for it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograder.messages import Handle, Name

MAX_DEPTH = 32
MAX_NODES = 1_000_000
MAX_BODY_BYTES = 256 * 2**20
MAX_INTEGER_BITS = 3_000  # far beyond any count; the same both ways, so that what is decoded can be sent on
MAX_INTEGER_DIGITS = 1_000  # of a text that is looked at all; Python's own limit is 4,300
_NUMBERS = frozenset({int, float, bool})
LARGEST_KEY = 2**61 - 2  # Python hashes whole numbers modulo 2**61 - 1: larger ones could all be made to collide
MAX_AXES = 16
DTYPES = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)


class WireError(Exception):
    """Bytes or a value that the wire does not carry; the message says why."""


class NotPlainError(WireError):
    """A value of another kind than cross; what was decoded never is one, so it is whoever sends it who is wrong."""


class TorchArray(np.ndarray):  # type: ignore[type-arg]
    """A NumPy array that was a torch tensor, and is one again where it goes back as an argument."""


class Encoder:
    """Encodes the values of one message; `on_other` keeps what is not plain and gives its Handle."""

    def __init__(self, on_other: Callable[[object], Handle] | None) -> None:
        self.on_other = on_other
        self.blobs: list[bytes] = []
        self.offset = 0
        self.nodes = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The value as JSON; raises WireError where it does not cross."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError(f"the value is nested deeper than {MAX_DEPTH} or has over {MAX_NODES:,} parts")
        kind = type(value)  # the commonest first: a submission's answers are hundreds, and mostly short
        if kind is str or kind is bool or value is None:
            return value
        if kind is int:
            return self._integer(value)
        if isinstance(value, str):
            return str(value)
        if isinstance(value, np.generic):
            return self._numpy_scalar(value, depth)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else ["f", repr(float(value))]
        if isinstance(value, Handle):
            return ["h", value.number, value.type_name]
        if isinstance(value, Name):
            return ["n", value.text]
        return self._container(value, depth)

    def _numpy_scalar(self, value: np.generic, depth: int) -> Any:
        if value.dtype.name in DTYPES:  # not a longdouble, whose item() is a longdouble again
            return self.encode(value.item(), depth)
        return self._other(value)

    def _integer(self, value: int) -> Any:
        number = int(value)
        if number.bit_length() > MAX_INTEGER_BITS:
            raise WireError(f"an integer of {number.bit_length():,} bits does not cross")
        return number

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return ["l", [self.encode(item, depth + 1) for item in value]]
        if isinstance(value, tuple):
            return ["t", [self.encode(item, depth + 1) for item in value]]
        if isinstance(value, dict) and all(map(_is_key, value)):
            pairs = [[self.encode(key, depth + 1), self.encode(item, depth + 1)] for key, item in value.items()]
            return ["d", pairs]
        if isinstance(value, np.ndarray):
            return self._array(value, "torch" if isinstance(value, TorchArray) else "numpy")
        tensor = _torch_to_numpy(value)
        if tensor is not None:
            return self._array(tensor, "torch")
        return self._other(value)

    def _array(self, array: np.ndarray[Any, Any], tag: str) -> Any:
        if array.dtype.name not in DTYPES or array.ndim > MAX_AXES:
            return self._other(array)
        if self.offset + array.nbytes > MAX_BODY_BYTES:
            raise WireError(f"arrays of over {MAX_BODY_BYTES // 2**20} MiB in one message do not cross")
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        start, self.offset = self.offset, self.offset + little.nbytes
        self.blobs.append(little.tobytes())
        return ["a", tag, array.dtype.name, list(array.shape), start]

    def _other(self, value: object) -> Any:
        if self.on_other is None:
            raise NotPlainError(f"a {type(value).__name__} is not a plain value")
        handle = self.on_other(value)
        return ["h", handle.number, handle.type_name]


def _torch_to_numpy(value: object) -> np.ndarray[Any, Any] | None:
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return None
    try:
        tensor = value.detach().cpu()
        return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()  # type: ignore[no-any-return]
    except (RuntimeError, TypeError):  # sparse, quantised, nested, on the meta device ...: NumPy has no such array
        return None


class Decoder:
    """Decodes the values of one message, every size checked before it is believed."""

    def __init__(self, body: bytes, *, tensors: bool, names: bool = True) -> None:
        self.body = body
        self.tensors = tensors
        self.names = names  # whether a name may stand for a function: in requests, never in answers
        self.offset = 0
        self.nodes = 0

    def decode(self, value: Any, depth: int = 0) -> Any:
        """The value that JSON stands for; raises WireError for anything malformed."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise WireError("the value is nested too deep or has too many parts")
        kind = type(value)  # JSON gives no subclasses
        if kind is int or kind is float or kind is bool or value is None:
            return value
        if kind is str:
            return _writable(value)
        if kind is not list or not value or type(value[0]) is not str:
            raise WireError("a value without a tag")
        try:
            return self._tagged(value[0], value[1:], depth + 1)
        except (TypeError, ValueError, IndexError) as error:
            raise WireError(f"a malformed {value[0][:8]!r} value: {error}") from None

    def _tagged(self, tag: str, rest: list[Any], depth: int) -> Any:
        if tag == "l" or tag == "t":
            (items,) = rest
            decoded = self._items(_listed(items), depth)
            return decoded if tag == "l" else tuple(decoded)
        if tag == "d":
            (pairs,) = rest
            return unique(
                (self.decode(key, depth), self.decode(item, depth)) for key, item in map(_listed, _listed(pairs))
            )
        if tag == "f":
            (text,) = rest
            if text not in ("nan", "inf", "-inf"):
                raise WireError("a float that JSON can write came as text")
            return float(text)
        if tag == "h":
            number, type_name = rest
            return Handle(_whole(number), as_text(type_name)[:200])
        if tag == "n" and self.names:
            (text,) = rest
            return Name(as_text(text))
        if tag == "a":
            return self._array(*rest)
        raise WireError(f"unknown tag {tag[:8]!r}")

    def _items(self, items: Sequence[Any], depth: int) -> list[Any]:
        """Numbers stand for themselves; they count as parts all the same."""
        self.nodes += sum(map(_NUMBERS.__contains__, map(type, items)))
        if self.nodes > MAX_NODES:
            raise WireError("the value has too many parts")
        return [item if type(item) in _NUMBERS else self.decode(item, depth) for item in items]

    def _array(self, tag: str, dtype_name: str, shape: list[int], start: int) -> Any:
        if tag not in ("numpy", "torch") or dtype_name not in DTYPES:
            raise WireError(f"arrays of type {str(dtype_name)[:20]!r} do not cross")
        sizes = [_whole(size) for size in _listed(shape)]
        if len(sizes) > MAX_AXES:  # before they are multiplied: many long integers take hours
            raise WireError(f"an array of {len(sizes):,} axes")
        dtype = np.dtype(dtype_name).newbyteorder("<")
        count = math.prod(sizes)  # exact: Python integers do not overflow
        if _whole(start) != self.offset:  # one after another, so that no byte is paid for twice
            raise WireError("an array that does not begin where the one before it ends")
        self.offset += count * dtype.itemsize
        if self.offset > len(self.body):
            raise WireError("an array claims more elements than were sent")
        flat = np.frombuffer(self.body, dtype, count, start)
        array = flat.reshape(sizes).astype(dtype.newbyteorder("="), copy=True)
        if tag == "numpy":
            return array
        return sys.modules["torch"].from_numpy(array) if self._has_torch() else array.view(TorchArray)

    def _has_torch(self) -> bool:
        return self.tensors and "torch" in sys.modules


def unique(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """A dict in which nothing was said twice."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        if type(key) is not str and not _is_key(key):
            raise WireError(f"a {type(key).__name__} as a key of a dict")
        if key in found:
            raise WireError(f"the key {str(key)[:20]!r} stands twice in one dict")
        found[key] = value
    return found


def _is_key(key: Any) -> bool:
    """Keys whose hashes nobody can make collide: a dict of such takes time that grows as its square."""
    return key is None or isinstance(key, str) or (isinstance(key, int | np.integer) and abs(int(key)) <= LARGEST_KEY)


def _listed(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise WireError("a list was expected")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WireError("a size or number that is not a whole number")
    return value


def as_text(value: object) -> str:
    """A string that can be written anywhere; raises WireError for anything else."""
    if not isinstance(value, str):
        raise WireError(f"a text was expected, not {type(value).__name__}")
    return _writable(value)


def _writable(text: str) -> str:
    """Lone surrogates, which no file or terminal takes, become visible escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
