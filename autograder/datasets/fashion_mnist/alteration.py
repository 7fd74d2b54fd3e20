"""Alters test images by a seed, so that no table of the public ones has them.

Strong enough that looking images up fails, weak enough that an honest network hardly notices. Measured by
bench/held_out.py: the lecture's network (2,000 images x 3 epochs, 5 seeds, .804 on the images as published), and cheats
that know the public test images with their labels.

| alteration            | network (worst)| bytes | average hash    | difference hash  | perceptual hash  | pixels     |
|-----------------------|----------------|-------|-----------------|------------------|------------------|------------|
| none                  |                | 1.00  | .89 / .91 / .70 | 1.00 /1.00 / .65 | 1.00 /1.00 / .70 | 1.00 / .81 |
| shift 0.25            | -.006 (-.010)  | .10   | .56 / .86 / .71 | .27 / .95 / .63  | .29 / .98 / .71  | 1.00 / .80 |
| shift 0.5             | -.016 (-.023)  | .10   | .46 / .82 / .70 | .19 / .88 / .61  | .17 / .93 / .69  | 1.00 / .79 |
| shift 1               | -.031 (-.039)  | .10   | .36 / .74 / .67 | .14 / .76 / .60  | .12 / .82 / .67  | .92 / .76  |
| contrast, brightness  | -.001 (-.004)  | .10   | .82 / .91 / .70 | .62 / .99 / .65  | .78 /1.00 / .71  | 1.00 / .81 |
| uneven light 0.25     | -.007 (-.011)  | .10   | .35 / .74 / .66 | .20 / .79 / .62  | .13 / .84 / .66  | .99 / .79  |
| noise 0.02            | -.001 (-.006)  | .10   | .73 / .90 / .71 | .12 / .86 / .52  | .41 /1.00 / .71  | 1.00 / .81 |
| all of it, as graded  | -.012 (-.017)  | .10   | .33 / .74 / .66 | .10 / .57 / .49  | .11 / .84 / .65  | .98 / .78  |
| half as strong        | -.004 (-.005)  | .10   | .48 / .81 / .69 | .10 / .73 / .53  | .16 / .93 / .68  | 1.00 / .80 |
| twice as strong       | -.074 (-.085)  | .10   | .20 / .56 / .53 | .10 / .44 / .42  | .10 / .65 / .57  | .81 / .65  |

Bytes and the first number of each hash: looked up, with a guess where there is no such entry. Second: the label of the
nearest of all public test images. Last: of the nearest among 10,000 training images, so without any table of answers.

What that says: looking up gives chance, except for the average hash, which is so coarse that garments of one class
share it. A *nearest* neighbour is never near chance, since garments of a class look alike (.49 to .78 without cheats);
a table of the test labels adds .08 to .20 to that. No alteration that the network bears prevents it: an image moves
less than images differ. So a notebook that carries 80 KB of perceptual hashes can reach an honest network's accuracy;
what it lacks is a network that learns, and that is for the cases on behaviour and training to see. A shift, which a
cheat fears most, costs the network most too: garments fill the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.datasets.fashion_mnist.idx import Bytes
from autograder.datasets.fashion_mnist.loading import Labels

WHITE = 255
WAVES = 3

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Images of bytes (N, 28, 28) for the student's model, and labels (N,) that stay with the judge."""

    images: Bytes
    labels: Labels


@dataclass(frozen=True, slots=True)
class Strength:
    """How far an image may be altered, evenly drawn up to these bounds; `noise` is a standard deviation."""

    shift: float = 0.25  # pixels, in each direction
    contrast: float = 0.15  # share
    brightness: float = 0.03  # share of white
    uneven: float = 0.25  # share: patches of more and of less light, about a third of the image wide
    noise: float = 0.02  # share of white


MEASURED = Strength()


def alter_test_images(images: Bytes, labels: Labels, *, seed: int, count: int) -> HeldOut:
    """`count` of the images, as many of each class as can be, mixed and altered; all of them where there are fewer.

    The same seed gives the same, another seed other images in another order, each altered otherwise.
    """
    rng = np.random.default_rng(seed)
    chosen = stratified(labels, count, rng)
    return HeldOut(alter(images[chosen], rng), labels[chosen].copy())


def stratified(labels: Labels, count: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Indices of `count` items in mixed order, the classes' numbers differing by one at most while they last.

    Each class is mixed, then the classes take turns, in an order of each turn's own.
    """
    turn = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        turn[rng.permutation(members)] = np.arange(len(members))
    order = np.lexsort((rng.random(len(labels)), turn))
    return rng.permutation(order[: max(0, count)])


def alter(images: Bytes, rng: np.random.Generator, strength: Strength = MEASURED) -> Bytes:
    """Each image shifted by a part of a pixel, in other light, with noise; each in its own way."""
    count = len(images)

    def drawn(bound: float) -> Floats:
        return rng.uniform(-bound, bound, (count, 1, 1)).astype(np.float32)

    light = shifted(images, drawn(strength.shift), drawn(strength.shift))
    light *= 1 + strength.uneven * _patches(count, images.shape[1], rng)
    light = light * (1 + drawn(strength.contrast)) + WHITE * drawn(strength.brightness)
    light += WHITE * strength.noise * rng.standard_normal(images.shape, np.float32)
    return np.clip(np.rint(light), 0, WHITE).astype(np.uint8)


def _patches(count: int, side: int, rng: np.random.Generator) -> Floats:
    """Smooth fields (count, side, side) around 0 with a standard deviation of 1: three plane waves of random course."""
    at = np.linspace(-1, 1, side, dtype=np.float32)
    field = np.zeros((count, side, side), np.float32)
    for _ in range(WAVES):
        direction, phase = rng.uniform(0, 2 * np.pi, (2, count, 1, 1)).astype(np.float32)
        frequency = rng.uniform(1, 4, (count, 1, 1)).astype(np.float32)
        field += np.sin(frequency * (np.cos(direction) * at[:, None] + np.sin(direction) * at) + phase)
    return field / np.float32(np.sqrt(WAVES / 2))


def shifted(images: Bytes, down: Floats, right: Floats) -> Floats:
    """Each image moved by its own distances, less than a pixel, with black coming in; in between by linear weights."""
    padded = np.pad(images.astype(np.float32), ((0, 0), (1, 1), (1, 1)))
    rows = _between(padded[:, :-2], padded[:, 1:-1], padded[:, 2:], down)
    return _between(rows[:, :, :-2], rows[:, :, 1:-1], rows[:, :, 2:], right)


def _between(before: Floats, here: Floats, after: Floats, distance: Floats) -> Floats:
    from_before, from_after = np.maximum(distance, 0), np.maximum(-distance, 0)
    weighted = from_before * before + (1 - np.abs(distance)) * here + from_after * after
    return weighted.astype(np.float32, copy=False)
