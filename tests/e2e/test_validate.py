"""`autograder validate`: a table where all is well, and the first thing to mend for each author's mistake."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FRESH = "exercises/01_demo.ipynb"
SOLUTION, HIDDEN, MISTAKES = "solutions/01_demo.py", "tests/hidden/01_demo.py", "tests/mistakes/01_demo.py"
CONFIG = "grading_config.yaml"

GOOD_QUESTION = '# %% [markdown] question="q1" points=10 title="Mean of a patch"'
SECOND_MISTAKE = """
@mistake("q1", caught_by="random_patches_agree_with_numpy", hint="Another hint.")
def divides_by_rows_too(patch):
    return divides_by_the_number_of_rows(patch)
"""
IDLE_CASE = """
@case("q1", points=0.5, hint="A hint.")
def a_mean_is_a_number(student, rng):
    expect.true(isinstance(student.patch_mean([1.0]), float), "not a number")
"""

# What an author does to a file (before -> after), and the sentence that has to be the first thing to mend.
EDITS = {
    "a duplicate question id": (
        SOLUTION,
        GOOD_QUESTION,
        f"{GOOD_QUESTION}\n# ## One\n\n{GOOD_QUESTION}",
        "01_demo.py, cell 4: question q1 is there twice\n    -> give each question an id of its own",
    ),
    "no points": (
        SOLUTION,
        " points=10",
        "",
        "01_demo.py, cell 3: question q1 has points=None\n    -> write points=10",
    ),
    "no solution marks": (
        SOLUTION,
        "    # BEGIN SOLUTION\n",
        "",
        "01_demo.py, cell 4: solution marks do not pair up (END)",
    ),
    "a check of two functions": (
        SOLUTION,
        "def the_mean",
        "def another(patch_mean):\n    pass\n\n\ndef the_mean",
        "01_demo.py, cell 5: a check is exactly one function\n    -> one cell a check",
    ),
    "a case for an unknown question": (
        HIDDEN,
        '@case("q1", points=4',
        '@case("q2", points=4',
        "hidden/01_demo.py: an_empty_patch_is_refused: is about question 'q2'\n    -> one of: q1",
    ),
    "a mistake for an unknown question": (
        MISTAKES,
        '@mistake("q1", caught_by="an_empty',
        '@mistake("q4", caught_by="an_empty',
        "mistakes/01_demo.py: gives_nan_for_an_empty_patch: is about question 'q4'\n    -> one of: q1",
    ),
    "a mistake that names an unknown case": (
        MISTAKES,
        'caught_by="an_empty_patch_is_refused"',
        'caught_by="an_empty_patch"',
        "caught_by='an_empty_patch' is no hidden case of q1\n    -> one of: an_empty_patch_is_refused, random_patches",
    ),
    "a mistake that replaces what is not asked": (
        MISTAKES,
        'caught_by="an_empty_patch_is_refused"',
        'caught_by="an_empty_patch_is_refused", replaces="mean"',
        "replaces='mean' is not asked in q1\n    -> one of: patch_mean",
    ),
    "points that do not add up": (
        HIDDEN,
        "points=6",
        "points=5",
        "hidden/01_demo.py: q1: its cases' points add up to 9, the question has 10\n    -> change the cases or points=",
    ),
    "points that the config contradicts": (
        CONFIG,
        "points: 10",
        "points: 100",
        "exercises.01_demo.points: says 100, but the questions of 01_demo.py add up to 10",
    ),
    "points as text": (HIDDEN, "points=6", 'points="6"', "hidden/01_demo.py:9: TypeError: points='6' is not a number"),
    "no hint": (
        HIDDEN,
        'hint="There is no mean of nothing: raise ValueError for an empty patch."',
        'hint=""',
        "has no hint",
    ),
    "an exercise that the config does not list": (
        CONFIG,
        "  01_demo:",
        "  02_demo:",
        "exercises has no 01_demo\n    -> add '01_demo:' with points: 100",
    ),
    "hidden cases that do not run": (
        HIDDEN,
        "import numpy as np",
        "import numpyy as np",
        "hidden/01_demo.py:3: ModuleNotFoundError: No module named 'numpyy'",
    ),
    "mistakes that are not Python": (MISTAKES, "import numpy as np", "import", "mistakes/01_demo.py:3: SyntaxError"),
    "a case twice": (
        HIDDEN,
        "def an_empty_patch_is_refused",
        "def random_patches_agree_with_numpy",
        "random_patches_agree_with_numpy is defined in line 10 already",
    ),
    "a solution that does not run": (
        SOLUTION,
        "import numpy as np",
        "import numpy as np\n\nnp.nothing_like_it",
        "01_demo.py[code cell 1]: AttributeError: ",
    ),
    "a code cell that is not Python": (
        SOLUTION,
        "import numpy as np",
        "import numpy as np\n!ls",
        "01_demo.py, cell 2, line 2: not Python: ",
    ),
    "a source changed after the build": (
        SOLUTION,
        "Say in two",
        "Tell in two",
        f"{FRESH}: is not what its source makes (edited by hand, or the source changed)\n    -> autograder build",
    ),
    "a notebook edited by hand": (FRESH, "Say in two", "Tell in two", f"{FRESH}: is not what its source makes"),
    "a notebook cut off": (FRESH, '"nbformat": 4', '"nbformat: 4', f"{FRESH}: is not what its source makes"),
    "a check edited by hand": (
        "exercises/checks/01_demo/q1.py",
        "== 2",
        "== 3",
        "exercises/checks/01_demo/q1.py: is not what its source makes",
    ),
    "a reference that is wrong": (
        HIDDEN,
        "np.mean(patch))",
        "np.mean(patch) + 1)",
        "01_demo, q1, case random_patches_agree_with_numpy: the reference solution does not pass: patch_mean(",
    ),
    "a case with a bug": (
        HIDDEN,
        "expect.close(student.patch_mean(patch), np.mean(patch))",
        "len(student.patch_mean(patch))",
        "the reference solution does not pass: the hidden case itself failed",
    ),
    "a case that the stub passes": (
        HIDDEN,
        "    expect.close(student.patch_mean([2.0, 4.0]), 3.0)  "
        "# or a function that always raises would earn these points\n    with expect.raises(ValueError)",
        "    with expect.raises(Exception)",
        "01_demo, q1, case an_empty_patch_is_refused: the untouched stub earns 4 points\n    -> ask for a value",
    ),
    "a mistake that is none": (
        MISTAKES,
        "return float(np.sum(patch) / len(patch))",
        "return float(np.sum(patch) / np.size(patch))",
        "mistake divides_by_the_number_of_rows: random_patches_agree_with_numpy does not catch it\n    -> sharpen",
    ),
    "a mistake caught by another case": (
        MISTAKES,
        'caught_by="an_empty_patch_is_refused"',
        'caught_by="random_patches_agree_with_numpy"',
        "mistake gives_nan_for_an_empty_patch: random_patches_agree_with_numpy does not catch it",
    ),
    "two mistakes that answer alike": (
        MISTAKES,
        '\n\n@mistake("q1", caught_by="an_empty',
        SECOND_MISTAKE + '\n\n@mistake("q1", caught_by="an_empty',
        "mistake divides_by_rows_too: the student would read the hint of divides_by_the_number_of_rows: both give",
    ),
    "a mistake that nobody could be told about": (
        MISTAKES,
        "return float(np.sum(patch) / len(patch))",
        "raise MemoryError",
        "mistake divides_by_the_number_of_rows: its hint would not reach the student\n    -> it raises or dies",
    ),
    "a mistake on which a case breaks": (
        HIDDEN,
        "    with expect.raises(ValueError):\n        student.patch_mean([])",
        "    with expect.raises(ValueError):\n        int(student.patch_mean([]))",
        "mistake gives_nan_for_an_empty_patch: an_empty_patch_is_refused breaks on it: the hidden case itself failed",
    ),
    "a case that catches nothing": (
        HIDDEN,
        "points=6",
        "points=5.5",
        "01_demo, q1, case a_mean_is_a_number: catches no mistake\n    -> add the mistake that it is for",
    ),
    "a leak into the prose": (
        SOLUTION,
        "Say in two or three sentences",
        "return float(np.sum(patch) / np.size(patch))",
        "a solution line of 01_demo: 'return float(np.sum(patch) / np.size(patch))'\n    -> reword one of them",
    ),
}
BUILT_AFTER = {"a leak into the prose"}


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def first_to_mend(out: str) -> str:
    return out.split("First thing to mend:\n")[1]


class TestAllIsWell:
    def test_a_table_says_what_was_proved(self, command, course_dir: Path) -> None:
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 0
        words = re.sub(r"\s+", " ", outcome.out)
        assert "exercise files notebook solution stub mistakes cases leaks" in words
        assert "01_demo ✓ agree ✓ fresh ✓ 10/10 ✓ 0/10 ✓ 2/2 ✓ 2/2 ✓ none" in words
        assert outcome.out.endswith("All is well: the assessment holds what it promises.\n")

    def test_nothing_is_cut_off_where_output_is_piped(self, command, course_dir: Path) -> None:
        command("new", "02_a_topic_with_quite_a_long_name", cwd=course_dir)
        outcome = command("validate", cwd=course_dir)
        assert "…" not in outcome.out
        assert "02_a_topic_with_quite_a_long_name " in outcome.out

    def test_it_changes_nothing(self, command, course_dir: Path) -> None:
        def contents() -> dict[Path, bytes]:
            return {path: path.read_bytes() for path in course_dir.rglob("*") if path.is_file()}

        before = contents()
        command("validate", cwd=course_dir)
        assert contents() == before

    def test_another_folder_is_named_by_option(self, command, course_dir: Path, tmp_path: Path) -> None:
        assert command("validate", "demo", "--course", "course", cwd=tmp_path).code == 0


class TestAuthorsMistakes:
    @pytest.mark.parametrize("name", EDITS)
    def test_it_is_the_first_thing_to_mend(self, command, course_dir: Path, name: str) -> None:
        file, before, after, sentence = EDITS[name]
        edit(course_dir / file, before, after)
        if name == "a case that catches nothing":
            with (course_dir / HIDDEN).open("a", encoding="utf-8") as hidden:
                hidden.write("\n" + IDLE_CASE)
        if name in BUILT_AFTER:
            assert command("build", cwd=course_dir).code == 0
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert sentence in first_to_mend(outcome.out)
        assert "✗" in outcome.out
        assert outcome.err == ""

    @pytest.mark.parametrize("file", [SOLUTION, HIDDEN, MISTAKES])
    def test_a_file_that_is_not_utf8(self, command, course_dir: Path, file: str) -> None:
        (course_dir / file).write_bytes(b"# caf\xe9\n")
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert f"{file}: byte 5 is not UTF-8\n    -> save the file with" in first_to_mend(outcome.out)

    @pytest.mark.parametrize("file", [HIDDEN, MISTAKES])
    def test_a_file_that_is_absent(self, command, course_dir: Path, file: str) -> None:
        (course_dir / file).unlink()
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert f"{file}: cannot be read (No such file or directory)" in first_to_mend(outcome.out)

    def test_a_config_that_is_wrong_ends_the_command(self, command, course_dir: Path) -> None:
        (course_dir / CONFIG).write_text("title: T\nseed: no\nexercises: {1: 2}\nfedback: hint\n", encoding="utf-8")
        outcome = command("validate", cwd=course_dir)
        assert (outcome.code, outcome.out) == (2, "")
        for sentence in ("2: seed: should be", "exercises.1", "4: fedback: is not a key", "did you mean 'feedback'?"):
            assert sentence in outcome.err

    def test_a_solution_smuggled_into_metadata_is_a_leak(self, command, course_dir: Path) -> None:
        path = course_dir / FRESH
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"]["note"] = ["return float(np.sum(patch)", " / np.size(patch))"]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert "✗ 1 found" in outcome.out

    def test_a_stub_that_does_not_run_is_named(self, command, course_dir: Path) -> None:
        path = course_dir / FRESH
        edit(path, '"import numpy as np"', '"import nothing_like_it"')
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert "✗ error" in outcome.out
        assert "the stub does not run: " in outcome.out

    def test_a_notebook_that_is_not_built_is_named_with_the_command(self, command, course_dir: Path) -> None:
        (course_dir / FRESH).unlink()
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert f"{FRESH}: is missing\n    -> autograder build 01_demo\n" in first_to_mend(outcome.out)

    def test_the_rest_is_listed_below_the_first(self, command, course_dir: Path) -> None:
        edit(course_dir / HIDDEN, "points=6", "points=6.5")
        for question in range(2, 10):
            with (course_dir / HIDDEN).open("a", encoding="utf-8") as hidden:
                hidden.write(f'\n\n@case("q{question}", points=1, hint="x")\ndef c{question}(student, rng): ...\n')
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert "c2: is about question 'q2'\n    -> one of: q1\n" in first_to_mend(outcome.out)
        assert "c6: is about question 'q6'" in outcome.out
        assert outcome.out.endswith("  ... and 3 more\n")

    def test_one_broken_exercise_does_not_hide_the_others(self, command, course_dir: Path) -> None:
        command("new", "second", cwd=course_dir)
        edit(course_dir / SOLUTION, " points=10", "")
        outcome = command("validate", cwd=course_dir)
        assert outcome.code == 1
        assert re.search(r"01_demo\s+✗ 1 to mend\s+-\s+-", outcome.out)
        assert re.search(r"02_second\s+✓ agree\s+✓ fresh", outcome.out)
