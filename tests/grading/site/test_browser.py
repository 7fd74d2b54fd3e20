"""The site in a browser: nothing of a student's runs, nothing is asked for, nothing is complained about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .browser import Browser, Seen
from .conftest import new_browser

QUIET = Seen()


class TestHostileStudents:
    def test_no_page_opens_a_dialog_asks_for_anything_or_complains(self, browser: Browser, open_site: Path) -> None:
        shown = {page.relative_to(open_site): browser.show(page) for page in sorted(open_site.rglob("*.html"))}
        assert shown == dict.fromkeys(shown, QUIET)
        assert len(shown) == 19

    def test_nothing_of_theirs_acts(self, browser: Browser, open_site: Path) -> None:
        acting = "script, iframe, object, embed, form, input, a, link, base, [style], [onerror], [onload], [id], svg"
        for page in sorted((open_site / "students").rglob("*.html")):
            browser.show(page)
            assert browser.run(f"document.querySelectorAll('{acting}').length") == 0
            assert browser.run("getComputedStyle(document.querySelector('h1')).display") == "block"

    @pytest.mark.parametrize("student", ["late", "ran"])
    def test_pictures_are_shown(self, browser: Browser, site: Path, student: str) -> None:
        browser.show(next(page for page in (site / "students").rglob("*.html") if student in page.parent.name))
        assert browser.run("[...document.images].map((one) => one.naturalWidth)") == [1]

    def test_the_test_would_see_a_dialog_a_request_and_a_complaint(self, chromium: Any, tmp_path: Path) -> None:
        browser = new_browser(chromium)  # no late complaint is another test's
        page = tmp_path / "page.html"
        script = "<script>alert(1); nothing.here()</script>"
        page.write_text(f"<img src='http://127.0.0.1:9/x.png'>{script}")
        seen = browser.show(page)
        assert seen.requests == ("http://127.0.0.1:9/x.png",)
        assert seen.dialogs == ("1",)
        assert any("nothing is not defined" in line for line in seen.console)
        browser.page.close()


class TestTheTable:
    @pytest.fixture
    def page(self, browser: Browser, site: Path) -> Browser:
        browser.show(site / "index.html")
        return browser

    def column(self, page: Browser, index: int) -> list[str]:
        rows = "[...document.querySelectorAll('#submissions tbody tr')].filter((row) => !row.hidden)"
        found: list[str] = page.run(f"{rows}.map((row) => row.cells[{index}].textContent.trim())")
        return found

    def click(self, page: Browser, heading: str) -> None:
        buttons = "[...document.querySelectorAll('#submissions th button')]"
        page.run(f"{buttons}.find((button) => button.textContent === '{heading}').click()")

    def test_it_sorts_numbers_as_numbers_both_ways(self, page: Browser) -> None:
        self.click(page, "percent")
        rising = [int(text) for text in self.column(page, 3)]
        assert rising == sorted(rising)
        self.click(page, "percent")
        assert [int(text) for text in self.column(page, 3)] == sorted(rising, reverse=True)

    def test_it_sorts_names(self, page: Browser) -> None:
        self.click(page, "student")
        plain = [text for text in self.column(page, 0) if text.startswith("plain")]
        assert plain == sorted(plain)

    def set_words(self, page: Browser, words: str) -> None:
        page.page.fill("#words", words)

    def test_it_filters_by_words(self, page: Browser) -> None:
        self.set_words(page, "GREAT needs")
        assert self.column(page, 0) == ["review review the Great"]
        assert page.run("document.getElementById('count').textContent") == "1 of 9"
        self.set_words(page, "")
        assert len(self.column(page, 0)) == 9

    def test_it_shows_those_to_look_at_alone(self, page: Browser) -> None:
        page.run("document.getElementById('only').click()")
        assert self.column(page, 4) == ["needs review"]

    def test_its_links_lead_to_pages(self, page: Browser, site: Path) -> None:
        links: list[str] = page.run("[...document.querySelectorAll('#submissions a')].map((link) => link.href)")
        assert len(links) == 9
        for link in links:
            page.page.goto(link)
            assert page.run("document.querySelectorAll('h1').length") == 1


class TestLooks:
    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("width", [360, 1280])
    def test_no_page_is_wider_than_its_window(self, browser: Browser, open_site: Path, width: int, dark: bool) -> None:
        browser.resize(width, dark=dark)
        for page in sorted(open_site.rglob("*.html")):
            browser.show(page)
            assert browser.run("document.documentElement.scrollWidth") <= width, page

    def test_on_a_phone_the_class_page_needs_no_sideways_scrolling_and_leaves_nothing_out(
        self, browser: Browser, site: Path
    ) -> None:
        browser.resize(390)
        browser.show(site / "index.html")
        scrolled = "[...document.querySelectorAll('.wide')].filter((one) => one.scrollWidth > one.clientWidth)"
        hidden = "[...document.querySelectorAll('.cards td')].filter((one) => one.textContent && !one.offsetParent)"
        assert browser.run(f"[{scrolled}.length, {hidden}.length]") == [0, 0]
        assert browser.run("document.querySelectorAll('.cards td').length") > 20

    def test_light_and_dark_are_readable(self, browser: Browser, site: Path) -> None:
        lightness: dict[bool, list[Any]] = {}
        for dark in (False, True):
            browser.resize(1280, dark=dark)
            browser.show(site / "index.html")
            style = "getComputedStyle(document.body)"
            lightness[dark] = browser.run(f"[{style}.backgroundColor, {style}.color]")
        assert lightness == {
            False: ["rgb(255, 255, 255)", "rgb(28, 31, 36)"],
            True: ["rgb(21, 23, 27)", "rgb(230, 232, 236)"],
        }
