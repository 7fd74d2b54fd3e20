"""Figures in graded notebooks: as with `%matplotlib inline`, they are closed when shown and at the end of a cell.

What the cells showed is kept, the last figures of many, for hidden cases that look at a notebook's own figures (see
`autograder.probes.figures`). Imports no matplotlib, so that a notebook without figures does not pay for it.
"""

from __future__ import annotations

import collections
import sys
from typing import Any

from autograder.sandbox.recorder import recorder

MAX_KEPT = 16  # figures: more are not looked at, and each has its numbers in memory


class Shown:
    """The last figures that the notebook's cells showed. In the student's process, so what is in it is only a claim."""

    def __init__(self) -> None:
        self.figures: collections.deque[Any] = collections.deque(maxlen=MAX_KEPT)
        self.cells_run = True

    def end_of_cells(self) -> None:
        """What is shown from now on is shown by a call of the judge's."""
        self.cells_run = False


shown = Shown()

BACKEND = "module://autograder.sandbox.backend"


def close_figures() -> None:
    """Close every open figure, where pyplot was used at all; those that cells made are recorded and kept."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    if shown.cells_run:
        figures = [pyplot.figure(number) for number in pyplot.get_fignums()[-MAX_KEPT:]]
        shown.figures.extend(figures)
        for figure in figures:
            recorder.figure(figure)
    pyplot.close("all")


def prepare() -> None:
    """Where pyplot is warm, choose the backend before the fork: the first figure of each child would do it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.switch_backend(BACKEND)
