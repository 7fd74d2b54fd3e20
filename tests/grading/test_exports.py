"""What other tools import: exact headers, files filled in that stay theirs, and nobody guessed in silence."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.exports import canvas, gradescope, moodle, nbgrader
from autograder.exports.filling import Filled, Fit, Ours
from autograder.exports.matching import Person, match
from autograder.exports.sheet import Sheet, value
from autograder.gradebook import Entry, Gradebook, Override

from .conftest import Command
from .made import SECRET_EXPECTED, SECRET_INPUT, SLUG, overridden, row

GOLDEN = Path(__file__).parent / "golden"
TITLE = "Exercise 1 · Demo"

# as canvas-lms' gradebook_exporter.rb writes it
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Exercise 1 · Demo (4711),Essay (4712),Current Score,Final Score\n"
    ",,,,,Manual Posting,,,\n"
    "    Points Possible,,,,,14.00,20.00,(read only),(read only)\n"
    '"Curie, Marie",101,S-01,marie@example.org,"Lab, Monday",,18.00,90.00,45.00\n'
    '"Noether, Emmy",102,S-02,emmy,"Lab, Monday",3.50,,,\n'
    '"Hopper, Grace",103,S-03,grace,"Lab, Monday",EX,,,\n'
    '"Student, Test",999,,,"Lab, Monday",,,,\n'
)
# as mod/assign's offline feedback plugin writes it
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 7,Marie Curie,00042,marie@example.org,Submitted for grading,,14.00,Yes,"Wednesday, 25 November 2026,'
    ' 11:59 PM",-,\n'
    "Participant 8,Emmy Noether,S-02,emmy@example.org,Submitted for grading,3.00,14.00,Yes,-,-,well done\n"
    "Participant 9,Grace Hopper,S-03,grace@example.org,No submission,,14.00,No,-,-,\n"
)


def one(student: str, name: str = "", email: str = "", **changes: Any) -> Entry:
    return replace(row(student, **changes), name=name, email=email)


def sheet(tmp_path: Path, text: str | bytes) -> Sheet:
    path = tmp_path / "theirs.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Sheet.read(path)


def ours(*entries: Entry) -> Ours:
    return Ours(tuple(entries))


class TestFreshFiles:
    entries = (
        one("101", "Marie Curie", "marie@example.org"),
        overridden(one("7", "=HYPERLINK(1)"), late_percent=10.0, submitted_at="2026-11-27T08:00:00+01:00"),
        one("ada", "Lovelace, Ada", exercise="02_more", exercise_title="@Exercise 2"),
    )

    @pytest.mark.parametrize(
        ("name", "made"),
        [
            ("canvas.csv", lambda entries: canvas.fresh(ours(*entries))),
            ("moodle.csv", lambda entries: moodle.fresh(ours(*entries[:2]))),
            ("grades.csv", nbgrader.grades),
            ("results.json", lambda entries: gradescope.text(gradescope.results(entries[1], FeedbackPolicy.HINT))),
        ],
    )
    def test_each_is_the_golden_one(self, name: str, made: Any) -> None:
        assert made(self.entries) == (GOLDEN / name).read_bytes().decode()

    def test_headers_are_those_of_the_tools(self) -> None:
        assert canvas.fresh(ours(*self.entries)).startswith("Student,ID,SIS User ID,SIS Login ID,Section,Exercise 1")
        assert canvas.fresh(ours(*self.entries)).splitlines()[1].startswith("    Points Possible,")
        assert moodle.fresh(ours(self.entries[0])).splitlines()[0] == MOODLE.splitlines()[0]
        assert nbgrader.grades([]).strip() == (
            "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
            "raw_score,late_submission_penalty,score,max_score"
        )

    def test_moodles_worksheet_is_of_one_exercise(self) -> None:
        with pytest.raises(GraderError, match=r"of 2 exercises \(01_demo, 02_more\)[^>]*> name it with --exercise"):
            moodle.fresh(ours(*self.entries))

    def test_what_is_fresh_can_be_filled_again(self, tmp_path: Path) -> None:
        again = canvas.fill(sheet(tmp_path, canvas.fresh(ours(self.entries[0]))), ours(self.entries[0]), None)
        assert again.data.decode() == canvas.fresh(ours(self.entries[0]))
        again = moodle.fill(sheet(tmp_path, moodle.fresh(ours(self.entries[0]))), ours(self.entries[0]))
        assert again.data.decode() == moodle.fresh(ours(self.entries[0]))

    def test_gradescope_hears_no_secret(self) -> None:
        text = gradescope.text(gradescope.results(row(), FeedbackPolicy.HINT))
        assert str(SECRET_INPUT) not in text
        assert str(SECRET_EXPECTED) not in text
        assert {test["visibility"] for test in json.loads(text)["tests"]} == {"visible"}

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"status": "unreadable", "note": "is empty\u202e"}, "Your notebook could not be run: is empty\\\\u202e"),
            ({"status": "error", "needs_review": True, "note": "a case failed"}, "Something of ours went wrong"),
        ],
    )
    def test_gradescope_hears_why_there_are_no_points(self, changes: dict[str, Any], sentence: str) -> None:
        assert sentence in gradescope.results(row(**changes), FeedbackPolicy.NAME)["output"]

    def test_gradescope_never_hears_what_of_ours_failed_though_a_person_settled_it(self) -> None:
        fault = row(status="error", needs_review=True, note=f"Traceback: {SECRET_INPUT}", questions=(), run=None)
        settled = overridden(fault)
        assert settled.is_settled
        said = gradescope.results(settled, FeedbackPolicy.NAME, settled=True)["output"]
        assert "could not be run" not in said
        assert str(SECRET_INPUT) not in said

    def test_a_zip_holds_one_for_each_and_the_same_bytes_each_time(self) -> None:
        entries = [one("../../evil"), one("bob")]
        data = gradescope.archive(entries, lambda _: FeedbackPolicy.HINT)
        assert data == gradescope.archive(entries, lambda _: FeedbackPolicy.HINT)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
        assert names[1] == "bob/01_demo/results.json"
        assert ".." not in names[0].split("/")


class TestCanvas:
    def fill(
        self, tmp_path: Path, text: str | bytes, *entries: Entry, column: str | None = None, **options: Any
    ) -> Filled:
        return canvas.fill(sheet(tmp_path, text), ours(*entries), column, **options)

    def test_only_its_own_cells_change(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, CANVAS, one("101"), one("102"), one("103"))
        expected = CANVAS.replace('Monday",,18', 'Monday",3,18').replace("3.50", "3")
        assert filled.data.decode() == expected
        assert filled.remarks[0] == "01_demo: 2 grades filled in"
        assert "103 is excused (EX) there: left as it is" in filled.remarks
        assert "01_demo: 1 grades that were there are replaced: 102 3.50 -> 3" in filled.remarks
        assert filled.unmatched == ()  # Canvas' own test student hands in nothing

    def test_a_person_of_the_test_students_name_is_a_person(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, CANVAS.replace('Test",999,,', 'Test",999,S-9,'), one("101"), one("102"))
        assert "Student, Test (row 7): no result is certainly theirs" in filled.unmatched
        assert ",3,,,\n" in self.fill(tmp_path, CANVAS, one("999")).data.decode()

    @pytest.mark.parametrize("changes", [{"status": "unreadable"}, {"needs_review": True}])
    def test_what_is_not_settled_leaves_the_grade_that_is_there(self, tmp_path: Path, changes: dict[str, Any]) -> None:
        filled = self.fill(tmp_path, CANVAS, one("101"), one("102", **changes))
        assert filled.data.decode() == CANVAS.replace('Monday",,18', 'Monday",3,18')
        assert filled.remarks == ("01_demo: 1 grades filled in",)
        assert [entry.student for entry in filled.withheld] == ["102"]

    def test_the_same_grade_again_replaces_none(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, CANVAS.replace("3.50", "3.00"), one("102"))
        assert filled.remarks == ("01_demo: 1 grades filled in",)

    def test_replaced_grades_are_listed_within_bounds(self, tmp_path: Path) -> None:
        rows = "".join(f"Name {number},{number},,,,1,,,\n" for number in range(1000, 1030))
        filled = self.fill(tmp_path, CANVAS + rows, *(one(str(number)) for number in range(1000, 1030)))
        assert filled.remarks[-1].startswith(
            "01_demo: 30 grades that were there are replaced: 1000 1 -> 3, 1001 1 -> 3"
        )
        assert filled.remarks[-1].endswith(" and 10 more")

    @pytest.mark.parametrize(
        ("entry", "row_number", "remark"),
        [
            (one("101"), 3, ""),
            (one("S-01"), 3, ""),
            (one("x", email="Marie@Example.org"), 3, ""),
            (one("EMMY"), 4, ""),
            (one("x", "Marie Curie"), 3, "x is taken for Curie, Marie (row 4), by name"),
            (one("x", "curiemarie"), 3, "x is taken for Curie, Marie (row 4), by name"),
            (one("x", "CURIE,  Marie"), 3, "x is taken for Curie, Marie (row 4), by name"),
        ],
    )
    def test_who_is_who_by_id_address_or_name(self, tmp_path: Path, entry: Entry, row_number: int, remark: str) -> None:
        filled = self.fill(tmp_path, CANVAS, entry)
        rows = list(csv.reader(filled.data.decode().splitlines()))
        assert [number for number, cells in enumerate(rows) if cells[5] == "3"] == [row_number]
        assert remark in filled.remarks or not remark

    def test_who_is_not_certain_is_listed_and_left_out(self, tmp_path: Path) -> None:
        twice = CANVAS + '"Curie, Marie",104,S-04,other,Lab,,,,\n'
        filled = self.fill(tmp_path, twice, one("x", "Marie Curie"), one("nobody", "No Body"))
        assert filled.data.decode() == twice
        assert "x (Marie Curie): no row is certainly theirs" in filled.unmatched
        assert "nobody (No Body): no row is certainly theirs" in filled.unmatched
        assert "Curie, Marie (row 4): no result is certainly theirs" in filled.unmatched

    def test_the_column_is_found_by_title_or_named(self, tmp_path: Path) -> None:
        renamed = CANVAS.replace("Exercise 1 · Demo (4711)", "Homework 1 (4711)")
        with pytest.raises(GraderError, match=r"no column is the exercise's[^>]*> name one with --column: 'Homework 1"):
            self.fill(tmp_path, renamed, one("101"))
        for name in ("Homework 1", "Homework 1 (4711)"):
            assert ",3,18.00" in self.fill(tmp_path, renamed, one("101"), column=name).data.decode()
        with pytest.raises(GraderError, match="several columns are"):
            self.fill(tmp_path, CANVAS.replace("Essay (4712)", "exercise 1 ·  demo (9)"), one("101"))

    def test_of_several_exercises_that_with_a_column_is_taken(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, CANVAS, one("101"), one("101", exercise="02_more", exercise_title="Other"))
        assert ",3,18.00" in filled.data.decode()

    def test_read_only_columns_are_never_ours(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="no column is"):
            self.fill(tmp_path, CANVAS.replace(" (4711)", " (read only)"), one("101"))

    def test_last_and_first_names_may_have_columns_of_their_own(self, tmp_path: Path) -> None:
        text = "LastName,FirstName,ID,Exercise 1 · Demo (1)\n    Points Possible,,,14\nCurie,Marie,5,\n"
        filled = self.fill(tmp_path, text, one("x", "Marie Curie"))
        assert filled.data.decode().endswith("Curie,Marie,5,3\n")

    @pytest.mark.parametrize("maximum", ["10.00", "100.00"])
    def test_another_maximum_is_refused_unless_somebody_says_what_to_do(self, tmp_path: Path, maximum: str) -> None:
        text = CANVAS.replace("14.00", maximum)
        with pytest.raises(GraderError, match=r"14 points here and 10+ there, so nothing is written\n    -> --scale"):
            self.fill(tmp_path, text, one("101"))
        filled = self.fill(tmp_path, text, one("101"), fit=Fit.AS_THEY_ARE)
        assert (
            f"01_demo has 14 points here and {float(maximum):g} there: points are written as they are" in filled.remarks
        )
        assert ",3,18.00" in filled.data.decode()

    def test_nothing_is_scaled_to_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=r"and 0 there, so nothing is written\n    -> --unscaled writes them"):
            self.fill(tmp_path, CANVAS.replace("14.00", "0.00"), one("101"), fit=Fit.SCALED)

    def test_points_are_scaled_when_asked(self, tmp_path: Path) -> None:
        text = CANVAS.replace("14.00", "100.00")
        assert ",21.4286,18.00" in self.fill(tmp_path, text, one("101"), fit=Fit.SCALED).data.decode()

    def test_formulas_in_names_are_defused(self, tmp_path: Path) -> None:
        text = CANVAS.replace('"Curie, Marie"', "\"=cmd|'/c calc'!A1\"")
        filled = self.fill(tmp_path, text, one("101"))
        assert "\"'=cmd|" in filled.data.decode()
        assert "1 names that a spreadsheet would take for formulas have an apostrophe now" in filled.remarks

    def test_a_maximum_that_is_no_number_is_none(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, CANVAS.replace("14.00", "n/a"), one("101"), fit=Fit.SCALED)
        assert ",3,18.00" in filled.data.decode()
        assert any("does not say the maximum there" in remark for remark in filled.remarks)

    @pytest.mark.parametrize("text", ["", "a,b\n1,2\n", MOODLE, 'Student,ID,"x\n1,2', b"\x81\xff"])
    def test_what_is_no_gradebook_is_a_sentence(self, tmp_path: Path, text: str | bytes) -> None:
        with pytest.raises(GraderError, match=r"theirs\.csv"):
            self.fill(tmp_path, text, one("101"))


class TestMoodle:
    def fill(self, tmp_path: Path, text: str | bytes, *entries: Entry, fit: Fit = Fit.EXACT) -> Filled:
        return moodle.fill(sheet(tmp_path, text), ours(*entries), fit)

    @pytest.mark.parametrize(
        "entry", [one("7"), one("Participant 7"), one("00042"), one("42"), one("x", "", "marie@example.org")]
    )
    def test_only_the_grade_changes(self, tmp_path: Path, entry: Entry) -> None:
        filled = self.fill(tmp_path, MOODLE, entry)
        assert filled.data.decode() == MOODLE.replace("grading,,14.00", "grading,3,14.00")
        assert len(filled.unmatched) == 2

    def test_an_id_without_its_zeros_is_remarked_on(self, tmp_path: Path) -> None:
        assert "42 is taken for Marie Curie (row 2), by a number without its leading zeros" in (
            self.fill(tmp_path, MOODLE, one("42")).remarks
        )

    def test_two_ids_that_are_one_number_are_nobodys(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, MOODLE.replace("S-02", "042"), one("42"))
        assert filled.data.decode() == MOODLE.replace("S-02", "042")

    def test_a_grade_that_cannot_be_changed_is_not(self, tmp_path: Path) -> None:
        filled = self.fill(tmp_path, MOODLE, one("9"))
        assert filled.data.decode() == MOODLE
        assert "9: their grade cannot be changed there: left as it is" in filled.remarks

    def test_the_columns_case_is_the_files_own(self, tmp_path: Path) -> None:
        text = MOODLE.replace("Maximum Grade", "Maximum grade").replace("14.00", "28.00")
        assert "grading,6,28.00" in self.fill(tmp_path, text, one("7"), fit=Fit.SCALED).data.decode()

    def test_the_three_columns_of_the_importer_are_enough(self, tmp_path: Path) -> None:
        text = "Identifier,Grade,Last modified (grade)\nParticipant 7,,-\n"
        assert self.fill(tmp_path, text, one("7")).data.decode() == text.replace("7,,", "7,3,")

    def test_what_is_no_worksheet_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="no grading worksheet of Moodle's"):
            self.fill(tmp_path, CANVAS, one("7"))


class TestExcelsHabits:
    @pytest.mark.parametrize(
        ("before", "change"),
        [
            (b"\xef\xbb\xbf", lambda text: text.encode()),
            (b"", lambda text: text.replace("\n", "\r\n").encode()),
            (b"", lambda text: text.replace(",", ";").encode("cp1252").replace(b"Curie", b"Curi\xe9")),
            (b"sep=;\r\n", lambda text: text.replace(",", ";").encode()),
            (b"\xef\xbb\xbfsep=;\n", lambda text: text.replace(",", ";").encode()),
            (b"\xff\xfe", lambda text: text.replace(",", "\t").encode("utf-16-le")),
            (b"", lambda text: text.rstrip("\n").encode()),
            (b"", lambda text: (text + "\n\n").encode()),
        ],
    )
    def test_bom_delimiter_encoding_and_line_ends_survive(self, tmp_path: Path, before: bytes, change: Any) -> None:
        plain = MOODLE.replace('"Wednesday, 25 November 2026, 11:59 PM"', "-")
        data = before + change(plain)
        filled = moodle.fill(sheet(tmp_path, data), ours(row("7")))
        assert filled.data == before + change(plain.replace("grading,,14.00", "grading,3,14.00"))

    def test_a_decimal_comma_stays_one(self, tmp_path: Path) -> None:
        data = (
            MOODLE.replace('"Wednesday, 25 November 2026, 11:59 PM"', "-").replace(",", ";").replace("14.00", "14,00")
        )
        filled = moodle.fill(sheet(tmp_path, data), ours(row("7", score=3.5)))
        assert filled.data.decode() == data.replace("grading;;14,00", "grading;3,5;14,00", 1)

    def test_a_windows_file_is_remarked_on(self, tmp_path: Path) -> None:
        data = MOODLE.replace("Curie", "Curié").encode("cp1252")
        assert "theirs.csv is not UTF-8" in moodle.fill(sheet(tmp_path, data), ours(row("7"))).remarks[1]

    @given(
        st.lists(
            st.lists(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00")), min_size=1)
        ),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    def test_any_csv_file_comes_back_as_it_was(
        self, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str, quoting: Any
    ) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator=end, quoting=quoting).writerows([["a", "b"], *rows])
        data = text.getvalue().encode()
        read = sheet(tmp_path_factory.mktemp("csv"), data)
        assert read.data() == data
        if read.delimiter == ",":
            expected = list(csv.reader(io.StringIO(data.decode(), newline="")))
            assert [[value(cell) for cell in cells] for cells in read.rows] == [cells or [""] for cells in expected]


class TestMatching:
    def test_an_id_counts_more_than_a_name(self) -> None:
        people = [Person(1, ("5",), "", "Ada"), Person(2, ("6",), "", "Bob")]
        found = match([one("5", "Bob"), one("6", "Ada")], people)
        assert {number: entry.student for number, entry in found.rows.items()} == {1: "5", 2: "6"}
        assert found.unmatched == ()

    def test_one_row_is_one_students(self) -> None:
        found = match([one("5"), one("x", "Ada")], [Person(1, ("5",), "", "Ada")])
        assert [entry.student for entry in found.rows.values()] == ["5"]
        assert found.unmatched == ("x (Ada): no row is certainly theirs",)

    def test_nobody_without_a_name_is_everybody(self) -> None:
        assert match([one("x")], [Person(1, ("",), "", "")]).rows == {}


class TestTheCommand:
    @pytest.fixture
    def results(self, tmp_path: Path) -> Path:
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.remember_course({"title": "A course", f"feedback:{SLUG}": "hint"})
            for entry in (one("101", "=1+1"), one("102", "Emmy Noether")):
                gradebook.put(entry)
        (tmp_path / "theirs.csv").write_text(CANVAS)
        return tmp_path

    def test_a_file_is_filled_and_who_did_not_match_is_said(self, command: Command, results: Path) -> None:
        outcome = command(
            *("export", "results", "--format", "canvas", "--into", "theirs.csv", "-o", "up.csv"), cwd=results
        )
        assert outcome.code == 1
        assert "note: 01_demo: 2 grades filled in" in outcome.out
        assert "not matched: Hopper, Grace (row 6): no result is certainly theirs" in outcome.out
        assert (results / "theirs.csv").read_text() == CANVAS
        assert (results / "up.csv").read_text() == CANVAS.replace('Monday",,18', 'Monday",3,18').replace("3.50", "3")

    @pytest.mark.parametrize(
        ("format_", "name", "start"),
        [
            ("csv", "out.csv", "student,exercise,score,"),
            ("nbgrader", "grades.csv", "assignment,duedate,"),
            ("canvas", "canvas.csv", "Student,ID,"),
            ("moodle", "moodle.csv", "Identifier,Full name,"),
        ],
    )
    def test_each_format_is_a_file_with_names_defused(
        self, command: Command, results: Path, format_: str, name: str, start: str
    ) -> None:
        assert command("export", "results", "--format", format_, "-o", name, cwd=results).code == 0
        text = (results / name).read_text()
        assert text.startswith(start)
        assert "=1+1" not in text.replace("'=1+1", "")

    def test_gradescope_takes_a_zip_for_many(self, command: Command, results: Path) -> None:
        arguments = ("export", "results", "--format", "gradescope", "-o")
        outcome = command(*arguments, "out.json", cwd=results)
        assert outcome.code == 2
        assert "2 submissions are as many results.json" in outcome.err
        assert command(*arguments, "out.zip", cwd=results).code == 0
        assert zipfile.is_zipfile(results / "out.zip")

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--format", "nbgrader", "--into", "theirs.csv", "-o", "x.csv"], "--into goes with canvas and moodle"),
            (["--format", "canvas", "--into", "theirs.csv", "-o", "theirs.csv"], "would be overwritten"),
            (["--format", "canvas", "--column", "x", "-o", "x.csv"], "--column goes with"),
            (["--format", "csv", "-o", "."], "is a folder"),
            (["--format", "csv", "-o", "x.csv", "--scale", "--unscaled"], "--scale and --unscaled"),
            (["--format", "csv", "-o", "x.csv", "--exercise", "9"], "no result is of an exercise '9'"),
            (["--format", "canvas", "--into", "none.csv", "-o", "x.csv"], "none.csv: cannot be read"),
            (["--format", "excel", "-o", "x.csv"], "'excel' is not one of"),
        ],
    )
    def test_wrong_usage_is_a_sentence(
        self, command: Command, results: Path, arguments: list[str], sentence: str
    ) -> None:
        outcome = command("export", "results", *arguments, cwd=results)
        assert outcome.code == 2
        assert sentence in " ".join(outcome.err.replace("│", " ").split())

    def test_a_folder_without_results_is_a_sentence(self, command: Command, results: Path) -> None:
        outcome = command("export", "nowhere", "--format", "csv", "-o", "x", cwd=results)
        assert outcome.code == 2
        assert "nowhere has no gradebook.db" in outcome.err

    @pytest.mark.parametrize(
        ("format_", "name"), [("canvas", "x.csv"), ("moodle", "x.csv"), ("nbgrader", "x.csv"), ("gradescope", "x.json")]
    )
    def test_no_format_of_others_has_points_that_are_not_settled(
        self, command: Command, tmp_path: Path, format_: str, name: str
    ) -> None:
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.remember_course({"title": "A course", f"feedback:{SLUG}": "hint"})
            gradebook.put(one("7", status="unreadable", note="the file is empty", score=12.25))
        arguments = ("export", "results", "--format", format_, "-o", name)
        outcome = command(*arguments, cwd=tmp_path)
        assert outcome.code == 1
        assert "no points written: 7, 01_demo unreadable (the file is empty)" in outcome.out
        text = (tmp_path / name).read_text()
        assert "12.25" not in text.replace('"raw_score": 12.25', "")
        assert '"score"' not in text
        with Gradebook(tmp_path / "results") as gradebook:
            gradebook.add_override(Override(0, "7", SLUG, "q1", 9.0, "read by hand", "me", "now"))
        assert command(*arguments, cwd=tmp_path).code == 0
        assert "12.25" not in (tmp_path / name).read_text() or format_ != "gradescope"

    def test_our_own_table_has_all_of_them(self, command: Command, results: Path) -> None:
        with Gradebook(results / "results") as gradebook:
            gradebook.put(one("zoe", status="unreadable", score=2.0))
        outcome = command("export", "results", "--format", "csv", "-o", "x.csv", cwd=results)
        assert outcome.code == 1
        assert "not final: zoe, 01_demo unreadable" in outcome.out
        assert '"zoe","01_demo",2,14' in (results / "x.csv").read_text()

    def test_many_without_points_are_listed_within_bounds(self, command: Command, tmp_path: Path) -> None:
        with Gradebook(tmp_path / "results") as gradebook:
            for number in range(25):
                gradebook.put(one(f"s{number}", status="unreadable"))
        outcome = command("export", "results", "--format", "nbgrader", "-o", "x.csv", cwd=tmp_path)
        assert outcome.out.count("no points written: s") == 20
        assert "no points written: 5 more: filter scores.csv" in outcome.out

    def test_points_that_are_not_final_are_said_to_be(self, command: Command, results: Path) -> None:
        with Gradebook(results / "results") as gradebook:
            gradebook.put(one("zoe", status="error", needs_review=True))
        outcome = command("export", "results", "--format", "csv", "-o", "x.csv", cwd=results)
        assert outcome.code == 1
        assert "not final: zoe, 01_demo needs review" in outcome.out
