"""What is left of a student's HTML, text and pictures: nothing that acts, asks for anything or hides."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.pictures import picture
from autograder.site.formulas import ELEMENTS
from autograder.site.notebook import MAX_BYTES, MAX_CELLS, MAX_OUTPUTS, MAX_PICTURES, shown_notebook
from autograder.site.prose import MAX_MARKDOWN, Prose
from autograder.site.safe import MAX_HTML, MAX_TAGS, MAX_TEXT, TAGS, safe_html, shown_text

from .hostile import HTML, MARKDOWN, PIXEL, REMOTE, hostile_notebook

KEYS = ["cells", "cell_type", "source", "outputs", "output_type", "data", "text", "text/html", "image/png", "traceback"]


class _Tags(HTMLParser):
    """Every tag and attribute that a browser may see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.found |= {f"{tag}@{name}={value}" for name, value in attrs}


def acting(html: str, allowed: frozenset[str] = TAGS) -> set[str]:
    harmless = re.compile(
        r"t[dh]@(col|row)span=[1-9][0-9]?\Z|math@display=(block|inline)\Z|m[a-z]+@[a-z]+=[a-z0-9.]+\Z"
    )
    return {one for one in _Tags(html).found if one not in allowed and not harmless.match(one)}


class TestHtml:
    @pytest.mark.parametrize("html", HTML)
    def test_nothing_that_acts_is_left(self, html: str) -> None:
        assert acting(safe_html(html)) == set()

    @pytest.mark.parametrize("html", [*MARKDOWN, *HTML])
    def test_nor_through_markdown(self, html: str) -> None:
        assert acting(Prose().render(html), TAGS | ELEMENTS) == set()
        assert "<" + "script" not in Prose().render(html)

    @given(st.lists(st.sampled_from([*HTML, *MARKDOWN, "<", ">", '"', "<!--", "-->", "<svg>", "<math>", "]]>"])))
    def test_nor_of_anything_put_together(self, parts: list[str]) -> None:
        assert acting(safe_html("".join(parts))) == set()

    def test_tables_stay_tables(self) -> None:
        cell = '<td colspan="2" style="color: red">1 &lt; 2</td>'
        html = f'<table border="1" class="dataframe"><tbody><tr>{cell}</tr></tbody></table>'
        assert safe_html(html) == '<table><tbody><tr><td colspan="2">1 &lt; 2</td></tr></tbody></table>'

    @pytest.mark.parametrize("html", ["<b>" * (MAX_TAGS + 1), "x" * (MAX_HTML + 1)])
    def test_too_much_is_text(self, html: str) -> None:
        shown = safe_html(html)
        assert shown.startswith("<pre>")
        assert "<b>" not in shown

    @pytest.mark.parametrize("gap", [" ", "\t", "\n", "\f", "/", "\r"], ids=repr)
    @pytest.mark.parametrize("tag", "a b big code em font i nobr s small strike strong tt u U fOnT".split())
    def test_nothing_grows_by_what_is_never_closed(self, tag: str, gap: str) -> None:
        html = "<p>" + "".join(f"<{tag}{gap}x{number}>" for number in range(300)) + "<p>x" * 300
        assert len(safe_html(html)) < 4 * len(html)  # a parser would open 300 of them in each of 300 paragraphs

    def test_half_a_character_is_shown_as_one_that_is_missing(self) -> None:
        assert safe_html("<td>a\ud800b</td>") == "a?b"
        assert Prose().render("a \ud800 *b*") == "<p>a ? <em>b</em></p>\n"

    def test_what_turns_text_around_is_written_out(self) -> None:
        assert safe_html("<p>\u202eabc</p>") == "<p>\\u202eabc</p>"


