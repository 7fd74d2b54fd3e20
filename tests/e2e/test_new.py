"""`autograder new`: from an empty folder to an exercise that validates, by the commands that it prints."""

from __future__ import annotations

import shlex
from pathlib import Path

from autograder.config import read_config


def test_the_commands_that_it_prints_work_as_they_stand(command, tmp_path: Path) -> None:
    folder = tmp_path / "my course"
    outcome = command("new", "convolution", "--course", folder, cwd=tmp_path)
    assert outcome.code == 0
    printed = [line.strip() for line in outcome.out.splitlines() if line.startswith("  autograder ")]
    assert len(printed) == 2
    for line in printed:
        assert command(*shlex.split(line)[1:], cwd=tmp_path).code == 0


def test_it_lists_the_files_that_an_author_changes(command, course_dir: Path) -> None:
    outcome = command("new", "05_pooling", cwd=course_dir)
    assert outcome.out.splitlines() == [
        "  solutions/05_pooling.py  prose, solution, public checks",
        "  tests/hidden/05_pooling.py  hidden cases",
        "  tests/mistakes/05_pooling.py  mistakes with hints",
        "It validates already. Change these three files, then:",
        "  autograder build 05_pooling",
        "  autograder validate 05_pooling",
    ]


def test_an_exercise_that_is_there_is_left_alone(command, course_dir: Path) -> None:
    outcome = command("new", "01_demo", cwd=course_dir)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {course_dir.resolve()}/solutions/01_demo.py is there already\n    -> choose")


def test_what_is_made_of_another_tools_notebook_is_validated_at_once(command, repository, tmp_path: Path) -> None:
    master = repository / "docs" / "examples" / "otter_master.ipynb"
    outcome = command("new", "padding", "--from", master, "--course", tmp_path / "course", cwd=tmp_path)
    assert outcome.code == 0
    assert "to mend" not in outcome.out
    assert "Its tests are hidden cases now. It validates already. Change these three files, then:" in outcome.out


def test_what_has_to_be_mended_in_it_is_said_and_its_files_stay(command, repository, tmp_path: Path) -> None:
    text = (repository / "docs" / "examples" / "otter_master.ipynb").read_text(encoding="utf-8")
    assert "np.mean(window)" in text
    (tmp_path / "master.ipynb").write_text(text.replace("np.mean(window)", "1 + np.mean(window)"), encoding="utf-8")
    outcome = command("new", "padding", "--from", "master.ipynb", "--course", tmp_path / "course", cwd=tmp_path)
    assert outcome.code == 0
    assert (
        "look at  q2: the public check q2_test_1_example fails on the reference solution (AssertionError)"
        in outcome.out
    )
    assert "to mend  01_padding, q2, case q2_test_1: the reference solution does not pass: mean_pool(" in outcome.out
    assert "It validates already" not in outcome.out
    assert (tmp_path / "course" / "solutions" / "01_padding.py").is_file()


def test_a_malformed_slug_makes_no_course(command, tmp_path: Path) -> None:
    outcome = command("new", "Not A Slug", "--course", tmp_path / "fresh", cwd=tmp_path)
    assert outcome.code == 2
    assert outcome.err.startswith("error: 'Not A Slug' is not a slug")
    assert not (tmp_path / "fresh").exists()


def test_a_folder_name_in_brackets_is_no_markup(command, tmp_path: Path) -> None:
    outcome = command("new", "sizes", "--course", tmp_path / "[red]a[/]", cwd=tmp_path)
    assert outcome.code == 0
    assert "[red]a[/]/solutions/01_sizes.py" in outcome.out


def test_without_a_course_here_it_says_what_to_do(command, tmp_path: Path) -> None:
    outcome = command("new", "sizes", cwd=tmp_path)
    assert outcome.code == 2
    assert "no course here" in outcome.err


def test_a_topic_is_there_once(command, course_dir: Path) -> None:
    outcome = command("new", "demo", cwd=course_dir)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "error: 01_demo is there already\n    -> choose another name, or remove that exercise: "
    )
    assert "tests/hidden/01_demo.py" in outcome.err


def test_each_new_course_has_a_seed_that_nobody_guesses(command, tmp_path: Path) -> None:
    seeds = []
    for name in ("one", "two"):
        assert command("new", "demo", "--course", tmp_path / name, cwd=tmp_path).code == 0
        seeds.append(read_config(tmp_path / name / "grading_config.yaml").seed)
    assert seeds[0] != seeds[1]
    assert min(seeds) > 10**17


def test_what_cannot_be_written_is_a_sentence_and_makes_no_course(command, tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "solutions").write_text("in the way", encoding="utf-8")
    outcome = command("new", "sizes", "--course", folder, cwd=tmp_path)
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
    assert "-> make room, or remove what is in its way\n(Nothing was made" in outcome.err
    assert [path.name for path in folder.rglob("*")] == ["solutions"]
