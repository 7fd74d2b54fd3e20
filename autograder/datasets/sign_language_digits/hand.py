"""Poses a hand of capsules for each digit, as American Sign Language shows it: 6 to 9 are a finger on the thumb.

Coordinates: x to the right, y up, the palm around (0, 0), one unit is half its width. The thumb is on the right, as in
the photographs: a right hand with its palm to the camera. What lies further back comes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A thick line through `points` with round ends, each point with its radius, and a nail at its end.

    `shade` darkens it (0 to 1). Points in between are joints: the stroke is creased there.
    """

    points: tuple[Point, ...]
    radii: tuple[float, ...]
    shade: float = 0.0
    nail: bool = False


@dataclass(frozen=True, slots=True)
class Finger:
    """Where a finger leaves the palm, its length, its half width, and how far it leans outwards in degrees."""

    base: Point
    length: float
    radius: float
    lean: float


PINKY, RING, MIDDLE, INDEX = range(4)
FINGERS = (
    Finger((-0.74, 0.62), 1.15, 0.20, -17),
    Finger((-0.27, 0.80), 1.50, 0.23, -6),
    Finger((0.22, 0.83), 1.62, 0.24, 3),
    Finger((0.70, 0.68), 1.45, 0.24, 13),
)
THUMB_BASE: Point = (0.72, -0.45)
RAISED: dict[int, tuple[int, ...]] = {
    1: (INDEX,),
    2: (MIDDLE, INDEX),
    3: (MIDDLE, INDEX),
    4: (PINKY, RING, MIDDLE, INDEX),
    5: (PINKY, RING, MIDDLE, INDEX),
    6: (RING, MIDDLE, INDEX),
    7: (PINKY, MIDDLE, INDEX),
    8: (PINKY, RING, INDEX),
    9: (PINKY, RING, MIDDLE),
}
TOUCHING: dict[int, int] = {6: PINKY, 7: RING, 8: MIDDLE, 9: INDEX}
THUMB_OUT = (3, 5)


def pose(digit: int, rng: np.random.Generator) -> list[Stroke]:
    """The strokes of one hand that shows `digit` (0 to 9), each hand somewhat different, from back to front."""
    arm = Stroke(((rng.normal(0, 0.2), -4.5), (0.0, -1.0)), (rng.uniform(0.62, 0.8), 0.62), shade=0.06)
    if digit == 0:
        return [arm, *_ring(rng)]
    spread = rng.uniform(0.9, 1.6)
    fingers = [_varied(finger, spread, rng) for finger in FINGERS]
    raised = [_raised(fingers[index], rng) for index in RAISED[digit]]
    touching = TOUCHING.get(digit)
    folded = [index for index in range(4) if index not in RAISED[digit] and index != touching]
    strokes = [arm, *raised, *_palm(), *(_folded(fingers[index], rng) for index in folded)]
    if touching is not None:
        return [*strokes, *_touch(fingers[touching], touching, rng)]
    return [*strokes, _thumb_out(rng) if digit in THUMB_OUT else _thumb_across(digit, rng)]


def _varied(finger: Finger, spread: float, rng: np.random.Generator) -> Finger:
    length = finger.length * rng.uniform(0.88, 1.12)
    return Finger(finger.base, length, finger.radius * rng.uniform(0.9, 1.1), finger.lean * spread + rng.normal(0, 3))


def _along(start: Point, degrees: float, distance: float) -> Point:
    """From `start`, `distance` upwards, leaning to the right by `degrees`."""
    turn = math.radians(degrees)
    return start[0] + distance * math.sin(turn), start[1] + distance * math.cos(turn)


def _palm() -> Iterator[Stroke]:
    yield Stroke(((0.28, -0.75), (0.46, 0.42)), (0.66, 0.48))
    yield Stroke(((-0.15, -0.8), (-0.42, 0.38)), (0.6, 0.5))
    yield Stroke(((0.0, -0.7), (0.0, 0.4)), (0.7, 0.6))


