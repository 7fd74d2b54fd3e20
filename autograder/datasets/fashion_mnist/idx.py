"""Reads one file of MNIST's idx format, plain or gzipped, of which it is known what must be in it.

Nothing is believed about a file: its header must say the shape that is expected, and never more than that is read or
unpacked, so a header that claims terabytes and an archive that unpacks to them cost nothing.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from autograder.datasets.errors import DataError

UNSIGNED_BYTES = 0x08
GZIP_MAGIC = b"\x1f\x8b"

Bytes = npt.NDArray[np.uint8]


def read_idx(path: Path, shape: tuple[int, ...], *, sha256: str | None = None, first: int | None = None) -> Bytes:
    """The array of unsigned bytes in `path`.

    `shape` is what must be in it, `sha256` the sum of its unpacked contents. With `first` only so many items are read,
    from the beginning: the header is checked, but not the sum nor what lies behind them.

    Raises:
        DataError: the file is truncated, too long, damaged, or holds something else than its name says.
        OSError: it cannot be opened.
    """
    with _opened(path) as stream:
        header = _read(stream, 4 + 4 * len(shape), path)
        _check_header(header, shape, path)
        count = shape[0] if first is None else min(first, shape[0])
        wanted = (count, *shape[1:])
        body = _read(stream, math.prod(wanted), path)
        if first is None:
            _check_end(stream, path)
            if sha256 is not None:
                check_sum(header, body, sha256=sha256, path=path)
    return np.frombuffer(bytearray(body), np.uint8).reshape(wanted)


def check_sum(*parts: bytes, sha256: str, path: Path) -> None:
    """Raise DataError where the bytes are not the published ones."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    if digest.hexdigest() != sha256:
        raise DataError(
            f"{path}: not the published contents of that name (SHA-256 {digest.hexdigest()[:12]}..., not"
            f" {sha256[:12]}...); another data set in the same format? Replace the file, or name another folder"
        )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The unpacked contents; what gzip and zlib complain about is said by name."""
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        try:
            if packed:
                with gzip.open(raw) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield raw
        except EOFError:
            raise _truncated(path) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"{path}: a damaged gzip archive ({error}); fetch the file again") from None


def _read(stream: BinaryIO, size: int, path: Path) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise _truncated(path)
    return data


def _check_header(header: bytes, shape: tuple[int, ...], path: Path) -> None:
    zero, kind, axes = struct.unpack_from(">HBB", header)
    if zero or kind != UNSIGNED_BYTES:
        raise DataError(f"{path}: not an idx file of bytes (it begins with {header[:4].hex()}); replace the file")
    if axes != len(shape):
        said = {1: "labels", 3: "images"}
        raise DataError(
            f"{path}: holds {said.get(axes, f'an array of {axes} axes')} where its name says"
            f" {said.get(len(shape), f'{len(shape)} axes')}; were two files mixed up?"
        )
    found = struct.unpack_from(f">{axes}I", header, 4)
    if found != shape:
        raise DataError(f"{path}: its header says {_sizes(found)}, but a file of that name has {_sizes(shape)}")


def _check_end(stream: BinaryIO, path: Path) -> None:
    if stream.read(1):
        raise DataError(f"{path}: goes on after the last item that its header announces; fetch the file again")


def _truncated(path: Path) -> DataError:
    return DataError(f"{path}: ends too early, as after a broken download; fetch the file again")


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)
