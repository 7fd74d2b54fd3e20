"""Where the data is looked for, in which order, and what is said about it."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import runpy
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from autograder import training
from autograder.datasets import fashion_mnist
from autograder.datasets.fashion_mnist import DataError, HeldOutError
from autograder.datasets.fashion_mnist.finding import Found, find, look_around
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.places import (
    DEBIAN,
    SAMPLE_TEST,
    SAMPLE_TRAIN,
    VARIABLE,
    Places,
    Source,
    user_cache,
)
from autograder.datasets.fashion_mnist.published import FASHION_MNIST, Split

from .conftest import DATES, Small


def test_the_order_is_folder_cache_debian_sample(small: Small, places: Places, tmp_path: Path) -> None:
    places = dataclasses.replace(places, explicit=tmp_path / "mine")
    for folder in (places.explicit, places.cache, places.debian):
        small.write(folder)
    seen = []
    for look in look_around(places, small.publication):
        assert look.found
        seen.append(look.source)
    assert seen == [Source.FOLDER, Source.CACHE, Source.DEBIAN, Source.SAMPLE]
    assert find(places, small.publication).source is Source.FOLDER
    places = dataclasses.replace(places, explicit=None)
    assert find(places, small.publication).source is Source.CACHE
    places = dataclasses.replace(places, cache=tmp_path / "none")
    assert find(places, small.publication).source is Source.DEBIAN
    places = dataclasses.replace(places, debian=tmp_path / "none")
    assert find(places, small.publication).source is Source.SAMPLE


def test_the_source_is_said_in_one_line(small: Small, places: Places) -> None:
    assert find(places).sentence == (
        "Fashion-MNIST from the sample inside autograder (2,000 of 60,000 training images);"
        " `autograder data --prepare` fetches all"
    )
    small.write(places.cache)
    assert find(places, small.publication).sentence == f"Fashion-MNIST from your cache ({places.cache})"


def test_a_folder_that_was_named_is_never_replaced_in_silence(small: Small, places: Places, tmp_path: Path) -> None:
    small.write(places.cache)
    for folder, sentence in [(tmp_path / "typo", "no such folder"), (tmp_path, "there is no train-images-idx3-ubyte")]:
        with pytest.raises(DataError, match=f"{folder}: {sentence}"):
            find(dataclasses.replace(places, explicit=folder), small.publication)


def test_an_argument_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/from/variable")
    assert Places.here().explicit == Path("/from/variable")
    assert Places.here("/from/argument").explicit == Path("/from/argument")


def test_the_sample_can_be_asked_for_by_its_word() -> None:
    assert fashion_mnist.find("sample").source is Source.SAMPLE


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/x"}, "linux", "/x"),
        ({"HOME": "/home/a"}, "linux", "/home/a/.cache"),
        ({"HOME": "/Users/a"}, "darwin", "/Users/a/Library/Caches"),
        ({"USERPROFILE": "/u/a", "LOCALAPPDATA": "/u/a/local"}, "win32", "/u/a/local"),
        ({}, "linux", "/.cache"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_such_things(
    environment: dict[str, str], platform: str, folder: str
) -> None:
    assert user_cache(environment, platform) == Path(folder) / "autograder" / "fashion-mnist"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_plain_and_packed_files_give_the_same_arrays(small: Small, places: Places, packed: bool) -> None:
    small.write(places.cache, packed=packed)
    found = find(places, small.publication)
    for split, count in ((Split.TRAIN, 40), (Split.TEST, 20)):
        images, labels = load_found(found, split, publication=small.publication)
        assert images.shape == (count, 28, 28)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64
        assert labels.tolist() == [number % 10 for number in range(count)]


def test_torchvisions_folder_is_understood(small: Small, places: Places, tmp_path: Path) -> None:
    raw = small.write(tmp_path / "torchvision" / "FashionMNIST" / "raw")
    found = find(dataclasses.replace(places, explicit=tmp_path / "torchvision"), small.publication)
    assert found.folder == raw


def test_mixed_up_files_are_refused_by_name(small: Small, places: Places) -> None:
    folder = small.write(places.cache)
    images, labels = folder / "train-images-idx3-ubyte", folder / "train-labels-idx1-ubyte"
    images.write_bytes(labels.read_bytes())
    with pytest.raises(DataError, match=f"{images}: holds labels where its name says images"):
        load_found(find(places, small.publication), Split.TRAIN, publication=small.publication)


def test_a_label_that_no_class_has_is_refused_by_name(small: Small, places: Places) -> None:
    folder = small.write(places.cache)
    path = folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\x0b")
    found = find(places, small.publication)
    with pytest.raises(DataError, match=f"{path}: not the published contents"):
        load_found(found, Split.TRAIN, publication=small.publication)
    with pytest.raises(DataError, match=f"{path}: has a label 11"):
        load_found(found, Split.TRAIN, publication=small.publication, first=40)


def test_without_the_test_files_the_held_out_images_are_said_to_be_missing(small: Small, places: Places) -> None:
    folder = small.write(places.cache)
    (folder / "t10k-images-idx3-ubyte").unlink()
    found = find(places, small.publication)
    assert found.test == ()
    with pytest.raises(HeldOutError, match="held-out images are not here while grading") as caught:
        load_found(found, Split.TEST, publication=small.publication)
    assert isinstance(caught.value, FileNotFoundError)


def test_what_a_sandbox_opens_are_the_training_files_alone(small: Small, places: Places) -> None:
    small.write(places.cache, packed=True)
    found = find(places, small.publication)
    assert [path.name for path in fashion_mnist.student_paths(found)] == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    assert fashion_mnist.student_paths(fashion_mnist.find("sample")) == (SAMPLE_TRAIN,)


def test_the_students_process_finds_what_the_judge_found(
    small: Small, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write(places.debian)
    for judged in (find(places, small.publication), fashion_mnist.find("sample")):
        for name, value in fashion_mnist.student_environment(judged).items():
            monkeypatch.setenv(name, value)
        told = dataclasses.replace(Places.here(), cache=Path("/nonexistent"), debian=Path("/nonexistent"))
        assert find(told, small.publication).train == judged.train


def test_a_lack_of_network_gives_the_sample_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Places] = []

    def refused(places: Places, **_: object) -> Found:
        asked.append(places)
        raise DataError("no network")

    monkeypatch.setattr("autograder.datasets.fashion_mnist.cache.prepare", refused)
    monkeypatch.setattr(Places, "here", lambda folder=None: Places(cache=Path("/nonexistent"), debian=Path("/none")))
    assert len(fashion_mnist.load("train", full=True)[0]) == 2000
    assert len(asked) == 1
    monkeypatch.setenv(training.TOLD, "{}")
    assert len(fashion_mnist.load("train", full=True)[0]) == 2000
    assert len(asked) == 1, "while grading nothing is downloaded"


def test_wrong_arguments_are_value_errors() -> None:
    with pytest.raises(ValueError, match="validation"):
        fashion_mnist.load("validation")
    with pytest.raises(ValueError, match="first is -1"):
        fashion_mnist.load("train", first=-1)


# The sample


def test_the_sample_has_as_many_of_each_class() -> None:
    for split, each in (("train", 200), ("test", 100)):
        images, labels = fashion_mnist.load(split, folder="sample")
        assert images.shape == (each * 10, 28, 28)
        assert np.bincount(labels).tolist() == [each] * 10
        assert np.all(np.bincount(labels[: each * 5]) > each * 0.35), "in mixed order"


def test_no_held_out_image_lies_where_students_code_may_read() -> None:
    from autograder.sandbox.paths import OURS, PACKAGE

    shown = [PACKAGE / name for name in OURS]
    assert any(path in SAMPLE_TRAIN.parents for path in shown)
    assert not any(path == SAMPLE_TEST or path in SAMPLE_TEST.parents for path in shown)
    names = {path.name for path in (PACKAGE / "datasets").rglob("*") if path.suffix in (".npz", ".gz")}
    assert names == {"train.npz"}


@pytest.mark.parametrize("path", [SAMPLE_TRAIN, SAMPLE_TEST], ids=lambda path: path.name)
def test_the_licence_lies_beside_the_images(path: Path) -> None:
    notice = (path.parent / "LICENSE").read_text(encoding="utf-8")
    assert "Copyright © 2017 Zalando SE" in notice
    assert "The MIT License" in notice
    assert path.name in notice


# The real files


def test_debians_files_are_the_published_ones(debian: Found) -> None:
    """Debian's archives lack the file's name and date in gzip's header; with these they are the published bytes."""
    for path, file in zip((*debian.train, *debian.test), FASHION_MNIST, strict=True):
        header = b"\x1f\x8b\x08\x08" + struct.pack("<I", DATES[file.name.split("-")[0]]) + b"\0\x03"
        archive = header + file.name.encode() + b"\0" + path.read_bytes()[10:]
        assert len(archive) == file.archive_bytes
        assert hashlib.md5(archive).hexdigest() == file.archive_md5
        assert hashlib.sha256(archive).hexdigest() == file.archive_sha256
        assert hashlib.sha256(gzip.decompress(archive)).hexdigest() == file.contents_sha256


