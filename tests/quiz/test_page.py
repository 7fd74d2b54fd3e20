"""The page in a real browser: answering, explanations, new numbers, the keyboard, light and dark, and no request."""

from __future__ import annotations

import html
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE

from autograder.quiz.finding import find_quizzes
from autograder.quiz.notebook import NotebookQuiz
from autograder.quiz.page import DRAWS, page
from autograder.quiz.serving import make_server, serve
from autograder.quiz.values import Quiz

DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}
AA = 4.5  # WCAG 2.2, success criterion 1.4.3
HOSTILE = """\
  - id: hostile
    kind: single
    text: "<img src=x onerror=alert(1)> </script><script>alert(2)</script> `<b>` & $title ]]>"
    choices:
      - {text: "<i>right</i>", right: true}
      - {text: "<a href=//example.org>wrong</a>", why: "<svg onload=alert(3)>"}
    explanation: "<!-- <script>alert(4)</script>"
"""
# The contrast of each text with the ground that it stands on, as WCAG defines it.
CONTRASTS = """() => {
  const light = (text) => {
    const [red, green, blue] = text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const [one, other] = [light(getComputedStyle(element).color), light(ground(element))];
      return [(Math.max(one, other) + .05) / (Math.min(one, other) + .05), element.textContent.slice(0, 40)];
    });
}"""


@pytest.fixture(scope="module")
def layers() -> Quiz:
    (quiz,) = find_quizzes("convolution_layer", Path(__file__).parent.parent.parent)
    return quiz


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`opened(text)` is the page from a file:// address; it must not complain or ask for anything."""
    trouble: list[str] = []
    contexts: list[Any] = []

    def open_page(text: str, *, scheme: str = "light", viewport: dict[str, int] = DESKTOP) -> Any:
        file = tmp_path / "quiz.html"
        file.write_text(text, encoding="utf-8")
        contexts.append(browser.new_context(color_scheme=scheme, viewport=viewport))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("console", lambda message: trouble.append(message.text))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("dialog", lambda dialog: trouble.append(f"a dialog: {dialog.message}"))
        tab.on("request", lambda request: None if request.url == file.as_uri() else trouble.append(request.url))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in trouble if not one.startswith("data:")] == []


def form_of(tab: Any, number: int) -> Any:
    return tab.locator("form").nth(number)


def question_of(quiz: Quiz, template_id: str) -> int:
    return [template.id for template in quiz.templates].index(template_id)


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="quiz">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def answer_on(tab: Any, text: str, number: int) -> str:
    """The key of a number question as it stands on the page now."""
    question = data_of(text)["sections"][0]["questions"][number]
    asked = form_of(tab, number).locator(".question").inner_text()
    for drawn in question["draws"]:
        filled = re.sub(r"\{(\w+)\}", lambda found, drawn=drawn: drawn["shown"][found[1]], question["text"])
        if filled == asked:
            return str(drawn["answer"])
    raise AssertionError(asked)


class TestText:
    def test_the_same_seed_gives_the_same_page(self, layers: Quiz) -> None:
        assert page([layers], 1) == page([layers], 1)
        assert page([layers], 1) != page([layers], 2)

    def test_drawn_questions_carry_many_numbers(self, layers: Quiz) -> None:
        (section,) = data_of(page([layers], 1))["sections"]
        assert [len(one["draws"]) for one in section["questions"]] == [
            DRAWS if template.is_drawn else 1 for template in layers.templates
        ]

    def test_nothing_is_loaded_from_elsewhere(self, layers: Quiz) -> None:
        text = page([layers], 1)
        assert not re.search(r"https?://|@import|url\(|<link(?! rel=\"icon\" href=\"data:,\")", text)
        assert "default-src &#x27;none&#x27;" in text


