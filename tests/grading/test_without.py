"""Who handed in no notebook: a row that says so, for each whom a place of their own names, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.intake import Intake

from .made import METADATA, SLUG, Tree, gradescope, notebook, packed, plant, students, taken

NB = notebook()
PAUL = {"name": "Paul", "sid": "77", "email": ""}
FILE = "_assignsubmission_file"

# each with one who handed in a notebook, and Paul
LAYOUTS: dict[str, tuple[Tree, str]] = {
    "canvas": ({"ada_1_9_x.ipynb": NB, "paul_77_8_answers.pdf": b"%PDF"}, "answers.pdf"),
    "canvas, late": ({"ada_1_9_x.ipynb": NB, "paul_LATE_77_8_answers.pdf": b"%PDF"}, "answers.pdf"),
    "moodle": ({f"Ada_1{FILE}/x.ipynb": NB, f"Paul P_77{FILE}/empty.txt": b""}, "empty.txt"),
    "moodle, text": ({f"Ada_1{FILE}/x.ipynb": NB, "Paul_77_assignsubmission_onlinetext/o.html": b"x"}, "o.html"),
    "nbgrader": ({"submitted/ada/ps1/x.ipynb": NB, "submitted/77/ps1/answers.docx": b"PK"}, "answers.docx"),
    "a folder each": ({"ada/x.ipynb": NB, "77/deep/essay.docx": b"PK"}, "essay.docx"),
    "gradescope": (
        {
            "submission_1/x.ipynb": NB,
            "submission_2/a.pdf": b"%PDF",
            METADATA: gradescope({"submission_1": [{"sid": "1"}], "submission_2": [PAUL]}),
        },
        "a.pdf",
    ),
}


def rows(found: Intake) -> dict[str, tuple[str | None, str | None]]:
    return {one.student.id: (one.exercise, one.problem) for one in found.submissions}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("zipped", [False, True])
def test_each_layout_that_says_whose_it_is_gives_a_row(name: str, zipped: bool, tmp_path: Path) -> None:
    tree, file = LAYOUTS[name]
    plant(tmp_path, {"class.zip": packed(tree)} if zipped else {f"class/{path}": data for path, data in tree.items()})
    found = taken(tmp_path / ("class.zip" if zipped else "class"))
    exercise, problem = rows(found)["77"]
    assert (exercise, len(found.submissions)) == (SLUG, 2)
    assert problem == f"handed in no notebook ({file})"


def test_files_that_are_named_one_by_one_give_rows_too(tmp_path: Path) -> None:
    plant(tmp_path, {"ada_1_9_x.ipynb": NB, "paul_77_8_answers.pdf": b"%PDF", "slides.pdf": b"%PDF"})
    found = taken(*sorted(tmp_path.iterdir()))
    assert sorted(rows(found)) == ["1", "77"]
    assert found.remarks[0].endswith("slides.pdf")


@pytest.mark.parametrize("names", [("ada", "bob", "paul"), ("Ada_1" + FILE, "Bob_2" + FILE, "Paul_77" + FILE)])
def test_so_do_folders_that_are_named_one_by_one(names: tuple[str, ...], tmp_path: Path) -> None:
    *with_notebook, paul = names
    tree = {f"{name}/01_demo.ipynb": NB for name in with_notebook}
    found = rows(taken(*sorted(plant(tmp_path, {**tree, f"{paul}/a.pdf": b""}).iterdir())))
    assert found.pop("77" if FILE in paul else "paul") == (SLUG, "handed in no notebook (a.pdf)")
    assert len(found) == 2


def test_two_named_folders_of_folders_are_no_students(tmp_path: Path) -> None:
    plant(tmp_path, {"one/ada/x.ipynb": NB, "two/bob/x.ipynb": NB, "three/a.pdf": b""})
    found = taken(*sorted(tmp_path.iterdir()))
    assert students(found) == ["ada", "bob"]
    assert found.remarks[0].endswith("so they are left out: a.pdf")


def test_a_roster_says_it_as_well(tmp_path: Path) -> None:
    plant(tmp_path, {"class/ada.ipynb": NB, "class/p.pdf": b"%PDF", "s.csv": b"file,student\np.pdf,77\n"})
    assert "77" in rows(taken(tmp_path / "class", roster=tmp_path / "s.csv"))


class TestTheExercise:
    def test_is_that_of_the_class_where_there_is_one(self, tmp_path: Path) -> None:
        found = taken(plant(tmp_path / "class", {"ada/x.ipynb": NB, "paul/a.pdf": b""}))
        assert rows(found)["paul"][0] == SLUG

    def test_is_unknown_where_there_are_several(self, tmp_path: Path) -> None:
        tree = {"ada/x.ipynb": NB, "bob/x.ipynb": notebook("02_more"), "paul/a.pdf": b"", "eve/02_more.pdf": b""}
        found = rows(taken(plant(tmp_path / "class", tree)))
        assert (found["paul"][0], found["eve"][0]) == ("unknown-1", "02_more")
        assert rows(taken(tmp_path / "class", exercise="02_more"))["paul"][0] == "02_more"


class TestNoFlood:
    def test_a_student_has_one_row_that_names_few_files(self, tmp_path: Path) -> None:
        many = {f"paul/{folder}/{number}.png": b"" for folder in "abc" for number in range(50)}
        found = taken(plant(tmp_path / "class", {"ada/x.ipynb": NB, **many, f"paul/{'n' * 200}.pdf": b""}))
        assert students(found) == ["ada", "paul"]
        problem = rows(found)["paul"][1] or ""
        assert problem.endswith(" ...)")
        assert len(problem) < 200

    def test_what_lies_beside_a_notebook_is_no_row(self, tmp_path: Path) -> None:
        tree = {"ada/x.ipynb": NB, "ada/model.pt": b"", "ada/data/1.png": b"", "bob/deep/x.ipynb": NB, "bob/a.pdf": b""}
        assert students(taken(plant(tmp_path / "class", tree))) == ["ada", "bob"]

    def test_who_has_a_notebook_in_another_source_has_no_row(self, tmp_path: Path) -> None:
        plant(tmp_path, {"a/ada/x.ipynb": NB, "a/bob/x.ipynb": NB, "b/ada/x.pdf": b"", "b/bob/y.ipynb": NB})
        assert students(taken(tmp_path / "a", tmp_path / "b")) == ["ada", "bob"]

    @pytest.mark.parametrize(
        "file",
        [
            *("students.csv", "README.md", ".DS_Store", "paul/.DS_Store", "paul/Thumbs.db", "paul/~$a.docx"),
            *(".git/config", "__MACOSX/paul/._a.pdf", "results/gradebook.db", "results/feedback/ada/01_demo.md"),
        ],
    )
    def test_what_nobody_hands_in_is_no_row(self, file: str, tmp_path: Path) -> None:
        tree = {"ada/x.ipynb": NB, "results/gradebook.db": b"", file: b""}
        found = taken(plant(tmp_path / "class", tree))
        assert (students(found), found.remarks) == (["ada"], ())

    def test_nbgraders_own_files_are_none(self, tmp_path: Path) -> None:
        own = (
            "gradebook.db",
            "nbgrader_config.py",
            "source/ps1/a.pdf",
            "feedback/ada/ps1/x.html",
            "autograded/z/p/a.pdf",
        )
        tree = {"submitted/ada/ps1/x.ipynb": NB, "submitted/bob/ps1/timestamp.txt": b"", **dict.fromkeys(own, b"")}
        assert students(taken(plant(tmp_path / "course", tree))) == ["ada"]

    def test_folders_that_mostly_hold_none_are_no_students(self, tmp_path: Path) -> None:
        found = taken(plant(tmp_path / "course", {"hw/x.ipynb": NB, "docs/a.md": b"", "tests/b.py": b""}))
        assert students(found) == ["hw"]
        assert "folders without a notebook, which are taken for no students': docs, tests" in found.remarks[0]

    @pytest.mark.parametrize("file", ["data/train.csv", "weights/model.pt"])
    def test_a_folder_of_data_is_no_student(self, file: str, tmp_path: Path) -> None:
        found = taken(plant(tmp_path / "class", {"ada/x.ipynb": NB, "bob/x.ipynb": NB, file: b"", "eve/a.pdf": b""}))
        assert students(found) == ["ada", "bob", "eve"]
        assert found.remarks[0].endswith(f"which are taken for no students': {file.partition('/')[0]}")

    def test_papers_that_are_nobodys_are_said(self, tmp_path: Path) -> None:
        papers = {f"{number}.pdf": b"" for number in range(5)}
        found = taken(plant(tmp_path / "class", {"ada.ipynb": NB, "bob.ipynb": NB, **papers}))
        assert students(found) == ["ada", "bob"]
        assert found.remarks[0].endswith("so they are left out: 0.pdf, 1.pdf, 2.pdf and 2 more")


class TestFilesThatCannotBeNotebooks:
    @pytest.mark.parametrize(
        ("name", "remedy"),
        [
            ("a.py", "a script is not graded"),
            ("a.html", "a printout is not graded"),
            ("a.tar.gz", "unpack it"),
            ("a.docx", "name notebooks, folders or zips"),
        ],
    )
    def test_alone_are_an_error_with_a_remedy(self, name: str, remedy: str, tmp_path: Path) -> None:
        plant(tmp_path, {name: b"x = 1"})
        with pytest.raises(GraderError, match=rf"{name} is neither a notebook \(.ipynb\) nor a zip\n    -> {remedy}"):
            taken(tmp_path / name)

    def test_one_that_is_a_notebook_by_another_name_is_read(self, tmp_path: Path) -> None:
        assert students(taken(plant(tmp_path, {"ada.ipynb.txt": NB}) / "ada.ipynb.txt")) == ["ada.ipynb"]
