"""Points set by hand: they count everywhere, outlive regrading, end a review, and are listed and undone by command."""

from __future__ import annotations

import csv
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.gradebook import FILE_NAME, SCHEMA_VERSION, Gradebook, Override, open_for_reading
from autograder.gradebook.schema import STEPS

from .conftest import Command
from .made import SLUG, row

LATER = "2026-09-02T10:00:00+00:00"


def given(question: str = "q2", points: float = 4.0, *, student: str = "alice", reason: str = "fair") -> Override:
    return Override(0, student, SLUG, question, points, reason, "Dr. Day", LATER)


class TestWhatCounts:
    def test_it_counts_instead_of_what_grading_gave(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            gradebook.add_override(given())
            (entry,) = gradebook.entries()
        assert (entry.score, entry.raw, entry.final) == (3.0, 7.0, 7.0)
        assert [entry.points(question) for question in entry.document["questions"]] == [3.0, 4.0]

    def test_the_newest_of_a_question_counts_and_undone_ones_do_not(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            for points in (1.0, 2.0):
                gradebook.add_override(given(points=points))
            gradebook.add_override(given("q1", 10.0))
            assert next(gradebook.entries()).final == 12.0
            newest = next(gradebook.entries()).override("q2")
            assert newest
            gradebook.undo_override(newest, "Dr. Day", LATER)
            assert next(gradebook.entries()).final == 11.0
            assert [one.is_undone for one in gradebook.overrides()] == [False, True, False]

    def test_a_new_report_does_not_end_it(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            gradebook.add_override(given())
            gradebook.put(row(score=0.0, graded_at=LATER))
            found = gradebook.find("alice", SLUG)
        assert found
        assert [one.points for one in found.overrides] == [4.0]

    def test_it_is_one_students(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            for student in ("alice", "bob"):
                gradebook.put(row(student))
            gradebook.add_override(given())
            assert [one.final for one in gradebook.entries()] == [7.0, 3.0]

    def test_lateness_counts_after_it(self, tmp_path: Path) -> None:
        assert replace(row(), overrides=(given(),), late_percent=50.0).final == 3.5

    def test_its_files_are_owed_again(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            gradebook.mark_written([row()])
            gradebook.add_override(given())
            assert [one.final for one in gradebook.unwritten()] == [7.0]

    @pytest.mark.parametrize("verdict", ["judge_error", "review"])
    def test_it_ends_the_review_of_what_asked_for_one(self, verdict: str) -> None:
        entry = row(needs_review=True, status="error")
        assert entry.to_review
        for question in entry.document["questions"]:
            question["cases"][0]["verdict"] = verdict
        assert replace(entry, overrides=(given(),)).to_review
        assert not replace(entry, overrides=(given(), given("q1", 1.0))).to_review

    def test_where_no_question_was_asked_it_is_added(self) -> None:
        entry = row(questions=(), score=0.0, status="error", needs_review=True)
        assert replace(entry, overrides=(given(),)).final == 4.0
        assert not replace(entry, overrides=(given(),)).to_review  # which other questions there are, it does not say
        assert replace(row(needs_review=True), overrides=(given(),)).to_review

    def test_of_what_was_not_graded_each_question_wants_points(self) -> None:
        entry = row(score=0.0, status="error", needs_review=True)
        for question in entry.document["questions"]:
            question |= {"cases": []}
        assert replace(entry, overrides=(given(),)).to_review
        assert replace(entry, overrides=(given(), given("q1", 1.0))).is_settled

    @pytest.mark.parametrize(
        ("changes", "settled"),
        [
            ({}, True),
            ({"needs_review": True}, False),
            ({"status": "error", "needs_review": True}, False),
            ({"status": "unreadable"}, False),
        ],
    )
    def test_points_are_settled_where_they_were_graded_or_given(self, changes: dict[str, Any], settled: bool) -> None:
        assert row(**changes).is_settled == settled
        assert replace(row(status="unreadable"), overrides=(given(),)).is_settled


class TestTheCommands:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.remember_course({"title": "A course", f"feedback:{SLUG}": "hint"})
            gradebook.put(row())
            gradebook.put(replace(row("bob"), email="bob@example.org"))
        return tmp_path

    def scores(self, folder: Path) -> dict[str, dict[str, str]]:
        with (folder / "results" / "scores.csv").open() as file:
            return {one["student"]: one for one in csv.DictReader(file)}

    def test_points_are_set_and_every_file_says_so(self, command: Command, folder: Path) -> None:
        outcome = command("override", "alice", 1, "q2", "--points", 4, "--reason", "a fair point", cwd=folder)
        assert outcome.code == 0
        assert "alice, 01_demo: 3 -> 7 of 14 points" in outcome.out
        written = self.scores(folder)["alice"]
        assert (written["score"], written["raw_score"], written["q2"], written["overridden"]) == ("7", "7", "4", "q2")
        report = json.loads((folder / "results/reports/alice/01_demo.json").read_text())
        assert (report["score"], report["final_score"]) == (3.0, 7.0)
        assert report["overrides"][0]["reason"] == "a fair point"
        feedback = (folder / "results/feedback/alice/01_demo.md").read_text()
        assert "**7 of 14 points**" in feedback
        assert "Your instructor set these points: a fair point" in feedback

    def test_a_student_is_named_by_address_too(self, command: Command, folder: Path) -> None:
        outcome = command("override", "bob@example.org", "demo", "q1", "--points", 0, "--reason", "x", cwd=folder)
        assert outcome.code == 0
        assert self.scores(folder)["bob"]["score"] == "0"

    def test_they_are_listed_with_who_when_and_why(self, command: Command, folder: Path) -> None:
        assert "no points are set by hand" in command("overrides", "results", cwd=folder).out
        arguments = ("override", "alice", 1, "q2", "--points", 4, "--reason", "\x1b[2J fair", "--by", "Dr. Day")
        command(*arguments, cwd=folder)
        out = command("overrides", "results", cwd=folder).out
        assert "alice, 01_demo q2: 4 points. \\x1b[2J fair (Dr. Day, 20" in out

    @pytest.mark.parametrize("where", [["results"], ["--results", "results"], ["results", "--results", "results"], []])
    def test_both_commands_take_the_folder_in_the_same_ways(
        self, command: Command, folder: Path, where: list[str]
    ) -> None:
        arguments = ("override", "alice", 1, "q2", "--points", 4, "--reason", "fair", *where)
        assert command(*arguments, cwd=folder).code == 0
        assert "alice, 01_demo q2: 4 points" in command("overrides", *where, cwd=folder).out

    def test_one_is_undone_and_stays_in_the_list(self, command: Command, folder: Path) -> None:
        command("override", "alice", 1, "q2", "--points", 4, "--reason", "fair", cwd=folder)
        outcome = command("override", "alice", 1, "q2", "--undo", "--by", "Dr. Night", cwd=folder)
        assert "alice, 01_demo: 7 -> 3 of 14 points" in outcome.out
        assert self.scores(folder)["alice"]["overridden"] == ""
        assert "UNDONE by Dr. Night" in command("overrides", "results", cwd=folder).out
        assert command("override", "alice", 1, "q2", "--undo", cwd=folder).code == 2

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["alicia", 1, "q2", "--points", 4, "--reason", "x"], "did you mean alice?"),
            (["alice", 7, "q2", "--points", 4, "--reason", "x"], "no result is of an exercise '7'"),
            (["alice", 1, "q9", "--points", 4, "--reason", "x"], "01_demo has no question 'q9' -> one of: q1, q2"),
            (["alice", 1, "q2", "--points", 40, "--reason", "x"], "q2 has 4 points, 40 are more"),
            (["alice", 1, "q2", "--points", -1, "--reason", "x"], "--points"),
            (["alice", 1, "q2", "--points", 4], "both needed"),
            (["alice", 1, "q2", "--points", 4, "--reason", " "], "both needed"),
            (["alice", 1, "q2", "--undo", "--points", 4], "--undo goes with neither"),
            (["alice", 1, "q2", "--undo", "--results", "none"], "none has no gradebook.db"),
        ],
    )
    def test_wrong_usage_is_a_sentence(
        self, command: Command, folder: Path, arguments: list[object], sentence: str
    ) -> None:
        outcome = command("override", *arguments, cwd=folder)
        assert outcome.code == 2
        assert sentence in " ".join(outcome.err.replace("│", " ").split())
        with open_for_reading(folder / "results") as reader:
            assert reader.overrides() == []

    def test_nothing_is_stored_while_another_writes(self, command: Command, folder: Path) -> None:
        with Gradebook(folder / "results"):
            outcome = command("override", "alice", 1, "q2", "--points", 4, "--reason", "x", cwd=folder)
        assert outcome.code == 2
        assert "another autograder is writing" in outcome.err


# what releases before the second step wrote
FIRST_RELEASE = """
CREATE TABLE reports (student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    source TEXT NOT NULL, key TEXT NOT NULL, score REAL NOT NULL, possible REAL NOT NULL, status TEXT NOT NULL,
    needs_review INTEGER NOT NULL, device TEXT NOT NULL, tier TEXT NOT NULL, graded_at TEXT NOT NULL,
    document TEXT NOT NULL, written INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (student, exercise));
CREATE TABLE past_reports (student TEXT NOT NULL, exercise TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    source TEXT NOT NULL, key TEXT NOT NULL, score REAL NOT NULL, possible REAL NOT NULL, status TEXT NOT NULL,
    needs_review INTEGER NOT NULL, device TEXT NOT NULL, tier TEXT NOT NULL, graded_at TEXT NOT NULL,
    document TEXT NOT NULL, id INTEGER PRIMARY KEY);
PRAGMA user_version = 1;
"""


class TestAnOldGradebook:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        old = row().document
        del old["run"]["outputs"]
        document = json.dumps(old)
        values = ("alice", SLUG, "", "", "a.ipynb", "key", 3.0, 14.0, "graded", 0, "cpu", "inner", "2026", document, 1)
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        connection.executescript(FIRST_RELEASE)
        connection.execute(f"INSERT INTO reports VALUES ({', '.join('?' * 15)})", values)
        connection.execute(f"INSERT INTO past_reports VALUES ({', '.join('?' * 15)})", (*values[:-1], 1))
        connection.commit()
        connection.close()
        return tmp_path

    def test_it_is_brought_up_to_date_with_all_that_is_in_it(self, old: Path) -> None:
        with Gradebook(old) as gradebook:
            gradebook.add_override(given())
            (entry,) = gradebook.entries()
            (brief,) = gradebook.briefs()
            whole = gradebook.find("alice", SLUG)
        assert whole is not None
        assert whole.document["run"]["outputs"] is None  # it kept none, and its report says so
        assert (entry.student, entry.score, entry.final, entry.found_at) == ("alice", 3.0, 7.0, None)
        assert (brief.final, brief.percent, brief.to_review) == (entry.final, entry.percent, entry.to_review)
        connection = sqlite3.connect(old / FILE_NAME)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("SELECT count(*), max(parts) FROM past_reports").fetchone() == (1, "{}")
        connection.close()

    def test_so_it_is_when_it_is_only_read(self, old: Path) -> None:
        with open_for_reading(old) as reader:
            assert reader.keys() == {("alice", SLUG): "key"}

    def test_the_result_is_that_of_a_new_one(self, old: Path, tmp_path: Path) -> None:
        def tables(folder: Path) -> list[tuple[str, ...]]:
            connection = sqlite3.connect(folder / FILE_NAME)
            names = ("reports", "documents", "past_reports", "overrides", "course", "cell_outputs")
            found = [connection.execute(f"PRAGMA table_info({name})").fetchall() for name in names]
            connection.close()
            return [tuple(str(column[1:4]) for column in columns) for columns in found]

        Gradebook(old).close()
        Gradebook(tmp_path / "new").close()
        assert tables(old) == tables(tmp_path / "new")

    def test_a_step_that_fails_leaves_it_as_it_was(self, old: Path) -> None:
        connection = sqlite3.connect(old / FILE_NAME)
        connection.execute("CREATE TABLE course (x)")
        connection.close()
        with pytest.raises(Exception, match="is not a gradebook"):
            Gradebook(old)
        connection = sqlite3.connect(old / FILE_NAME)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert "origin" not in str(connection.execute("PRAGMA table_info(reports)").fetchall())
        connection.close()

    def test_the_steps_are_never_rewritten(self) -> None:
        assert len(STEPS) == SCHEMA_VERSION == 4