class TestAnswering:
    def test_a_known_misconception_is_explained_and_the_score_counts(self, opened: Any, layers: Quiz) -> None:
        tab = opened(page([layers], 1))
        form = form_of(tab, question_of(layers, "stride_two"))
        form.get_by_role("textbox").fill("8 16 64 64")
        form.get_by_role("button", name="Check").click()
        feedback = form.get_by_role("status").inner_text()
        assert "Not quite. Right is: (8, 16, 32, 32)" in feedback
        assert "That is the shape for stride 1" in feedback
        assert tab.locator("#score").inner_text() == "0 of 1 answered questions right"
        form.get_by_role("textbox").fill("torch.Size([8, 16, 32, 32])")
        form.get_by_role("button", name="Check").click()
        assert "✓ Right." in form.get_by_role("status").inner_text()
        assert tab.locator("#score").inner_text() == "1 of 1 answered questions right"

    def test_a_wrong_choice_says_why(self, opened: Any, layers: Quiz) -> None:
        form = form_of(opened(page([layers], 1)), question_of(layers, "without_padding"))
        form.get_by_label("Each layer takes two pixels").check()
        form.get_by_label("padding only makes pictures look nicer").check()
        form.get_by_role("button", name="Check").click()
        feedback = form.get_by_role("status").inner_text()
        assert "Without it the border wears away" in feedback
        assert "You left out: Pixels at the border" in feedback

    def test_again_brings_new_numbers_and_their_key(self, opened: Any, layers: Quiz) -> None:
        text, number = page([layers], 1), question_of(layers, "one_axis")
        tab = opened(text)
        form, seen = form_of(tab, number), set()
        for _ in range(5):
            seen.add(form.locator(".question").inner_text())
            form.get_by_role("textbox").fill(answer_on(tab, text, number))
            form.get_by_role("button", name="Check").click()
            assert "✓ Right." in form.get_by_role("status").inner_text()
            form.get_by_role("button", name="Again").click()
            assert form.get_by_role("status").inner_text() == ""
        assert len(seen) > 3

    def test_what_has_another_form_is_asked_again(self, opened: Any, layers: Quiz) -> None:
        tab = opened(page([layers], 1))
        number, shape = "Type one number, decimals with a point.", "Type all axes of a shape, such as 1 3 28 28."
        for typed, said in (("many", number), ("43,2", number)):
            self.check(form_of(tab, question_of(layers, "without_bias")), typed, said)
        self.check(form_of(tab, 0), "8", shape)
        assert tab.locator("#score").inner_text() == "Nothing answered yet."

    def check(self, form: Any, typed: str, said: str) -> None:
        form.get_by_role("textbox").fill(typed)
        form.get_by_role("button", name="Check").click()
        assert form.get_by_role("status").inner_text() == said

    def test_a_short_text_is_compared_and_not_scored(self, opened: Any, repository: Path) -> None:
        (quiz,) = find_quizzes("1", repository)
        tab = opened(page([quiz], 1))
        form = form_of(tab, question_of(quiz, "why_sharing_generalises"))
        form.get_by_role("textbox").fill("All positions SHARE their weights.")
        form.get_by_role("button", name="Compare").click()
        feedback = form.get_by_role("status").inner_text()
        assert "✓ The same weights are used at every position." in feedback
        assert "– A pattern is therefore found wherever it is" in feedback
        assert "A model answer: The kernel's weights" in feedback
        assert tab.locator("#score").inner_text() == "Nothing answered yet."


def test_the_keyboard_is_enough(opened: Any, layers: Quiz) -> None:
    tab = opened(page([layers], 1))

    def tab_to(role: str, within: int) -> None:
        for _ in range(60):
            tab.keyboard.press("Tab")
            found = tab.evaluate(
                "() => [[...document.forms].indexOf(document.activeElement.form), document.activeElement.type]"
            )
            if found == [within, role]:
                return
        raise AssertionError(f"no way to {role} of form {within}")

    tab_to("text", 1)
    outline = tab.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.keyboard.type("432")
    tab.keyboard.press("Enter")
    assert "✓ Right." in form_of(tab, 1).get_by_role("status").inner_text()
    tab_to("checkbox", question_of(layers, "without_padding"))
    tab.keyboard.press("Space")
    tab_to("submit", question_of(layers, "without_padding"))
    tab.keyboard.press("Space")
    assert "Not quite" in form_of(tab, question_of(layers, "without_padding")).get_by_role("status").inner_text()
    tab_to("button", question_of(layers, "without_padding"))
    tab.keyboard.press("Enter")
    assert tab.evaluate("() => document.activeElement.textContent") == f"Question {len(layers.templates)}"


