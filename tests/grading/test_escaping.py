"""Text that a student chose cannot break out of a terminal, a path, a CSV cell or Markdown."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.escaping import (
    FORMULA_STARTS,
    HIDDEN_CATEGORIES,
    csv_cell,
    markdown_block,
    markdown_line,
    path_name,
    printable,
)

HIDDEN = "\x00\x07\x1b[31m\x7f\x85\u200b\u202e\u2066\u2028\u2029\ufeff\ue000\ud800\U000e0041"
# hypothesis draws hidden characters seldom, so they get a share of their own; lone surrogates come from file names
ANY = st.text(st.one_of(st.characters(), st.sampled_from(HIDDEN + "`=+-@|%\n\r\t'\" .-/\\")))
MARKED = ["<script>alert(1)</script>", "[x](javascript:y)", "**b**", "&lt;", "$x$", "`code`", "![x](y)", "# x"]
PIECES = [*MARKED, "_a_", "~~a~~", "* ", "- ", "+ ", "1. ", "2) ", "> ", "===", "---", "| a |", "\\", "[a]: b", "***"]
MARKUP = st.lists(st.sampled_from([*PIECES, " ", "x"]), max_size=5).map("".join)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class TestOnATerminal:
    @given(ANY)
    def test_nothing_is_obeyed_or_hidden(self, text: str) -> None:
        assert not HIDDEN_CATEGORIES & {unicodedata.category(character) for character in printable(text)}
        printable(text).encode()

    @pytest.mark.parametrize("character", HIDDEN.replace("[31m", ""))
    def test_each_is_written_out(self, character: str) -> None:
        assert printable(character).startswith("\\")

    @given(st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"])))
    def test_ordinary_text_stays_as_it_is(self, text: str) -> None:
        assert printable(text) == text

    def test_what_is_kept_is_kept(self) -> None:
        assert printable("a\n\tb", keep="\n") == "a\n\\tb"


class TestInACell:
    @given(ANY)
    def test_no_cell_opens_a_formula(self, text: str) -> None:
        assert not str(csv_cell(text)).startswith(FORMULA_STARTS)

    @given(st.lists(ANY, min_size=2, max_size=4))
    def test_a_row_stays_one_row_of_as_many_cells(self, texts: list[str]) -> None:
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerow([csv_cell(text) for text in texts])
        assert list(csv.reader([file.getvalue().removesuffix("\n")])) == [[csv_cell(text) for text in texts]]
        assert file.getvalue().count("\n") == 1

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "|calc", "%0A"])
    def test_a_formula_becomes_text(self, text: str) -> None:
        assert csv_cell(text) == f"'{text}"

    @pytest.mark.parametrize("value", [1, 2.5, None, True])
    def test_numbers_stay_numbers(self, value: object) -> None:
        assert csv_cell(value) is value


class TestInMarkdown:
    @given(ANY)
    def test_a_block_cannot_be_closed_from_inside(self, text: str) -> None:
        opening, *inside, closing = markdown_block(text).split("\n")
        assert re.fullmatch(r"`{3,}text", opening)
        assert closing == opening.removesuffix("text")
        # CommonMark: a closing fence is at least as long as the opening one, indented by up to three spaces
        assert not any(re.fullmatch(rf" {{0,3}}`{{{len(closing)},}}\s*", line) for line in inside)

    @given(st.one_of(ANY, st.text(st.sampled_from("aB1 _*`~[]()<>!#&;:|$+-=.\\\"'/?x")), MARKUP))
    def test_a_line_stays_one_line_without_markup_and_is_read_as_it_is(self, text: str) -> None:
        line = markdown_line(text)
        assert len(line.splitlines()) <= 1
        for before, after in (("", ""), ("- ✓ ", " (0 of 2)"), ("## q1 · ", ": 3")):
            blocks = [token for token in MARKDOWN.parse(f"{before}{line}{after}") if token.type == "inline"]
            parts = [part for block in blocks for part in block.children or ()]
            assert {part.type for part in parts} <= {"text"}
            shown = "".join(part.content for part in parts)
            assert shown == f"{before.lstrip('-# ')}{printable(text).strip(' ')}{after}".strip(" \xa0\u3000")

    @given(st.one_of(ANY, MARKUP))
    def test_a_line_opens_no_block(self, text: str) -> None:
        types = [token.type for token in MARKDOWN.parse(markdown_line(text))]
        assert types in ([], ["paragraph_open", "inline", "paragraph_close"])

    @pytest.mark.parametrize("text", MARKED)
    def test_markup_is_shown(self, text: str) -> None:
        assert re.sub(r"\\(.)", r"\1", markdown_line(text)) == text
        assert markdown_line(text) != text

    @pytest.mark.parametrize(
        "text", ["floor((I - k + 2p) / s) + 1", "2 * p", "patch_mean", "a < b", "Q&A!", "#1 {x}"[1:]]
    )
    def test_what_is_no_markup_is_left_alone(self, text: str) -> None:
        assert markdown_line(text) == text


IDS = [
    "a", "A", "a ", " a", "a.", ".a", "..a", "a/b", "a\\b", "a:b", "a_b", "a-b", "a b", "a\u00a0b", "..", ".", "...",
    "/", "//", "", "_", "a\0b", "a\nb", "\u00e9", "e\u0301", "\u202ea", "a\u200b", "\ud800", "\\ud800", "-rf", "~",
    "~root", "CON", "x" * 300, "x" * 299, "x" * 80, "\U00020000" * 80, "\U00020000" * 60, "ä" * 120, "ä" * 100,
    "%2e%2e", "*", "?", "$(id)",
]  # fmt: skip


class TestInAPath:
    def test_ids_that_differ_have_names_that_differ(self) -> None:
        names = [path_name(one) for one in IDS]
        assert len(set(names)) == len(IDS)

    @pytest.mark.parametrize("one", IDS, ids=ascii)
    def test_nobody_is_called_like_the_folder_of_another(self, one: str) -> None:
        assert path_name(path_name(one)) == path_name(one) == one or path_name(path_name(one)) != path_name(one)

    @given(ANY)
    def test_a_name_is_one_harmless_component(self, text: str) -> None:
        name = path_name(text)
        assert 0 < len(name.encode()) < 230
        assert not name.startswith((".", "/"))
        assert not re.search(r"[/\\:*?\"<>|\x00-\x1f]", name)
        assert (Path("reports") / name).resolve().parent == Path("reports").resolve()

    @given(ANY, ANY)
    def test_two_ids_have_two_names(self, one: str, other: str) -> None:
        assert (path_name(one) == path_name(other)) == (one == other)

    @pytest.mark.parametrize("one", ["alice", "s0123456", "jane.doe@example.org", "Zoë Ōe", "O-Neill", "李雷"])
    def test_ordinary_ids_stay_as_they_are(self, one: str) -> None:
        assert path_name(one) == one

    @pytest.mark.parametrize("one", IDS, ids=ascii)
    def test_file_systems_take_it(self, one: str, tmp_path: Path) -> None:
        (tmp_path / path_name(one)).mkdir()
        (tmp_path / path_name(one) / "x").write_text("x")
        assert len(list(tmp_path.iterdir())) == 1
