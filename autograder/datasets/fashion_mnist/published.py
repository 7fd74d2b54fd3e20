"""What Zalando published: four files with their shapes and checksums, the mirrors that carry them, the ten classes.

https://github.com/zalandoresearch/fashion-mnist. The MD5 sums are those of its README, the SHA-256 sums those that
TensorFlow Datasets pins; both were verified on the published bytes. Debian's package compresses the same contents
without the files' names and dates, so its archives have other sums: contents are what identifies the data here.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class Split(enum.Enum):
    """Which of the two parts; the value is what `load` is asked for."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file: its name when unpacked, the array in it, and the sums of its contents and of its published archive."""

    name: str
    shape: tuple[int, ...]
    contents_sha256: str
    archive_bytes: int
    archive_md5: str
    archive_sha256: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The images of a split and their labels."""

    images: PublishedFile
    labels: PublishedFile

    def __iter__(self) -> Iterator[PublishedFile]:
        return iter((self.images, self.labels))


@dataclass(frozen=True, slots=True)
class Publication:
    """A data set in MNIST's layout, and where it can be had."""

    train: Pair
    test: Pair
    mirrors: tuple[str, ...]

    def __iter__(self) -> Iterator[PublishedFile]:
        return iter((*self.train, *self.test))

    def pair(self, split: Split) -> Pair:
        """The two files of a split."""
        return self.train if split is Split.TRAIN else self.test


FASHION_MNIST = Publication(
    train=Pair(
        images=PublishedFile(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            26_421_880,
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        labels=PublishedFile(
            "train-labels-idx1-ubyte",
            (60_000,),
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            29_515,
            "25c81989df183df01b3e8a0aad5dffbe",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
    ),
    test=Pair(
        images=PublishedFile(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            4_422_102,
            "bef4ecab320f06d8554ea6380940ec79",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        labels=PublishedFile(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            5_148,
            "bb300cfdad3c16e7a12a480ee83cd310",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",  # no TLS there; the checksums decide
    ),
)
