"""The reader of solution scripts: what it makes of them, and what it says to an author who slips."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import CourseError, GraderError
from autograder.exercise import CellKind, read_exercise

GOOD = '''\
# %% [markdown]
# # Exercise 1 · Sizes
# Prose.

# %%
import math

# %% [markdown] question="q1" points=4 title="One axis"
# ## Question 1

# %% tags=["figure"]
print("a picture")

# %%
def size(pixels):
    """Docstring."""
    # BEGIN SOLUTION
    return pixels
    # END SOLUTION

# %% tags=["check"]
def it_is_28(size):
    assert size(28) == 28, "28"
'''
SECOND = """
# %% [markdown] question="q2" points=1.5 title="Two functions"
# ## Question 2

# %%
# BEGIN SOLUTION
def helper(x):
    return x * 2
# END SOLUTION


def double(x):
    # BEGIN SOLUTION
    return helper(x)
    # END SOLUTION


def triple(x):
    # BEGIN SOLUTION
    return 3 * x
    # END SOLUTION

# %% tags=["check"]
def doubling_works(double):
    assert double(1) == 2
"""


def written(folder: Path, text: str, name: str = "01_sizes.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, text: str, name: str = "01_sizes.py") -> list[str]:
    path = written(folder, text, name)
    with pytest.raises(CourseError) as error:
        read_exercise(path)
    assert all(complaint.where.startswith(str(path)) for complaint in error.value.complaints)
    assert all(complaint.remedy for complaint in error.value.complaints)
    return [str(complaint).removeprefix(str(path)) for complaint in error.value.complaints]


class TestReading:
    def test_a_script_becomes_questions_and_cells(self, tmp_path: Path) -> None:
        exercise = read_exercise(written(tmp_path, GOOD + SECOND))
        assert (exercise.slug, exercise.title, exercise.points) == ("01_sizes", "Exercise 1 · Sizes", 5.5)
        assert [(question.id, question.title, question.points) for question in exercise.questions] == [
            ("q1", "One axis", 4),
            ("q2", "Two functions", 1.5),
        ]
        kinds = "prose code prose figure answer check prose answer check"
        assert [cell.kind for cell in exercise.cells] == [CellKind(kind) for kind in kinds.split()]
        assert [cell.question for cell in exercise.cells] == [None] * 2 + ["q1"] * 4 + ["q2"] * 3

    def test_the_asked_functions_are_those_that_stay_in_the_stub(self, tmp_path: Path) -> None:
        exercise = read_exercise(written(tmp_path, GOOD + SECOND))
        assert exercise.question("q1").names == ("size",)
        assert exercise.question("q2").names == ("double", "triple")

    def test_a_mark_below_a_function_is_not_in_it(self, tmp_path: Path) -> None:
        given = "def given(x):\n    return x\n# BEGIN SOLUTION\nhidden = 1\n# END SOLUTION\ndef double(x):"
        exercise = read_exercise(written(tmp_path, GOOD + SECOND.replace("def double(x):", given)))
        assert exercise.question("q2").names == ("double", "triple")

    def test_a_comment_that_looks_like_ipythons_stays_a_comment(self, tmp_path: Path) -> None:
        exercise = read_exercise(written(tmp_path, f"{GOOD}\n# %%\n# !pip install torch\n# %matplotlib inline\n# ls\n"))
        assert exercise.cells[-1].source == "# !pip install torch\n# %matplotlib inline\n# ls"

    def test_solution_lines_are_all_lines_between_marks(self, tmp_path: Path) -> None:
        exercise = read_exercise(written(tmp_path, GOOD + SECOND))
        assert exercise.solution_lines == (
            "return pixels",
            "def helper(x):",
            "return x * 2",
            "return helper(x)",
            "return 3 * x",
        )

    def test_marks_may_be_spaced_as_black_or_people_space_them(self, tmp_path: Path) -> None:
        text = GOOD.replace("# BEGIN SOLUTION", "#BEGIN SOLUTION").replace("# END SOLUTION", "#  END SOLUTION  ")
        exercise = read_exercise(written(tmp_path, text))
        assert exercise.question("q1").names == ("size",)
        assert exercise.solution_lines == ("return pixels",)

    def test_windows_line_ends_make_no_difference(self, tmp_path: Path) -> None:
        path = tmp_path / "01_sizes.py"
        path.write_bytes(GOOD.replace("\n", "\r\n").encode())
        assert read_exercise(path).question("q1").names == ("size",)

    def test_a_question_that_is_not_there_is_a_key_error(self, tmp_path: Path) -> None:
        with pytest.raises(KeyError, match="q9"):
            read_exercise(written(tmp_path, GOOD)).question("q9")


EDITS = {
    "a duplicate id": ('question="q2"', 'question="q1"', ", cell 7: question q1 is there twice"),
    "an odd id": ('question="q2"', 'question="two"', ", cell 7: question id 'two'"),
    "an id that is a number": ('question="q2"', "question=2", ", cell 7: question id 2"),
    "no points": (" points=4", "", ", cell 3: question q1 has points=None"),
    "points of zero": ("points=4", "points=0", ", cell 3: question q1 has points=0"),
    "negative points": ("points=4", "points=-4", ", cell 3: question q1 has points=-4"),
    "points as text": ("points=4", 'points="four"', ", cell 3: question q1 has points='four'"),
    "points that are true": ("points=4", "points=true", ", cell 3: question q1 has points=True"),
    "no title": (' title="One axis"', "", ", cell 3: question q1 has no title"),
    "a blank title": ("One axis", " ", ", cell 3: question q1 has no title"),
    "no end mark": (
        "    return pixels\n    # END SOLUTION",
        "    return pixels",
        ", cell 5: solution marks do not pair up (BEGIN)",
    ),
    "two begin marks": (
        "    return pixels",
        "    # BEGIN SOLUTION",
        ", cell 5: solution marks do not pair up (BEGIN, BEGIN, END)",
    ),
    "an answer that is not Python": ("    return pixels", "    return pixels)", ", cell 5, line 4: not Python"),
    "a check that is not Python": ("assert size(28)", "assert size(28", ", cell 6, line 2: not Python: "),
    "a code cell that is not Python": ("import math", "%matplotlib inline", ", cell 2, line 1: not Python: "),
    "a figure that is not Python": ('print("a picture")', "print(", ", cell 4, line 1: not Python: "),
    "a solution in a figure": (
        'print("a picture")',
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION",
        ", cell 4: a cell like this is handed to students with all that it has",
    ),
    "a check of two functions": (
        "def it_is_28",
        "def other(size):\n    pass\n\ndef it_is_28",
        ", cell 6: a check is exactly one function",
    ),
    "a check that is no function": (
        "def it_is_28(size):\n    assert",
        "assert",
        ", cell 6: a check is exactly one function",
    ),
    "no check": (' tags=["check"]\ndef it_is_28', "\ndef it_is_28", ": question q1 has no public check"),
    "no top heading": ("# # Exercise 1 · Sizes", "# Exercise 1 · Sizes", ": no title"),
    "a question that asks for nothing": (
        'def size(pixels):\n    """Docstring."""\n    # BEGIN SOLUTION\n    return pixels\n    # END SOLUTION',
        "# BEGIN SOLUTION\ndef size(pixels):\n    return pixels\n# END SOLUTION",
        ": question q1 asks for no function",
    ),
}


class TestComplaints:
    @pytest.mark.parametrize("name", EDITS)
    def test_an_authors_slip_is_named_with_its_place(self, tmp_path: Path, name: str) -> None:
        before, after, sentence = EDITS[name]
        text = GOOD + SECOND
        assert before in text
        assert any(said.startswith(sentence) for said in complaints(tmp_path, text.replace(before, after, 1)))

    def test_a_check_before_the_first_question(self, tmp_path: Path) -> None:
        text = GOOD.replace("import math", 'import math\n\n# %% tags=["check"]\ndef early(size):\n    pass')
        assert complaints(tmp_path, text)[0].startswith(", cell 3: a check stands before the first question")

    def test_a_solution_before_the_first_question(self, tmp_path: Path) -> None:
        text = GOOD.replace("import math", "# BEGIN SOLUTION\nimport math\n# END SOLUTION")
        assert complaints(tmp_path, text)[0].startswith(", cell 2: a solution stands before the first question")

    def test_a_script_without_any_marks(self, tmp_path: Path) -> None:
        text = "".join(line for line in GOOD.splitlines(keepends=True) if "SOLUTION" not in line)
        said = complaints(tmp_path, text)
        assert said[0].startswith(": no solution marks\n    -> put each answer between # BEGIN SOLUTION and")

    def test_a_script_without_a_question(self, tmp_path: Path) -> None:
        assert any(said.startswith(": no question") for said in complaints(tmp_path, "# %% [markdown]\n# # Title\n"))

    def test_an_empty_file_has_everything_said_at_once(self, tmp_path: Path) -> None:
        assert [said.split("\n")[0] for said in complaints(tmp_path, "")] == [
            ": no title",
            ": no solution marks",
            ": no question",
        ]

    def test_several_slips_are_named_at_once(self, tmp_path: Path) -> None:
        text = (
            (GOOD + SECOND).replace(" points=4", "").replace('question="q2"', 'question="q1"').replace("# # E", "# E")
        )
        said = complaints(tmp_path, text)
        assert [one.split("\n")[0] for one in said] == [
            ", cell 3: question q1 has points=None",
            ", cell 7: question q1 is there twice",
            ": no title",
        ]

    @pytest.mark.parametrize("name", ["sizes.py", "1_sizes.py", "01_Sizes.py", "01-sizes.py", "01_.py", "01_a__b.py"])
    def test_a_bad_slug_is_named(self, tmp_path: Path, name: str) -> None:
        (said,) = complaints(tmp_path, GOOD, name)
        assert f"{name.removesuffix('.py')!r} is not a slug" in said

    def test_a_slug_does_not_end_in_a_line_break(self, tmp_path: Path) -> None:
        assert "is not a slug" in complaints(tmp_path, GOOD, "01_sizes\n.py")[0]


class TestFiles:
    def test_a_file_that_is_not_utf8_is_named_with_the_byte(self, tmp_path: Path) -> None:
        path = tmp_path / "01_sizes.py"
        path.write_bytes(GOOD.encode("latin-1"))
        with pytest.raises(GraderError, match=r"01_sizes\.py: byte 31 is not UTF-8\n    -> save the file"):
            read_exercise(path)

    def test_a_file_that_is_absent_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=r"01_sizes\.py: cannot be read \(No such file"):
            read_exercise(tmp_path / "01_sizes.py")

    def test_a_header_that_jupytext_cannot_read_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, GOOD.replace('tags=["figure"]', "tags=5"))
        with pytest.raises(GraderError, match="not a percent-format script"):
            read_exercise(path)
