"""`tfds.load("sign_language_digits")`: the builder that TensorFlow Datasets lacks. Importing this registers it.

Two configs: `photographs`, and `rendered`, which needs no network. Without a config it is the photographs where they
are here or can be downloaded, and else the drawn hands; one line on stderr says which. While a notebook is graded it is
what the grader prepared, whatever is asked for.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from autograder import training
from autograder.datasets.errors import DataError
from autograder.datasets.sign_language_digits.finding import Found, find
from autograder.datasets.sign_language_digits.loading import load_found
from autograder.datasets.sign_language_digits.places import RENDERED_WORD, VARIABLE, Kind, Places, Source, archive_in
from autograder.datasets.sign_language_digits.prepared import TFDS_FOLDER, tfds_ready
from autograder.datasets.sign_language_digits.preparing import fetch, fetch_or_draw
from autograder.datasets.sign_language_digits.published import (
    ARCHIVE_URL,
    CITATION,
    CLASSES,
    HOMEPAGE,
    LICENSE,
    SIDE,
    TFDS_VERSION,
)
from autograder.datasets.sign_language_digits.splits import Split

DESCRIPTION = f"""Hands that show the digits 0 to 9 in American Sign Language, as RGB pictures of {SIDE} x {SIDE}.

`photographs`: 2,062 photographs by students of Turkey Ankara Ayranci Anadolu High School, 204 to 208 of each digit
({LICENSE}); the three that were published at 3024 x 3024, lying on their side, are turned upright and reduced.
`rendered`: as many hands of each digit, drawn by autograder's own code, for machines without a network.
"""


class SignLanguageDigits(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc]
    """DatasetBuilder for the Sign Language Digits; see the module."""

    VERSION = tfds.core.Version(TFDS_VERSION)
    RELEASE_NOTES = {TFDS_VERSION: "First release: the photographs of the pinned commit, and drawn hands."}  # noqa: RUF012
    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name=Kind.PHOTOGRAPHS.value, description="2,062 photographs"),
        tfds.core.BuilderConfig(name=Kind.RENDERED.value, description="2,062 drawn hands; needs no network"),
    ]
    url_infos = None  # our own code downloads; finding its sums needs a package that is not always there
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"""Nothing must be fetched by hand. Where GitHub cannot be reached, put the archive
of {ARCHIVE_URL} here, under the name that it has, or set {VARIABLE} to it."""

    def __init__(self, *, data_dir: Any = None, config: Any = None, **more: Any) -> None:
        places = Places.here()
        if places.prepared:
            found = find(places)
            data_dir, config = places.prepared / TFDS_FOLDER, found.kind.value
        elif config is None:
            config = _default(places, data_dir)
        super().__init__(data_dir=data_dir, config=config, **more)

    def _info(self) -> Any:
        return _Info(
            builder=self,
            description=DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIDE, SIDE, 3), encoding_format="png", doc="A hand, RGB."),
                    "label": tfds.features.ClassLabel(names=list(CLASSES), doc="The digit that it shows."),
                }
            ),
            supervised_keys=("image", "label"),
            homepage=HOMEPAGE,
            citation=CITATION,
            license=LICENSE,
        )

    def download_and_prepare(self, *, download_config: Any = None, **more: Any) -> None:
        """As any builder's, but nobody is asked whether Google's cloud has a copy: it has none."""
        if training.TOLD in os.environ and not self.data_path.exists():
            raise DataError(f"{self.data_dir}: not prepared for TensorFlow Datasets; run `autograder data --prepare`")
        config = download_config or tfds.download.DownloadConfig()
        config = dataclasses.replace(config, try_download_gcs=False)
        super().download_and_prepare(download_config=config, **more)

    def as_dataset(self, *args: Any, read_config: Any = None, **more: Any) -> Any:
        """As any builder's, but on few threads while grading: theirs are 70, and the sandbox ends what has so many."""
        if read_config is None and Places.here().grading:
            read_config = _on_few_threads()
        return super().as_dataset(*args, read_config=read_config, **more)

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        found = _found(Kind(self.builder_config.name), dl_manager)
        _say(found.sentence)
        return {"train": self._generate_examples(found)}

    def _generate_examples(self, found: Found) -> Iterator[tuple[str, dict[str, Any]]]:
        loaded = load_found(found, Split.ALL, grading=Places.here().grading)
        for name, picture, label in zip(loaded.names, loaded.pictures, loaded.labels, strict=True):
            yield name, {"image": picture, "label": int(label)}


class _Info(tfds.core.DatasetInfo):  # type: ignore[misc]
    """Theirs, which does not look for this data set in Google's cloud: without a network that takes minutes."""

    def initialize_from_bucket(self) -> None:
        """There is nothing."""


def _on_few_threads() -> Any:
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    calls = {"num_parallel_calls_for_decode": 1, "num_parallel_calls_for_interleave_files": 1}
    return tfds.ReadConfig(options=options, interleave_cycle_length=1, **calls)


def _default(places: Places, data_dir: Any) -> str:
    """The config where none is named, said in one line: photographs, unless there is no way to them."""
    root = Path(data_dir).expanduser() if data_dir else places.tfds
    ready = tfds_ready(root, Kind.PHOTOGRAPHS)
    if places.named is None and ready.is_file():
        _say(f"Sign Language Digits, photographs, from what TensorFlow Datasets prepared before ({ready.parent})")
        return Kind.PHOTOGRAPHS.value
    found, problem = fetch_or_draw(dataclasses.replace(places, tfds=root))
    _say(problem, found.sentence)
    return found.kind.value


def _found(kind: Kind, dl_manager: Any) -> Found:
    """The pictures to generate from: the grader's, the drawn ones, or photographs that may lie in `manual_dir`.

    Raises:
        DataError: the photographs cannot be had.
    """
    places = Places.here()
    if places.prepared:
        return find(places)
    if kind is Kind.RENDERED:
        return find(Places.here(RENDERED_WORD))
    places = dataclasses.replace(places, named=None if places.rendered_only else places.named)
    with contextlib.suppress(AssertionError):  # there is no such folder, or it is empty
        by_hand = archive_in(Path(os.fspath(dl_manager.manual_dir)))
        if places.named is None and by_hand:
            return Found(Kind.PHOTOGRAPHS, Source.MANUAL, by_hand)
    return fetch(places)


def _say(*lines: str) -> None:
    print("\n".join(filter(None, lines)), file=sys.stderr)