def _raised(finger: Finger, rng: np.random.Generator) -> Stroke:
    joint = _along(finger.base, finger.lean, finger.length * 0.5)
    tip = _along(joint, finger.lean + rng.normal(0, 4), finger.length * 0.5)
    return Stroke((finger.base, joint, tip), (finger.radius * 1.1, finger.radius, finger.radius * 0.8))


def _folded(finger: Finger, rng: np.random.Generator) -> Stroke:
    """Bent into the palm: the knuckle on top, the tip on the palm."""
    x, y = finger.base
    knuckle = (x * 1.02, y + rng.uniform(0.0, 0.22))
    return Stroke((knuckle, (x * 0.85, y - rng.uniform(0.55, 0.8))), (finger.radius * 1.15, finger.radius), 0.07, True)


def _touch(finger: Finger, index: int, rng: np.random.Generator) -> Iterator[Stroke]:
    """The finger bends forward until its tip is on the thumb's."""
    x, y = finger.base
    at = {PINKY: (-0.38, 0.15), RING: (-0.08, 0.3), MIDDLE: (0.25, 0.45), INDEX: (0.85, 0.75)}[index]
    meeting = (at[0] + rng.normal(0, 0.08), at[1] + rng.normal(0, 0.08))
    knuckle = (x * 1.08 + (0.25 if index == INDEX else 0.0), y + rng.uniform(0.35, 0.6))
    radius = finger.radius
    yield Stroke((finger.base, knuckle, meeting), (radius * 1.1, radius * 1.05, radius * 0.85), 0.05)
    out = 0.75 if index == INDEX else 0.35
    joint = ((THUMB_BASE[0] + meeting[0]) / 2 + out * rng.uniform(0.6, 1.1), (THUMB_BASE[1] + meeting[1]) / 2 - 0.05)
    yield Stroke((THUMB_BASE, joint, meeting), (0.38, 0.28, 0.22), 0.0, True)


def _thumb_out(rng: np.random.Generator) -> Stroke:
    joint = _along(THUMB_BASE, rng.uniform(40, 62), 0.85)
    tip = _along(joint, rng.uniform(25, 60), 0.72)
    return Stroke((THUMB_BASE, joint, tip), (0.42, 0.28, 0.2))


def _thumb_across(digit: int, rng: np.random.Generator) -> Stroke:
    """Over the palm, and over the folded fingers where there are some."""
    joint = (0.78 + rng.normal(0, 0.08), 0.05 + rng.normal(0, 0.08))
    reach = -0.05 if digit == 4 else -0.1
    tip = (reach + rng.normal(0, 0.12), (0.12 if digit == 4 else 0.35) + rng.normal(0, 0.08))
    return Stroke((THUMB_BASE, joint, tip), (0.4, 0.29, 0.22), 0.0, True)


def _ring(rng: np.random.Generator) -> Iterator[Stroke]:
    """0: fingers and thumb bent into a ring with a hole, seen from its side."""
    width, height = rng.uniform(0.62, 0.85), rng.uniform(0.5, 0.8)
    centre = (rng.uniform(0.25, 0.45), 0.75 + height - 0.55)
    around = [_on(centre, width, height, degrees) for degrees in (215, 165, 125, 85, 45, 12)]
    yield Stroke(((0.0, -1.0), (-0.15, -0.25), around[0]), (0.6, 0.6, 0.42))
    for layer in range(4):  # four fingers, one behind the other
        shift = 0.09 * (3 - layer)
        points = tuple((x - shift * 0.6, y + shift) for x, y in around)
        yield Stroke(points, (0.42, 0.36, 0.28, 0.25, 0.23, 0.19), 0.02 * (3 - layer), layer == 3)
    thumb = [_on(centre, width, height, degrees) for degrees in (225, 275, 320, 358)]
    yield Stroke(tuple(thumb), (0.45, 0.3, 0.25, 0.2), 0.0, True)


def _on(centre: Point, width: float, height: float, degrees: float) -> Point:
    turn = math.radians(degrees)
    return centre[0] + width * math.cos(turn), centre[1] + height * math.sin(turn)
