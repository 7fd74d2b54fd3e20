"""Submitted weights: a safetensors or npz file as named arrays, every size checked before it is believed.

Nothing is unpickled, and no array is larger than the bytes that were sent for it.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from typing import Any

import numpy as np

MAX_BYTES = 256 * 2**20
MAX_ARRAYS = 10_000
MAX_HEADER_BYTES = 4 * 2**20
MAX_NAME = 200
SAFETENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
NUMPY_KINDS = "fiub"
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
    """The layout: 8 bytes of length, a JSON header, then the arrays' bytes (github.com/huggingface/safetensors)."""
    if len(data) < 8:
        raise WeightsError("not a safetensors file: it is shorter than its header")
    (length,) = struct.unpack("<Q", data[:8])
    if length > MAX_HEADER_BYTES or 8 + length > len(data):
        raise WeightsError("not a safetensors file: its header is longer than it may be")
    try:
        header = json.loads(data[8 : 8 + length])
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    except (ValueError, AttributeError, RecursionError):
        raise WeightsError("not a safetensors file: its header is not JSON") from None
    if len(entries) > MAX_ARRAYS:
        raise WeightsError(f"{len(entries):,} arrays")
    body = memoryview(data)[8 + length :]
    return {_name(name): _entry(name, entry, body) for name, entry in entries.items()}


def _entry(name: str, entry: Any, body: memoryview) -> np.ndarray[Any, Any]:
    try:
        dtype = np.dtype(SAFETENSORS[entry["dtype"]])
        shape = [_whole(size) for size in entry["shape"]]
        start, end = (_whole(offset) for offset in entry["data_offsets"])
    except (KeyError, TypeError, ValueError):
        raise WeightsError(f"{name[:MAX_NAME]!r} is not described as an array of numbers") from None
    if not start <= end <= len(body) or len(shape) > 16 or math.prod(shape) * dtype.itemsize != end - start:
        raise WeightsError(f"{name[:MAX_NAME]!r} claims another size than it has")
    return np.frombuffer(body[start:end], dtype).reshape(shape).copy()


def _npz(data: bytes) -> dict[str, np.ndarray[Any, Any]]:
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
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
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise WeightsError(f"not an npz file: {error}") from None
    return arrays


def _npy(name: str, content: bytes) -> np.ndarray[Any, Any]:
    """`np.load` would allocate what a header claims; here the header is read first and held against the bytes."""
    file = io.BytesIO(content)
    try:
        shape, fortran, dtype = _npy_header(file)
    except (ValueError, EOFError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise WeightsError(f"{name[:MAX_NAME]!r} is not an array as NumPy saves it") from None
    body = content[file.tell() :]
    if dtype.kind not in NUMPY_KINDS or dtype.hasobject:
        raise WeightsError(f"{name[:MAX_NAME]!r} holds {dtype}, not plain numbers")
    if len(shape) > 16 or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(body):
        raise WeightsError(f"{name[:MAX_NAME]!r} claims another size than it has")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C").copy()


def _npy_header(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    numpy_format: Any = np.lib.format  # partly untyped
    version = numpy_format.read_magic(file)
    reader = numpy_format.read_array_header_1_0 if version == (1, 0) else numpy_format.read_array_header_2_0
    shape, fortran, dtype = reader(file, max_header_size=10_000)
    return shape, fortran, dtype


def _name(name: str) -> str:
    if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise WeightsError(f"a name that no parameter has: {name[:40]!r}")
    return name


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a whole number")
    return value
