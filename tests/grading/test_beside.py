"""Weights that lie beside a notebook, in a zip or in a folder; and nobody's where it is not clear whose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.intake import beside
from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.opening import Opener
from autograder.intake.tasks import task_of
from autograder.submission import Source, Submission

from .made import SLUG, notebook, packed, plant, taken

NB, OTHER = notebook(SLUG, "x = 1"), notebook(SLUG, "x = 2")
WEIGHTS, NAME = b"weights", "weights.safetensors"


def only(folder: Path) -> Submission:
    (found,) = taken(folder).submissions
    return found


def members(submission: Submission) -> tuple[str, ...]:
    assert submission.weights is not None
    return submission.weights.members


class TestZips:
    @pytest.mark.parametrize("name", [NAME, "weights.npz"])
    @pytest.mark.parametrize("folder", ["", "homework/deep/"])
    def test_they_lie_beside_the_notebook(self, name: str, folder: str, tmp_path: Path, opener: Opener) -> None:
        data = packed({folder + "01_demo.ipynb": NB, folder + name: WEIGHTS})
        found = only(plant(tmp_path, {"class/alice.zip": data}) / "class")
        assert members(found) == (folder + name,)
        task = task_of(found, opener)
        assert (task.notebook, task.weights) == (NB, (name, WEIGHTS))

    @pytest.mark.parametrize("where", ["elsewhere/" + NAME, "../" + NAME, "/" + NAME, "Weights.safetensors", "w.npz"])
    def test_elsewhere_or_by_another_name_they_are_none(self, where: str, tmp_path: Path) -> None:
        data = packed({"01_demo.ipynb": NB, where: WEIGHTS})
        assert only(plant(tmp_path, {"class/alice.zip": data}) / "class").weights is None

    def test_of_two_formats_one_is_taken_always_the_same(self, tmp_path: Path) -> None:
        data = packed({"weights.npz": b"npz", NAME: WEIGHTS, "01_demo.ipynb": NB})
        assert members(only(plant(tmp_path, {"class/alice.zip": data}) / "class")) == (NAME,)

    def test_beside_two_notebooks_they_are_nobodys(self, tmp_path: Path) -> None:
        data = packed({"01_demo.ipynb": NB, "old.ipynb": OTHER, NAME: WEIGHTS})
        assert [one.weights for one in taken(plant(tmp_path, {"class/alice.zip": data}) / "class").submissions] == [
            None
        ]

    def test_a_zip_of_the_whole_class_has_each_ones_own(self, tmp_path: Path) -> None:
        tree = {
            f"{name}/{file}": data for name in ("alice", "bob") for file, data in (("x.ipynb", NB), (NAME, WEIGHTS))
        }
        found = taken(plant(tmp_path, {"class.zip": packed(tree)}) / "class.zip")
        assert [members(one) for one in found.submissions] == [(f"alice/{NAME}",), (f"bob/{NAME}",)]

    def test_a_damaged_zip_has_none(self, tmp_path: Path, opener: Opener) -> None:
        path = plant(tmp_path, {"alice.zip": b"PK\3\4 and no more"}) / "alice.zip"
        assert weights_beside(Source(path, ("01_demo.ipynb",)), opener) is None
        assert weights_beside(Source(tmp_path / "gone.zip", ("01_demo.ipynb",)), opener) is None


class TestFolders:
    def test_they_lie_beside_the_only_notebook(self, tmp_path: Path, opener: Opener) -> None:
        found = only(plant(tmp_path, {"class/alice/x.ipynb": NB, f"class/alice/{NAME}": WEIGHTS}) / "class")
        assert found.weights == Source(tmp_path / "class" / "alice" / NAME)
        assert task_of(found, opener).weights == (NAME, WEIGHTS)

    def test_beside_two_notebooks_they_are_nobodys(self, tmp_path: Path) -> None:
        tree = {"class/alice.ipynb": NB, "class/bob.ipynb": OTHER, f"class/{NAME}": WEIGHTS}
        assert [one.weights for one in taken(plant(tmp_path, tree) / "class").submissions] == [None, None]

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        plant(tmp_path, {"class/alice/x.ipynb": NB, "secret": b"secret"})
        (tmp_path / "class" / "alice" / NAME).symlink_to(tmp_path / "secret")
        assert only(tmp_path / "class").weights is None

    def test_a_pipe_is_no_file(self, tmp_path: Path, opener: Opener) -> None:
        folder = plant(tmp_path, {"alice/x.ipynb": NB}) / "alice"
        os.mkfifo(folder / NAME)
        assert weights_beside(Source(folder / "x.ipynb"), opener) is None


class TestDigest:
    def test_other_weights_are_another_submission(self, tmp_path: Path) -> None:
        digests = set()
        for number, weights in enumerate((None, WEIGHTS, b"other")):
            tree = {"01_demo.ipynb": NB} | ({NAME: weights} if weights else {})
            digests.add(only(plant(tmp_path / str(number), {"class/alice.zip": packed(tree)}) / "class").digest)
        assert len(digests) == 3

    def test_without_weights_it_is_the_notebooks(self, opener: Opener) -> None:
        assert digests_with(("abc", "def"), None, opener) == ("abc", "def")


def test_larger_ones_than_may_be_are_not_read_and_graded_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: Opener
) -> None:
    monkeypatch.setattr(beside, "MAX_BYTES", 1_000)
    found = only(plant(tmp_path, {"class/alice/x.ipynb": NB, f"class/alice/{NAME}": bytes(1_001)}) / "class")
    assert task_of(found, opener).weights == (NAME, b"")
