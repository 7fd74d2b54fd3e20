"""The matplotlib backend of graded notebooks: draws with Agg, and what cells show goes to the recorder.

Figures of hidden calls are not drawn: that would cost more than the rest of a formula notebook.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from autograder.sandbox.figures import close_figures

FigureCanvas = FigureCanvasAgg
FigureManager = FigureManagerBase


def show(*_arguments: Any, **_options: Any) -> None:
    """What `plt.show()` does here."""
    close_figures()
