"""Formulas of notebooks as MathML: those of the exercises are understood, and a student's own do nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.site.formulas import ELEMENTS, MAX_ELEMENTS, MAX_FORMULA, NAMES, formula
from autograder.site.notebook import MAX_TYPESET, shown_notebook
from autograder.site.prose import Prose

from .hostile import ALERT, REMOTE

EXERCISES = "01_output_size 02_parameters 03_convolution 04_fashion_mnist 05_debugging 06_sign_language".split()
FLOOR = r"O = \left\lfloor \frac{I - k}{s} \right\rfloor + 1"
HOSTILE = [
    rf"\text{{<script>{ALERT}</script>}}",
    rf"\text{{&lt;script&gt;{ALERT}&lt;/script&gt;}}",
    rf"\href{{javascript:{ALERT}}}{{x}}",
    rf"\href{{{REMOTE}/link}}{{x}}",
    rf"\style{{background:url({REMOTE}/bg)}}{{x}}",
    r"\class{big}{x}",
    rf"\class{{x\" onmouseover=\"{ALERT}}}{{x}}",
    rf"<img src=x onerror={ALERT}>",
    rf"\verb|<img src=x onerror={ALERT}>|",
    r"\color{red}{x}",
    r"\begin{array}{c}</math><script>x</script>\end{array}",
    "&#60;script&#62;",
    r"\hspace{9999em}",
    "\u202e",
]
PIECES = [
    *HOSTILE,
    FLOOR,
    *"{}_^&%~#'\"<> ab12()[]|",
    r"\frac",
    r"\left",
    r"\right",
    r"\\",
    r"\sum",
    r"\limits",
    r"\over",
]


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)


def refuse_what_acts(html: str) -> None:
    found = _Tags(html)
    assert found.tags <= ELEMENTS | {"p", "span", "code"}
    assert {name for name, _ in found.attributes} <= NAMES
    assert not [value for _, value in found.attributes if not re.fullmatch(r"[a-z0-9.\s-]*", value or "")]
    assert "\u202e" not in html


@pytest.mark.parametrize("slug", EXERCISES)
def test_each_formula_of_the_exercises_is_understood(repository: Path, slug: str) -> None:
    cells = json.loads((repository / "exercises" / f"{slug}.ipynb").read_text("utf-8"))["cells"]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown" and "$" in cell["source"]]
    assert sources
    for source in sources:
        shown = Prose().render(source)
        assert "<math" in shown
        assert "$" not in shown


def test_one_alone_is_a_block_and_one_in_a_line_is_not() -> None:
    shown = Prose().render(f"A $k$ and\n\n$${FLOOR}$$\n\n| $s$ |\n|---|\n| stride |")
    assert '<p>A <span><math display="inline"><mrow><mi>k</mi></mrow></math></span> and</p>' in shown
    assert shown.count('<math display="block">') == 1
    assert '<th><span><math display="inline">' in shown


@pytest.mark.parametrize("source", ["costs $5 or $6", r"costs \$5", "a $ b", "$ 5 and 6 $"])
def test_money_is_none(source: str) -> None:
    assert Prose().render(source) == f"<p>{source.replace(chr(92), '')}</p>\n"


@pytest.mark.parametrize(
    "latex", ["x_", r"\frac", "{" * 300, "x^{" * 60 + "}" * 60, "x" * (MAX_FORMULA + 1), r"\left("]
)
def test_what_is_not_understood_or_too_much_is_shown_as_it_was_typed(latex: str) -> None:
    assert formula(latex, is_block=False) == f"<code>${latex}$</code>"


@pytest.mark.parametrize("latex", HOSTILE)
def test_nothing_that_acts_comes_of_one(latex: str) -> None:
    refuse_what_acts(formula(latex, is_block=True))
    refuse_what_acts(Prose().render(f"${latex}$"))


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_nor_of_anything_put_together(latex: str) -> None:
    shown = formula(latex, is_block=False)
    refuse_what_acts(shown)
    assert shown.count("<") <= 2 * MAX_ELEMENTS


def test_mathml_of_a_students_own_is_text() -> None:
    assert "<math" not in Prose().render("<math><mi>x</mi></math>")


def test_of_a_notebook_only_so_many_are_set() -> None:
    cells = [{"cell_type": "markdown", "source": f"$x$ {number:9990d}"} for number in range(MAX_TYPESET // 10_000 + 3)]
    shown = shown_notebook(json.dumps({"cells": cells}).encode(), Prose())
    assert ["<math" in str(cell.html) for cell in shown.cells] == [True] * 6 + [False] * 3
    assert "$x$" in str(shown.cells[-1].html)
