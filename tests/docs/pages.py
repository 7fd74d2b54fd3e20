"""The documentation as values: its pages, the commands and snippets that they show, their links and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PAGES = ("README.md", "CONTRIBUTING.md", "docs/*.md")
PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code: which language, and the line on which its text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as a reader types it, and the lines that the page says it prints."""

    page: str
    line: int
    text: str
    printed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file."""

    name: str
    path: Path
    tokens: tuple[Token, ...]

    def fences(self, language: str) -> list[Fence]:
        """Its blocks of that language, in order."""
        blocks = (token for token in self.tokens if token.type == "fence" and token.info.strip() == language)
        return [Fence(language, token.content, (token.map or [0])[0] + 2) for token in blocks]

    def commands(self) -> Iterator[Shown]:
        """What stands after a prompt, a line that ends with a backslash together with the next one."""
        for fence in self.fences("console"):
            lines = fence.text.replace("\\\n", "").splitlines()
            starts = [index for index, line in enumerate(lines) if line.startswith(PROMPT)]
            for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
                printed = tuple(line for line in lines[start + 1 : end] if line.strip())
                yield Shown(self.name, fence.line, lines[start].removeprefix(PROMPT), printed)

    def inline(self, kind: str) -> Iterator[Token]:
        """Tokens inside paragraphs, headings and tables: `link_open`, `image`, `code_inline`."""
        for token in self.tokens:
            yield from (child for child in token.children or () if child.type == kind)

    def links(self) -> Iterator[str]:
        """Where its links and pictures point."""
        yield from (str(token.attrGet("href")) for token in self.inline("link_open"))
        yield from (str(token.attrGet("src")) for token in self.inline("image"))

    def codes(self) -> Iterator[str]:
        """What stands between backticks, in one line."""
        yield from (" ".join(token.content.split()) for token in self.inline("code_inline"))

    def anchors(self) -> set[str]:
        """The anchors that GitHub gives its headings."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return {_anchor(text.content) for heading, text in pairs if heading.type == "heading_open"}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def read_pages(root: Path) -> list[Page]:
    """All pages of the documentation."""
    parser = MarkdownIt("commonmark").enable("table")
    paths = [path for pattern in PAGES for path in sorted(root.glob(pattern))]
    return [
        Page(str(path.relative_to(root)), path, tuple(parser.parse(path.read_text(encoding="utf-8")))) for path in paths
    ]
