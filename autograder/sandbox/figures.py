"""Figures in graded notebooks: as with `%matplotlib inline`, they are closed when shown and at the end of a cell.

Imports no matplotlib, so that a notebook without figures does not pay for it.
"""

from __future__ import annotations

import sys

BACKEND = "module://autograder.sandbox.backend"


def close_figures() -> None:
    """Close every open figure, where pyplot was used at all."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def prepare() -> None:
    """Where pyplot is warm, choose the backend before the fork: the first figure of each child would do it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.switch_backend(BACKEND)
