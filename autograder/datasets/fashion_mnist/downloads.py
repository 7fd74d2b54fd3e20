"""Fetches the published files from the first mirror that has them, and believes nothing but their checksums."""

from __future__ import annotations

import hashlib
import http.client
import urllib.request
from collections.abc import Callable
from pathlib import Path

from autograder.datasets.errors import DataError
from autograder.datasets.fashion_mnist.published import PublishedFile

TIMEOUT_SECONDS = 10.0  # for the connection and for each read: a mirror that says nothing is left
CHUNK = 2**16

Progress = Callable[[int], None]
"""Is told how many bytes more have come; what a mirror gave in vain is taken back by a negative number."""


class DownloadError(DataError):
    """No mirror gave the file; the text has each one's reason."""


def download(
    file: PublishedFile,
    target: Path,
    mirrors: tuple[str, ...],
    *,
    progress: Progress = lambda _: None,
    timeout: float = TIMEOUT_SECONDS,
) -> None:
    """Write the published archive of `file` to `target`, which exists only when it is whole and right.

    Raises:
        DownloadError: no mirror has it, or what they have is not what was published.
        OSError: `target` cannot be written.
    """
    reasons: list[str] = []
    part = target.with_name(f"{target.name}.part")
    try:
        for mirror in mirrors:
            url = f"{mirror}{file.name}.gz"
            reason = _fetch(url, file, part, progress, timeout)
            if not reason:
                part.replace(target)
                return
            reasons.append(f"{url}: {reason}")
    finally:
        part.unlink(missing_ok=True)
    raise DownloadError(f"{file.name}.gz could not be downloaded\n    " + "\n    ".join(reasons))


def _fetch(url: str, file: PublishedFile, part: Path, progress: Progress, timeout: float) -> str:
    """Why the mirror did not give the file; "" where it did."""
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    try:
        with part.open("wb") as out, _open(url, timeout) as answer:
            while size <= file.archive_bytes and (data := answer.read(CHUNK)):
                size += len(data)
                for digest in (md5, sha256):
                    digest.update(data)
                out.write(data)
                progress(len(data))
        problem = _difference(file, size, md5.hexdigest(), sha256.hexdigest())
    except (OSError, http.client.HTTPException) as error:  # URLError and timeouts are OSErrors
        problem = str(error) or type(error).__name__
    if problem:
        progress(-size)
    return problem


def _open(url: str, timeout: float) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": "cnn-autograder"})  # noqa: S310 - our own mirrors
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    return answer


def _difference(file: PublishedFile, size: int, md5: str, sha256: str) -> str:
    if size > file.archive_bytes:
        return f"gives more than the {file.archive_bytes:,} bytes that were published"
    if size < file.archive_bytes:
        return f"ended after {size:,} of {file.archive_bytes:,} bytes"
    if (md5, sha256) != (file.archive_md5, file.archive_sha256):
        return f"gives other contents (MD5 {md5}, published was {file.archive_md5})"
    return ""