class TestMarkdown:
    def test_it_is_rendered_without_links_and_pictures(self) -> None:
        shown = Prose().render(f"# Title\n\n*a* [link]({REMOTE}) ![a plot]({REMOTE})")
        assert shown == "<h1>Title</h1>\n<p><em>a</em> link [picture: a plot]</p>\n"

    def test_what_is_too_long_is_text(self) -> None:
        assert Prose().render("*a* " * MAX_MARKDOWN).startswith("<pre>*a* ")

    def test_a_table_of_more_cells_than_anybody_reads_is_text(self) -> None:
        assert Prose().render("|a" * 50 + "\n" + "|-" * 50 + "\n" + "|b\n" * 5_000).startswith("<pre>|a|a")

    @pytest.mark.parametrize("source", ["[" * 20_000, "> " * 10_000, "*a " * 6_000, "`" * 20_000, "![" * 10_000])
    def test_no_text_takes_long(self, source: str) -> None:
        assert Prose().render(source)  # a text that took the square of its length would not end


class TestText:
    def test_colours_and_links_of_terminals_go(self) -> None:
        assert shown_text("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\!") == "red link!"

    def test_what_controls_or_hides_is_written_out(self) -> None:
        assert shown_text("a\x00\u202eb\r\nc\td") == "a\\x00\\u202eb\nc\td"

    def test_long_text_is_cut_in_the_middle(self) -> None:
        shown = shown_text("a" * MAX_TEXT + "b" * MAX_TEXT)
        assert len(shown) < MAX_TEXT + 100
        assert (shown[0], shown[-1]) == ("a", "b")
        assert "left out" in shown


class TestPictures:
    def test_a_png_is_shown(self) -> None:
        assert picture(PIXEL) == picture(PIXEL + "\n") == f"data:image/png;base64,{PIXEL}"

    @pytest.mark.parametrize(
        "data",
        [
            "",
            "é",
            "====",
            f'{PIXEL}" onerror="alert(1)',
            base64.b64encode(b"<svg onload=alert(1)>").decode(),
            base64.b64encode(b"GIF89a").decode(),
            base64.b64encode(base64.b64decode(PIXEL)[:16] + b"\xff" * 50).decode(),  # 4 billion pixels a side
            PIXEL * 200_000,
        ],
    )
    def test_anything_else_is_not(self, data: str) -> None:
        assert picture(data) == ""


def cell(*outputs: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": "x", "outputs": list(outputs)}]}).encode()


class TestNotebooks:
    def test_the_hostile_one_is_shown_within_its_bounds(self) -> None:
        shown = shown_notebook(hostile_notebook("01_demo"), Prose())
        assert len(shown.cells) > 50
        assert not shown.problem
        for one in shown.cells:
            assert one.html is None or acting(one.html, TAGS | ELEMENTS) == set()
            for output in one.outputs:
                assert output.html is None or acting(output.html) == set()

    def test_numbers_count_code_cells_as_reports_do(self) -> None:
        cells = [{"cell_type": kind, "source": "x"} for kind in ("markdown", "code", "raw", "code")]
        shown = shown_notebook(json.dumps({"cells": cells}).encode(), Prose())
        assert [one.number for one in shown.cells] == [0, 1, 0, 2]

    def test_too_many_cells_outputs_and_pictures_are_left_out(self) -> None:
        many = {"cells": [{"cell_type": "code", "source": "x"}] * (MAX_CELLS + 3)}
        assert shown_notebook(json.dumps(many).encode(), Prose()).left_out == 3
        (one,) = shown_notebook(cell(*[{"output_type": "stream", "text": "x"}] * (MAX_OUTPUTS + 2)), Prose()).cells
        assert one.outputs[-1].text == "2 more outputs are left out"
        pictures = [{"output_type": "display_data", "data": {"image/png": PIXEL}}] * 20
        cells = {"cells": [{"cell_type": "code", "outputs": pictures}] * 3}
        found = [
            one.picture for shown in shown_notebook(json.dumps(cells).encode(), Prose()).cells for one in shown.outputs
        ]
        assert len(list(filter(None, found))) == MAX_PICTURES

    def test_one_that_is_too_large_is_not_read(self) -> None:
        assert "larger than" in shown_notebook(b" " * (MAX_BYTES + 1), Prose()).problem

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
            max_leaves=30,
        )
    )
    def test_any_json_can_be_shown(self, value: object) -> None:
        for made in (
            value,
            {"cells": value},
            {"cells": [value]},
            {"cells": [{"cell_type": "code", "outputs": [value]}]},
        ):
            shown_notebook(json.dumps(made).encode(), Prose())
