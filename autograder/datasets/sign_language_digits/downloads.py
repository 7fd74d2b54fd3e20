"""Fetches the archive of the pinned commit from GitHub, and believes nothing but the sum of the photographs in it."""

from __future__ import annotations

import http.client
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.archive import contents_sha256, read_members
from autograder.datasets.sign_language_digits.places import VARIABLE
from autograder.datasets.sign_language_digits.published import ARCHIVE_URL, CONTENTS_SHA256

TIMEOUT_SECONDS = 10.0  # for the connection and for each read
CHUNK = 2**16
MOST_BYTES = 64 * 2**20  # the archive has 17 million

Progress = Callable[[int], None]
"""Is told how many bytes more have come."""


class DownloadError(DataError):
    """The archive could not be had, or is not what was published; the text says why."""


def download(
    target: Path,
    *,
    url: str = ARCHIVE_URL,
    sha256: str = CONTENTS_SHA256,
    progress: Progress = lambda _: None,
    timeout: float = TIMEOUT_SECONDS,
) -> None:
    """Write the archive to `target`, which exists only when its photographs are whole and the published ones.

    Raises:
        DownloadError: there is no network, or what came is something else.
        DataError: the cache cannot be written.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as out:
            problem = _fetch(url, out, progress, timeout) or ""
        problem = problem or _difference(part, sha256)
        if not problem:
            part.replace(target)
            return
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror or error}); name an archive of yours") from error
    finally:
        part.unlink(missing_ok=True)
    raise DownloadError(
        f"{url}: {problem}; fetch it by another way and set {VARIABLE} to the file, or use the rendered hands"
    )


def _fetch(url: str, out: BinaryIO, progress: Progress, timeout: float) -> str:
    """Why it could not be had; "" where it could. What goes wrong with `out` is the caller's."""
    size = 0
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "cnn-autograder"})  # noqa: S310 - our own URL
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            while data := answer.read(CHUNK):
                size += len(data)
                if size > MOST_BYTES:
                    return f"gives more than {MOST_BYTES:,} bytes"
                out.write(data)
                progress(len(data))
            missing = getattr(answer, "length", 0)  # what the header announced and did not come
    except (OSError, http.client.HTTPException) as error:  # URLError and timeouts are OSErrors
        return f"could not be downloaded ({error or type(error).__name__})"
    return f"ended {missing:,} bytes too early" if missing else ""


def _difference(part: Path, sha256: str) -> str:
    try:
        found = contents_sha256(read_members(part))
    except DataError as error:
        return f"gives something else ({str(error).removeprefix(f'{part}: ').partition(';')[0]})"
    return "" if found == sha256 else f"gives other photographs (SHA-256 {found[:12]}..., published {sha256[:12]}...)"
