"""Lists on disk: everything comes back as it was, in the order asked for, and a large class takes no more memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.intake.packing import pack_found, pack_submission, unpack_found, unpack_submission
from autograder.intake.reading import Found
from autograder.intake.shelf import Shelf, View, Votes
from autograder.submission import Source, StudentId
from grading.made import plant, submission, taken

FULL = """
import resource
from autograder.errors import GraderError
from autograder.intake.shelf import Shelf
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
shelf = Shelf(str, str)
try:
    for _ in range(100):
        shelf.add("x" * 2**17)
except GraderError as error:
    print(error)
"""


def words(*some: str) -> View[str]:
    return Shelf(str, str).add_all(some)


class TestShelf:
    def test_a_submission_comes_back_whole_whatever_its_file_is_called(self) -> None:
        odd = Path(os.fsdecode(b"/caf\xe9/\n'\"!.zip"))
        made = replace(
            submission("ada"),
            problem="is empty",
            student=StudentId("ada", "Ada L\u00f6v", "a@b"),
            source=Source(odd, ("x/y.zip", "z.ipynb")),
            weights=Source(odd),
        )
        shelf = Shelf(pack_submission, unpack_submission)
        back = shelf.get(shelf.add(made))
        assert (back, back.student.name, back.student.email) == (made, "Ada L\u00f6v", "a@b")

    def test_a_found_notebook_comes_back_whole(self) -> None:
        found = Found(Source(Path("a")), ("a", "b"), 1732000000.123456789, None, 1)
        assert list(Shelf(pack_found, unpack_found).add_all([found])) == [found]

    def test_ranks_decide_and_then_who_came_first(self) -> None:
        shelf = Shelf(str, str)
        for name, rank in {"c": (0, 2.5, ""), "b": (0, 2.5, ""), "a": (-1, 9.0, "z"), "d": (0, 2.5, "\u00e9")}.items():
            shelf.add(name, rank=rank)
        assert list(shelf.ranked()) == ["a", "c", "b", "d"]

    def test_a_value_is_found_and_replaced_by_its_label(self) -> None:
        shelf = Shelf(str, str)
        shelf.add("old", label="mine")
        row = shelf.row_of("mine")
        assert row is not None
        assert shelf.row_of("another's") is None
        shelf.put(row, "new")
        assert shelf.get(row) == "new"

    def test_crowds_are_those_that_have_too_many_and_can_be_cut(self) -> None:
        shelf = Shelf(str, str)
        view = shelf.add_all(["b1", "a1", "b2", "c1", "b3", "a2"], lambda word: word[0])
        crowds = list(shelf.crowds(1))
        assert [list(crowd) for crowd in crowds] == [["b1", "b2", "b3"], ["a1", "a2"]]
        shelf.drop(crowds[0].rows[1:])
        assert list(view) == ["b1", "a1", "c1", "a2"]

    def test_a_full_disk_is_a_sentence(self) -> None:
        ended = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)
        assert ended.stdout.startswith("no room for the list of what was found (")
        assert "    -> make room in the folder for temporary files, or name another one with TMPDIR" in ended.stdout


class TestView:
    def test_it_is_a_sequence(self) -> None:
        view = words("a", "b", "c")
        assert (len(view), view[0], view[-1], list(view[1:]), "b" in view) == (3, "a", "c", ["b", "c"], True)
        assert not words()

    def test_what_is_wanted_keeps_its_order(self) -> None:
        wanted = words("a", "b", "c", "d").where(lambda word: word != "b")
        assert (list(wanted), wanted[1], list(wanted.where(lambda word: word > "a"))) == (
            ["a", "c", "d"],
            "c",
            ["c", "d"],
        )


class TestVotes:
    def test_one_no_of_a_voter_outweighs_its_yes_and_half_is_no_majority(self) -> None:
        votes = Votes()
        for voter, yes in (("a", True), ("b", True), ("b", False), ("a", True)):
            votes.cast(1, (voter,), yes=yes)
            votes.cast(2, (voter,), yes=True)
        assert votes.majorities() == [2]


class TestMemory:
    @pytest.fixture
    def blocks_held(self, tmp_path: Path) -> dict[int, int]:
        """How many blocks of memory a class of this size keeps; not bytes: Python's own tables grow by doubling."""
        held = {}
        for size in (200, 700):
            folder = tmp_path / f"{size}"
            plant(folder, {f"student{number:04d}/01_demo.ipynb": b"{ %d" % number for number in range(size)})
            gc.collect()
            tracemalloc.start()
            intake = taken(folder)
            gc.collect()
            held[size] = sum(one.count for one in tracemalloc.take_snapshot().statistics("filename"))
            tracemalloc.stop()
            assert len(intake.submissions) == size
        return held

    def test_five_hundred_more_submissions_hold_next_to_nothing(self, blocks_held: dict[int, int]) -> None:
        assert blocks_held[700] - blocks_held[200] < 250
