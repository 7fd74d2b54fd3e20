"""The reader refuses, by the file's name, what is not what its name says."""

from __future__ import annotations

import gzip
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from autograder.datasets.fashion_mnist.idx import DataError, read_idx
from autograder.errors import GraderError

from .conftest import idx

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
WHOLE = idx(IMAGES)
NAME = "train-images-idx3-ubyte"


def write(folder: Path, data: bytes, *, packed: bool) -> Path:
    path = folder / (f"{NAME}.gz" if packed else NAME)
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_file_is_read_into_an_array_that_can_be_changed(tmp_path: Path, packed: bool) -> None:
    images = read_idx(write(tmp_path, WHOLE, packed=packed), IMAGES.shape)
    assert np.array_equal(images, IMAGES)
    images += 1


def test_the_beginning_can_be_read_alone(tmp_path: Path) -> None:
    assert np.array_equal(read_idx(write(tmp_path, WHOLE, packed=True), IMAGES.shape, first=2), IMAGES[:2])
    assert len(read_idx(write(tmp_path, WHOLE, packed=False), IMAGES.shape, first=9)) == 3


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "ends too early"),
        (WHOLE[:7], "ends too early"),
        (WHOLE[:-1], "ends too early"),
        (WHOLE + b"x", "goes on after the last item"),
        (WHOLE + WHOLE, "goes on after the last item"),
        (idx(IMAGES[:2]), "its header says 2 x 4 x 5, but a file of that name has 3 x 4 x 5"),
        (
            struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1) + bytes(99),
            "its header says 4,294,967,295 x",
        ),
        (struct.pack(">HBB3I", 0, 8, 3, 0, 4, 5), "its header says 0 x 4 x 5"),
        (idx(np.zeros(60)), "holds labels where its name says images"),
        (struct.pack(">HBB", 0, 8, 255) + bytes(2000), "holds an array of 255 axes"),
        (struct.pack(">HBB3I", 0, 0x0D, 3, 3, 4, 5) + bytes(240), "not an idx file of bytes"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not an idx file of bytes"),
        (b"<!DOCTYPE html><title>404 Not Found</title>", "not an idx file of bytes"),
    ],
)
def test_what_is_not_right_is_refused_by_name(tmp_path: Path, data: bytes, sentence: str, packed: bool) -> None:
    path = write(tmp_path, data, packed=packed)
    with pytest.raises(DataError, match=rf"^{re.escape(str(path))}: .*{re.escape(sentence)}"):
        read_idx(path, IMAGES.shape)


@pytest.mark.parametrize("kept", [5, 12, 30, -9, -1])
def test_an_archive_that_breaks_off_is_refused_by_name(tmp_path: Path, kept: int) -> None:
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(gzip.compress(WHOLE)[:kept])
    with pytest.raises(DataError, match=f"{NAME}.gz: ends too early"):
        read_idx(path, IMAGES.shape)


@pytest.mark.parametrize("place", [3, 14, -6])
def test_a_damaged_archive_is_refused_by_name(tmp_path: Path, place: int) -> None:
    path = tmp_path / f"{NAME}.gz"
    data = bytearray(gzip.compress(WHOLE, mtime=0))
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"{NAME}.gz: "):
        read_idx(path, IMAGES.shape)


def test_an_archive_that_unpacks_to_far_more_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.gz"
    with gzip.open(path, "wb", compresslevel=1) as archive:
        archive.write(WHOLE)
        for _ in range(8):
            archive.write(bytes(2**24))
    tracemalloc.start()
    with pytest.raises(DataError, match="goes on after the last item"):
        read_idx(path, IMAGES.shape)
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


def test_another_data_set_in_the_same_format_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE, packed=False)
    with pytest.raises(DataError, match=f"{NAME}: not the published contents of that name"):
        read_idx(path, IMAGES.shape, sha256="0" * 64)


def test_a_complaint_is_one_that_instructors_see_without_a_traceback() -> None:
    assert issubclass(DataError, GraderError)
