"""Draws hands that show digits: skin, light, a wall behind them, a camera's noise. No photograph is needed.

Strokes are drawn at twice the size and reduced, each with a dark rim, so that a finger in front of another is seen.
About 5 ms a picture on one core.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from autograder.datasets.sign_language_digits.hand import Point, Stroke, pose
from autograder.datasets.sign_language_digits.published import SIDE, Labels, Pictures

OVERSAMPLED = 2
CONTRAST, LIGHTEST = 85, 245
SKIN = ((224, 184, 154), (210, 166, 132), (196, 148, 112), (172, 124, 90), (138, 94, 66), (100, 68, 48))
NAILS = ((240, 205, 195), (225, 180, 170), (120, 20, 40), (40, 30, 40), (235, 150, 170))

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Camera:
    """From the hand's coordinates to pixels: turned by `degrees`, `scale` pixels a unit, the palm at `centre`."""

    degrees: float
    scale: float
    centre: Point

    def __call__(self, point: Point) -> Point:
        """Where the camera sees `point`; pixels go down."""
        turn = math.radians(self.degrees)
        x, y = point
        right, up = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
        return self.centre[0] + self.scale * right, self.centre[1] - self.scale * up


def draw_all(labels: Labels, seed: tuple[int, ...]) -> Pictures:
    """A picture of each label's digit, uint8 (N, 100, 100, 3); picture i depends on its label, on `seed` and on i."""
    pictures = np.empty((len(labels), SIDE, SIDE, 3), np.uint8)
    for index, label in enumerate(labels):
        pictures[index] = draw(int(label), np.random.default_rng((*seed, index)))
    return pictures


def draw(digit: int, rng: np.random.Generator) -> Pictures:
    """One hand that shows `digit` (0 to 9), uint8 (100, 100, 3)."""
    strokes = pose(digit, rng)
    tone = _tone(rng)
    hand = _painted(strokes, _camera(rng), tone, rng)
    wall = _wall(float(tone.mean()), rng)
    shadow = _shadow(hand, rng)
    cover = np.asarray(hand.getchannel("A"), np.float32)[:, :, None] / 255
    skin = np.asarray(hand.convert("RGB"), np.float32)
    picture = wall * (1 - shadow * (1 - cover)) * (1 - cover) + skin * cover
    return _exposed(picture.astype(np.float32), rng)


def _camera(rng: np.random.Generator) -> Camera:
    """Where the photographs' camera is: hands are 18 to 22 pixels a unit, and upright but for some degrees."""
    scale = rng.uniform(18, 22) * OVERSAMPLED
    middle = SIDE * OVERSAMPLED / 2
    centre = (middle + rng.normal(0, 3.5) * OVERSAMPLED, middle + rng.uniform(15, 23) * OVERSAMPLED)
    return Camera(rng.normal(0, 6), scale, centre)


def _painted(strokes: list[Stroke], camera: Camera, tone: Floats, rng: np.random.Generator) -> Image.Image:
    """The hand alone, RGBA (100, 100); transparent where there is none."""
    size = SIDE * OVERSAMPLED
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    canvas = ImageDraw.Draw(image)
    nail = np.array(NAILS[rng.choice(len(NAILS), p=(0.42, 0.4, 0.06, 0.06, 0.06))], np.float32)
    rim = rng.uniform(0.45, 0.72)
    for stroke in strokes:
        _paint(canvas, stroke, camera, tone, rim)
        if stroke.nail:
            _paint_nail(canvas, stroke, camera, nail)
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


def _tone(rng: np.random.Generator) -> Floats:
    """A skin between two of the table's."""
    place = rng.uniform(0, len(SKIN) - 1.001)
    first, share = int(place), place % 1
    between = (1 - share) * np.array(SKIN[first]) + share * np.array(SKIN[first + 1])
    return (between + rng.normal(0, 6, 3)).astype(np.float32)


