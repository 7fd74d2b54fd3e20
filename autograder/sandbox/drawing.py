"""Pictures of cells as small PNG files, drawn in the student's process."""

from __future__ import annotations

import io
import math
import warnings
from typing import Any

DOTS_PER_INCH = 80
MAX_PIXELS = 2_000_000


def drawn(figure: Any) -> bytes:
    """A figure as a small PNG file: 256 colours are enough for curves, and nearly for photographs."""
    width, height = figure.get_size_inches()
    dots = min(DOTS_PER_INCH, math.sqrt(MAX_PIXELS / max(width * height, 1e-6)))
    whole = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure.savefig(whole, format="png", dpi=dots, bbox_inches="tight", pil_kwargs={"compress_level": 1})
        return as_png(whole.getvalue())


def as_png(picture: bytes) -> bytes:
    """Any picture that Pillow reads, within MAX_PIXELS and in 256 colours; raises what Pillow does."""
    from PIL import Image

    small = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        if image.width * image.height > MAX_PIXELS:
            scale = math.sqrt(MAX_PIXELS / (image.width * image.height))
            image.thumbnail((image.width * scale, image.height * scale))
        image.convert("RGB").quantize(256).save(small, format="png", optimize=True)
    return small.getvalue()
