"""A folder that student code shaped is removed whole, and nothing outside of it is touched."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox.leftovers import folder_bytes, remove_folder


def test_a_folder_is_removed_with_all_that_was_done_to_it(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    folder = tmp_path / "student"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    (folder / "link").symlink_to(outside)
    (folder / "a" / "up").symlink_to("../..")
    os.mkfifo(folder / "pipe")
    (folder / "bad\nname\udcff").write_text("x")
    for closed in (folder / "a" / "b", folder / "a", folder):
        closed.chmod(0)
    remove_folder(str(folder))
    assert not folder.exists()
    assert (outside / "kept").read_text() == "kept"


def test_a_folder_deeper_than_any_path_may_be_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "student"
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d" * 10, dir_fd=descriptor)
        below = os.open("d" * 10, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    remove_folder(str(folder))
    assert not folder.exists()


def test_a_link_in_the_folders_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_text("kept")
    (tmp_path / "student").symlink_to(tmp_path / "outside")
    remove_folder(str(tmp_path / "student"))
    assert (tmp_path / "outside" / "kept").exists()


def test_what_is_in_a_folder_is_counted_without_following_links(tmp_path: Path) -> None:
    folder = tmp_path / "student"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "file").write_bytes(bytes(300_000))
    (folder / "link").symlink_to("/usr")
    assert 300_000 <= folder_bytes(str(folder), 10**9) < 400_000
    assert folder_bytes(str(folder), 1000) < 400_000
    assert folder_bytes(str(tmp_path / "none"), 1000) == 0
