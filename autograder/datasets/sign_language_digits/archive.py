"""Reads the photographs out of the archive that GitHub gives, and believes nothing about it.

Only members of `.../Dataset/<digit>/` are read, none is written anywhere. What is not as published fails with one
sentence that names the archive, the member where there is one, and what to do.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.published import (
    ARCHIVE_URL,
    COUNTS,
    LARGE_SIDE,
    SIDE,
    Labels,
    Pictures,
)

MOST_MEMBERS = 10_000
MOST_BYTES = 4 * 2**20  # of one photograph; the largest has 1.6 million
_PHOTOGRAPH = re.compile(r"(?:^|/)Dataset/([0-9])/([^/]+\.jpe?g)$", re.IGNORECASE)
ARCHIVE_REMEDY = f"fetch it again from {ARCHIVE_URL}"


@dataclass(frozen=True, slots=True)
class Collection:
    """Pictures of digits in the order in which they are served; a name is unique, such as "3/IMG_1121.JPG"."""

    pictures: Pictures
    labels: Labels
    names: tuple[str, ...]

    def take(self, indices: np.typing.NDArray[np.intp]) -> Collection:
        """Those alone, in the order of `indices`."""
        return Collection(self.pictures[indices], self.labels[indices], tuple(self.names[i] for i in indices))


def read_archive(path: Path) -> Collection:
    """All photographs, RGB, upright, at 100 x 100.

    Raises:
        DataError: the archive is truncated, is something else, or is not what was published.
    """
    encoded = read_members(path)
    names = served_order(encoded)
    pictures = np.empty((len(names), SIDE, SIDE, 3), np.uint8)
    for index, name in enumerate(names):
        pictures[index] = _decoded(encoded[name], path, name)
    return Collection(pictures, np.array([int(name[0]) for name in names], np.int64), names)


def served_order(names: Mapping[str, object] | tuple[str, ...]) -> tuple[str, ...]:
    """The order in which TensorFlow Datasets serves a split "train" with these keys: by their MD5 sums, so mixed.

    Theirs is tensorflow_datasets/core/hashing.py; a test compares.
    """
    return tuple(sorted(names, key=lambda name: hashlib.md5(f"train{name}".encode(), usedforsecurity=False).digest()))


def contents_sha256(encoded: Mapping[str, bytes]) -> str:
    """The sum of all photographs' names and bytes, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(encoded):
        digest.update(f"{name} {hashlib.sha256(encoded[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def read_members(path: Path) -> dict[str, bytes]:
    """The JPEG files by name ("3/IMG_1121.JPG"), as many of each digit as were published.

    Raises:
        DataError: see `read_archive`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _checked(archive.infolist(), path)
            encoded = {name: archive.read(member) for name, member in wanted.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path}: damaged, truncated, or no zip archive at all ({error}); {ARCHIVE_REMEDY}") from None
    except (NotImplementedError, RuntimeError) as error:  # an unknown compression, a password
        raise DataError(f"{path}: cannot be unpacked ({error}); {ARCHIVE_REMEDY}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}); name another file") from None
    return encoded


def _checked(members: list[zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    if len(members) > MOST_MEMBERS:
        raise DataError(
            f"{path}: has {len(members):,} members, which is no archive of 2,062 photographs; {ARCHIVE_REMEDY}"
        )
    wanted: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        _refuse_hostile(member, path)
        match = _PHOTOGRAPH.search(member.filename)
        if not match:
            continue
        name = f"{match[1]}/{match[2]}"
        if name in wanted:
            raise DataError(f"{path}: has {name} twice; {ARCHIVE_REMEDY}")
        wanted[name] = member
    _check_counts(tuple(wanted), path)
    return wanted


def _refuse_hostile(member: zipfile.ZipInfo, path: Path) -> None:
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:", name):
        raise DataError(
            f"{path}: its member {name!r} points out of the archive, so nothing of it is used; {ARCHIVE_REMEDY}"
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DataError(f"{path}: its member {name!r} is a link, so nothing of it is used; {ARCHIVE_REMEDY}")
    if member.file_size > MOST_BYTES:
        raise DataError(
            f"{path}: its member {name!r} would unpack to {member.file_size:,} bytes, and no photograph has more than"
            f" {MOST_BYTES:,}; {ARCHIVE_REMEDY}"
        )


def _check_counts(names: tuple[str, ...], path: Path) -> None:
    if not names:
        raise DataError(f"{path}: has no photographs in .../Dataset/<digit>/; is it another archive? {ARCHIVE_REMEDY}")
    for digit, published in enumerate(COUNTS):
        count = sum(name.startswith(f"{digit}/") for name in names)
        if count == 0:
            raise DataError(f"{path}: has no photographs of the digit {digit}; {ARCHIVE_REMEDY}")
        if count != published:
            raise DataError(
                f"{path}: has {count} photographs of the digit {digit}, and {published} were published;"
                f" {ARCHIVE_REMEDY}"
            )


def _decoded(data: bytes, path: Path, name: str) -> Pictures:
    """Upright (the large ones lie on their side, as their EXIF data says) and at 100 x 100."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the next line looks at the size
            if image.size not in ((SIDE, SIDE), (LARGE_SIDE, LARGE_SIDE)):
                raise DataError(
                    f"{path}: {name} is {image.width} x {image.height}, but photographs are {SIDE} x {SIDE} or"
                    f" {LARGE_SIDE} x {LARGE_SIDE}; {ARCHIVE_REMEDY}"
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: {name} is no photograph that can be decoded ({error}); {ARCHIVE_REMEDY}") from None
    if upright.width != SIDE:
        upright = upright.resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(upright)
