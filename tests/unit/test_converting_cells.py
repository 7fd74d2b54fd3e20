"""The cells of another tool's notebook: IPython's own lines, answers of all shapes, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import open_course
from autograder.errors import CourseError, GraderError
from autograder.exercise import Exercise, read_exercise
from autograder.scaffold import new_course, new_exercise
from autograder.scaffold.converting import Converted
from autograder.validate import validate

from .foreign import ANSWER, SLUG, converted, graded, question

TEST = "assert double(1) == 2"
SQUARE = "def square(n):\n    ### BEGIN SOLUTION\n    return n * n\n    ### END SOLUTION"


def exercise(made: Converted, folder: Path) -> Exercise:
    script = folder / f"{SLUG}.py"
    script.write_text(made.files.solution, encoding="utf-8")
    return read_exercise(script)


class TestIpythonsLines:
    @pytest.mark.parametrize(
        ("cell", "kept", "left_out"),
        [
            ("%matplotlib inline\nimport numpy as np", "import numpy as np", "`%matplotlib inline`"),
            ("import numpy as np\n%matplotlib inline", "import numpy as np", "`%matplotlib inline`"),
            ("!pip install \\\n  x\nimport numpy as np", "import numpy as np", "`!pip install x`"),
            ("%%time\nimport numpy as np\n%load_ext a", "import numpy as np", "`%%time`, `%load_ext a`"),
            ("%%capture out\nimport numpy as np", "import numpy as np", "`%%capture out`"),
            ("files = !ls\nimport numpy as np\nnp?", "import numpy as np", "`files = !ls`, `np?`"),
            ("import numpy as np\nif np:\n    %who", "import numpy as np\nif np:\n    pass", "`%who`"),
        ],
    )
    def test_the_rest_of_their_cell_stays_and_they_are_named(
        self, tmp_path: Path, cell: str, kept: str, left_out: str
    ) -> None:
        made = converted(tmp_path, new_code_cell(cell), *question("assert np.isclose(double(1), 2)"))
        assert f"# %%\n{kept}\n\n" in made.files.solution
        assert "    import numpy as np\n    assert np.isclose" in made.files.solution
        assert "\nimport numpy as np\n" not in made.files.hidden  # expect.close needs none
        assert f"cell 1: {left_out}: not Python but IPython's, and left out" in made.remarks

    @pytest.mark.parametrize(
        "cell", ["x = (10\n% 3)", 'x = """\n%matplotlib\n!ls\n"""', "# !pip install x\n# ls\nx = 1"]
    )
    def test_what_only_looks_like_one_is_kept(self, tmp_path: Path, cell: str) -> None:
        made = converted(tmp_path, new_code_cell(cell), *question(TEST))
        assert cell in [one.source for one in exercise(made, tmp_path).cells]
        assert "IPython" not in "\n".join(made.remarks)

    def test_in_answers_and_tests_they_go_too(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question(f"%who\n{TEST}", answer=f"%%time\n{ANSWER}"))
        assert "%" not in made.files.solution.replace("# %%", "") + made.files.hidden
        assert [remark.partition(": not")[0] for remark in made.remarks[:2]] == ["cell 4: `%%time`", "cell 7: `%who`"]

    def test_a_cell_in_another_language_is_left_out_and_named(self, tmp_path: Path) -> None:
        made = converted(tmp_path, new_code_cell("%%bash\nls -l"), *question(TEST))
        assert "ls -l" not in made.files.solution
        assert "cell 1: %%bash is not Python, and left out" in made.remarks

    def test_an_answer_or_a_test_in_another_language_is_refused(self, tmp_path: Path) -> None:
        in_script = question(TEST, config="name: b", answer="%%js\n1")
        with pytest.raises(CourseError) as refused:
            converted(tmp_path, *question("%%bash\nls"), *in_script)
        assert "cell 7, question a: %%bash is not Python\n    -> write the cell in Python" in str(refused.value)
        assert "cell 13, question b: %%js is not Python" in str(refused.value)

    def test_a_mark_of_an_editors_begins_no_cell(self, tmp_path: Path) -> None:
        cells = [new_code_cell("# %% set-up\nx = 1"), new_markdown_cell("so\n%% time\nit is")]
        sources = [cell.source for cell in exercise(converted(tmp_path, *cells, *question(TEST)), tmp_path).cells]
        assert "# # %% set-up\nx = 1" in sources
        assert "so\n\\%% time\nit is" in sources


def test_what_otter_ignores_is_left_out(tmp_path: Path) -> None:
    cells = [new_code_cell("# IGNORE\nsecret = 1"), new_code_cell("x = 1\nsecret = 2 # IGNORE")]
    made = converted(tmp_path, *cells, *question(TEST))
    assert "secret" not in made.files.solution
    assert "# %%\nx = 1\n" in made.files.solution
    assert "cell 1 begins with # IGNORE, and is left out, as Otter does" in made.remarks


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "marked"),
        [
            ("def double(n): return 2 * n", "def double(n):\n    BEGIN\n    return 2 * n\n    END"),
            (
                "def double(n): n = 'ü' * 0 or n; return 2 * n  # twice",
                "def double(n):\n    BEGIN\n    n = 'ü' * 0 or n; return 2 * n  # twice\n    END",
            ),
            ("def double(n): \\\n  return 2 * n", "def double(n):\n  BEGIN\n  return 2 * n\n  END"),
            (
                "def double(n):\n    # in two\n    @cache\n    def two(): return 2\n    return two() * n",
                "def double(n):\n    BEGIN\n    # in two\n    @cache\n    def two(): return 2\n    return two() * n\n"
                "    END",
            ),
            (
                "# BEGIN SOLUTION\nimport math\ndef helper(n):\n    return n\n@cache\ndef double(n):\n    'Twice.'\n"
                "    return 2 * helper(n)\n# END SOLUTION",
                "import math\nBEGIN\ndef helper(n):\n    return n\nEND\n@cache\ndef double(n):\n    'Twice.'\n"
                "    BEGIN\n    return 2 * helper(n)\n    END",
            ),
            (
                "class Twice:\n    by = 2\n    def of(self, n): return 2 * n\n\n"
                "def double(n):\n    return Twice().of(n)",
                "class Twice:\n    by = 2\n    def of(self, n):\n        BEGIN\n        return 2 * n\n        END\n\n"
                "def double(n):\n    BEGIN\n    return Twice().of(n)\n    END",
            ),
        ],
    )
    def test_marks_go_into_the_functions_that_tests_ask_for(self, tmp_path: Path, answer: str, marked: str) -> None:
        given = new_code_cell("from functools import cache")
        made = converted(tmp_path, given, *question(TEST, answer=answer))
        wanted = marked.replace("BEGIN", "# BEGIN SOLUTION").replace("END", "# END SOLUTION")
        assert f'# %%\n{wanted}\n\n# %% tags=["check"]' in made.files.solution
        assert [one.names for one in exercise(made, tmp_path).questions] == [("double",)]

    def test_what_tries_an_answer_out_is_a_figure_so_that_a_stub_runs(self, tmp_path: Path) -> None:
        below = new_code_cell("print(double(4))")
        cells = question(TEST, answer="def double(n): return 2 * n\n\n# try it\ndouble(3)")
        made = converted(tmp_path, *cells, below)
        assert '# %% tags=["figure"]\n# try it\ndouble(3)\n' in made.files.solution
        assert '# %% tags=["figure"]\nprint(double(4))\n' in made.files.solution
        assert "the cell `double(3)` tries out an answer, so it has become a figure" in "\n".join(made.remarks)
        course = new_course(tmp_path / "course", seed=1)
        new_exercise(course, SLUG, made.files)
        assert validate(open_course(course.root), SLUG).complaints == ()

    def test_a_cell_that_needs_an_answer_and_is_needed_is_named(self, tmp_path: Path) -> None:
        cells = [new_code_cell("four = double(2)"), new_code_cell("print(four)")]
        made = converted(tmp_path, *question(TEST), *cells)
        assert "the cell `four = double(2)` needs an answer, and others need it" in "\n".join(made.remarks)
        assert "figure" not in made.files.solution


class TestBadInput:
    def refusal(self, folder: Path, *cells: nbformat.NotebookNode) -> str:
        with pytest.raises(GraderError) as refused:
            converted(folder, *cells)
        return str(refused.value).removeprefix(f"{folder}/master.ipynb").removeprefix(", ")

    @pytest.mark.parametrize(
        ("config", "said"),
        [
            ("name: q1: x", "cell 1: the question's config is not YAML, line 2: mapping values are not allowed here\n"),
            ("- name", "cell 1: the question's config is not a mapping of keys to values\n    -> one `key: value` a"),
            ("name: a\ndue: 2026-13-01", "cell 1: the question's config is not YAML: month must be in 1..12"),
            ("points: 1", "cell 1: a question without a name\n    -> # BEGIN QUESTION, and below it `name: q1`"),
            ("name:", "cell 1: a question whose name is None"),
            ("name: a\npoints: two", "question a: it says points: 'two', which are neither a number"),
            ("name: a\npoints: [2, 3]", "question a: it has points for 2 tests, and 1 test\n    -> mend the points"),
            ("name: a\npoints: {each: x}", "question a: it says points: {'each': 'x'}, which are neither"),
            ("name: a\npoints: true", "question a: it says points: True, which are neither"),
            ("name: a\npoints: -1", "question a: it says points: -1, which are neither"),
            ("name: a\npoints: .nan", "question a: it says points: nan, which are neither"),
            ("name: a\npoints: 0", "question a: its tests are worth no points"),
        ],
    )
    def test_a_questions_config_is_a_sentence(self, tmp_path: Path, config: str, said: str) -> None:
        assert self.refusal(tmp_path, *question(TEST, config=config)).startswith(said)

    @pytest.mark.parametrize(
        ("config", "said"),
        [
            ("points: 1: 2", "cell 7, question a: the test's config is not YAML, line 2: mapping values are not"),
            ("- hidden", "cell 7, question a: the test's config is not a mapping of keys to values"),
            ("points: two", "question a: test 1 says points: 'two', which is no number from 0 on"),
            ("points: 9", "question a: its tests say 9 points together, the question 4"),
        ],
    )
    def test_a_tests_config_is_a_sentence(self, tmp_path: Path, config: str, said: str) -> None:
        test = f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n{TEST}'
        assert self.refusal(tmp_path, *question(test)).startswith(said)

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            (question("assert double("), "cell 7, question a: not Python: '(' was never closed (assert double()"),
            (question(TEST, answer="def double(n):"), "cell 4, question a: not Python: expected an indented block"),
            (
                [*question(TEST), new_code_cell("1 +")],
                "cell 10: not Python: invalid syntax (1 +)\n    -> mend the cell",
            ),
            (question(TEST, answer="# BEGIN SOLUTION\n" + ANSWER), "cell 4, question a: solution marks do not pair up"),
            ([*question(TEST), new_code_cell(ANSWER)], "cell 10: solution marks in a cell that students get as it is"),
            (
                question(TEST, answer="class Double:\n    pass"),
                ": no question is left\n    -> add one: question a asks for a class",
            ),
            (
                question(TEST, answer="def double(n):\n    return 2 * n\nx = 1 # SOLUTION"),
                "question a: hands out its function: the marks are elsewhere",
            ),
            ([*question(TEST), *question(TEST)], "question a: is there twice"),
            (
                [*question(TEST), *question(TEST, config="name: b")],
                "question b: asks for double, as question a does: only the last one would be left",
            ),
            (question("from numpy import *\n" + TEST), "question a: its tests import *, which a function cannot"),
            (
                [*question(TEST), new_code_cell("# BEGIN IGNORE")],
                "cell 10: # BEGIN IGNORE and # END IGNORE do not pair",
            ),
        ],
    )
    def test_a_cell_that_cannot_be_used_is_named(
        self, tmp_path: Path, cells: list[nbformat.NotebookNode], said: str
    ) -> None:
        assert self.refusal(tmp_path, *cells).startswith(said)

    def test_all_of_it_is_said_at_once(self, tmp_path: Path) -> None:
        cells = [*question(TEST, config="points: 1"), *question("1 +", config="name: b"), new_code_cell("2 +")]
        said = self.refusal(tmp_path, *cells)
        assert [place for place in ("cell 1:", "cell 16, question b:", "cell 19:") if place in said] == [
            "cell 1:",
            "cell 16, question b:",
            "cell 19:",
        ]


class TestNbgrader:
    @pytest.mark.parametrize(
        ("about", "said"),
        [
            (None, "cell 2: its metadata says `nbgrader: None`"),
            ({"solution": True}, "cell 2: nbgrader's metadata has no grade_id, the cell's name"),
            ({"grade": True, "solution": True, "grade_id": None}, "cell 2: nbgrader's metadata has no grade_id"),
            ({"grade": True, "grade_id": "t", "points": "two"}, "question square: test 1 says points: 'two'"),
        ],
    )
    def test_metadata_that_cannot_be_read_is_a_sentence(self, tmp_path: Path, about: object, said: str) -> None:
        cell = new_code_cell("assert square(2) == 4", metadata={"nbgrader": about})
        test = graded("assert square(3) == 9", "square_tests", grade=True, points=3)
        with pytest.raises(CourseError, match=said):
            converted(tmp_path, graded(SQUARE, "square", solution=True), cell, test)

    def test_hidden_tests_without_an_end_are_refused(self, tmp_path: Path) -> None:
        test = graded("### BEGIN HIDDEN TESTS\nassert square(-4) == 16", "t", grade=True, points=1)
        with pytest.raises(CourseError, match="cell 2, question square: ### BEGIN HIDDEN TESTS without its end"):
            converted(tmp_path, graded(SQUARE, "square", solution=True), test)

    def test_tests_below_no_answer_are_refused_and_not_handed_out(self, tmp_path: Path) -> None:
        test = graded("assert square(2) == 4", "t", grade=True, points=1)
        with pytest.raises(CourseError, match="cell 1: the tests t stand below no answer"):
            converted(tmp_path, test, graded(SQUARE, "square", solution=True))

    def test_without_marks_the_whole_cell_is_the_answer_but_headers_and_imports(self, tmp_path: Path) -> None:
        answer = "import math\nTWO = 2\ndef square(n: int):\n    return math.pow(n, TWO)\n"
        test = graded("assert square(2) == 4", "t", grade=True, points=1)
        made = converted(tmp_path, graded(answer, "square", solution=True), test)
        assert (
            "# %%\nimport math\n# BEGIN SOLUTION\nTWO = 2\n# END SOLUTION\ndef square(n: int):\n"
            "    # BEGIN SOLUTION\n    return math.pow(n, TWO)\n    # END SOLUTION\n"
        ) in made.files.solution

    def test_prose_above_what_is_marked_by_hand_is_kept_but_for_the_question(self, tmp_path: Path) -> None:
        by_hand = [new_markdown_cell("# Title"), new_markdown_cell("Say why."), graded("", "why", task=True, points=1)]
        test = graded("assert square(2) == 4", "t", grade=True, points=1)
        made = converted(tmp_path, *by_hand, graded(SQUARE, "square", solution=True), test)
        assert made.files.solution.startswith("# %% [markdown]\n# # Title\n")
        assert "Say why" not in made.files.solution