def _paint(canvas: ImageDraw.ImageDraw, stroke: Stroke, camera: Camera, tone: Floats, rim: float) -> None:
    """The rim, then skin, then a lighter middle: round as a finger is."""
    points = [camera(point) for point in stroke.points]
    base = tone * (1 - stroke.shade)
    for grown, light in ((1.5, rim), (0.0, 0.86), (-1.8, 0.95), (-4.0, 1.02)):
        radii = [radius * camera.scale + grown for radius in stroke.radii]
        if min(radii) > 1:
            _capsules(canvas, points, radii, _colour(base * light))
    for point, radius in zip(points[1:-1], stroke.radii[1:-1], strict=True):  # creases
        reach = 0.5 * radius * camera.scale
        canvas.line([(point[0] - reach, point[1]), (point[0] + reach, point[1])], _colour(base * 0.8), width=1)


def _paint_nail(canvas: ImageDraw.ImageDraw, stroke: Stroke, camera: Camera, colour: Floats) -> None:
    (x, y), radius = camera(stroke.points[-1]), stroke.radii[-1] * camera.scale * 0.55
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), _colour(colour * 0.92))


def _capsules(canvas: ImageDraw.ImageDraw, points: list[Point], radii: list[float], colour: tuple[int, ...]) -> None:
    for (x, y), radius in zip(points, radii, strict=True):
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    for (start, end), (near, far) in zip(pairwise(points), pairwise(radii), strict=True):
        across = math.atan2(end[1] - start[1], end[0] - start[0]) + math.pi / 2
        side = math.cos(across), math.sin(across)
        corners = [(start, near), (end, far), (end, -far), (start, -near)]
        canvas.polygon([(x + side[0] * r, y + side[1] * r) for (x, y), r in corners], colour)


def _colour(values: Floats) -> tuple[int, ...]:
    return (*(int(value) for value in np.clip(values, 0, 255)), 255)


def _wall(skin: float, rng: np.random.Generator) -> Floats:
    """Paper or a plain wall, (100, 100, 3), lighter than the skin: a vignette, now and then a fold or an edge."""
    at = np.linspace(-1, 1, SIDE, dtype=np.float32)
    across, down = np.meshgrid(at, at)
    grey = rng.uniform(min(skin + CONTRAST, LIGHTEST), LIGHTEST)
    colour = grey + rng.normal(0, 5, 3).astype(np.float32)
    far = (across - rng.normal(0, 0.3)) ** 2 + (down - rng.normal(0, 0.3)) ** 2
    light = 1 - rng.uniform(0.0, 0.15) * far
    for _ in range(rng.integers(0, 2)):
        turn, place = rng.uniform(0, math.pi), rng.uniform(-0.9, 0.9)
        distance = across * math.cos(turn) + down * math.sin(turn) - place
        light = light + rng.uniform(-0.1, 0.1) * np.exp(-((distance / 0.02) ** 2))
        light = light + rng.uniform(-0.06, 0.06) * (distance > 0)
    return np.asarray(light[:, :, None] * colour, np.float32)


def _shadow(hand: Image.Image, rng: np.random.Generator) -> Floats:
    """What the hand takes of the light behind it, (100, 100, 1) in [0, 1]."""
    shape = hand.getchannel("A").filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4)))
    moved = ImageChops.offset(ImageOps.expand(shape, 5), *map(int, rng.integers(-4, 5, 2)))
    dark = np.asarray(ImageOps.crop(moved, 5), np.float32)
    return np.asarray(dark[:, :, None] / 255 * rng.uniform(0.05, 0.3), np.float32)


def _exposed(picture: Floats, rng: np.random.Generator) -> Pictures:
    """Uneven light over all of it, an exposure, a tint, a lens that is not quite sharp, noise."""
    at = np.linspace(-1, 1, SIDE, dtype=np.float32)
    turn = rng.uniform(0, 2 * math.pi)
    slope = math.cos(turn) * at[None, :] + math.sin(turn) * at[:, None]
    light = rng.uniform(0.82, 1.06) * (1 + rng.uniform(0, 0.12) * slope)
    lit = picture * light[:, :, None] * (1 + rng.normal(0, 0.03, 3).astype(np.float32))
    sharp = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    seen = np.asarray(sharp.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9))), np.float32)
    grain = rng.normal(0, rng.uniform(1, 4), (SIDE, SIDE, 1)) + rng.normal(0, 1.5, (SIDE, SIDE, 3))
    return np.clip(np.rint(seen + grain), 0, 255).astype(np.uint8)
