"""`tfds.load("sign_language_digits")` on the real photographs; TensorFlow is imported in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REGISTERED = """
import sys
{first}
{second}
import tensorflow_datasets as tfds
assert tfds.builder_cls("sign_language_digits").name == "sign_language_digits"
assert "tensorflow" not in sys.modules, "registering costs no import of it"
"""

LOADED = """
import json, sys
import numpy as np
import tensorflow_datasets as tfds
import autograder.datasets
from autograder.datasets import sign_language_digits

facts = {}
(images, labels), info = tfds.load(
    "sign_language_digits", split="train", as_supervised=True, batch_size=-1, with_info=True, data_dir=sys.argv[1]
)
facts["shape"], facts["dtypes"] = list(images.shape), [images.dtype.name, labels.dtype.name]
facts["counts"] = np.bincount(labels.numpy()).tolist()
facts["name"], facts["splits"] = info.full_name, {name: split.num_examples for name, split in info.splits.items()}
image, label = info.features["image"], info.features["label"]
facts["features"] = [list(image.shape), image.np_dtype.__name__, label.names]
facts["supervised"] = list(info.supervised_keys)
facts["citation"], facts["homepage"] = info.citation, info.homepage
facts["license"], facts["notes"] = info.redistribution_info.license, info.release_notes
pictures, digits = sign_language_digits.load()
facts["same"] = bool((pictures == images.numpy()).all() and (digits == labels.numpy()).all())
few = tfds.load("sign_language_digits", split="train[:1%]", shuffle_files=True, data_dir=sys.argv[1])
facts["few"] = len(list(few))
print("FACTS " + json.dumps(facts))
"""

DRAWN = """
import sys
import tensorflow_datasets as tfds
import autograder.datasets
from autograder.datasets.sign_language_digits import builder, preparing, rendering
from autograder.datasets.sign_language_digits.downloads import DownloadError

def nothing(*_, **__):
    raise DownloadError("https://github.com: could not be downloaded (no network)")

preparing.download = nothing
few = rendering.rendered((2,) * 10)
sys.modules["autograder.datasets.sign_language_digits.loading"].rendered = lambda: few
data, info = tfds.load("sign_language_digits", split="train", with_info=True)
print("FACTS", info.full_name, len(list(data)))
try:
    tfds.load("sign_language_digits/photographs", split="train")
except Exception as error:
    print("REFUSED", type(error).__name__, error)
"""


@pytest.fixture(autouse=True, scope="module")
def _tfds() -> None:
    pytest.importorskip("tensorflow_datasets", reason="TENSORFLOW DATASETS IS NOT HERE, NOT TESTED")


def run(code: str, repository: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=repository,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("ours_first", [True, False])
def test_both_orders_of_the_imports_register_it(repository: Path, ours_first: bool) -> None:
    lines = ["import autograder.datasets", "import tensorflow_datasets"]
    first, second = lines if ours_first else reversed(lines)
    done = run(REGISTERED.format(first=first, second=second), repository)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def loaded(photographs: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    folder = tmp_path_factory.mktemp("data")
    done = run(LOADED, repository, str(folder), SIGN_DIGITS_ARCHIVE=str(photographs))
    (facts,) = [line for line in done.stdout.splitlines() if line.startswith("FACTS ")] or pytest.fail(done.stderr)
    return json.loads(facts.removeprefix("FACTS ")), done.stderr


@pytest.mark.slow
def test_it_loads_all_photographs(loaded: tuple[dict[str, Any], str]) -> None:
    facts, told = loaded
    assert facts["shape"] == [2_062, 100, 100, 3]
    assert facts["dtypes"] == ["uint8", "int64"]
    assert facts["counts"] == [205, 206, 206, 206, 207, 207, 207, 206, 208, 204]
    assert facts["splits"] == {"train": 2_062}
    assert facts["few"] == 21, "a part of a split, shuffled"
    assert "Sign Language Digits, photographs, from the archive that you named" in told


@pytest.mark.slow
def test_our_reader_gives_the_same_arrays_in_the_same_order(loaded: tuple[dict[str, Any], str]) -> None:
    assert loaded[0]["same"]


@pytest.mark.slow
def test_it_is_documented(loaded: tuple[dict[str, Any], str]) -> None:
    facts, _ = loaded
    assert facts["name"] == "sign_language_digits/photographs/1.0.0"
    assert facts["features"] == [[100, 100, 3], "uint8", list("0123456789")]
    assert facts["supervised"] == ["image", "label"]
    assert "2011.08927" in facts["citation"]
    assert facts["homepage"] == "https://github.com/ardamavi/Sign-Language-Digits-Dataset"
    assert facts["license"] == "Apache-2.0"
    assert "1.0.0" in facts["notes"]


@pytest.mark.slow
def test_without_a_network_and_an_archive_hands_are_drawn_and_that_is_said(repository: Path, tmp_path: Path) -> None:
    done = run(DRAWN, repository, TFDS_DATA_DIR=str(tmp_path / "data"))
    assert "FACTS sign_language_digits/rendered/1.0.0 20" in done.stdout, done.stderr[-2000:]
    assert "could not be downloaded (no network)" in done.stderr
    assert "RENDERED HANDS INSTEAD OF PHOTOGRAPHS" in done.stderr
    assert "REFUSED DownloadError" in done.stdout, "photographs that were asked for are never replaced"
