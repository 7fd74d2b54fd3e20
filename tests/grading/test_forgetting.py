"""forget: rows and files that are nobody's go, points set by hand stay in the list, and nothing goes unasked."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from autograder.config import FeedbackPolicy
from autograder.gradebook import FILE_NAME, Gradebook, Override, open_for_reading
from autograder.reports.files import files_of, write_entry, write_scores

from .conftest import Command
from .made import SLUG, row

ENTRIES = (row("alice"), row("alice", "02_more"), row("alice", "unknown-1"), row("bob"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two students' results with all their files, and what alice had before."""
    results = tmp_path / "results"
    with Gradebook(results) as gradebook:
        gradebook.remember_course({"title": "A course", f"feedback:{SLUG}": "hint"})
        gradebook.put(row("alice", score=1.0))
        for entry in ENTRIES:
            gradebook.put(entry)
            write_entry(results, entry, FeedbackPolicy.HINT)
            for page in files_of(results, entry)[2:]:
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text("a page")
        gradebook.add_override(Override(0, "alice", SLUG, "q2", 4.0, "fair", "Dr. Day", "2026-09-02"))
        write_scores(gradebook)
    return tmp_path


def left(folder: Path) -> list[tuple[str, str]]:
    """Student and exercise of each row of scores.csv, which are those of the gradebook."""
    with open_for_reading(folder / "results") as reader:
        rows = [(one.student, one.exercise) for one in reader.entries()]
    text = (folder / "results" / "scores.csv").read_text()
    assert [(one["student"], one["exercise"]) for one in csv.DictReader(io.StringIO(text))] == rows
    return rows


def of_alice(folder: Path) -> dict[str, int]:
    """How many rows each table has of hers."""
    connection = sqlite3.connect(folder / "results" / FILE_NAME)
    tables = ("reports", "past_reports", "documents", "cell_outputs", "overrides")
    where = "SELECT count(*) FROM {} WHERE student = 'alice'"
    counts = {table: connection.execute(where.format(table)).fetchone()[0] for table in tables}
    connection.close()
    return counts


def test_a_student_goes_with_all_rows_and_files_and_the_others_stay(command: Command, folder: Path) -> None:
    outcome = command("forget", "alice", "--yes", cwd=folder)
    assert outcome.code == 0
    assert "alice, 01_demo: 7 of 14 points, graded, 1 questions set by hand, 4 files, from a.ipynb" in outcome.out
    assert "removed   3 results, 12 files" in outcome.out
    assert left(folder) == [("bob", SLUG)]
    assert of_alice(folder) == {"reports": 0, "past_reports": 0, "documents": 0, "cell_outputs": 0, "overrides": 1}
    assert not [path for path in (folder / "results").rglob("*") if "alice" in path.name]
    assert all(path.is_file() for path in files_of(folder / "results", ENTRIES[-1]))


def test_one_exercise_goes_and_the_others_stay(command: Command, folder: Path) -> None:
    assert command("forget", "alice", "unknown-1", "--yes", cwd=folder).code == 0
    assert command("forget", "alice", "2", "--yes", cwd=folder).code == 0
    assert left(folder) == [("alice", SLUG), ("bob", SLUG)]
    assert all(path.is_file() for path in files_of(folder / "results", ENTRIES[0]))


def test_points_set_by_hand_stay_in_the_list_and_count_for_nothing_new(command: Command, folder: Path) -> None:
    command("forget", "alice", "1", "--by", "Dr. Night", "--yes", cwd=folder)
    assert "4 points. fair (Dr. Day, 2026-09-02) UNDONE by Dr. Night" in command("overrides", "results", cwd=folder).out
    with Gradebook(folder / "results") as gradebook:
        gradebook.put(row("alice"))
        found = gradebook.find("alice", SLUG)
    assert found
    assert found.overrides == ()


def test_where_nobody_can_be_asked_nothing_goes(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    outcome = command("forget", "alice", cwd=folder)
    assert outcome.code == 2
    assert "nobody is there to ask, so nothing is removed" in outcome.err
    assert len(left(folder)) == 4


@pytest.mark.parametrize(("answer", "code", "rows"), [("n\n", 1, 4), ("\n", 1, 4), ("y\n", 0, 1)])
def test_on_a_terminal_it_asks(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, rows: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    outcome = command("forget", "alice", cwd=folder)
    assert outcome.code == code
    assert "Remove these 3 results for good?" in outcome.out
    assert ("nothing is removed" in outcome.out) == bool(code)
    assert len(left(folder)) == rows


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("alic", "--yes"), "no student 'alic'"),
        (("alice", "9", "--yes"), "no result is of an exercise '9'"),
        (("alice", "--yes", "--results", "nowhere"), "nowhere has no gradebook.db"),
    ],
)
def test_wrong_usage_is_a_sentence(command: Command, folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    outcome = command("forget", *arguments, cwd=folder)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(left(folder)) == 4


def test_a_class_page_that_still_has_it_is_said(command: Command, folder: Path) -> None:
    (folder / "results" / "site" / "index.html").write_text("the class")
    assert "`autograder report` makes it anew" in command("forget", "bob", "--yes", cwd=folder).out
