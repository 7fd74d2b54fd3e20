"""What Arda Mavi and Zeynep Dikle published: 2,062 photographs of ten digits, and where they can be had."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pictures: TypeAlias = npt.NDArray[np.uint8]
"""(N, 100, 100, 3)"""
Labels: TypeAlias = npt.NDArray[np.int64]
"""(N,), the digit"""

CLASSES = tuple("0123456789")
SIDE = 100
LARGE_SIDE = 3024
"""Of three photographs, which also lie on their side (their EXIF data says so); all others are 100 x 100."""
COUNTS = (205, 206, 206, 206, 207, 207, 207, 206, 208, 204)
"""Photographs of each digit."""
TOTAL = sum(COUNTS)

HOMEPAGE = "https://github.com/ardamavi/Sign-Language-Digits-Dataset"
COMMIT = "4b09433ef9d5c60602e8805bb54b8aa2428527f8"
ARCHIVE_URL = f"{HOMEPAGE}/archive/{COMMIT}.zip"
CONTENTS_SHA256 = "ffca1ee1016e6fa7b5f9fcb8fc969d6895fe1f19ebd083f12da14e274f783749"
"""Of the photographs, not of the archive, whose bytes GitHub may change; `archive.contents_sha256` says of what."""
LICENSE = "Apache-2.0"
TFDS_NAME, TFDS_VERSION = "sign_language_digits", "1.0.0"
RENDERING = "rendered 1"
"""When `hand` or `drawing` change, raise this number and that version, so that what was prepared is drawn again."""
CITATION = """@article{mavi2020new,
  title = {A New Dataset and Proposed Convolutional Neural Network Architecture for Classification of American Sign
           Language Digits},
  author = {Mavi, Arda},
  journal = {arXiv preprint arXiv:2011.08927},
  year = {2020},
}"""
