"""What the image starts: which command arguments and mounted folders mean, and what is said where one is wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli.container import Mounts, main
from autograder.errors import GraderError


class Commands:
    """Stands for the command line: keeps what it is asked for, and ends as it was told to."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.asked: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> None:
        self.asked.append(list(arguments))
        raise SystemExit(self.codes.pop(0) if self.codes else 0)


@pytest.fixture
def mounts(tmp_path: Path) -> Mounts:
    made = Mounts(tmp_path / "submissions", tmp_path / "results", tmp_path / "tmp")
    for folder in (made.submissions, made.results, made.scratch):
        folder.mkdir()
    return made


def test_with_nothing_mounted_and_no_arguments_it_says_how_to_start_it(
    mounts: Mounts, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands()
    assert main([], replace(mounts, submissions=Path("/nonexistent")), commands) == 0
    assert commands.asked == [["--help"]]
    assert "docker run --rm" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--regrade", "--jobs", "1"]], ids=str)
def test_a_mounted_class_is_graded_and_its_pages_are_made(mounts: Mounts, options: list[str]) -> None:
    commands = Commands()
    assert main(options, mounts, commands) == 0
    grade = ["grade", str(mounts.submissions), "--output", str(mounts.results), *options]
    assert commands.asked == [grade, ["report", str(mounts.results)]]


@pytest.mark.parametrize(("graded", "reported", "code"), [(1, 0, 1), (0, 2, 2), (0, 0, 0)])
def test_the_exit_code_is_the_gravest(mounts: Mounts, graded: int, reported: int, code: int) -> None:
    assert main([], mounts, Commands(graded, reported)) == code


@pytest.mark.parametrize("code", [2, 130])
def test_what_was_refused_or_interrupted_gets_no_pages(mounts: Mounts, code: int) -> None:
    commands = Commands(code)
    assert main([], mounts, commands) == code
    assert len(commands.asked) == 1


@pytest.mark.parametrize(
    "arguments", [["doctor"], ["export", "/results", "--format", "csv"], ["--help"], ["--version"]]
)
def test_a_command_is_passed_on_as_it_is_though_a_class_is_mounted(mounts: Mounts, arguments: list[str]) -> None:
    commands = Commands(1)
    assert main(arguments, mounts, commands) == 1
    assert commands.asked == [arguments]


def test_help_beside_options_is_that_of_grading_though_nothing_is_mounted(mounts: Mounts, tmp_path: Path) -> None:
    commands = Commands()
    assert main(["--jobs", "2", "--help"], replace(mounts, submissions=tmp_path / "nowhere"), commands) == 0
    assert commands.asked == [["grade", "--jobs", "2", "--help"]]


def test_options_without_a_class_say_what_to_mount(mounts: Mounts, tmp_path: Path) -> None:
    absent = replace(mounts, submissions=tmp_path / "elsewhere" / "submissions")
    with pytest.raises(GraderError, match=r'nothing to grade is mounted\n.*-v "\$PWD/submissions:'):
        main(["--regrade"], absent, Commands())


def test_a_class_without_a_folder_for_results_says_what_to_mount(mounts: Mounts, tmp_path: Path) -> None:
    commands = Commands()
    with pytest.raises(GraderError, match=r'nowhere to write to is mounted\n.*mkdir -p results.*-v "\$PWD/results:'):
        main([], replace(mounts, results=tmp_path / "elsewhere" / "results"), commands)
    assert commands.asked == []


def test_results_that_cannot_be_written_say_whose_they_are_and_who_asks(mounts: Mounts) -> None:
    """A file in place of the folder: nobody can write into that, root neither."""
    closed = mounts.results / "closed"
    closed.touch(mode=0o640)
    who = f"uid {os.getuid()}, gid {os.getgid()}"
    expected = (
        rf"closed cannot be written by {who} .*\n.*--user \"\$\(id -u\):\$\(id -g\)\"; it belongs to {who}, mode 640"
    )
    with pytest.raises(GraderError, match=expected):
        main([], replace(mounts, results=closed), Commands())


@pytest.mark.parametrize("arguments", [[], ["doctor"]], ids=str)
def test_a_container_without_scratch_space_says_what_to_add(mounts: Mounts, arguments: list[str]) -> None:
    with pytest.raises(GraderError, match=r"cannot be written by .*\n.*--tmpfs /tmp"):
        main(arguments, replace(mounts, scratch=mounts.scratch / "absent"), Commands())
