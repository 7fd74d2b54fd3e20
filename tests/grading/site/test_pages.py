"""The site's pages as files: who may know what, and golden pages of one submission."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autograder.config import FeedbackPolicy
from autograder.gradebook import Gradebook, Override, open_for_reading
from autograder.report import Report
from autograder.reports.document import CellOutputsDocument, RunDocument, question_documents
from autograder.site import FEWEST, Plan
from autograder.site.watching import Watch

from ..made import EXERCISE, OUTPUTS, RAN, RUN, SECRET_EXPECTED, SECRET_INPUT, SECRET_TEXT, SLUG
from .conftest import built, graded
from .hostile import ALERT, HTML

GOLDEN = Path(__file__).parent / "golden"
NOTEBOOK = (
    b'{"cells": [{"cell_type": "markdown", "source": "# Mine\\n| a |\\n|---|\\n| `b` |"}, {"cell_type": "code",'
    b' "source": "print(1 < 2)", "outputs": [{"output_type": "stream", "name": "stdout", "text": ["True", "\\n"]}]}]}'
)


def pages(site: Path, edition: str) -> list[Path]:
    return sorted((site / edition).rglob("*.html"))


def body(page: Path) -> str:
    """The page without the stylesheet, which is the same everywhere, and the release."""
    text = re.sub(r"<style>.*</style>", "<style></style>", page.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"sha256-[^&]*", "sha256-...", re.sub(r"autograder [0-9.a-z]+</footer>", "autograder</footer>", text))


class TestGolden:
    @pytest.fixture
    def made(self, tmp_path: Path) -> Path:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", NOTEBOOK, run=RAN))
        return built(tmp_path, FeedbackPolicy.HINT)

    @pytest.mark.parametrize("edition", ["submissions", "students"])
    def test_a_page_is_the_golden_one(self, made: Path, edition: str) -> None:
        (page,) = pages(made, edition)
        text = body(page).replace(str(made.parent), "RESULTS")
        assert text == (GOLDEN / f"{edition}.html").read_text("utf-8")


class TestWhoMayKnowWhat:
    @pytest.mark.parametrize("policy", [FeedbackPolicy.NOTHING, FeedbackPolicy.NAME, FeedbackPolicy.HINT])
    def test_no_secret_of_a_hidden_case_is_on_a_students_page(self, tmp_path: Path, policy: FeedbackPolicy) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", NOTEBOOK))
        (page,) = pages(built(tmp_path, policy), "students")
        text = page.read_text("utf-8")
        for secret in (SECRET_INPUT, SECRET_EXPECTED, SECRET_TEXT, "patch_mean(", "counts", "<figure"):
            assert str(secret) not in text
        assert "ada" in text

    def test_the_instructor_sees_the_calls_that_decided(self, site: Path) -> None:
        text = next(page for page in pages(site, "submissions") if "plain 1" in str(page)).read_text("utf-8")
        assert f"patch_mean({SECRET_INPUT})" in text
        assert f"expected {SECRET_EXPECTED}, got 3" in text
        assert "<strong>counts rows</strong>" in text

    def test_what_was_printed_while_hidden_cases_ran_is_the_instructors(self, site: Path) -> None:
        assert any("Printed while it was graded" in page.read_text("utf-8") for page in pages(site, "submissions"))
        assert not any("Printed while it was graded" in page.read_text("utf-8") for page in pages(site, "students"))

    def test_a_students_page_names_no_other_student_and_leads_nowhere(self, site: Path) -> None:
        for page in pages(site, "students"):
            text = page.read_text("utf-8")
            assert "<a " not in text
            assert sum(f"plain {number} the Great" in text for number in range(5)) <= 1

    def test_an_edition_can_be_made_alone(self, results: Path, tmp_path: Path) -> None:
        Watch(Plan(results, tmp_path, False, True, {}, "x")).step()
        assert not (tmp_path / "index.html").exists()
        assert not (tmp_path / "submissions").exists()
        assert pages(tmp_path, "students")

    def test_points_set_by_hand_and_lateness_are_on_both(self, site: Path) -> None:
        for edition in ("submissions", "students"):
            by_hand = next(page for page in pages(site, edition) if "plain 0" in str(page)).read_text("utf-8")
            assert "7 of 14 points" in by_hand
            assert "fair &lt;/p&gt;" in by_hand
            late = next(page for page in pages(site, edition) if "late" in page.parent.name).read_text("utf-8")
            assert "20 % off 3 points" in late
            assert "(2026-11-27 08:00 Europe/Berlin)" in late
            assert "2.4 of 14 points" in late


class TestTheClassPage:
    def test_those_to_review_are_a_list_of_their_own_and_the_table_is_by_student(self, site: Path) -> None:
        text = (site / "index.html").read_text("utf-8")
        above, _, table = text.partition('id="submissions"')
        assert re.findall(r"<li><a [^>]*>([^<]*)</a>, [^<]*<strong", above) == ["review"]
        names = [html.unescape(name) for name in re.findall(r"<tr[^>]*><td><a [^>]*>([^<]*)</a>", table)]
        assert len(names) == 9
        assert names == sorted(names, key=str.casefold)

    @pytest.mark.parametrize(("seconds", "is_named"), [(0.99, False), (1.0, True)])
    def test_the_slowest_are_named_where_a_second_or_more_went_by(
        self, tmp_path: Path, seconds: float, is_named: bool
    ) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", NOTEBOOK, run=replace(RUN, wall_seconds=seconds)))
        text = (built(tmp_path, FeedbackPolicy.HINT) / "index.html").read_text("utf-8")
        assert ("Slowest:" in text) == is_named

    def test_it_says_how_the_class_did(self, site: Path) -> None:
        text = (site / "index.html").read_text("utf-8")
        assert "8 of 9 graded" in text
        assert '<strong>counts rows</strong>, 8 students<div class="soft">Add up *all* values.</div>' in text
        assert "inner" in text

    def test_every_page_has_the_strict_policy(self, site: Path) -> None:
        for page in site.rglob("*.html"):
            (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.read_text("utf-8"))
            assert policy.startswith("default-src &#39;none&#39;; ")
            assert "unsafe" not in policy
            assert ("script-src" in policy) == (page.name == "index.html")

    def test_no_word_of_a_student_is_markup(self, open_site: Path) -> None:
        for page in open_site.rglob("*.html"):
            text = page.read_text("utf-8")
            assert len(re.findall("<script", text)) == (page.name == "index.html")
            assert not re.search(r"<[^>]*\son[a-z]+\s*=", re.sub(r'"[^"]*"', '""', text))
            assert not re.search(r"<(iframe|object|embed|form|base|link|video|audio|template|xmp)\b", text)
            assert "\u202e" not in text
            assert "style=" not in re.sub(r'"[^"]*"', '""', re.sub(r">[^<]*<", "><", text))

    def test_the_hostile_notebook_is_shown_all_the_same(self, open_site: Path) -> None:
        text = next(page for page in pages(open_site, "students") if ALERT[:5] in str(page)).read_text("utf-8")
        assert text.count('class="cell"') > len(HTML)
        assert "{{ 7 * 7 }}" in text
        assert '<td colspan="1">' not in text


class TestTheNotebook:
    def page(self, folder: Path) -> str:
        (page,) = pages(built(folder, FeedbackPolicy.HINT), "students")
        return page.read_text("utf-8")

    def test_one_that_changed_since_it_was_graded_is_not_shown(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            one = graded(tmp_path / "in", "ada", NOTEBOOK)
            gradebook.put(one)
        Path(one.origin[0]).write_bytes(NOTEBOOK.replace(b"Mine", b"Else"))
        text = self.page(tmp_path)
        assert "not what was graded any more" in text
        assert "Else" not in text

    def test_one_that_became_a_link_or_went_away_is_not_shown(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            one = graded(tmp_path / "in", "ada", NOTEBOOK)
            gradebook.put(one)
        Path(one.origin[0]).unlink()
        assert "It cannot be shown: cannot be read" in self.page(tmp_path)
        Path(one.origin[0]).symlink_to("/etc/passwd")
        text = self.page(tmp_path)
        assert "root:" not in text
        assert "not what was graded any more" in text

    def test_a_broken_file_is_said_once_and_nothing_stands_below_it(self, tmp_path: Path) -> None:
        note = "the file ends in the middle"
        broken = {
            "run": None,
            "questions": question_documents(EXERCISE, Report(SLUG, ())),
            "status": "unreadable",
            "note": note,
        }
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", b"{", **broken))
        text = self.page(tmp_path)
        assert text.count(note) == 1
        assert "format 4" not in text
        assert "<h2>" not in text

    @pytest.mark.parametrize("data", [b"[" * 100_000, b'{"cells": 3}', b"\xff\xfe", b'{"worksheets": []}', b"null"])
    def test_whatever_the_bytes_are_there_is_a_page(self, tmp_path: Path, data: bytes) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", data))
        assert '<p class="note">It' in self.page(tmp_path)


class TestTheOutputs:
    CODE: ClassVar = {
        "cell_type": "code",
        "source": "6 * 7",
        "outputs": [{"output_type": "stream", "text": "forty-two"}],
    }

    def texts(self, folder: Path, **changes: Any) -> list[str]:
        with Gradebook(folder) as gradebook:
            gradebook.put(graded(folder / "in", "ada", json.dumps({"cells": [self.CODE] * 4}).encode(), **changes))
        site = built(folder, FeedbackPolicy.NOTHING)
        return [page.read_text("utf-8") for edition in ("submissions", "students") for page in pages(site, edition)]

    def test_they_are_those_of_the_run_and_not_those_in_the_file(self, tmp_path: Path) -> None:
        for text in self.texts(tmp_path, run=RAN):
            assert "forty-two" not in text
            assert "<pre>41\n</pre>" in text
            assert '<p class="soft">[more]</p>' in text
            assert '<pre class="bad">NameError: name &#39;x&#39; is not defined\n</pre>' in text
            assert re.search("those of the run in the sandbox|when it was run for grading", text)

    @pytest.mark.parametrize("role", ["setup", "figure", "check"])
    @pytest.mark.parametrize("outputs", [(CellOutputsDocument(1, "skipped", ()),), None])
    def test_what_came_with_the_exercise_is_folded_while_it_is_unchanged(
        self, tmp_path: Path, role: str, outputs: tuple[CellOutputsDocument, ...] | None
    ) -> None:
        mark = {"role": role, "sha256": hashlib.sha256(b"draw()").hexdigest()}
        cell = {"cell_type": "code", "source": "draw()", "metadata": {"autograder": mark}, "outputs": []}
        cells = [cell, cell | {"source": "draw(2)"}]
        with Gradebook(tmp_path) as gradebook:
            run = replace(RUN, outputs=outputs)
            gradebook.put(graded(tmp_path / "in", "ada", json.dumps({"cells": cells}).encode(), run=run))
        for edition in ("submissions", "students"):
            (page,) = pages(built(tmp_path, FeedbackPolicy.NOTHING), edition)
            text = page.read_text("utf-8")
            assert len(re.findall("<details><summary class=.label.>code cell 1 · [^<]*</summary><pre>draw", text)) == 1
            assert text.count("<details>") == 1
            assert "<pre>draw(2)</pre>" in text

    def test_each_cell_says_how_it_went(self, tmp_path: Path) -> None:
        cells = (*OUTPUTS, CellOutputsDocument(3, "skipped", ()))
        for text in self.texts(tmp_path, run=replace(RUN, outputs=cells)):
            states = re.findall('<div class="label">([^<]*)</div>', text)
            assert states == [
                "code cell 1",
                "code cell 2 · stopped with an error",
                "code cell 3 · as it was handed out: not run for grading",
                "code cell 4 · not reached",
            ]

    @pytest.mark.parametrize("run", [RUN, None])
    def test_where_none_are_kept_those_in_the_file_are_shown_and_the_page_says_so(
        self, tmp_path: Path, run: RunDocument | None
    ) -> None:
        for text in self.texts(tmp_path, run=run):
            assert text.count("forty-two") == 4
            assert "those stored in" in text

    def test_a_notebook_that_changed_shows_no_outputs_either(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            one = graded(tmp_path / "in", "ada", NOTEBOOK, run=RAN)
            gradebook.put(one)
        Path(one.origin[0]).write_bytes(b"{}")
        for page in pages(built(tmp_path, FeedbackPolicy.HINT), "submissions"):
            assert "<pre>41" not in page.read_text("utf-8")


class TestManySubmissions:
    def test_several_processes_make_the_same_pages_as_one(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            for number in range(FEWEST):
                gradebook.put(graded(tmp_path / "in", f"s{number}", NOTEBOOK))
        made = {}
        for jobs in (1, 2):
            plan = Plan(tmp_path, tmp_path / f"site{jobs}", True, True, {SLUG: FeedbackPolicy.HINT}, "x", jobs)
            assert Watch(plan).step() == FEWEST
            pages_of = (path for path in plan.site.rglob("*.html") if path.name != "index.html")
            made[jobs] = {path.relative_to(plan.site): path.read_text("utf-8") for path in pages_of}
        assert made[1] == made[2]
        assert len(made[1]) == 2 * FEWEST

    def test_no_name_of_a_student_leads_out_of_the_site(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "results") as gradebook:
            for name in ("../../../evil", "/abs", "..", "a/b", "x" * 500, "\u202e", "index"):
                gradebook.put(graded(tmp_path / "in", name, NOTEBOOK))
        site = built(tmp_path / "results", FeedbackPolicy.HINT)
        assert len(pages(site, "students")) == len(pages(site, "submissions")) == 7
        assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.html")} == {"results"}
        assert len(list((tmp_path / "results").rglob("*.html"))) == 15


class TestWatching:
    def test_only_what_changed_is_built_again(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", NOTEBOOK))
            watch = Watch(Plan(tmp_path, tmp_path / "site", True, True, {}, "x"))
            assert watch.step(refresh=10) == 1  # while another writes
            assert 'http-equiv="refresh" content="10"' in watch.class_page.read_text("utf-8")
            assert watch.step() == 0
            gradebook.put(graded(tmp_path / "in", "bob", NOTEBOOK))
            assert watch.step() == 1
            gradebook.add_override(Override(0, "ada", SLUG, "q1", 1.0, "x", "y", "2026"))
            assert watch.step() == 1
            (given,) = gradebook.overrides()
            gradebook.undo_override(given, "y", "2027")
            assert watch.step() == 1
        text = watch.class_page.read_text("utf-8")
        assert "2 submissions" in text
        assert "refresh" not in text

    def test_reading_keeps_nobody_from_writing(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(graded(tmp_path / "in", "ada", NOTEBOOK))
            with open_for_reading(tmp_path) as reader:
                assert len(reader.keys()) == 1
                gradebook.put(graded(tmp_path / "in", "bob", NOTEBOOK))
                assert len(reader.keys()) == 1  # of one moment
            with open_for_reading(tmp_path) as reader:
                assert len(reader.keys()) == 2
