"""A headless Chromium for tests, with all that it asked for, opened and complained about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What showing a page gave: requests beside the page itself, dialogs, and what stood on the console."""

    requests: tuple[str, ...] = ()
    dialogs: tuple[str, ...] = ()
    console: tuple[str, ...] = ()


class Browser:
    """One window."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._requests: list[str] = []
        self._dialogs: list[str] = []
        self._console: list[str] = []
        page.on("request", lambda request: self._requests.append(request.url))
        page.on("console", lambda message: self._console.append(message.text))
        page.on("pageerror", lambda error: self._console.append(str(error)))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Any) -> None:
        self._dialogs.append(dialog.message)
        dialog.dismiss()

    def show(self, page: Path) -> Seen:
        """Open a page of this machine."""
        for seen in (self._requests, self._dialogs, self._console):
            seen.clear()
        self.page.goto(page.as_uri(), wait_until="load")
        self.page.wait_for_timeout(20)  # what a page does by itself, it begins when it is loaded
        others = [url for url in self._requests if url != page.as_uri() and not url.startswith("data:image/")]
        return Seen(tuple(others), tuple(self._dialogs), tuple(self._console))

    def run(self, expression: str) -> Any:
        """What an expression in the page is; it runs past the page's own policy."""
        return self.page.evaluate(expression)

    def resize(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """A window of that size, in the light or in the dark."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme="dark" if dark else "light")