def test_the_real_data_is_loaded_and_verified(debian: Found) -> None:
    images, labels = load_found(debian, Split.TRAIN)
    assert images.shape == (60_000, 28, 28)
    assert np.bincount(labels).tolist() == [6000] * 10
    beginning, first_labels = load_found(debian, Split.TRAIN, first=100)
    assert np.array_equal(beginning, images[:100])
    assert np.array_equal(first_labels, labels[:100])
    assert Split.TEST.value == "test"
    assert load_found(debian, Split.TEST)[0].shape == (10_000, 28, 28)


@pytest.mark.parametrize(
    ("split", "path"), [(Split.TRAIN, SAMPLE_TRAIN), (Split.TEST, SAMPLE_TEST)], ids=["train", "test"]
)
def test_the_sample_is_what_its_script_makes(debian: Found, repository: Path, split: Split, path: Path) -> None:
    script = runpy.run_path(str(repository / "tools" / "make_fashion_mnist_sample.py"))
    made = script["sample_bytes"](split, DEBIAN)
    with np.load(io.BytesIO(made)) as wanted, np.load(path) as there:
        assert np.array_equal(wanted["images"], there["images"])
        assert np.array_equal(wanted["labels"], there["labels"])
    if script["ZLIB"] == zlib.ZLIB_RUNTIME_VERSION:  # others may compress otherwise
        assert made == path.read_bytes()
    assert path.stat().st_size < 2**20
