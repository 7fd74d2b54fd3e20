"""From paths to submissions: the newest of each student and exercise, and --students FILE.csv."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.intake.reading import Found
from autograder.intake.roster import Roster
from autograder.submission import Source

from .conftest import Unprivileged
from .made import SLUG, notebook, packed, plant, students, taken, whose

NB, OTHER = notebook(), notebook(SLUG, "x = 1")


class TestTheNewest:
    def test_it_wins_and_the_other_is_remarked_on(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"alice/old.ipynb": NB, "alice/new.ipynb": OTHER})
        found = taken(tmp_path / "class")
        (one,) = found.submissions
        assert one.source.path.name == "new.ipynb"
        (remark,) = found.remarks
        assert remark.startswith("alice, 01_demo: ")
        assert remark.index("old.ipynb is older than ") < remark.index("new.ipynb, so it is left out")

    def test_of_three_two_are_remarked_on(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {f"alice/{name}.ipynb": NB for name in "cab"})
        found = taken(tmp_path / "class")
        assert (found.submissions[0].source.path.name, len(found.remarks)) == ("b.ipynb", 2)

    def test_a_zips_dates_count_too(self, tmp_path: Path) -> None:
        old, new = packed({"x.ipynb": NB}), packed({"x.ipynb": OTHER}, date=(2026, 9, 2, 0, 0, 0))
        plant(tmp_path / "class", {"alice/1.zip": new, "alice/2.zip": old})
        assert taken(tmp_path / "class").submissions[0].source.path.name == "1.zip"

    def test_on_equal_dates_the_last_name_wins_whatever_the_order_given(self, tmp_path: Path) -> None:
        for name in "ab":
            plant(tmp_path / name, {"alice.ipynb": NB})
            os.utime(tmp_path / name / "alice.ipynb", (1, 1))
        for order in ("ab", "ba"):
            (one,) = taken(*(tmp_path / name for name in order)).submissions
            assert one.source.path.parent.name == "b"

    def test_a_file_named_twice_is_one_without_a_remark(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"alice/01_demo.ipynb": NB})
        found = taken(tmp_path / "class", tmp_path / "class", tmp_path / "class" / "alice" / "01_demo.ipynb")
        assert (whose(found), found.remarks) == ([("alice", SLUG)], ())

    def test_rows_stand_by_exercise_and_student(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"bob/x.ipynb": NB, "alice/x.ipynb": NB, "alice/y.ipynb": notebook("02_more")})
        assert whose(taken(tmp_path / "class")) == [("alice", SLUG), ("bob", SLUG), ("alice", "02_more")]


class TestFloods:
    @pytest.mark.parametrize("named", ["class", "class.zip"])
    def test_a_students_zip_gives_twenty_rows_and_a_remark(self, named: str, tmp_path: Path) -> None:
        flood = packed({f"{number}.ipynb": notebook(None) for number in range(1, 901)})
        tree = {"alice.zip": flood, "bob/x.ipynb": NB}
        plant(
            tmp_path,
            {"class.zip": packed(tree)} if named.endswith(".zip") else {f"class/{n}": d for n, d in tree.items()},
        )
        found = taken(tmp_path / named)
        assert (students(found).count("alice"), students(found).count("bob")) == (20, 1)
        (remark,) = found.remarks
        assert remark.endswith("alice.zip holds 900 notebooks: the first 20 are looked at")

    def test_so_does_a_students_folder(self, tmp_path: Path) -> None:
        tree = {f"alice/x/{number}.ipynb": notebook(None) for number in range(30)}
        found = taken(plant(tmp_path / "class", {**tree, "bob/x.ipynb": NB}))
        assert students(found).count("alice") == 20
        assert found.remarks == (f"{tmp_path}/class/alice/x holds 30 notebooks: the first 20 are looked at",)

    def test_a_course_of_many_exercises_may_have_more(self, tmp_path: Path) -> None:
        slugs = [f"ex_{number:02}" for number in range(30)]
        tree = {f"{who}/{slug}.ipynb": notebook(slug) for slug in slugs for who in ("alice", "bob")}
        found = taken(plant(tmp_path / "class", tree), slugs=slugs)
        assert (len(found.submissions), found.remarks) == (60, ())

    def test_a_class_that_is_a_zip_is_no_students(self, tmp_path: Path) -> None:
        plant(tmp_path, {"class.zip": packed({f"s{number}.ipynb": NB for number in range(100)})})
        found = taken(tmp_path / "class.zip")
        assert (len(found.submissions), found.remarks) == (100, ())


class TestNothingToGrade:
    def test_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=r"nowhere does not exist\n    -> "):
            taken(tmp_path / "nowhere")

    @pytest.mark.parametrize("name", ["class", "class/x.zip"])
    def test_a_path_that_this_account_may_not_read(self, name: str, public: Path, unprivileged: Unprivileged) -> None:
        plant(public, {"class/x.zip": packed({"a/01_demo.ipynb": NB})})
        (public / name).chmod(0)
        with unprivileged(), pytest.raises(GraderError, match=rf"{name} cannot be read(.|\n)*let this account read it"):
            taken(public / name)

    @pytest.mark.parametrize("named", ["class", "class/x.zip"])
    def test_a_folder_or_zip_without_notebooks(self, named: str, tmp_path: Path) -> None:
        plant(tmp_path, {named if named.endswith(".zip") else f"{named}/x.txt": packed({"x.txt": b""})})
        with pytest.raises(GraderError, match=r"no notebook \(.ipynb\) in .*\n    -> "):
            taken(tmp_path / named)

    @pytest.mark.parametrize("path", ["alice.zip", "all.zip!alice.zip"])
    def test_a_students_zip_without_a_notebook_is_a_row(self, path: str, tmp_path: Path) -> None:
        alone = packed({"thesis.pdf": b""})
        plant(tmp_path / "class", {"all.zip": packed({"alice.zip": alone})} if "!" in path else {path: alone})
        (one,) = taken(tmp_path / "class").submissions
        assert (one.exercise, one.problem) == ("unknown-1", "a zip with no notebook in it")

    def test_a_broken_notebook_is_something_to_grade(self, tmp_path: Path) -> None:
        (one,) = taken(plant(tmp_path / "class", {"alice/01_demo.ipynb": b""})).submissions
        assert (one.exercise, one.problem) == (SLUG, "the file is empty")


class TestRoster:
    def with_roster(self, text: str | bytes, tmp_path: Path) -> list[tuple[str, str, str]]:
        roster = tmp_path / "students.csv"
        roster.write_bytes(text if isinstance(text, bytes) else text.encode())
        plant(tmp_path / "class", {"a/x.ipynb": NB, "b/Zoe\u0308.ipynb": NB, "c.zip": packed({"in/y.ipynb": NB})})
        found = taken(tmp_path / "class", roster=roster)
        return [(one.student.id, one.student.name, one.student.email) for one in found.submissions]

    @pytest.mark.parametrize(
        "text",
        [
            "file,student,name,email\na,s1,Jane,j@x\n",
            "file;student;name;email\na;s1;Jane;j@x\n",
            "\ufefffile,student,name,email\r\na,s1,Jane,j@x\r\n",
            "Email , NAME, Student ,FILE\nj@x, Jane ,s1, a \n",
            'file,student,name,email\n\n"a","s1","Jane","j@x"\n\n',
        ],
    )
    def test_it_is_read_as_spreadsheets_write_it(self, text: str, tmp_path: Path) -> None:
        assert ("s1", "Jane", "j@x") in self.with_roster(text, tmp_path)

    def test_files_that_no_row_names_are_found_out_by_their_paths(self, tmp_path: Path) -> None:
        assert self.with_roster("file,student\na,s1\n", tmp_path) == [("b", "", ""), ("c", "", ""), ("s1", "", "")]

    def test_two_rows_of_a_file_are_a_group(self, tmp_path: Path) -> None:
        found = self.with_roster("file,student\na,s1\na,s2\n", tmp_path)
        assert [student for student, _, _ in found] == ["b", "c", "s1", "s2"]

    def test_rows_that_name_nothing_and_groups_are_said(self, tmp_path: Path) -> None:
        plant(tmp_path, {"class/a/x.ipynb": NB, "class/b/x.ipynb": NB, "class/c/x.ipynb": NB})
        none = "".join(f"none{number}.ipynb,s\n" for number in range(30))
        (tmp_path / "s.csv").write_text(f"file,student\na,s1\na,s2\nb,s3\nb/x.ipynb,s3\n{none}")
        idle, group = taken(tmp_path / "class", roster=tmp_path / "s.csv").remarks
        assert idle.startswith(
            "--students: 30 of the 33 files that it lists are not among what was found: none0.ipynb (s)"
        )
        assert idle.endswith(" and 20 more")
        assert group.endswith("as a group's, so each of them gets it: a (s1, s2)")

    def test_the_same_row_twice_is_one_student(self, tmp_path: Path) -> None:
        assert [one for one, _, _ in self.with_roster("file,student\na,s1\na,s1\n", tmp_path)] == ["b", "c", "s1"]

    @pytest.mark.parametrize("file", ["c/in/y.ipynb", "y.ipynb", "y", "in", "c"])
    def test_a_row_names_a_path_a_file_a_stem_or_a_folder(self, file: str, tmp_path: Path) -> None:
        assert ("s9", "", "") in self.with_roster(f"file,student\n{file},s9\n", tmp_path)

    def test_accents_may_be_composed_in_another_way(self, tmp_path: Path) -> None:
        assert ("s9", "", "") in self.with_roster("file,student\nZo\u00eb.ipynb,s9\n", tmp_path)

    def test_the_most_exact_row_counts(self) -> None:
        found = Found(Source(Path("class/a/b/x.ipynb")), ("class", "a", "b", "x.ipynb"), 0.0)
        keys = ["a", "b", "x", "x.ipynb", "a/b/x.ipynb", "class/a/b/x.ipynb"]
        for number in range(len(keys)):
            rows = "".join(f"{key},{key}\n" for key in keys[: number + 1])
            assert self.read(rows).students(found)[0].id == keys[number]

    def read(self, rows: str) -> Roster:
        return Roster._parse(Path("students.csv"), ["file,student", *rows.splitlines()])

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", r"its header is '\(nothing\)'\n    -> columns: file,student"),
            ("file,name\na,b\n", r"its header is 'file,name'\n    -> columns: file,student"),
            ("file,student\na,s1\nb,\n", r"students.csv:3: file or student is empty\n    -> fill it in"),
            ("file,student\na,s1\n,s2\n", r"students.csv:3: file or student is empty\n    -> fill it in"),
            ("file,student\nb\n", r"students.csv:2: file or student is empty"),
            ("file,student\nÄ,s\n".encode("latin-1"), r"byte 13 is not UTF-8"),
            ("file,student\n" + "x" * 200_000 + ",s\n", r"not a CSV file"),
        ],
    )
    def test_what_is_wrong_is_a_sentence(self, text: str | bytes, sentence: str, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=sentence):
            self.with_roster(text, tmp_path)

    def test_a_roster_that_is_not_there_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="cannot be read"):
            Roster.read(tmp_path / "none.csv")

    def test_a_roster_keeps_a_students_unknown_names_apart(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"=cmd|x/x.ipynb": NB})
        assert students(taken(tmp_path / "class")) == ["=cmd|x"]
