"""Prepares the pictures for grading: what students' code may read, apart from what only the judge may."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.archive import contents_sha256, read_archive, read_members
from autograder.datasets.sign_language_digits.downloads import DownloadError, Progress, download
from autograder.datasets.sign_language_digits.finding import Found, find
from autograder.datasets.sign_language_digits.places import PREPARED_VARIABLE, Kind, Places
from autograder.datasets.sign_language_digits.prepared import (
    TFDS_FOLDER,
    is_prepared,
    origin_of,
    tfds_ready,
    write_prepared,
)
from autograder.datasets.sign_language_digits.published import RENDERING, TFDS_NAME
from autograder.datasets.sign_language_digits.rendering import rendered

TFDS_SECONDS = 600
_FILL_TFDS = "import tensorflow_datasets as tfds, autograder.datasets; tfds.builder({name!r}).download_and_prepare()"


def fetch(places: Places, *, progress: Progress = lambda _: None) -> Found:
    """What is there; the photographs are downloaded into the cache first where nothing but drawings is there.

    Raises:
        DownloadError: they cannot be had. Never while grading, and never where drawings were asked for.
        DataError: an archive was named that is not there.
    """
    found = find(places)
    if found.kind is Kind.PHOTOGRAPHS or places.rendered_only or places.grading:
        return found
    download(places.archive, progress=progress)
    return find(places)


def fetch_or_draw(places: Places, *, progress: Progress = lambda _: None) -> tuple[Found, str]:
    """As `fetch`, but with the drawn pictures and the reason where there is no network."""
    try:
        return fetch(places, progress=progress), ""
    except DownloadError as error:
        return find(places), str(error)


def prepare(found: Found, places: Places, *, tfds: bool = True) -> Found:
    """Put the parts of these pictures into files of their own in the user's cache; what is there is kept.

    With `tfds` also as TensorFlow Datasets reads them, where that is installed (20 seconds, once).

    Raises:
        DataError: the archive is not what it should be, or the cache cannot be written.
    """
    target = found.path if found.path and found.prepared else places.prepared_folder(found.kind)
    try:
        if target != found.path:
            _fill(target, found)
        ready = tfds_ready(target / TFDS_FOLDER, found.kind).is_file()
        if tfds and not ready and importlib.util.find_spec("tensorflow_datasets"):
            _fill_tfds(target)
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror or error}); set XDG_CACHE_HOME") from error
    return Found(found.kind, found.source, target)


def _fill(target: Path, found: Found) -> None:
    origin = contents_sha256(read_members(found.path)) if found.path else RENDERING
    if is_prepared(target) and origin_of(target) == origin:
        return
    shutil.rmtree(target, ignore_errors=True)
    write_prepared(read_archive(found.path) if found.path else rendered(), target, origin=origin)


def _fill_tfds(target: Path) -> None:
    """In a process of its own: TensorFlow takes seconds to import, and half a gigabyte."""
    environment = {
        **os.environ,
        PREPARED_VARIABLE: str(target),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "",
    }
    package = Path(__file__).resolve().parents[3]
    code = f"import sys; sys.path.insert(0, {str(package)!r}); " + _FILL_TFDS.format(name=TFDS_NAME)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TFDS_SECONDS, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise DataError(f"{target / TFDS_FOLDER}: TensorFlow Datasets could not prepare it ({last})")
