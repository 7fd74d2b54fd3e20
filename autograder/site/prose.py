"""Markdown of notebooks as harmless HTML. A class shares an exercise's prose, so each text is rendered once."""

from __future__ import annotations

import re
import secrets
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.site.formulas import formula
from autograder.site.safe import safe_markdown, shown_text

MAX_MARKDOWN = 20_000
MAX_BARS = 2_000  # a table of many cells takes seconds
MAX_KEPT = 2_000
IMAGE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\n]{0,5000}\)")


class Prose:
    """Renders Markdown; HTML in it is shown as the text that it is, formulas between dollars as MathML."""

    def __init__(self) -> None:
        self._plain = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
        self._typeset = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
        options: dict[str, Any] = {"allow_labels": False, "allow_space": False, "double_inline": True}
        self._typeset.use(dollarmath_plugin, renderer=self._marked, **options)
        self._mark = ""
        self._formulas: list[Markup] = []
        self._kept: dict[tuple[str, bool], Markup] = {}

    def render(self, source: str, *, typeset: bool = True) -> Markup:
        """HTML without links; a picture leaves its description, and a formula its source if not `typeset`."""
        key = (source, typeset)
        if key not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = self._rendered(source, self._typeset if typeset else self._plain)
        return self._kept[key]

    def _rendered(self, source: str, markdown: MarkdownIt) -> Markup:
        if len(source) > MAX_MARKDOWN or source.count("|") > MAX_BARS:
            return Markup("<pre>{}</pre>").format(shown_text(source))
        self._mark, self._formulas = secrets.token_hex(16), []
        harmless = safe_markdown(markdown.render(IMAGE.sub(r"[picture: \1]", source)))
        # only now, past what makes HTML harmless: MathML of a student's own does not get through it
        marks = re.compile(rf"{self._mark}x(\d+)x")
        return Markup(marks.sub(lambda found: self._formulas[int(found[1])], harmless))  # noqa: S704  (both are Markup)

    def _marked(self, latex: str, how: dict[str, Any]) -> str:
        """What stands for a formula meanwhile: words that nobody can have typed."""
        self._formulas.append(formula(latex, is_block=bool(how["display_mode"])))
        return f"{self._mark}x{len(self._formulas) - 1}x"
