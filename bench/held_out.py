"""What altering the held-out images costs an honest network, and what it leaves to tables of the public labels.

    python bench/held_out.py                 the table of autograder/datasets/fashion_mnist/alteration.py
    python bench/held_out.py --seeds 5 --images 2000

The network is the lecture's, trained on 2,000 images for 3 epochs, mirrored at random. The cheats know all public test
images with their labels: `exact` looks a hash up and guesses where it is not in the table, `nearest` takes the
label of the nearest one. `honest` is the same nearest neighbour among 10,000 training images: what similarity alone
gives, without any table of the answers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from autograder.datasets import fashion_mnist
from autograder.datasets.fashion_mnist.alteration import MEASURED, Strength, alter, stratified

GUESS = 0.1
NONE = Strength(shift=0, contrast=0, brightness=0, uneven=0, noise=0)
TRIED = {
    "none": NONE,
    "shift 0.25": replace(NONE, shift=MEASURED.shift),
    "shift 0.5": replace(NONE, shift=0.5),
    "shift 1": replace(NONE, shift=1.0),
    "contrast 0.15, brightness 0.03": replace(NONE, contrast=MEASURED.contrast, brightness=MEASURED.brightness),
    "uneven light 0.25": replace(NONE, uneven=MEASURED.uneven),
    "noise 0.02": replace(NONE, noise=MEASURED.noise),
    "ALL OF THESE (as graded)": MEASURED,
    "all, half as strong": Strength(0.125, 0.075, 0.015, 0.125, 0.01),
    "all, twice as strong": Strength(0.5, 0.3, 0.06, 0.5, 0.04),
}
Hash = Callable[[np.ndarray], np.ndarray]


def average_hash(images: np.ndarray) -> np.ndarray:
    """64 bits: which of 8 x 8 cells are lighter than the image's mean."""
    cells = images[:, 2:26, 2:26].astype(np.float32).reshape(-1, 8, 3, 8, 3).mean((2, 4)).reshape(-1, 64)
    return cells > cells.mean(1, keepdims=True)


def difference_hash(images: np.ndarray) -> np.ndarray:
    """64 bits: which cells are lighter than the one to their left."""
    cells = images[:, 2:26, :27].astype(np.float32).reshape(-1, 8, 3, 9, 3).mean((2, 4))
    return (cells[:, :, 1:] > cells[:, :, :-1]).reshape(-1, 64)


def perceptual_hash(images: np.ndarray) -> np.ndarray:
    """64 bits: which of the lowest 8 x 8 cosine coefficients are above their median."""
    at = np.arange(28)
    cosines = np.cos(np.pi * (2 * at + 1) * at[:8, None] / 56).astype(np.float32)
    low = (cosines @ images.astype(np.float32) @ cosines.T).reshape(-1, 64)
    return low > np.median(low, axis=1, keepdims=True)


HASHES: dict[str, Hash] = {"average": average_hash, "difference": difference_hash, "perceptual": perceptual_hash}


def exact_score(queries: np.ndarray, labels: np.ndarray, table: np.ndarray, answers: np.ndarray) -> float:
    """Share right by looking rows of bytes up, with a guess where a row is not in the table."""
    known = {row.tobytes(): answer for row, answer in zip(table, answers, strict=True)}
    found = [known.get(row.tobytes()) for row in queries]
    return float(np.mean([GUESS if mine is None else mine == right for mine, right in zip(found, labels, strict=True)]))


def nearest(queries: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Index of the nearest row of `table` by squared distance, which for bits is the number of different ones."""
    flat = table.reshape(len(table), -1).astype(np.float32)
    squares = (flat**2).sum(1)
    parts = np.array_split(queries.reshape(len(queries), -1).astype(np.float32), max(1, len(queries) // 500))
    return np.concatenate([(squares - 2 * part @ flat.T).argmin(1) for part in parts])


def network() -> nn.Sequential:
    """The lecture's."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10)),
    )


def prepared(images: np.ndarray) -> torch.Tensor:
    """To [-1, 1], with a channel."""
    return torch.from_numpy(images.astype(np.float32) / 127.5 - 1)[:, None]


def trained(seed: int, images: np.ndarray, labels: np.ndarray, *, count: int, epochs: int) -> nn.Sequential:
    """The network after `epochs` on `count` images drawn by the seed."""
    torch.manual_seed(seed)
    chosen = np.random.default_rng(seed).permutation(len(images))[:count]
    inputs, targets = prepared(images[chosen]), torch.from_numpy(labels[chosen])
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(count).split(64):
            mirrored = torch.rand(len(batch), 1, 1, 1) < 0.5
            seen = torch.where(mirrored, inputs[batch].flip(3), inputs[batch])
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(seen), targets[batch]).backward()
            optimizer.step()
    return model.eval()


@torch.no_grad()
def accuracy(model: nn.Sequential, images: np.ndarray, labels: np.ndarray) -> float:
    """Share right."""
    answers = torch.cat([model(part).argmax(1) for part in prepared(images).split(500)])
    return float((answers.numpy() == labels).mean())


def main() -> None:
    """Train, and print a row for each alteration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="networks to train")
    parser.add_argument("--images", type=int, default=2000, help="held-out images")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train, train_labels = fashion_mnist.load("train")
    test, test_labels = fashion_mnist.load("test")
    models = [trained(seed, train, train_labels, count=2000, epochs=3) for seed in range(arguments.seeds)]
    others = np.random.default_rng(0).permutation(len(train))[:10_000]
    chosen = stratified(test_labels, arguments.images, np.random.default_rng(1))
    images, labels = test[chosen], test_labels[chosen]
    plain = np.array([accuracy(model, images, labels) for model in models])
    print(f"network, images as published: {plain.mean():.3f} ({plain.min():.3f}-{plain.max():.3f})")
    print("alteration                      network (lowest)   table: exact / nearest / honest; pixels; average; ...")
    for name, strength in TRIED.items():
        altered = alter(images, np.random.default_rng(2), strength)
        change = np.array([accuracy(model, altered, labels) for model in models]) - plain
        cells = [f"{name:31} {change.mean():+.3f} ({change.min():+.3f})"]
        for means, see in {"pixels": lambda array: array, **HASHES}.items():
            queries, table = see(altered), see(test)
            exact = exact_score(queries, labels, table, test_labels)
            near = (test_labels[nearest(queries, table)] == labels).mean()
            honest = (train_labels[others][nearest(queries, see(train[others]))] == labels).mean()
            cells.append(f"{means} {exact:.2f} / {near:.2f} / {honest:.2f}")
        print("   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
