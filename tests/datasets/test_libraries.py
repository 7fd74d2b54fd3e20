"""The same files as torchvision and TensorFlow Datasets expect them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.datasets import fashion_mnist
from autograder.datasets.fashion_mnist import DataError
from autograder.datasets.fashion_mnist.finding import Found, find
from autograder.datasets.fashion_mnist.libraries import torchvision_root
from autograder.datasets.fashion_mnist.places import Places

from .conftest import Small

UNPACKED_MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
READ_BACK = """
import sys
from autograder.datasets import fashion_mnist
import numpy as np
import tensorflow_datasets as tfds
folder = fashion_mnist.tfds_dir(sys.argv[1], folder="sample")
data, info = tfds.load("fashion_mnist", data_dir=folder, download=False, with_info=True, as_supervised=True)
assert info.features["label"].names == list(fashion_mnist.CLASSES)
for split in ("train", "test"):
    images, labels = fashion_mnist.load(split, folder="sample")
    assert info.splits[split].num_examples == len(images)
    read = sorted((int(label), image[:, :, 0].tobytes()) for image, label in tfds.as_numpy(data[split]))
    assert read == sorted((int(label), image.tobytes()) for image, label in zip(images, labels))
print("THE SAME")
"""


def test_torchvision_finds_its_files_by_name(debian: Found, tmp_path: Path) -> None:
    assert torchvision_root(debian, tmp_path) == tmp_path
    raw = tmp_path / "FashionMNIST" / "raw"
    assert {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in raw.iterdir()} == UNPACKED_MD5


def test_unpacked_files_are_linked_to(small: Small, places: Places, tmp_path: Path) -> None:
    small.write(places.cache)
    root = torchvision_root(find(places, small.publication), tmp_path / "root", publication=small.publication)
    for name, contents in small.contents.items():
        path = root / "FashionMNIST" / "raw" / name
        assert path.is_symlink()
        assert path.read_bytes() == contents


def test_torchvision_is_not_given_the_sample_as_if_it_were_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="autograder data --prepare"):
        fashion_mnist.torchvision_root(tmp_path, folder="sample")


@pytest.mark.slow
def test_tensorflow_datasets_reads_them_offline(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow_datasets", reason="TENSORFLOW DATASETS IS NOT HERE, NOT TESTED")
    command = [sys.executable, "-c", READ_BACK, str(tmp_path)]
    outcome = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert outcome.stdout.endswith("THE SAME\n"), outcome.stderr[-3000:]
