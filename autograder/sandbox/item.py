"""One output of a cell as it grows, and as the judge takes it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.sandbox.outputs import MAX_TEXT, Omission

MAX_PENDING = 64 * 1024  # bytes of a stream that are held before they are cut
_WORTH = 100  # characters: less than that of a text is no use


@dataclass(slots=True)
class Item:
    """One output as it grows."""

    what: str
    text: str = ""
    html: str = ""
    png: bytes = b""
    number: int = 0
    data: bytes = b""  # of a stream
    lost: int = 0  # bytes of its middle
    display_id: str = ""


def finished(item: Item, left: int) -> tuple[str, str, str, int]:
    """An item within what is left of the characters."""
    text, html, limit = item.text, item.html, min(MAX_TEXT, left)
    if item.data:
        text = _overwritten(item.data).decode(errors="replace")
    if len(text) + len(html) > left:
        html = ""
    if (len(text) > limit and limit < _WORTH) or (item.html and not html and not text):
        return Omission.TEXT.name, "", "", len(item.text or item.html or item.data)
    return item.what, cut(text, limit, item.lost), html, item.number


def shorten(item: Item) -> None:
    """Hold both ends of a long stream: far more of them than is shown, so that what is lost lies in between."""
    if len(item.data) <= MAX_PENDING:
        return
    item.data = _overwritten(item.data)
    if len(item.data) > MAX_PENDING // 2:
        item.lost += len(item.data) - MAX_PENDING // 2
        item.data = item.data[: MAX_PENDING // 4] + item.data[-MAX_PENDING // 4 :]


def _overwritten(data: bytes) -> bytes:
    """Lines as a terminal leaves them after carriage returns: of a progress bar its last state."""
    if b"\r" not in data:
        return data
    return b"\n".join(line.rstrip(b"\r").rpartition(b"\r")[2] for line in data.split(b"\n"))


def cut(text: str, limit: int, lost: int = 0) -> str:
    """A text, its middle left out where it is long; never longer than the limit."""
    if len(text) <= limit:
        return text
    said = f"\n[... {len(text) - limit + _WORTH + lost:,} characters are left out ...]\n"
    half = max(0, (limit - len(said)) // 2)
    return (text[:half] + said + text[len(text) - half :])[:limit]