def test_everything_has_a_name_for_a_screen_reader(opened: Any, layers: Quiz) -> None:
    tab = opened(page([layers], 1))
    for number, template in enumerate(layers.templates):
        form = form_of(tab, number)
        assert form.get_attribute("aria-labelledby") == f"q{number + 1}-name"
        if template.choices:
            assert form.get_by_role("group").count() == 1
        for field in form.locator("input").all():
            assert field.evaluate("field => field.labels.length") == 1
            assert template.choices or field.evaluate(
                "field => document.getElementById(field.getAttribute('aria-describedby')).textContent"
            )
    assert tab.locator("html").get_attribute("lang") == "en"
    levels = tab.evaluate("() => [...document.querySelectorAll('h1, h2, h3')].map((one) => one.tagName)")
    assert levels == ["H1", "H2", *["H3"] * len(layers.templates)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_contrast_is_aa_and_nothing_is_wider_than_the_screen(
    opened: Any, layers: Quiz, scheme: str, viewport: dict[str, int]
) -> None:
    tab = opened(page([layers], 1), scheme=scheme, viewport=viewport)
    for number, typed in ((0, "8 16 64 64"), (1, "432")):
        form_of(tab, number).get_by_role("textbox").fill(typed)
        form_of(tab, number).get_by_role("button", name="Check").click()
    ground = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(20, 23, 26)") is (scheme == "dark")
    contrasts = tab.evaluate(CONTRASTS)
    assert len(contrasts) > 50
    assert [one for one in contrasts if one[0] < AA] == []
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
    heights = tab.evaluate("() => [...document.querySelectorAll('button')].map((one) => one.offsetHeight)")
    assert min(heights) >= 44  # large enough for a finger


def test_html_in_a_quiz_file_is_shown_as_it_is_written(opened: Any, make_quiz: Callable[[str], Quiz]) -> None:
    quiz = make_quiz(HOSTILE)
    tab = opened(page([quiz], 1))
    form = form_of(tab, 0)
    assert "<img src=x onerror=alert(1)> </script><script>alert(2)</script> <b> & $title ]]>" in form.inner_text()
    form.get_by_label("wrong").check()
    form.get_by_role("button", name="Check").click()
    feedback = form.get_by_role("status").inner_text()
    assert "“<a href=//example.org>wrong</a>” <svg onload=alert(3)>" in feedback
    assert "<!-- <script>alert(4)</script>" in feedback
    assert tab.evaluate("() => document.querySelectorAll('img, a, svg, i, b').length") == 0


def test_a_title_with_html_is_escaped(tmp_path: Path, make_quiz: Callable[[str], Quiz]) -> None:
    make_quiz(HOSTILE)
    path = tmp_path / "1_sizes.yaml"
    path.write_text(path.read_text().replace("title: Sizes", 'title: "</title><script>alert(1)</script>"'))
    from autograder.quiz.reading import read_quiz

    text = page([read_quiz(path)], 1)
    assert "<title>&lt;/title&gt;&lt;script&gt;" in text
    assert text.count("<script") == 2


def test_a_notebook_shows_it_in_a_frame_that_reaches_nothing(opened: Any, layers: Quiz) -> None:
    shown = NotebookQuiz(layers, 1)
    assert repr(shown) == f"Quiz: {layers.title}. In a terminal: autograder quiz 2_convolution_layer"
    markup = shown._repr_html_()
    found = re.search(r'srcdoc="([^"]*)"', markup)
    assert found
    assert html.unescape(found[1]) == page([layers], 1)
    tab = opened(f"<!doctype html><title>notebook</title>{markup}")
    frame = tab.frame_locator("iframe")
    form = frame.locator("form").nth(1)
    form.get_by_role("textbox").fill("432")
    form.get_by_role("button", name="Check").click()
    assert "✓ Right." in form.get_by_role("status").inner_text()


class TestServing:
    @pytest.fixture
    def address(self, layers: Quiz) -> Iterator[str]:
        with make_server([layers], None) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    def test_each_load_has_new_numbers(self, address: str) -> None:
        def load() -> str:
            with urllib.request.urlopen(f"{address}/") as answer:
                assert answer.headers["Cache-Control"] == "no-store"
                return str(answer.read().decode())

        assert data_of(load()) != data_of(load())

    @pytest.mark.parametrize(("path", "host"), [("/etc/passwd", "127.0.0.1:80"), ("/", "evil.example:80")])
    def test_there_is_nothing_else(self, address: str, path: str, host: str) -> None:
        request = urllib.request.Request(address + path, headers={"Host": host})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 404
        refused.value.close()

    def test_the_command_opens_the_browser_and_ends_with_ctrl_c(
        self, layers: Quiz, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def stopped(server: ThreadingHTTPServer) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(ThreadingHTTPServer, "serve_forever", stopped)
        opened: list[str] = []
        assert serve([layers], 1, lambda address: not opened.append(address)) == 0
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", opened[0])
        assert f"The quiz is at {opened[0]} (Ctrl-C ends it)" in capsys.readouterr().out

    def test_the_served_page_works_and_asks_for_nothing_else(self, browser: Any, address: str) -> None:
        context = browser.new_context()
        tab, asked = context.new_page(), []
        tab.set_default_timeout(PATIENCE)
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(address)
        form_of(tab, 1).get_by_role("textbox").fill("448")
        form_of(tab, 1).get_by_role("button", name="Check").click()
        assert "`bias=False` takes" not in form_of(tab, 1).get_by_role("status").inner_text()
        assert "takes one parameter from each output channel" in form_of(tab, 1).get_by_role("status").inner_text()
        context.close()
        assert {url for url in asked if not url.startswith("data:")} == {f"{address}/"}
