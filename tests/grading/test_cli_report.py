"""`autograder report`: once, for one edition, while another writes, and what it says where it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.cli.reporting import report
from autograder.gradebook import Gradebook

from .conftest import Command
from .made import SLUG, row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Gradebook(tmp_path / "results") as gradebook:
        gradebook.remember_course({"title": "A <course>", f"feedback:{SLUG}": "full"})
        gradebook.put(row())
    return tmp_path


class TestOnce:
    def test_both_editions_are_made_and_named(self, command: Command, folder: Path) -> None:
        outcome = command("report", "results", cwd=folder)
        assert outcome.code == 0
        assert "class     results/site/index.html   (for you)" in outcome.out
        assert "A &lt;course&gt;" in (folder / "results/site/index.html").read_text()
        student = (folder / "results/site/students/alice/01_demo.html").read_text()
        assert "expected 27182" in student  # the policy that the last grading noted

    def test_one_edition_can_be_made_alone(self, command: Command, folder: Path) -> None:
        assert command("report", "results", "--edition", "instructor", cwd=folder).code == 0
        assert not (folder / "results/site/students").exists()

    def test_the_policy_of_a_named_course_counts_instead(
        self, command: Command, folder: Path, course_dir: Path
    ) -> None:
        command("report", "results", "--course", course_dir, cwd=folder)
        assert "expected 27182" not in (folder / "results/site/students/alice/01_demo.html").read_text()

    def test_an_old_gradebook_needs_a_course(self, command: Command, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.put(row())
        outcome = command("report", "results", cwd=tmp_path)
        assert outcome.code == 2
        assert "results does not say what students may see\n    -> grade once more, or name --course DIR" in outcome.err

    def test_a_folder_without_results_is_a_sentence(self, command: Command, tmp_path: Path) -> None:
        outcome = command("report", "nowhere", cwd=tmp_path)
        assert outcome.code == 2
        assert "nowhere has no gradebook.db" in outcome.err


class TestWatching:
    def test_it_goes_on_until_ctrl_c_and_leaves_a_page_that_rests(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page, seen = folder / "results/site/index.html", []

        def sleep(seconds: float) -> None:
            seen.append(page.read_text())
            if len(seen) == 3:
                raise KeyboardInterrupt
            if len(seen) == 1:
                with Gradebook(folder / "results") as gradebook:
                    gradebook.put(row("bob"))

        code = report(folder / "results", None, instructor=True, students=True, every=7, sleep=sleep)
        assert code == 0
        assert ["bob" in text for text in seen] == [False, True, True]
        assert all('http-equiv="refresh" content="7"' in text for text in seen)
        assert 'http-equiv="refresh"' not in page.read_text()
        assert "1 new or changed" in capsys.readouterr().out

    def test_it_waits_for_a_batch_that_has_not_begun(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        def sleep(seconds: float) -> None:
            if (tmp_path / "results/site/index.html").exists():
                raise KeyboardInterrupt
            with Gradebook(tmp_path / "results") as gradebook:
                gradebook.remember_course({"title": "A course"})
                gradebook.put(row())

        report(tmp_path / "results", None, instructor=True, students=False, every=1, sleep=sleep)
        assert "has no gradebook.db yet: waiting" in capsys.readouterr().out
        assert "alice" in (tmp_path / "results/site/index.html").read_text()

    def test_ctrl_c_while_waiting_is_no_error(self, tmp_path: Path) -> None:
        def sleep(seconds: float) -> None:
            raise KeyboardInterrupt

        assert report(tmp_path, None, instructor=True, students=True, every=1, sleep=sleep) == 0


def test_what_pages_need_is_named_where_it_is_missing(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("autograder.site", "autograder.cli.reporting"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nh3", None)
    outcome = command("report", "results", cwd=folder)
    assert outcome.code == 2
    assert "pages need nh3\n    -> pip install jinja2 markdown-it-py mdit-py-plugins latex2mathml nh3" in outcome.err
    assert command("export", "results", "--format", "csv", "-o", "x.csv", cwd=folder).code == 0
