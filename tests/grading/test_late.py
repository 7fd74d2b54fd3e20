"""Late policy: what lateness costs, where times come from, and that nobody is late whose time nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.cli.terms import apply_lateness
from autograder.config import Config, read_config
from autograder.errors import CourseError, GraderError
from autograder.gradebook import Gradebook
from autograder.gradebook.reading import PAGE
from autograder.intake import take_in
from autograder.intake.times import Times
from autograder.late import LatePolicy, in_words, read_moment, read_zone
from autograder.submission import StudentId

from .made import METADATA, SLUG, SLUGS, gradescope, notebook, packed, plant, row, submission

DUE = datetime(2026, 11, 25, 23, 59, tzinfo=timezone.utc)
POLICY = LatePolicy(DUE, timedelta(minutes=15), 10, 50)


class TestThePolicy:
    @pytest.mark.parametrize(
        ("submitted_at", "percent"),
        [
            ("2026-11-25T12:00:00", 0),
            ("2026-11-26T00:14:00", 0),  # within the grace
            ("2026-11-26T00:15:00", 10),  # after it, counted from the due date
            ("2026-11-26T23:59:00", 10),
            ("2026-11-27T00:00:00", 20),
            ("2027-11-25T00:00:00", 50),
            ("2026-11-26T01:10:00+01:00", 0),  # a zone of its own
            ("2026-11-26T00:10:00-01:00", 10),
            ("2026-11-26 00:15:00", 10),
            ("2026-11-26T00:15:00Z", 10),
            ("", 0),
            ("yesterday", 0),
        ],
    )
    def test_it_costs_a_percentage_for_each_day_begun(self, submitted_at: str, percent: float) -> None:
        assert POLICY.percent(submitted_at) == percent

    def test_a_time_without_a_zone_is_of_the_courses(self) -> None:
        berlin = LatePolicy(datetime(2026, 11, 25, 23, 59, tzinfo=read_zone("Europe/Berlin")), percent_per_day=10)
        assert berlin.percent("2026-11-25T23:58:00") == 0
        assert berlin.percent("2026-11-25T23:58:00+00:00") == 10

    def test_what_is_no_time_is_none(self) -> None:
        assert read_moment("2026-11-25 23:59") == datetime(2026, 11, 25, 23, 59)
        assert [read_moment(text) for text in ("", "25.11.2026", "x")] == [None] * 3


def config(folder: Path, due: str = "", late: str = "") -> Config:
    path = folder / "grading_config.yaml"
    path.write_text(f"title: x\nseed: 1\n{late}exercises:\n  {SLUG}:\n    points: 14\n{due}")
    return read_config(path)


class TestTheConfig:
    def test_nothing_said_is_no_due_date(self, tmp_path: Path) -> None:
        assert config(tmp_path).exercise(SLUG).late is None

    @pytest.mark.parametrize(
        "due", ["2026-11-25 23:59", "2026-11-25 23:59:00", "2026-11-25T23:59", '"2026-11-25 23:59"']
    )
    def test_a_due_date_has_the_courses_time_zone(self, tmp_path: Path, due: str) -> None:
        late = "late: {timezone: Europe/Berlin, grace_minutes: 15, percent_per_day: 10, at_most: 50}\n"
        made = config(tmp_path, f"    due: {due}\n", late).exercise(SLUG).late
        expected = datetime(2026, 11, 25, 23, 59, tzinfo=read_zone("Europe/Berlin"))
        assert made == LatePolicy(expected, timedelta(minutes=15), 10, 50)

    def test_a_due_date_with_a_zone_keeps_it(self, tmp_path: Path) -> None:
        made = config(tmp_path, '    due: "2026-11-25T23:59+02:00"\n').exercise(SLUG).late
        assert made
        assert made.due == datetime(2026, 11, 25, 21, 59, tzinfo=timezone.utc)

    @pytest.mark.parametrize(
        ("due", "late", "sentence"),
        [
            ("    due: soon\n", "", "no day and time (it says 'soon')\n    -> due: 2026-11-25 23:59"),
            ("    due: 3\n", "", "exercises.01_demo.due"),
            (
                "",
                "late: {timezone: Europe/Berln}\n",
                "late.timezone: no time zone 'Europe/Berln' is known here: name it as Europe/Berlin, or UTC\n",
            ),
            ("", "late: {percent_per_day: 200}\n", "-> percent_per_day: 10"),
            ("", "late: {percent_a_day: 10}\n", "did you mean 'percent_per_day'?"),
        ],
    )
    def test_what_is_wrong_is_said(self, tmp_path: Path, due: str, late: str, sentence: str) -> None:
        with pytest.raises(CourseError) as raised:
            config(tmp_path, due, late)
        assert sentence in str(raised.value)


class TestWhereTimesComeFrom:
    def times(self, *paths: Path, said: Times | None = None) -> dict[str, str]:
        intake = take_in(paths, SLUGS, None, None, said)
        return {one.student.id: one.submitted_at for one in intake.submissions}

    def test_an_lms_own_zip_dates_its_members(self, tmp_path: Path) -> None:
        tree = {"doejane_101_55_a.ipynb": notebook(), "roejohn_102_56_a.ipynb": notebook(SLUG, "1")}
        (tmp_path / "class.zip").write_bytes(packed(tree, date=(2026, 11, 26, 0, 30, 0)))
        assert self.times(tmp_path / "class.zip") == {"101": "2026-11-26T00:30:00", "102": "2026-11-26T00:30:00"}

    def test_a_students_own_zip_dates_nothing(self, tmp_path: Path) -> None:
        plant(
            tmp_path, {f"class/{name}.zip": packed({f"{name}.ipynb": notebook(SLUG, name)}) for name in ("ada", "bob")}
        )
        assert self.times(tmp_path / "class") == {"ada": "", "bob": ""}
        assert self.times(tmp_path / "class" / "ada.zip") == {"ada": ""}
        assert self.times(tmp_path / "class" / "ada.zip", tmp_path / "class" / "bob.zip") == {"ada": "", "bob": ""}

    def test_a_students_zip_in_an_lms_zip_has_the_time_of_the_lms(self, tmp_path: Path) -> None:
        inner = packed({"a.ipynb": notebook()}, date=(2020, 1, 1, 0, 0, 0))
        outer = packed({"ada.zip": inner, "bob/a.ipynb": notebook(SLUG, "1")}, date=(2026, 11, 26, 0, 30, 0))
        (tmp_path / "class.zip").write_bytes(outer)
        assert self.times(tmp_path / "class.zip")["ada"] == "2026-11-26T00:30:00"

    def test_a_zip_without_dates_says_nothing(self, tmp_path: Path) -> None:
        tree = {"ada/a.ipynb": notebook(), "bob/a.ipynb": notebook(SLUG, "1")}
        (tmp_path / "class.zip").write_bytes(packed(tree, date=(1980, 1, 1, 0, 0, 0)))
        assert set(self.times(tmp_path / "class.zip").values()) == {""}

    @pytest.mark.parametrize("said", ["2026-11-26 00:30:00.123456789 Z", "2026-11-26 01:30:00.123456 +01:00"])
    def test_gradescopes_metadata_does(self, tmp_path: Path, said: str) -> None:
        metadata = gradescope({"submission_1": [{"sid": "5"}], "submission_2": [{"sid": "6"}]}).decode()
        metadata = metadata.replace("submission_1:\n", f"submission_1:\n  :created_at: {said}\n", 1)
        tree = {METADATA: metadata.encode()} | {f"submission_{number}/a.ipynb": notebook() for number in (1, 2)}
        times = self.times(plant(tmp_path, tree))
        assert (read_moment(times["5"]), times["6"]) == (
            datetime(2026, 11, 26, 0, 30, 0, 123456, tzinfo=timezone.utc),
            "",
        )

    def test_the_instructor_has_the_last_word(self, tmp_path: Path) -> None:
        (tmp_path / "class.zip").write_bytes(packed({"ada/a.ipynb": notebook(), "bob/a.ipynb": notebook(SLUG, "1")}))
        assert self.times(tmp_path / "class.zip", said=Times.read("2026-12-01 10:00")) == dict.fromkeys(
            ("ada", "bob"), "2026-12-01 10:00"
        )


class TestTimesInAFile:
    def read(self, tmp_path: Path, text: str) -> Times:
        (tmp_path / "times.csv").write_text(text)
        return Times.read(str(tmp_path / "times.csv"))

    def test_moodles_worksheet_is_one(self, tmp_path: Path) -> None:
        times = self.read(
            tmp_path,
            "\ufeffIdentifier,Full name,Email address,Last modified (submission)\n"
            'Participant 7,Ada Lovelace,ada@example.org,"Wednesday, 25 November 2026, 11:59 PM"\n'
            "Participant 8,Bob,bob@example.org,-\n",
        )
        assert times.of(StudentId("7")) == "2026-11-25T23:59:00"
        assert times.of(StudentId("x", "", "ADA@example.org")) == "2026-11-25T23:59:00"
        assert times.of(StudentId("8")) == times.of(StudentId("9")) == ""

    def test_a_plain_one_does(self, tmp_path: Path) -> None:
        times = self.read(tmp_path, "student;submitted_at\nada;2026-11-25 23:59\n")
        assert times.of(StudentId("ada")) == "2026-11-25T23:59:00"

    def test_rows_of_nobody_who_handed_in_are_said(self, tmp_path: Path) -> None:
        said = self.read(tmp_path, "student,full name,submitted_at\nada,A,2026-11-25 23:59\nbob,B,2026-11-25 23:59\n")
        plant(tmp_path / "class", {"ada/x.ipynb": notebook(), "eve/x.ipynb": notebook()})
        assert take_in([tmp_path / "class"], [SLUG], None, None, said).remarks == (
            "--submitted-at: 1 of 2 rows name nobody who is graded: bob",
        )

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("a,b\n", r"its header is 'a,b'\n    -> columns: student,submitted_at"),
            ("", r"its header is '\(nothing\)'"),
            ("student,submitted_at\nada,soon\n", r"times.csv:2: 'soon' is no time"),
        ],
    )
    def test_what_is_no_such_file_is_a_sentence(self, tmp_path: Path, text: str, sentence: str) -> None:
        with pytest.raises(GraderError, match=sentence):
            self.read(tmp_path, text)

    def test_neither_time_nor_file_is_a_sentence(self) -> None:
        with pytest.raises(GraderError, match=r"--submitted-at soon: no time and no file\n    -> as 2026"):
            Times.read("soon")


class TestWhatIsGradedAlready:
    def test_a_due_date_of_today_counts_for_it_and_goes_again(self, tmp_path: Path) -> None:
        late = "late: {percent_per_day: 10}\n"
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.put(row("ada"))
            gradebook.mark_written([row("ada")])
            came = [replace(submission("ada"), submitted_at="2026-11-26T10:00:00")]
            remarks = list(apply_lateness(gradebook, config(tmp_path, "    due: 2026-11-25 12:00\n", late), came))
            assert remarks == ["lateness: 1 earlier results brought up to date, 1 of them late"]
            (entry,) = gradebook.unwritten()
            assert (entry.raw, entry.late_percent, entry.final) == (3.0, 10.0, 2.7)
            assert entry.score == 3.0
            assert list(apply_lateness(gradebook, config(tmp_path, "    due: 2026-11-25 12:00\n", late), came)) == []
            assert list(apply_lateness(gradebook, config(tmp_path), came))
            assert [one.final for one in gradebook.entries()] == [3.0]

    def test_who_has_no_time_is_named(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "results") as gradebook:
            made = config(tmp_path, "    due: 2026-11-25 12:00\n")
            (remark,) = apply_lateness(gradebook, made, [submission(f"s{number}") for number in range(7)])
        assert remark.startswith(
            "when they handed in is not known, so nothing is taken off: s0, s1, s2, s3, s4 and 2 more"
        )

    def test_whom_canvas_marked_late_is_said_where_there_is_a_due_date(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"ada_LATE_1_9_x.ipynb": notebook(), "bob_2_9_x.ipynb": notebook()})
        came = take_in([tmp_path / "class"], [SLUG], None, None).submissions
        with Gradebook(tmp_path / "results") as gradebook:
            due = config(tmp_path, "    due: 2026-11-25 12:00\n")
            unknown, late = apply_lateness(gradebook, due, came)
            assert "is not known, so nothing is taken off: 2 (" in unknown
            assert late.startswith("Canvas marked as late, not since when, so nothing is taken off: 1 (")
            assert list(apply_lateness(gradebook, config(tmp_path), came)) == []

    def test_a_class_of_more_than_a_page_goes_again_whole_and_each_counts_once(self, tmp_path: Path) -> None:
        names = [f"s{number:03d}" for number in range(PAGE + 20)]
        late = "late: {percent_per_day: 10}\n"
        with Gradebook(tmp_path / "results") as gradebook:
            for name in names:
                gradebook.put(replace(row(name), submitted_at="2026-11-26T10:00:00"))
            gradebook.mark_written([row(name) for name in names])
            came = [replace(submission(name), submitted_at="2026-11-27T10:00:00") for name in names[:3]]
            remarks = list(apply_lateness(gradebook, config(tmp_path, "    due: 2026-11-25 12:00\n", late), came))
            assert remarks == [f"lateness: {len(names)} earlier results brought up to date, {len(names)} of them late"]
            percents = {one.student: one.late_percent for one in gradebook.unwritten()}
        assert percents == dict.fromkeys(names, 10.0) | dict.fromkeys(names[:3], 20.0)


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-11-27T10:00:00", "Europe/Berlin", "2026-11-27 10:00 Europe/Berlin"),
        ("2026-11-27T10:00:00", "", "2026-11-27 10:00"),
        ("2026-11-27T10:00:00.123456+00:00", "Europe/Berlin", "2026-11-27 10:00 UTC"),
        ("2026-11-27 10:00+01:00", "", "2026-11-27 10:00 UTC+01:00"),
        ("<yesterday>", "UTC", "<yesterday>"),
    ],
)
def test_a_time_is_said_with_its_zone(text: str, zone: str, said: str) -> None:
    assert in_words(text, zone) == said
