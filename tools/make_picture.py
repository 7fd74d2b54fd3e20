"""Make docs/images/class.png, the README's picture: an exercise of the demo class as its instructor sees it.

`make picture` runs it after `make demo`. It photographs the real page in the system's Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, MARGIN = 920, 16  # GitHub shows a README about as wide
COLOURS = 64  # plain charts and text look the same with so few, in a third of the bytes


def clip(page: Page, slug: str) -> dict[str, float]:
    """The rectangle from an exercise's heading to the end of its misconceptions."""
    script = """slug => {
        const first = document.getElementById(slug)
        let last = first.nextElementSibling
        while (last.nextElementSibling && !last.matches('ol')) last = last.nextElementSibling
        return [first.getBoundingClientRect().top, last.getBoundingClientRect().bottom]
    }"""
    top, bottom = page.evaluate(script, slug)
    return {"x": 0, "y": top - MARGIN, "width": WIDTH, "height": bottom - top + 2 * MARGIN}


def main(class_page: Path, target: Path, slug: str = "01_output_size") -> None:
    """Photograph it in the light."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium here: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="light", device_scale_factor=1.5)
        page.goto(class_page.resolve().as_uri())
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, clip=clip(page, slug), full_page=True)
        browser.close()
    shrink(target)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def shrink(target: Path) -> None:
    """The same picture with few colours."""
    from PIL import Image

    with Image.open(target) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
