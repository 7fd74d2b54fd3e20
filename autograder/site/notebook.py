"""A notebook as its student handed it in, to look at, with what its cells gave when it was graded.

Where a report has no outputs of the run, those stored in the file stand for them. Nothing is run here, and where
outputs come from makes them no less hostile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from autograder.pictures import picture
from autograder.sandbox.notebook import role_of
from autograder.sandbox.outputs import OutputKind
from autograder.site.prose import Prose
from autograder.site.safe import safe_html, shown_text

MAX_BYTES = 12 * 2**20  # as a tree, JSON may take many times its bytes
MAX_CELLS = 300
MAX_OUTPUTS = 20  # of a cell
MAX_PICTURES = 40
MAX_PICTURE_TEXT = 8 * 2**20  # base64, all pictures of a notebook together
MAX_MARKDOWN = 300_000  # all cells together
MAX_TYPESET = 60_000  # of it, those with formulas: what takes milliseconds a formula
MAX_TAGS = 20_000  # all outputs together
PICTURES = ("image/png", "image/jpeg")
STATES = {
    "ok": "",
    "error": "stopped with an error",
    "died": "the process ended here",
    "skipped": "as it was handed out: not run for grading",
}
NOT_REACHED = "not reached"
OURS = {"setup": "set-up", "figure": "drawing", "check": "check"}  # cells that came with the exercise, if unchanged


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """One output: text, harmless HTML, or a picture; `is_error` for a traceback, `is_note` for a word of ours."""

    text: str = ""
    html: Markup | None = None
    picture: str = ""
    is_error: bool = False
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell; `number` counts code cells from 1, as reports do; `state` is how the run went, where that is known.

    `is_ours` says that the exercise brought it along and that nobody changed it.
    """

    number: int
    source: str
    html: Markup | None
    outputs: tuple[ShownOutput, ...] = ()
    state: str = ""
    is_ours: bool = False

    @property
    def is_code(self) -> bool:
        """Whether it is a code cell."""
        return self.number > 0


@dataclass(frozen=True, slots=True)
class ShownNotebook:
    """The cells, or the sentence that says why there are none; `of_run` where the outputs are those of grading."""

    cells: tuple[ShownCell, ...] = ()
    problem: str = ""
    left_out: int = 0
    of_run: bool = False


def shown_notebook(data: bytes, prose: Prose, ran: Sequence[Mapping[str, Any]] | None = None) -> ShownNotebook:
    """Whatever the bytes are, something that can be shown; `ran` is a report's `run.outputs`, if it has any."""
    if len(data) > MAX_BYTES:
        return ShownNotebook(problem=f"It is larger than {MAX_BYTES // 2**20} MiB, so it is not shown here.")
    try:
        cells = json.loads(data)["cells"]
    except (ValueError, RecursionError, KeyError, TypeError, IndexError):
        return ShownNotebook(problem="It is no notebook of format 4.")
    if not isinstance(cells, list):
        return ShownNotebook(problem="Its cells are no list.")
    by_number = None if ran is None else {cell["cell"]: cell for cell in ran}
    shown = tuple(_cells([cell for cell in cells if isinstance(cell, dict)][:MAX_CELLS], by_number, _Budget(prose)))
    return ShownNotebook(shown, "", max(0, len(cells) - MAX_CELLS), ran is not None)


@dataclass(slots=True)
class _Budget:
    """How much more of a notebook may be shown: what a student hands in takes a bounded time and a bounded page."""

    prose: Prose
    pictures: int = MAX_PICTURES
    picture_text: int = MAX_PICTURE_TEXT
    markdown: int = MAX_MARKDOWN
    typeset: int = MAX_TYPESET
    tags: int = MAX_TAGS

    def picture(self, data: str) -> str:
        """A picture's address; empty where there are too many, or it is none."""
        self.pictures -= 1
        self.picture_text -= len(data)
        return picture(data) if self.pictures >= 0 and self.picture_text >= 0 else ""

    def html(self, html: str) -> Markup | None:
        """Harmless HTML."""
        self.tags -= html.count("<")
        return safe_html(html) if self.tags >= 0 else None

    def rendered(self, source: str) -> Markup | None:
        """Markdown as harmless HTML."""
        self.markdown -= len(source)
        self.typeset -= len(source) if "$" in source else 0
        return self.prose.render(source, typeset=self.typeset >= 0) if self.markdown >= 0 else None


