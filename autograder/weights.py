"""Submitted weights: a safetensors or npz file as named arrays, every size checked before it is believed.

Nothing is unpickled, and no array is larger than the bytes that were sent for it.
"""

from __future__ import annotations

import ast
import io
import lzma
import math
import re
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

from autograder.zips import MAX_INNER_LIST_BYTES, BoundedZip

MAX_BYTES = 256 * 2**20
MAX_ARRAYS = 10_000
MAX_NAME = 200
MAX_AXES = 16  # more do not cross to the notebook
SAFETENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
NPY_MAGIC = b"\x93NUMPY"
NPY_LENGTHS = {1: 2, 2: 4, 3: 4}  # bytes that hold the header's length, by version
MAX_NPY_HEADER = 10_000
NPY_DTYPE = re.compile(r"[<>|](f[248]|[iu][1248]|b1)")  # wider ones do not cross to the notebook
# What reading a damaged zip raises: what zipfile says itself, and what comes through from below it.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError),
    *(OSError, EOFError, ValueError, KeyError, IndexError, OverflowError, MemoryError),
)
FILE_NAMES = ("weights.safetensors", "weights.npz")


class WeightsError(Exception):
    """The file is not what it should be; the message says why."""


def read_weights(name: str, data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays in a weights file, by their names.

    Raises:
        WeightsError: it is too large, malformed, or holds anything but plain numbers.
    """
    if len(data) > MAX_BYTES:
        raise WeightsError(f"{name} is larger than {MAX_BYTES // 2**20} MiB")
    arrays = _safetensors(data) if name.endswith(".safetensors") else _npz(data)
    if not arrays:
        raise WeightsError(f"{name} holds no arrays")
    return arrays


def _safetensors(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """As their own library reads them: it checks every offset and shape against the bytes that are there."""
    import safetensors

    try:
        entries = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except (safetensors.SafetensorError, ValueError, OverflowError) as error:
        raise WeightsError(f"not a safetensors file: {error!s:.200}") from None
    if len(entries) > MAX_ARRAYS:
        raise WeightsError(f"{len(entries):,} arrays")
    try:
        return {_name(name): _entry(name, entry) for name, entry in entries}
    except ValueError as error:  # a shape that no array has, although it fits the bytes
        raise WeightsError(f"not arrays: {error!s:.200}") from None


def _entry(name: str, entry: Any) -> np.ndarray[Any, Any]:
    if entry["dtype"] not in SAFETENSORS or len(entry["shape"]) > MAX_AXES:
        raise WeightsError(f"{name[:MAX_NAME]!r} is {entry['dtype']} {entry['shape'][:MAX_AXES]}, not a parameter")
    return np.frombuffer(entry["data"], SAFETENSORS[entry["dtype"]]).reshape(entry["shape"]).copy()


def _npz(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    try:
        with BoundedZip(io.BytesIO(data), list_bytes=MAX_INNER_LIST_BYTES) as archive:
            members = archive.infolist()
            if len(members) > MAX_ARRAYS:
                raise WeightsError(f"{len(members):,} arrays")
            left = MAX_BYTES
            for member in members:
                with archive.open(member) as file:
                    content = file.read(left + 1)  # whatever the zip says about its size
                left -= len(content)
                if left < 0:
                    raise WeightsError(f"more than {MAX_BYTES // 2**20} MiB once unpacked")
                arrays[_name(member.filename.removesuffix(".npy"))] = _npy(member.filename, content)
    except DAMAGED as error:
        raise WeightsError(f"not an npz file: {error!s:.200}") from None
    return arrays


def _npy(name: str, content: bytes) -> np.ndarray[Any, Any]:
    """`np.load` would allocate what a header claims; here it is held against the bytes that are there."""
    try:
        descr, fortran, shape, start = _npy_header(content)
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError):
        raise WeightsError(f"{name[:MAX_NAME]!r} is not an array as NumPy saves it") from None
    if not isinstance(descr, str) or not NPY_DTYPE.fullmatch(descr):
        raise WeightsError(f"{name[:MAX_NAME]!r} holds {descr!s:.40}, not plain numbers")
    dtype, body = np.dtype(descr), content[start:]
    if len(shape) > MAX_AXES or math.prod(shape) * dtype.itemsize != len(body):
        raise WeightsError(f"{name[:MAX_NAME]!r} claims another size than it has")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C").copy()


def _npy_header(content: bytes) -> tuple[Any, bool, tuple[int, ...], int]:
    """What stands before the numbers (numpy.lib.format), and where they begin. NumPy's own reader mends old headers."""
    if content[:6] != NPY_MAGIC or len(content) < 12:
        raise ValueError("no magic number")
    first = 8 + NPY_LENGTHS[content[6]]
    start = first + int.from_bytes(content[8:first], "little")
    if start > min(len(content), MAX_NPY_HEADER):
        raise ValueError("the header is too long")
    header = ast.literal_eval(content[first:start].decode("utf-8" if content[6] == 3 else "latin-1"))
    if not isinstance(header, dict) or not isinstance(header["shape"], tuple):
        raise ValueError("not a header")
    return header["descr"], header["fortran_order"] is True, tuple(map(_whole, header["shape"])), start


def _name(name: str) -> str:
    if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise WeightsError(f"a name that no parameter has: {name[:40]!r}")
    return name


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a whole number")
    return value
