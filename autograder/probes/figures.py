"""Describes matplotlib figures as plain data: what their axes say and which numbers they show."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MAX_AXES = 32
MAX_LINES = 64
MAX_TEXTS = 200
MAX_POINTS = 10_000
MAX_CHARACTERS = 500
MAX_PICTURES = 16
MAX_PIXELS = 4_000_000  # numbers in a picture


def describe(figure: Figure) -> dict[str, Any]:
    """Describe a figure and close it, if pyplot still holds it.

    Returns `{"type": "Figure", "title": ..., "texts": [...], "axes": [...]}`; of anything but a figure only the type.
    An entry of "axes" has "title", "xlabel" and "ylabel", "legend" (its texts), "texts" (all other texts in it) and
    "lines", each of which has its "label", "x" and "y" and whether it is "visible".
    """
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        return {"type": type(figure).__name__, "title": "", "texts": [], "axes": []}
    description = {
        "type": "Figure",
        "title": _text(figure.get_suptitle()),
        "texts": [_text(text.get_text()) for text in figure.texts[:MAX_TEXTS]]
        + [_text(text.get_text()) for legend in figure.legends[:MAX_AXES] for text in legend.get_texts()[:MAX_TEXTS]],
        "axes": [_axes(axes) for axes in figure.axes[:MAX_AXES]],
    }
    close(figure)
    return description


def close(figure: Figure) -> None:
    """Let pyplot forget a figure. The figure itself stays whole."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)


def close_all() -> None:
    """Let pyplot forget all figures, so that a case begins with none."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def count_shown() -> int:
    """How many of the figures that the notebook's cells showed are kept; 0 where no sandbox ran them."""
    return len(_shown())


def shown(number: int) -> Any:
    """One of the figures that the notebook's cells showed: 0 is the first that is kept."""
    return _shown()[number]


def _shown() -> list[Any]:
    keeper = sys.modules.get("autograder.sandbox.figures")
    return list(keeper.shown.figures) if keeper is not None else []


def png(figure: Figure, dots_per_inch: int = 80) -> NDArray[Any]:
    """A figure as the bytes of a PNG file, in an array of uint8."""
    import io

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots_per_inch)
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8).copy()


def pictures(figure: Figure) -> list[NDArray[Any]]:
    """What `imshow` was given in a figure: arrays (h, w), (h, w, 3) or (h, w, 4), NaN where something is masked."""
    shown = [picture for axes in figure.axes[:MAX_AXES] for picture in axes.get_images()[:MAX_PICTURES]]
    arrays = [picture.get_array() for picture in shown[:MAX_PICTURES]]
    return [_unmasked(array) for array in arrays if array is not None and 0 < array.size <= MAX_PIXELS]


def _unmasked(array: Any) -> NDArray[Any]:
    masked = isinstance(array, np.ma.MaskedArray) and bool(np.any(array.mask))
    return np.array(array.astype(np.float32).filled(np.nan) if masked else array)


def _axes(axes: Axes) -> dict[str, Any]:
    legend = axes.get_legend()
    titles = [axes.get_title(loc=place) for place in ("center", "left", "right")]
    return {
        "title": _text(" ".join(filter(None, titles))),
        "xlabel": _text(axes.get_xlabel()),
        "ylabel": _text(axes.get_ylabel()),
        "legend": [_text(text.get_text()) for text in legend.get_texts()[:MAX_TEXTS]] if legend else [],
        "texts": [_text(text.get_text()) for text in axes.texts[:MAX_TEXTS]],
        "lines": [_line(line) for line in axes.get_lines()[:MAX_LINES]],
    }


def _line(line: Line2D) -> dict[str, Any]:
    return {
        "label": _text(line.get_label()),
        "x": _numbers(line.get_xdata()),
        "y": _numbers(line.get_ydata()),
        "visible": bool(line.get_visible()),
    }


def _text(value: Any) -> str:
    return str(value)[:MAX_CHARACTERS]


def _numbers(values: Any) -> NDArray[Any] | None:
    """The points of a line as float64; None where they are no numbers."""
    try:
        return np.asarray(values, dtype=np.float64).reshape(-1)[:MAX_POINTS].copy()
    except (TypeError, ValueError):
        return None
