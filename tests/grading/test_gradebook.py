"""The gradebook: each report one transaction, the replaced ones kept, one writer, and files that a crash left out."""

from __future__ import annotations

import gc
import importlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GraderError
from autograder.gradebook import FILE_NAME, SCHEMA_VERSION, Entry, Gradebook, open_for_reading
from autograder.reports.files import scores_csv

from .conftest import Command, Outcome, Unprivileged
from .made import RAN, RUN, row

LATER = "2026-09-02T10:00:00+00:00"


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    """One for many examples."""
    with Gradebook(tmp_path_factory.mktemp("results")) as gradebook:
        yield gradebook


def scalar(folder: Path, sql: str) -> object:
    """One value from the file, as another program sees it."""
    connection = sqlite3.connect(folder / FILE_NAME)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


class TestReports:
    def test_what_is_put_comes_back(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            assert gradebook.find("alice", "01_demo") == row()
            assert gradebook.keys() == {("alice", "01_demo"): "key"}

    def test_nothing_is_found_where_nothing_was_put(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            assert gradebook.find("alice", "01_demo") is None
            assert list(gradebook.entries()) == []

    def test_it_is_there_for_the_next_run(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "new" / "folder") as gradebook:
            gradebook.put(row())
        with Gradebook(tmp_path / "new" / "folder") as gradebook:
            assert list(gradebook.entries()) == [row()]

    def test_a_new_report_replaces_the_old_one_which_moves_to_the_past(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row(score=1.0))
            gradebook.put(row("bob", score=2.0))
            gradebook.put(row(score=3.0, graded_at=LATER))
            gradebook.put(row(score=4.0, graded_at=LATER))
            assert [(one.student, one.score) for one in gradebook.entries()] == [("alice", 4.0), ("bob", 2.0)]
        assert scalar(tmp_path, "SELECT group_concat(student || score) FROM past_reports") == "alice1.0,alice3.0"

    def test_outputs_of_cells_come_with_one_report_and_not_with_all(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            new = row(run=RAN)
            gradebook.put(row())
            gradebook.put(new)
            assert gradebook.find("alice", "01_demo") == new
            assert list(gradebook.unwritten()) == [new]
            assert [one.document["run"]["outputs"] for one in gradebook.entries()] == [None]
            gradebook.put_aside(row(run=RUN))
            assert gradebook.find("alice", "01_demo") == new
            gradebook.put(row(run=None))
            assert gradebook.find("alice", "01_demo") == row(run=None)
        assert scalar(tmp_path, "SELECT count(*) FROM cell_outputs") == 0
        assert "41" not in scalar(tmp_path, "SELECT group_concat(document) FROM past_reports")

    def test_rows_stand_by_exercise_and_student(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            for student, exercise in (("b", "02"), ("b", "01"), ("a", "02")):
                gradebook.put(row(student, exercise))
            assert [(one.exercise, one.student) for one in gradebook.entries()] == [
                ("01", "b"),
                ("02", "a"),
                ("02", "b"),
            ]

    def test_what_was_unknown_of_a_file_is_found_by_it_or_by_what_it_lies_in(self, tmp_path: Path) -> None:
        places = ("class/a", "class/a/x.ipynb", "class/a/y.ipynb", "class/a/x.zip", "class/a/x")
        with Gradebook(tmp_path) as gradebook:
            for number, place in enumerate(places):
                gradebook.put(replace(row("a", f"unknown-{number}"), source=place))
            gradebook.put(replace(row("a", "01_demo"), source="class/a"))
            gradebook.put(replace(row("b", "unknown-1"), source="class/a"))
            assert gradebook.unknown_before("a", "class/a/x.ipynb") == ["unknown-0", "unknown-1"]
            assert gradebook.unknown_before("a", "class/a/x.zip!x.ipynb") == ["unknown-0", "unknown-3"]

    def test_those_since_a_moment_are_counted(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row("a"))
            gradebook.put(row("b", graded_at=LATER))
            assert [gradebook.graded_since(moment) for moment in ("2026", LATER, "2027")] == [2, 1, 0]

    def test_a_percentage_of_nothing_is_none(self) -> None:
        assert row(score=0.0, possible=0.0).percent == 0.0
        assert row(score=1.0, possible=8.0).percent == 12.5

    @given(student=st.text(), name=st.text(), source=st.text(), note=st.text())
    def test_any_text_comes_back_unchanged(
        self, gradebook: Gradebook, student: str, name: str, source: str, note: str
    ) -> None:
        hostile = replace(row(student, note=note), name=name, source=source)
        gradebook.put(hostile)
        assert gradebook.find(student, "01_demo") == hostile
        assert [one for one in gradebook.unwritten() if one.student == student] == [hostile]


class TestBriefs:
    def test_they_give_the_scores_and_the_summary_that_whole_reports_give(self, tmp_path: Path) -> None:
        review = row("zoe", needs_review=True, note="a hidden case failed by itself: q1, one\nmore")
        with Gradebook(tmp_path) as gradebook:
            for one in (row("alice"), row("bob", "02"), review):
                gradebook.put(one)
            whole, brief = list(gradebook.entries()), list(gradebook.briefs())
            assert gradebook.brief("zoe", "01_demo") == brief[1]
            assert gradebook.brief("nobody", "01_demo") is None
        assert scores_csv(whole) == scores_csv(brief)
        for one, short in zip(whole, brief, strict=True):
            assert one.to_review == short.to_review
            assert short.document["note"] in ("", "more")
            named = [[case["mistake"] for case in q["cases"] if case["mistake"]] for q in one.document["questions"]]
            assert [[case["mistake"] for case in q["cases"]] for q in short.document["questions"]] == named
        assert len(str(brief[0].document)) < len(str(whole[0].document)) / 3

    def test_the_key_and_its_parts_are_found_one_by_one(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(replace(row(), parts={"content": "digest"}))
            assert gradebook.key("alice", "01_demo") == "key"
            assert gradebook.parts("alice", "01_demo") == {"content": "digest"}
            assert gradebook.key("bob", "01_demo") is None
            assert gradebook.parts("bob", "01_demo") is None


class TestCrashes:
    def test_a_report_that_fails_on_the_way_leaves_the_old_one(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            broken = replace(row(graded_at=LATER), score=None)  # type: ignore[arg-type]
            with pytest.raises(GraderError, match=r"gradebook.db cannot be written \(.*score\)\n    -> make room"):
                gradebook.put(broken)
            assert list(gradebook.entries()) == [row()]
        assert scalar(tmp_path, "SELECT count(*) FROM past_reports") == 0

    def test_files_are_owed_until_they_are_said_to_be_written(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
        with Gradebook(tmp_path) as gradebook:  # the first was killed between its report and its files
            assert list(gradebook.unwritten()) == [row()]
            gradebook.mark_written([row()])
            assert list(gradebook.unwritten()) == []

    def test_a_replaced_report_owes_its_files_again(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row())
            gradebook.mark_written([row()])
            gradebook.put(row(graded_at=LATER))
            assert list(gradebook.unwritten()) == [row(graded_at=LATER)]

    def test_the_files_of_an_older_report_do_not_pay_for_a_newer_one(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            gradebook.put(row(graded_at=LATER))
            gradebook.mark_written([row()])
            assert list(gradebook.unwritten()) == [row(graded_at=LATER)]

    def test_a_copy_made_without_closing_is_sound(self, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        copy.mkdir()
        with Gradebook(tmp_path / "book") as gradebook:
            gradebook.put(row())
            for file in (tmp_path / "book").glob(f"{FILE_NAME}*"):
                (copy / file.name).write_bytes(file.read_bytes())  # what a killed process leaves
        with Gradebook(copy) as gradebook:
            assert list(gradebook.entries()) == [row()]
        assert scalar(copy, "PRAGMA integrity_check") == "ok"


class TestTheFile:
    def test_it_is_a_write_ahead_log_of_a_known_version(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path):
            assert scalar(tmp_path, "PRAGMA journal_mode") == "wal"
            assert scalar(tmp_path, "PRAGMA user_version") == SCHEMA_VERSION

    def test_another_version_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        connection.executescript("CREATE TABLE x (y); PRAGMA user_version = 99;")
        connection.close()
        before = (tmp_path / FILE_NAME).read_bytes()
        with pytest.raises(
            GraderError, match=r"has schema version 99, this autograder knows \d+\n    -> use the autograder"
        ):
            Gradebook(tmp_path)
        assert (tmp_path / FILE_NAME).read_bytes() == before

    @pytest.mark.parametrize("data", [b"student,exercise\n" * 100, b"SQLite format 3\0" + b"\1" * 500])
    def test_what_is_no_database_is_a_sentence(self, data: bytes, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).write_bytes(data)
        with pytest.raises(GraderError, match=r"gradebook.db is not a gradebook \(.*\)\n    -> move it away"):
            Gradebook(tmp_path)
        assert (tmp_path / FILE_NAME).read_bytes() == data

    def test_a_folder_in_its_place_is_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).mkdir()
        with pytest.raises(GraderError, match="is not a gradebook"):
            Gradebook(tmp_path)

    def test_a_file_in_the_folders_place_is_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "results").write_text("")
        with pytest.raises(GraderError, match=r"results cannot be written \(File exists\)\n    -> let this"):
            Gradebook(tmp_path / "results")


class TestAFolderThatCannotBeWritten:
    """A backup, a share that is mounted read-only: what reads works there, what writes says that it cannot."""

    @pytest.fixture
    def results(self, public: Path) -> Iterator[Path]:
        with Gradebook(public / "results") as gradebook:
            gradebook.put(row())
            gradebook.remember_course({"title": "A course", "feedback:01_demo": "hint"})
        for path in (public / "results", *(public / "results").iterdir()):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield public / "results"
        (public / "results").chmod(0o777)

    def test_it_is_read(self, results: Path, unprivileged: Unprivileged) -> None:
        with unprivileged(), open_for_reading(results) as reader:
            assert list(reader.entries()) == [row()]

    def test_a_log_with_something_in_it_is_not_passed_over(self, results: Path, unprivileged: Unprivileged) -> None:
        (results / f"{FILE_NAME}-wal").write_bytes(b"x" * 5000)
        with (
            unprivileged(),
            pytest.raises(GraderError, match=r"cannot be read where(.|\n)*copy the whole folder"),
        ):
            open_for_reading(results)

    def test_a_file_that_may_not_be_read_is_no_foreign_file(self, results: Path, unprivileged: Unprivileged) -> None:
        (results / FILE_NAME).chmod(0)
        with unprivileged(), pytest.raises(GraderError, match=r"cannot be read \(.*\)\n    -> let this account"):
            open_for_reading(results)

    def test_who_writes_is_told_so(self, results: Path, unprivileged: Unprivileged) -> None:
        with unprivileged(), pytest.raises(GraderError, match=r"results cannot be written \(Permission denied\)"):
            Gradebook(results)
        (results / ".lock").chmod(0o666)
        with (
            unprivileged(),
            pytest.raises(GraderError, match=r"gradebook.db cannot be written \(.*\)\n    -> let"),
        ):
            Gradebook(results)

    def test_commands_that_read_do_and_those_that_write_say_so(
        self, results: Path, public: Path, command: Command, unprivileged: Unprivileged
    ) -> None:
        for module in ("exporting", "overriding"):
            importlib.import_module(f"autograder.cli.{module}")  # while everything may be read

        def run(*arguments: object) -> Outcome:
            with unprivileged():
                return command(*arguments, cwd=public)

        assert run("overrides", "results").code == 0
        assert run("export", "results", "--format", "csv", "-o", "scores.csv").code == 0
        assert (public / "scores.csv").is_file()
        outcome = run("override", "alice", 1, "q1", "--points", 1, "--reason", "x")
        assert outcome.code == 2
        assert "results cannot be written (Permission denied)" in outcome.err
        assert "move it away" not in outcome.err


class TestOneWriter:
    def test_a_second_one_is_refused(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path), pytest.raises(GraderError, match=r"another autograder is writing to .*\n    -> wait"):
            Gradebook(tmp_path)

    def test_the_next_one_is_welcome(self, tmp_path: Path) -> None:
        Gradebook(tmp_path).close()
        Gradebook(tmp_path).close()

    def test_one_that_could_not_open_its_file_keeps_nobody_out(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).mkdir()
        with pytest.raises(GraderError, match="is not a gradebook"):
            Gradebook(tmp_path)
        (tmp_path / FILE_NAME).rmdir()
        Gradebook(tmp_path).close()

    def test_refusals_leave_no_file_open(self, tmp_path: Path) -> None:
        def count() -> int:
            return len(list(Path("/proc/self/fd").iterdir()))

        (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
        gc.collect()  # what other tests left open is closed before and not meanwhile
        before = count()
        for _ in range(3):
            with pytest.raises(GraderError):
                Gradebook(tmp_path)
        assert count() == before


def test_an_entry_is_a_value() -> None:
    assert row() == row()
    assert isinstance(row(), Entry)
    with pytest.raises(AttributeError):
        row().score = 10.0  # type: ignore[misc]
