"""Make the sample of Fashion-MNIST that the package carries: 2,000 training and 1,000 test images, classes even.

    python tools/make_fashion_mnist_sample.py                  from what `autograder data` finds
    python tools/make_fashion_mnist_sample.py --check          change nothing: exit 1 where a file is not this

The same files come out each time (with the same release of zlib, byte for byte). They lie apart, because students' code
may read the one while it is graded, and not the other.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from autograder.datasets.fashion_mnist.finding import find
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.places import SAMPLE_TEST, SAMPLE_TRAIN, Places
from autograder.datasets.fashion_mnist.published import CLASSES, Split

SEED = 20170825  # the day on which the data set was published
PER_CLASS = {Split.TRAIN: 200, Split.TEST: 100}
TARGETS = {Split.TRAIN: SAMPLE_TRAIN, Split.TEST: SAMPLE_TEST}
EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's own beginning of time: no date in the file
ZLIB = "1.2.13"  # whose bytes are committed


def sample_bytes(split: Split, folder: Path | None = None) -> bytes:
    """The npz file of a split: `images` (N, 28, 28) and `labels` (N,), both of bytes, in mixed order."""
    found = find(Places.here(folder))
    if not found.full:
        raise SystemExit(
            "only the sample itself is here; apt install dataset-fashion-mnist, or autograder data --prepare"
        )
    images, labels = load_found(found, split)
    rng = np.random.default_rng([SEED, list(Split).index(split)])
    chosen = [
        rng.choice(np.flatnonzero(labels == label), PER_CLASS[split], replace=False) for label in range(len(CLASSES))
    ]
    indices = rng.permutation(np.concatenate(chosen))
    return _npz(images=images[indices], labels=labels[indices].astype(np.uint8))


def _npz(**arrays: np.ndarray) -> bytes:
    """As np.savez_compressed, but with no date and at the highest level."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, array, version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # the same on Windows
            archive.writestr(member, body.getvalue(), compresslevel=9)
    return out.getvalue()


def main() -> int:
    """Write the files, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 where a file differs")
    parser.add_argument("--dir", type=Path, help="the folder with the four files")
    arguments = parser.parse_args()
    differing = 0
    for split, target in TARGETS.items():
        data = sample_bytes(split, arguments.dir)
        same = target.exists() and target.read_bytes() == data
        if not arguments.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        differing += not same
        print(f"{target.name}: {len(data):,} bytes, {'as it was' if same else 'another one'}")
    return 1 if arguments.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
