"""`autograder build`: the same bytes each time, and every stale file named with the command that mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

MEND = "mend with:  autograder build 01_demo\n"


def built(folder: Path) -> dict[str, bytes]:
    files = (path for path in (folder / "exercises").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_two_builds_are_byte_identical(command, course_dir: Path) -> None:
    first = built(course_dir)
    shutil.rmtree(course_dir / "exercises")
    outcome = command("build", cwd=course_dir)
    assert (outcome.code, outcome.out) == (0, "built exercises/01_demo.ipynb\n")
    assert built(course_dir) == first
    assert set(first) == {"exercises/01_demo.ipynb", "exercises/checks/01_demo/q1.py"}


def test_a_build_in_another_process_and_folder_is_byte_identical(
    process, command, course_dir: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(course_dir, tmp_path / "another place"))
    shutil.rmtree(other / "exercises")
    assert process("-X", "utf8=0", "-m", "autograder", "build", "--course", other, cwd=tmp_path).code == 0
    assert built(other) == built(course_dir)


def test_check_is_content_with_a_fresh_build(command, course_dir: Path) -> None:
    outcome = command("build", "--check", cwd=course_dir)
    assert (outcome.code, outcome.out) == (0, "1 exercise up to date\n")


def test_a_notebook_edited_by_hand_is_named(command, course_dir: Path) -> None:
    path = course_dir / "exercises/01_demo.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] += " (a hint by hand)"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    before = built(course_dir)
    outcome = command("build", "--check", cwd=course_dir)
    reason = "is not what its source makes (edited by hand, or the source changed)"
    assert (outcome.code, outcome.out) == (1, f"exercises/01_demo.ipynb {reason}\n{MEND}")
    assert built(course_dir) == before


def test_a_changed_source_makes_its_files_stale_until_the_named_command_ran(command, course_dir: Path) -> None:
    source = course_dir / "solutions/01_demo.py"
    source.write_text(source.read_text(encoding="utf-8").replace("6 / 3 = 2", "so 2"), encoding="utf-8")
    outcome = command("build", "--check", cwd=course_dir)
    assert outcome.code == 1
    assert "exercises/01_demo.ipynb is not" in outcome.out
    assert "exercises/checks/01_demo/q1.py is not" in outcome.out
    assert command("build", "01_demo", cwd=course_dir).code == 0
    assert command("build", "--check", cwd=course_dir).code == 0


def test_a_missing_check_file_and_one_too_many_are_named(command, course_dir: Path) -> None:
    checks = course_dir / "exercises/checks/01_demo"
    (checks / "q1.py").rename(checks / "q2.py")
    outcome = command("build", "--check", cwd=course_dir)
    assert outcome.code == 1
    assert outcome.out == (
        "exercises/checks/01_demo/q1.py is missing\nexercises/checks/01_demo/q2.py has no source any more\n" + MEND
    )
    assert command("build", cwd=course_dir).code == 0
    assert [path.name for path in checks.iterdir()] == ["q1.py"]


def test_the_command_that_mends_names_the_course_where_it_is_elsewhere(
    command, course_dir: Path, tmp_path: Path
) -> None:
    (course_dir / "exercises/01_demo.ipynb").unlink()
    outcome = command("build", "--check", "--course", course_dir, cwd=tmp_path)
    assert outcome.code == 1
    assert f"mend with:  autograder build 01_demo --course {course_dir.resolve()}\n" in outcome.out
    outcome = command("build", "--course", "course", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (0, "built course/exercises/01_demo.ipynb\n")


def test_only_the_named_exercises_are_built(command, course_dir: Path) -> None:
    command("new", "second", cwd=course_dir)
    shutil.rmtree(course_dir / "exercises")
    outcome = command("build", "second", cwd=course_dir)
    assert (outcome.code, outcome.out) == (0, "built exercises/02_second.ipynb\n")
    assert not (course_dir / "exercises/01_demo.ipynb").exists()


@pytest.mark.parametrize("command_name", ["build", "validate"])
def test_an_unknown_exercise_is_answered_with_the_known_ones(command, course_dir: Path, command_name: str) -> None:
    outcome = command(command_name, "9", cwd=course_dir)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "error: there is no exercise '9'\n    -> one of: 01_demo\n"


@pytest.mark.parametrize("command_name", ["build", "validate"])
def test_a_folder_that_is_no_course_is_a_sentence(command, tmp_path: Path, command_name: str) -> None:
    outcome = command(command_name, "--course", tmp_path / "nowhere", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        f"error: {tmp_path / 'nowhere'} is not a course: it has no grading_config.yaml\n    ->"
    )


def test_without_a_course_here_it_says_what_to_do(command, tmp_path: Path) -> None:
    outcome = command("build", cwd=tmp_path)
    assert outcome.code == 2
    assert outcome.err.startswith("error: no course here: ")


def test_a_broken_source_is_all_its_complaints_and_no_traceback(command, course_dir: Path) -> None:
    source = course_dir / "solutions/01_demo.py"
    text = source.read_text(encoding="utf-8").replace(" points=10", "").replace("# END SOLUTION", "")
    source.write_text(text, encoding="utf-8")
    outcome = command("build", cwd=course_dir)
    assert outcome.code == 2
    assert "question q1 has points=None" in outcome.err
    assert "solution marks do not pair up (BEGIN)" in outcome.err
    assert "Traceback" not in outcome.err
