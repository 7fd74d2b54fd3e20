"""The command line as a whole: quick help, plain output in pipes, exit codes, and what a wheel carries."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import __version__

COMMANDS = ["build", "validate", "new", "quiz", "package"]
# pydantic is not in this list for a command's own help: typer imports it there for itself
SLOW = {"numpy", "torch", "tensorflow", "jupytext", "nbformat", "IPython", "otter", "yaml", "matplotlib"}
OURS = {"autograder.config", "autograder.wire", "autograder.course", "autograder.cli.authoring"}
LIST_IMPORTS = """
import sys
from autograder.cli import main
sys.argv = ["autograder", *sys.argv[1:], "--help"]
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print("IMPORTED", *sys.modules)
"""


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)], ids=lambda arguments: " ".join(arguments))
def test_help_starts_without_anything_slow(process, tmp_path: Path, arguments: list[str]) -> None:
    outcome = process("-c", LIST_IMPORTS, *arguments, cwd=tmp_path)
    text, _, imported = outcome.out.partition("IMPORTED")
    assert text.startswith("Usage: autograder")
    assert not (SLOW | OURS) & set(imported.split())
    if not arguments:
        assert "pydantic" not in imported.split()


ALL = [*COMMANDS, "sample", "grade", "worker", "doctor", "data", "report", "export", "override", "overrides", "forget"]


def test_every_command_is_listed_with_its_whole_sentence(command, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    outcome = command("--help", cwd=tmp_path)
    assert not [line for line in outcome.out.splitlines()[1:] if line.endswith("...")]
    assert "130 stopped" in outcome.out
    assert outcome.code == 0
    for name in ALL:
        assert f"  {name} " in outcome.out
    assert "Exit codes: 0 all is well, 1 something to look at, 2 wrong usage" in outcome.out


def test_the_version_is_said(command, tmp_path: Path) -> None:
    assert command("--version", cwd=tmp_path).out == f"autograder {__version__}\n"


@pytest.mark.parametrize("name", ALL)
def test_help_names_arguments_as_people_do(command, tmp_path: Path, name: str) -> None:
    text = command(name, "--help", cwd=tmp_path).out
    assert not re.search(r"[{}]|\[\[|<(str|path|list|int|Path)", text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["override", "a", "1", "q1", "--points", "nan"],
            "error: invalid value for '--points': should be greater than",
        ),
        (
            ["override", "a", "1", "q1", "--points", "x"],
            "error: invalid value for '--points': should be a valid number\n",
        ),
        (["override", "a", "1", "q1", "r", "--results", "s", "--undo"], "error: the results are in r, or in s?"),
        (
            ["export", "-o", "x", "--format", "moodel"],
            "error: invalid value for '--format': 'moodel' is not one of 'csv'",
        ),
        (["export", "-o", "x", "--format", "csv", "--scale"], "error: --scale and --unscaled go with --into FILE"),
        (["export", "-o", "x", "--format", "csv", "--course", "y"], "error: --course goes with --format gradescope"),
        (["grade"], "error: missing argument 'PATH'\n    -> autograder grade --help"),
        (["grade", "x", "--cluster-tls", "y"], "error: --cluster-tls goes with --cluster ADDRESS"),
        (["report", "--every", "5"], "error: --every goes with --watch\n    -> autograder report --help"),
        (
            ["package", "--gradescope", "1", "--extra-index-url", "notaurl"],
            "error: invalid value for --extra-index-url:",
        ),
        (["quiz", "--review", "--html", "x"], "error: --review and --questions go with the quiz in the terminal"),
        (["quiz", "1", "--seed", "3", "--student", "x"], "error: --seed goes without --student"),
        (["biuld"], "error: no such command 'biuld'"),
    ],
)
def test_what_would_be_ignored_or_cannot_be_read_is_a_sentence(
    command, tmp_path: Path, arguments: list[str], said: str
) -> None:
    outcome = command(*arguments, cwd=tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(said)


@pytest.mark.parametrize("arguments", [["new", "x", "--course"], ["sample"]])
def test_where_nothing_can_be_written_it_says_so(command, course_dir: Path, arguments: list[str]) -> None:
    (course_dir / "file").touch()
    outcome = command(*arguments, "file", cwd=course_dir)
    assert outcome.code == 2
    assert re.match(r"error: file cannot be written \(.*\)\n    -> name another place", outcome.err)


def test_a_notebook_that_cannot_be_built_is_named(command, course_dir: Path) -> None:
    notebook = course_dir / "exercises" / "01_demo.ipynb"
    notebook.unlink()
    notebook.mkdir()
    outcome = command("build", cwd=course_dir)
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: {notebook.resolve()} cannot be written (Is a directory)")


@pytest.mark.parametrize("arguments", [[], ["biuld"], ["build", "--nonsense"], ["new"]])
def test_wrong_usage_is_exit_code_2(command, tmp_path: Path, arguments: list[str]) -> None:
    assert command(*arguments, cwd=tmp_path).code == 2


def test_the_package_runs_as_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["autograder", "--version"])
    with pytest.raises(SystemExit):
        runpy.run_module("autograder", run_name="__main__")
    assert capsys.readouterr().out == f"autograder {__version__}\n"


@pytest.mark.parametrize("arguments", [["validate"], ["build", "--check"]])
def test_piped_output_has_no_colour_codes(process, course_dir: Path, arguments: list[str]) -> None:
    (course_dir / "exercises/01_demo.ipynb").unlink()
    outcome = process("-m", "autograder", *arguments, cwd=course_dir)
    assert outcome.code == 1
    assert "is missing" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err
    assert outcome.err == ""


def test_a_wheel_carries_what_students_may_see_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(tmp_path)]
    subprocess.run([*pip, str(repository)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("cnn_autograder-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    carried = [name.removeprefix("autograder/course/") for name in names if name.startswith("autograder/course/")]
    for notebook in (repository / "exercises").glob("*.ipynb"):
        assert f"exercises/{notebook.name}" in carried
    for quiz in (repository / "exercises" / "quizzes").glob("*.yaml"):
        assert f"exercises/quizzes/{quiz.name}" in carried
    assert all(name.startswith("exercises/") for name in carried)
    assert {name.split("/")[0] for name in names} == {"autograder", f"cnn_autograder-{__version__}.dist-info"}
    for data in (
        "build/set_up_cell.txt",
        "scaffold/solution.txt",
        "scaffold/hidden.txt",
        "scaffold/mistakes.txt",
        "quiz/page.html",
        "packaging/setup.sh",
        "packaging/run_autograder.sh",
        "packaging/constraints.txt",
    ):
        assert f"autograder/{data}" in names
    solutions = {path.stem for path in (repository / "solutions").glob("*.py")}
    assert not [name for name in names if Path(name).suffix == ".py" and Path(name).stem in solutions]
