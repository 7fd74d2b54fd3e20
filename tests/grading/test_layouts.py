"""Whose a submission is: the layouts that LMSs and tools leave, and that nobody can hand in under another's name."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GraderError
from autograder.escaping import path_name
from autograder.intake.gradescope import read_submitters
from autograder.intake.layouts import Layouts
from autograder.intake.reading import Found
from autograder.submission import Source

from .made import METADATA, SLUG, Tree, gradescope, notebook, packed, plant, students, taken, whose

NB = notebook()
OTTER = "01_demo_2026_09_01T10_00_00_123456.zip"

LAYOUTS: dict[str, tuple[Tree, list[str]]] = {
    "canvas": ({"doejane_123_456_01_demo.ipynb": NB, "roe_7_8_01_demo.ipynb": NB}, ["123", "7"]),
    "canvas, handed in late": ({"doejane_LATE_123_456_01_demo.ipynb": NB}, ["123"]),
    "canvas, handed in again": ({"doejane_123_456_01_demo-1.ipynb": NB}, ["123"]),
    "canvas, a zip": ({"doejane_123_456_my work.zip": packed({"01_demo.ipynb": NB})}, ["123"]),
    "canvas, a zip that is none": ({"doejane_123_456_01_demo.zip": b"no zip"}, ["123"]),
    "canvas, with a file of the instructor's": (
        {"doe_1_2_x.ipynb": NB, "roe_3_4_x.ipynb": NB, "model.ipynb": NB},
        ["1", "3", "model"],
    ),
    "moodle": (
        {"Jane Doe_17_assignsubmission_file/a.ipynb": NB, "Zoë Ōe_18_assignsubmission_file_/b.ipynb": NB},
        ["17", "18"],
    ),
    "moodle, a zip in it": ({"Jane Doe_17_assignsubmission_file/x.zip": packed({"deep/er/a.ipynb": NB})}, ["17"]),
    "moodle, several downloads": (
        {f"week{week}/Jane_{week}7_assignsubmission_file/a.ipynb": NB for week in (1, 2)},
        ["17", "27"],
    ),
    "nbgrader's course": (
        {f"submitted/{student}/ps1/01_demo.ipynb": NB for student in ("alice", "bob")},
        ["alice", "bob"],
    ),
    "a folder each": ({"alice/01_demo.ipynb": NB, "bob/solution.ipynb": NB}, ["alice", "bob"]),
    "a folder each, any name in it": ({"alice/01_demo_final.ipynb": NB}, ["alice"]),
    "a folder each, with folders": ({"alice/exercises/01_demo.ipynb": NB, "bob/hw/x/y.ipynb": NB}, ["alice", "bob"]),
    "a folder an exercise": ({"01_demo/alice.ipynb": NB, "02_more/bob.ipynb": NB}, ["alice", "bob"]),
    "a folder an exercise and student": ({"01_demo/alice/01_demo.ipynb": NB}, ["alice"]),
    "a file each": ({"alice.ipynb": NB, "bob.ipynb": NB}, ["alice", "bob"]),
    "the slug before": ({"01_demo_alice.ipynb": NB}, ["alice"]),
    "the slug behind": ({"alice_01_demo.ipynb": NB}, ["alice"]),
    "the slug and nothing": ({"01_demo_.ipynb": NB}, ["01_demo_"]),
    "otter's zip": (
        {f"{student}/{OTTER}": packed({"01_demo.ipynb": NB, ".OTTER_LOG": b"\x80\x04.", "__zip_filename__": b"x"})
         for student in ("alice", "bob")},
        ["alice", "bob"],
    ),
    "a zip each": (
        {"alice.zip": packed({"01_demo.ipynb": NB}), "bob.zip": packed({"x/01_demo.ipynb": NB})},
        ["alice", "bob"],
    ),
    "a zip each, in a folder of its name": ({"alice.zip": packed({"alice/01_demo.ipynb": NB})}, ["alice"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
class TestLayouts:
    def test_a_folder_gives_each_student(self, name: str, tmp_path: Path) -> None:
        tree, expected = LAYOUTS[name]
        assert sorted(students(taken(plant(tmp_path / "class", tree)))) == sorted(expected)

    def test_a_zip_of_it_gives_the_same(self, name: str, tmp_path: Path) -> None:
        tree, expected = LAYOUTS[name]
        plant(tmp_path, {"class.zip": packed(tree)})
        assert sorted(students(taken(tmp_path / "class.zip"))) == sorted(expected)

    def test_so_does_a_zip_that_opens_with_a_folder_of_its_name(self, name: str, tmp_path: Path) -> None:
        tree, expected = LAYOUTS[name]
        plant(tmp_path, {"class.zip": packed({f"class/{path}": data for path, data in tree.items()})})
        assert sorted(students(taken(tmp_path / "class.zip"))) == sorted(expected)


def test_lms_layouts_give_the_names_too(tmp_path: Path) -> None:
    plant(tmp_path, {"c/doejane_1_2_x.ipynb": NB, "m/Zoë van Ōe_17_assignsubmission_file/x.ipynb": NB})
    found = taken(tmp_path / "c", tmp_path / "m")
    assert [(one.student.id, one.student.name) for one in found.submissions] == [("1", "doejane"), ("17", "Zoë van Ōe")]


@pytest.mark.parametrize(
    "given",
    [
        "course",
        "course/submitted",
        "course/submitted/alice",
        "course/submitted/alice/ps1",
        "course/submitted/alice/ps1/x.ipynb",
    ],
)
def test_nbgraders_tree_may_be_given_at_each_level(given: str, tmp_path: Path) -> None:
    plant(tmp_path, {"course/submitted/alice/ps1/x.ipynb": NB})
    assert students(taken(tmp_path / given)) == ["alice"]


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("alice/01_demo.ipynb", "alice"),
        ("somewhere/alice_01_demo.ipynb", "alice"),
        ("somewhere/doe_12_34_x.ipynb", "12"),
        ("Jane Doe_17_assignsubmission_file/x.ipynb", "17"),
        ("submission_5/x.ipynb", "submission_5"),
    ],
)
def test_a_single_file_is_its_folders_or_its_names(path: str, student: str, tmp_path: Path) -> None:
    plant(tmp_path, {path: NB})
    assert students(taken(tmp_path / path)) == [student]


def test_otters_zip_alone_is_its_folders(tmp_path: Path) -> None:
    plant(tmp_path, {f"alice/{OTTER}": packed({"01_demo.ipynb": NB})})
    assert students(taken(tmp_path / "alice" / OTTER)) == ["alice"]


JANE = {"name": "Jane Doe", "sid": "'007'", "email": "jane@example.org"}
RICHARD = {"name": "Richard Roe", "sid": "''", "email": "roe@example.org"}
EXPORT: Tree = {
    "submission_1/x.ipynb": NB,
    "submission_2/y.ipynb": NB,
    METADATA: gradescope({"submission_1": [JANE, RICHARD], "submission_9": [JANE]}),
}


class TestGradescope:
    def test_a_groups_submission_is_a_row_for_each(self, tmp_path: Path) -> None:
        found = taken(plant(tmp_path / "export", EXPORT))
        shown = [(one.student.id, one.student.name, one.student.email) for one in found.submissions]
        assert shown[0] == ("007", "Jane Doe", "jane@example.org")
        assert shown[1] == ("roe@example.org", "Richard Roe", "roe@example.org")
        assert found.submissions[0].digest == found.submissions[1].digest

    def test_a_folder_that_the_metadata_lacks_keeps_its_own_name(self, tmp_path: Path) -> None:
        assert "submission_2" in students(taken(plant(tmp_path / "export", EXPORT)))

    def test_without_metadata_the_folders_are_the_students(self, tmp_path: Path) -> None:
        tree = {path: data for path, data in EXPORT.items() if path != METADATA}
        assert students(taken(plant(tmp_path / "export", tree))) == ["submission_1", "submission_2"]

    def test_nobody_without_sid_email_or_name_is_a_student(self, tmp_path: Path) -> None:
        tree = {**EXPORT, METADATA: b"submission_1:\n  :submitters:\n  - :sid:\n"}
        assert students(taken(plant(tmp_path / "export", tree))) == ["submission_1", "submission_2"]

    @pytest.mark.parametrize("above", ["", "export/"])
    def test_a_zip_of_it_is_read_too(self, above: str, tmp_path: Path) -> None:
        plant(tmp_path, {"class.zip": packed({above + path: data for path, data in EXPORT.items()})})
        assert students(taken(tmp_path / "class.zip")) == ["007", "roe@example.org", "submission_2"]

    def test_the_current_folder_may_be_the_export(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(plant(tmp_path / "export", EXPORT))
        assert "007" in students(taken(Path()))

    def test_two_exports_do_not_speak_about_each_other(self, tmp_path: Path) -> None:
        plant(tmp_path / "one", EXPORT)
        plant(tmp_path / "two", {"submission_1/z.ipynb": notebook("02_more")})
        assert ("submission_1", "02_more") in whose(taken(tmp_path / "one", tmp_path / "two"))

    @pytest.mark.parametrize(
        "text", [b"- a list\n", b"submission_1: 5\n", b"{", b"\xff", b"submission_1:\n  :submitters: x\n"]
    )
    def test_metadata_that_is_none_is_a_sentence(self, text: bytes, tmp_path: Path) -> None:
        plant(tmp_path / "export", {"submission_1/x.ipynb": NB, METADATA: text})
        with pytest.raises(GraderError, match=rf"{METADATA}: not the metadata of a Gradescope export(.|\n)*--students"):
            taken(tmp_path / "export")

    @pytest.mark.parametrize(
        "text",
        [
            b"a: &a x\nsubmission_1:\n  :submitters: []\n",
            b"submission_1:\n  :submitters:\n  - :name: *x\n",
            b"submission_1: " + b"[" * 100_000,
            b"submission_1:\n  :submitters: []\n  x: " + b"{a: " * 60 + b"1" + b"}" * 60,
            b"? [1]\n: 2\n",
            b"",
            b"#" * (4 * 2**20 + 1),
        ],
        ids=["anchor", "alias", "depth", "less depth", "key", "nothing", "size"],
    )
    def test_what_could_harm_is_refused_in_a_sentence(self, text: bytes, tmp_path: Path) -> None:
        plant(tmp_path / "export", {"submission_1/x.ipynb": NB, METADATA: text})
        with pytest.raises(GraderError, match=f"{METADATA}: not the metadata of a Gradescope export"):
            taken(tmp_path / "export")

    def test_texts_and_numbers_are_taken_and_nothing_else(self, tmp_path: Path) -> None:
        people = [{"sid": "007"}, {"sid": "[1, 2]", "email": "a@b"}, {"sid": "x" * 201, "name": "null"}, {"sid": "~"}]
        plant(tmp_path / "export", {"submission_1/x.ipynb": NB, METADATA: gradescope({"submission_1": people})})
        assert students(taken(tmp_path / "export")) == ["007", "a@b"]

    def test_what_else_is_said_about_a_submission_is_passed_over(self, tmp_path: Path) -> None:
        text = (
            gradescope({"submission_1": [JANE]}) + b"\n  :results:\n    :tests:\n    - {a: [1, {b: 2}]}\n  :score: 5\n"
        )
        plant(tmp_path / "export", {"submission_1/x.ipynb": NB, METADATA: text})
        assert students(taken(tmp_path / "export")) == ["007"]

    def test_a_large_file_costs_no_memory(self, tmp_path: Path) -> None:
        text = gradescope({"submission_1": [JANE]}) + b"\n  x: [" + b"{},[]," * 20_000 + b"]\n"
        tracemalloc.start()
        try:
            assert [one.id for one in read_submitters(text)["submission_1"]] == ["007"]
            assert tracemalloc.get_traced_memory()[1] < 3 * 2**20
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("text", [b"{", b"a: &a [x]\nb: *a\n", b"[" * 5000])
    @pytest.mark.parametrize("beside", ["bob/x.ipynb", "submission_1/x.ipynb"])
    def test_a_students_own_file_stops_nobody(self, text: bytes, beside: str, tmp_path: Path) -> None:
        tree = {f"alice/{METADATA}": text, "alice/x.ipynb": NB, beside: NB, "carol/x.ipynb": NB}
        found = taken(plant(tmp_path / "class", tree))
        assert {"alice", beside.split("/")[0], "carol"} == set(students(found))

    def test_in_one_of_several_named_folders_it_is_a_remark(self, tmp_path: Path) -> None:
        tree = {f"alice/{METADATA}": b"{", "alice/submission_1/x.ipynb": NB, "alice/submission_2/x.ipynb": NB}
        plant(tmp_path, {**tree, "bob/01_demo.ipynb": NB})
        found = taken(tmp_path / "alice", tmp_path / "bob")
        assert "bob" in students(found)
        assert METADATA in found.remarks[0]
        assert found.remarks[0].endswith("so it is not used")

    def test_in_the_only_folder_it_is_a_remark(self, tmp_path: Path) -> None:
        found = taken(
            plant(tmp_path, {"class/export/submission_1/x.ipynb": NB, f"class/export/{METADATA}": b"{"}) / "class"
        )
        assert students(found) == ["submission_1"]
        assert found.remarks[0].endswith("so it is not used")


class TestNobodyHandsInForAnother:
    """Whoever names folders and files inside a submission is its student."""

    def assert_safe(self, tree: Tree, tmp_path: Path, own: str, victim: str) -> None:
        found = taken(plant(tmp_path / "class", tree))
        assert own in students(found)
        assert victim not in students(found)

    @pytest.mark.parametrize(
        "inside",
        [
            "Bob_456_assignsubmission_file/x.ipynb",
            "submission_456/x.ipynb",
            "bob_456_9_x.ipynb",
            "submitted/456/ps1/x.ipynb",
            "456/x.ipynb",
            "456_01_demo.ipynb",
            "bob_456_9_x.zip",
        ],
    )
    @pytest.mark.parametrize("own", ["alice", "Alice_3_assignsubmission_file", "alice_3_4_x.zip", "submission_3"])
    def test_a_name_inside_a_submission_is_never_anothers(self, own: str, inside: str, tmp_path: Path) -> None:
        data = packed({"01_demo.ipynb": NB}) if inside.endswith(".zip") else NB
        tree = {own: packed({inside: data})} if own.endswith(".zip") else {f"{own}/{inside}": data}
        neighbour = own.replace("3", "5").replace("alice", "carol").replace("Alice", "Carol")
        tree[neighbour if neighbour.endswith(".zip") else f"{neighbour}/01_demo.ipynb"] = (
            packed({"01_demo.ipynb": NB}) if neighbour.endswith(".zip") else NB
        )
        mine = {"alice": "alice", "submission_3": "submission_3"}.get(own, "3")
        self.assert_safe(tree, tmp_path, mine, "456")

    @pytest.mark.parametrize(
        "inside",
        [
            "submitted/bob/x.ipynb",
            "submitted/bob/ps1/x.ipynb",
            "Bob_42_assignsubmission_file_/x.ipynb",
            "bob_42_9_x.ipynb",
            "bob.ipynb",
            "bob/x.ipynb",
            "submission_42/x.ipynb",
        ],
    )
    @pytest.mark.parametrize("zipped", [False, True])
    def test_nor_is_it_where_each_student_is_named(self, inside: str, zipped: bool, tmp_path: Path) -> None:
        honest = {"bob/01_demo.ipynb": NB, "carol/01_demo.ipynb": NB}
        forged = {"alice.zip": packed({inside: NB})} if zipped else {f"alice/{inside}": NB}
        plant(tmp_path, {**honest, **forged})
        found = taken(*sorted(tmp_path.iterdir()))
        assert sorted(students(found)) == ["alice", "bob", "carol"]
        (bob,) = (one for one in found.submissions if one.student.id == "bob")
        assert bob.source.path == tmp_path / "bob/01_demo.ipynb"

    @pytest.mark.parametrize("own", ["submitted.zip", "01_demo.zip", OTTER])
    def test_a_zips_name_makes_nobody_of_what_is_in_it(self, own: str, tmp_path: Path) -> None:
        forged = packed({"bob/01_demo.ipynb": notebook(SLUG, "forged")}, date=(2030, 1, 1, 0, 0, 0))
        plant(tmp_path / "class", {"bob/01_demo.ipynb": NB, "carol/01_demo.ipynb": NB, own: forged})
        for paths in ([tmp_path / "class"], sorted((tmp_path / "class").iterdir())):
            found = taken(*paths)
            (bob,) = (one for one in found.submissions if one.student.id == "bob")
            assert bob.source.path.name == "01_demo.ipynb"

    def test_the_name_further_out_counts_and_both_are_remarked_on(self, tmp_path: Path) -> None:
        tree = {
            "bob.ipynb": NB,
            "carol.ipynb": NB,
            "01_demo.zip": packed({"bob.ipynb": NB}, date=(2030, 1, 1, 0, 0, 0)),
        }
        found = taken(plant(tmp_path / "class", tree))
        assert found.remarks == (
            f"bob, 01_demo: {tmp_path}/class/01_demo.zip!bob.ipynb is bob's by a name further in than that of"
            f" {tmp_path}/class/bob.ipynb, so it is left out",
        )

    def test_a_folder_called_submitted_among_others_is_no_course(self, tmp_path: Path) -> None:
        self.assert_safe({"submitted/bob/ps1/x.ipynb": NB, "carol/x.ipynb": NB}, tmp_path, "carol", "bob")

    def test_a_folder_taken_for_a_course_is_said_to_be(self, tmp_path: Path) -> None:
        found = taken(plant(tmp_path, {"alice/submitted/bob/ps1/x.ipynb": NB}) / "alice")
        assert "taken for a course of nbgrader's" in found.remarks[0]

    def test_exports_may_be_named_beside_each_other(self, tmp_path: Path) -> None:
        tree = {
            "c/a_1_9_x.ipynb": NB,
            "c/b_2_9_x.ipynb": NB,
            "m/Jo_17_assignsubmission_file/x.ipynb": NB,
            "p/dora.ipynb": NB,
        }
        plant(tmp_path, tree)
        assert sorted(students(taken(tmp_path / "c", tmp_path / "p"))) == ["1", "2", "dora"]
        assert sorted(students(taken(tmp_path / "c", tmp_path / "m"))) == ["1", "17", "2"]

    def test_a_flood_of_names_outvotes_nobody(self, tmp_path: Path) -> None:
        flood = {f"alice/Bob_{number}_assignsubmission_file/x.ipynb": NB for number in range(50)}
        self.assert_safe({**flood, "carol/x.ipynb": NB}, tmp_path, "alice", "7")

    def test_metadata_that_a_student_hands_in_is_not_read(self, tmp_path: Path) -> None:
        forged = gradescope({"submission_2": [{"name": "A", "sid": "alice"}]})
        tree = {f"submission_1/{METADATA}": forged, "submission_1/x.ipynb": NB, "submission_2/x.ipynb": NB}
        self.assert_safe(tree, tmp_path, "submission_2", "alice")
        plant(tmp_path, {"class.zip": packed(tree)})
        assert students(taken(tmp_path / "class.zip")) == ["submission_1", "submission_2"]


NAMES = st.text(min_size=1, max_size=30).filter(lambda name: "/" not in name and "\0" not in name)


@given(st.lists(NAMES, min_size=1, max_size=6), st.sampled_from([None, 0, 1, 2]))
def test_any_path_gives_an_id_that_is_one_path_component(parts: list[str], level: int | None) -> None:
    found = Found(Source(Path("x.zip"), ("/".join(parts),)), tuple(parts), 0.0)
    layouts = Layouts(level, {})
    for student in layouts.students(found, (SLUG,)):
        assert student.id
        name = path_name(student.id)
        assert name not in ("", ".", "..")
        assert "/" not in name
        assert (Path("reports") / name).parent == Path("reports")


@given(st.lists(st.lists(NAMES, min_size=1, max_size=4), min_size=1, max_size=8))
def test_any_tree_has_a_layout(trees: list[list[str]]) -> None:
    found = [Found(Source(Path("/".join(parts))), tuple(parts), 0.0) for parts in trees]
    layouts = Layouts.of(Path("nowhere"), found)
    assert all(layouts.students(one, (SLUG,)) for one in found)


class TestADamagedZip:
    """Cut off on its way, a class is nobody's submission; a student's own is."""

    def test_that_is_named_alone_is_an_error_about_that_file(self, tmp_path: Path) -> None:
        plant(tmp_path, {"class.zip": packed({"a/01_demo.ipynb": NB})[:-30]})
        with pytest.raises(GraderError, match=r"class\.zip is damaged or cut off: .*\n    -> download it again"):
            taken(tmp_path / "class.zip")

    def test_so_it_is_beside_another_class(self, tmp_path: Path) -> None:
        plant(tmp_path, {"one/a/01_demo.ipynb": NB, "one/b/01_demo.ipynb": NB, "two.zip": b"PK no zip"})
        with pytest.raises(GraderError, match=r"two\.zip is damaged or cut off"):
            taken(tmp_path / "one", tmp_path / "two.zip")

    @pytest.mark.parametrize("name", ["bob.zip", "doe_12_34_bob.zip"])
    def test_beside_single_students_it_is_its_students(self, name: str, tmp_path: Path) -> None:
        plant(tmp_path, {name: b"PK no zip", "alice/01_demo.ipynb": NB})
        found = {one.student.id: one.problem or "" for one in taken(*sorted(tmp_path.iterdir())).submissions}
        assert found["12" if "_" in name else "bob"].startswith("not a zip that can be read")

    def test_that_canvas_named_is_its_students_alone_too(self, tmp_path: Path) -> None:
        plant(tmp_path, {"doe_12_34_x.zip": b"PK no zip"})
        assert students(taken(tmp_path / "doe_12_34_x.zip")) == ["12"]


class TestNbgradersTreeBesideOtherSources:
    tree: ClassVar[Tree] = {f"nb/submitted/{student}/ps1/x.ipynb": NB for student in ("ann", "ben")}

    @pytest.mark.parametrize(
        ("beside", "their"),
        [
            ({"canvas/a_1_9_x.ipynb": NB, "canvas/b_2_9_x.ipynb": NB}, ["1", "2"]),
            ({"m.zip": packed({f"Jo_{n}_assignsubmission_file/x.ipynb": NB for n in (7, 8)})}, ["7", "8"]),
            ({"other/submitted/cy/ps1/x.ipynb": NB}, ["cy"]),
        ],
    )
    def test_its_students_are_those_in_submitted(self, beside: Tree, their: list[str], tmp_path: Path) -> None:
        found = taken(*sorted(plant(tmp_path / "c", {**self.tree, **beside}).iterdir()))
        assert sorted(students(found)) == sorted(["ann", "ben", *their])
        assert any("nb: taken for a course of nbgrader's" in remark for remark in found.remarks)

    def test_beside_single_students_it_may_be_ones_own(self, tmp_path: Path) -> None:
        plant(tmp_path, {**self.tree, "a_1_9_01_demo.ipynb": NB, "b_2_9_01_demo.ipynb": NB})
        found = taken(*sorted(tmp_path.iterdir()))
        assert sorted(students(found)) == ["1", "2", "nb"]
        assert any("`autograder forget`" in remark for remark in found.remarks)
