"""Markdown of notebooks as harmless HTML. A class shares an exercise's prose, so each text is rendered once."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

from autograder.site.safe import safe_markdown, shown_text

MAX_MARKDOWN = 20_000
MAX_BARS = 2_000  # a table of many cells takes seconds
MAX_KEPT = 2_000
IMAGE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\n]{0,5000}\)")


class Prose:
    """Renders Markdown; HTML in it is shown as the text that it is."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
        self._kept: dict[str, Markup] = {}

    def render(self, source: str) -> Markup:
        """HTML without links and pictures; a picture leaves its description."""
        if source not in self._kept:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[source] = self._rendered(source)
        return self._kept[source]

    def _rendered(self, source: str) -> Markup:
        if len(source) > MAX_MARKDOWN or source.count("|") > MAX_BARS:
            return Markup("<pre>{}</pre>").format(shown_text(source))
        return safe_markdown(self._markdown.render(IMAGE.sub(r"[picture: \1]", source)))
