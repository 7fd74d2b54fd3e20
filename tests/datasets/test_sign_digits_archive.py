"""The photographs are read as published, and what is not the published archive fails with one clear sentence."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.archive import Collection, contents_sha256, read_archive, read_members
from autograder.datasets.sign_language_digits.published import ARCHIVE_URL, CONTENTS_SHA256, COUNTS

FOLDER = "Sign-Language-Digits-Dataset-x/Dataset"
Members = dict[str, bytes]


def jpeg(width: int, height: int, *, turned: bool = False) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), (200, 180, 160))
    image.paste((0, 0, 0), (0, 0, width, height // 2))  # the upper half is black
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6  # to be turned by 90 degrees, clockwise
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


SMALL = jpeg(100, 100)


def members() -> Members:
    """An archive of 2,062 pictures, one and the same."""
    return {
        f"{FOLDER}/{digit}/IMG_{number}.JPG": SMALL for digit, count in enumerate(COUNTS) for number in range(count)
    }


def write(path: Path, contents: Members) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def change(name: str, data: bytes | None = None, rename: str | None = None) -> Callable[[Members], None]:
    def applied(contents: Members) -> None:
        old = contents.pop(name)
        if data is not None or rename:
            contents[rename or name] = data or old

    return applied


def without_threes(contents: Members) -> None:
    for name in [name for name in contents if "/3/" in name]:
        del contents[name]


ONE = f"{FOLDER}/4/IMG_7.JPG"


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda contents: contents.clear(), "has no photographs in .../Dataset/<digit>/"),
        (without_threes, "has no photographs of the digit 3"),
        (change(ONE), "has 206 photographs of the digit 4, and 207 were published"),
        (lambda contents: contents.update({f"{FOLDER}/5/more.jpg": SMALL}), "has 208 photographs of the digit 5"),
        (change(ONE, b"no picture at all"), "4/IMG_7.JPG is no photograph that can be decoded"),
        (change(ONE, SMALL[:400]), "4/IMG_7.JPG is no photograph that can be decoded"),
        (change(ONE, jpeg(120, 80)), "4/IMG_7.JPG is 120 x 80, but photographs are 100 x 100 or 3024 x 3024"),
        (
            lambda contents: contents.update({"../../etc/cron.d/x": b"x"}),
            "'../../etc/cron.d/x' points out of the archive",
        ),
        (lambda contents: contents.update({"/etc/passwd": b"x"}), "'/etc/passwd' points out of the archive"),
        (lambda contents: contents.update({"C:/x": b"x"}), "'C:/x' points out of the archive"),
        (lambda contents: contents.update({"other/Dataset/4/IMG_7.JPG": SMALL}), "has 4/IMG_7.JPG twice"),
        (lambda contents: contents.update({f"{n}": b"" for n in range(9_000)}), "has 11,062 members"),
    ],
)
def test_what_is_not_as_published_is_one_sentence(
    tmp_path: Path, broken: Callable[[Members], None], sentence: str
) -> None:
    contents = members()
    broken(contents)
    path = write(tmp_path / "digits.zip", contents)
    with pytest.raises(DataError, match=rf"^{re.escape(str(path))}: .*{re.escape(sentence)}") as raised:
        read_archive(path)
    assert str(raised.value).endswith(f"fetch it again from {ARCHIVE_URL}")
    assert "\n" not in str(raised.value)


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "digits.zip", members())
    link = zipfile.ZipInfo(f"{FOLDER}/0/link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match=r"link.txt' is a link"):
        read_archive(path)


def test_a_member_that_would_unpack_to_gigabytes_costs_nothing(tmp_path: Path) -> None:
    contents = members()
    contents.pop(ONE)
    path = write(tmp_path / "digits.zip", contents)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ONE, bytes(5 * 2**20))
    with pytest.raises(DataError, match="would unpack to 5,242,880 bytes, and no photograph"):
        read_archive(path)


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "digits.zip", {**members(), ONE: bytes(3_000_000)})
    data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (900).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged, truncated"):
        read_archive(path)


@pytest.mark.parametrize("kept", [0, 100, 100_000, -30])
def test_an_archive_that_breaks_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = write(tmp_path / "digits.zip", members())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"digits.zip: damaged, truncated, or no zip archive at all .*fetch it again"):
        read_archive(path)


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_archive(tmp_path)


def test_a_large_picture_is_reduced_and_put_upright(tmp_path: Path) -> None:
    path = write(tmp_path / "digits.zip", {**members(), ONE: jpeg(3024, 3024, turned=True)})
    collection = read_archive(path)
    large = collection.pictures[collection.names.index("4/IMG_7.JPG")]
    other = collection.pictures[collection.names.index("4/IMG_8.JPG")]
    assert other[:45].mean() < 30 < 150 < other[55:].mean(), "its upper half is black"
    assert large[:, 55:].mean() < 30 < 150 < large[:, :45].mean(), "turned clockwise its right half is"


# The real ones


@pytest.fixture(scope="module")
def real(photographs: Path) -> Collection:
    return read_archive(photographs)


def test_all_photographs_are_there(real: Collection) -> None:
    assert real.pictures.shape == (2_062, 100, 100, 3)
    assert (real.pictures.dtype, real.labels.dtype) == (np.uint8, np.int64)
    assert tuple(np.bincount(real.labels)) == COUNTS
    assert (min(COUNTS), max(COUNTS), sum(COUNTS)) == (204, 208, 2_062)
    assert len({picture.tobytes() for picture in real.pictures}) == 2_062, "no duplicates"


def test_the_sum_is_of_what_was_published(photographs: Path) -> None:
    assert contents_sha256(read_members(photographs)) == CONTENTS_SHA256


def test_the_three_large_ones_look_like_the_others(real: Collection) -> None:
    """A hand comes from below: its lower edge is darker there than at the left and the right."""
    for name in ("7/IMG_5874.JPG", "7/IMG_5935.JPG", "7/IMG_5978.JPG"):
        picture = real.pictures[real.names.index(name)].astype(float).mean(-1)
        below, left, right = picture[-8:, 30:70].mean(), picture[30:70, :8].mean(), picture[30:70, -8:].mean()
        assert below < min(left, right) - 20, name