def _cells(
    cells: list[dict[str, Any]], ran: Mapping[int, Mapping[str, Any]] | None, budget: _Budget
) -> Iterator[ShownCell]:
    number = 0
    for cell in cells:
        source = _text(cell.get("source"))
        if cell.get("cell_type") == "code":
            number += 1
            yield _code(number, cell, source, ran, budget)
        else:
            html = budget.rendered(source) if cell.get("cell_type") == "markdown" else None
            yield ShownCell(0, "" if html else shown_text(source), html)


def _code(
    number: int, cell: dict[str, Any], source: str, ran: Mapping[int, Mapping[str, Any]] | None, budget: _Budget
) -> ShownCell:
    kind = OURS.get(role_of(cell, source), "")
    if ran is None:
        outputs, state = tuple(_outputs(cell.get("outputs"), budget)), ""
    else:
        outcome = ran.get(number, {"outcome": "", "outputs": ()})
        outputs = tuple(_ran(one, budget) for one in outcome["outputs"])
        state = STATES.get(outcome["outcome"], NOT_REACHED)
    said = " · ".join(filter(None, (kind, state)))
    return ShownCell(number, shown_text(source), None, outputs, said, is_ours=bool(kind))


def _ran(output: Mapping[str, Any], budget: _Budget) -> ShownOutput:
    """An output of the run, as the report holds it."""
    kind, text = output["kind"], output["text"]
    if kind == OutputKind.OMITTED.value:
        return _note(text)
    if output["png"]:
        return _display({"image/png": output["png"], "text/plain": text}, budget)
    if output["html"]:
        return _display({"text/html": output["html"], "text/plain": text}, budget)
    return ShownOutput(shown_text(text), is_error=kind == OutputKind.ERROR.value)


def _outputs(outputs: object, budget: _Budget) -> Iterator[ShownOutput]:
    listed = [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
    for output in listed[:MAX_OUTPUTS]:
        kind, data = output.get("output_type"), output.get("data")
        if kind == "stream":
            yield ShownOutput(shown_text(_text(output.get("text"))))
        elif kind == "error":
            lines = output.get("traceback")
            said = "\n".join(map(_text, lines[-50:])) if isinstance(lines, list) else ""
            yield ShownOutput(shown_text(said or _text(output.get("evalue"))), is_error=True)
        elif isinstance(data, dict):
            yield _display(data, budget)
    if len(listed) > MAX_OUTPUTS:
        yield _note(f"{len(listed) - MAX_OUTPUTS:,} more outputs are left out")


def _display(data: Mapping[str, Any], budget: _Budget) -> ShownOutput:
    """The richest form that is harmless."""
    for kind in (kind for kind in PICTURES if kind in data):
        address = budget.picture(_text(data[kind]))
        alternative = shown_text(_text(data.get("text/plain")), 500)
        return ShownOutput(alternative, picture=address) if address else _note(f"a picture is not shown ({kind})")
    html = budget.html(_text(data["text/html"])) if "text/html" in data else None
    if html is not None and html.strip():
        return ShownOutput(html=html)
    for kind in ("text/markdown", "text/latex", "text/plain"):
        if kind in data:
            return ShownOutput(shown_text(_text(data[kind])))
    kinds = ", ".join(sorted(str(kind)[:60] for kind in data)[:5])
    return _note(f"an output that is not shown ({kinds})")


def _note(text: str) -> ShownOutput:
    return ShownOutput(shown_text(text), is_note=True)


def _text(value: object) -> str:
    """A notebook's multi-line text: a string, or a list of them."""
    if isinstance(value, list):
        return "".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""
