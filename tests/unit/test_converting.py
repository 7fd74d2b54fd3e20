"""A master notebook of Otter Assign's becomes an exercise: what it asks, what decides, and what a person has to do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.build.assign import assign
from autograder.course import open_course
from autograder.errors import CourseError, GraderError
from autograder.exercise import read_exercise
from autograder.namespace import notebook_namespace
from autograder.scaffold import new_course, new_exercise
from autograder.scaffold.converting import convert
from autograder.scaffold.otter_master import with_our_marks
from autograder.validate import validate

from .foreign import SLUG, converted, graded, question, shows, written


@pytest.fixture(scope="session")
def example(repository: Path) -> Path:
    """The master notebook that docs/from-otter.md converts."""
    return repository / "docs" / "examples" / "otter_master.ipynb"


class TestTheExample:
    def test_otter_assign_itself_takes_it(self, example: Path, tmp_path: Path) -> None:
        student = assign(nbformat.read(example, as_version=4), "hw2", tmp_path)
        text = (student / "hw2.ipynb").read_text(encoding="utf-8")
        assert "same_padding" in text
        assert "an even kernel has no middle" not in text

    def test_it_validates_as_it_is_and_students_get_stubs(self, example: Path, tmp_path: Path) -> None:
        course = new_course(tmp_path / "course", seed=1)
        new_exercise(course, SLUG, convert(example, SLUG).files)
        course = open_course(course.root)
        validation = validate(course, SLUG)
        assert validation.complaints == ()
        assert [check.shown for check in validation.checks] == ["agree", "fresh", "5/5", "0/5", "2/2", "4/4", "none"]
        with pytest.raises(NotImplementedError, match="q2: replace this line"):
            notebook_namespace(course.notebook_path(SLUG))["mean_pool"]([1.0])

    def test_points_titles_and_names_are_otters(self, example: Path, tmp_path: Path) -> None:
        script = tmp_path / f"{SLUG}.py"
        script.write_text(convert(example, SLUG).files.solution, encoding="utf-8")
        exercise = read_exercise(script)
        assert exercise.title == "Homework 2 · Padding and pooling"
        assert [(one.title, one.points, one.names) for one in exercise.questions] == [
            ("Same padding", 2, ("same_padding",)),
            ("Mean of a window", 3, ("mean_pool",)),
        ]


class TestTests:
    def test_what_an_ok_test_shows_is_what_a_case_expects(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question(shows("double(2)", "4"), shows("# HIDDEN\ndouble('a')", "'aa'")))
        assert "assert double(2) == 4" in made.files.solution
        assert "'aa'" not in made.files.solution
        assert "expect.equal(student.double(2), 4)" in made.files.hidden
        assert "expect.equal(student.double('a'), 'aa')" in made.files.hidden

    def test_what_cannot_be_read_back_is_compared_as_it_is_written(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question(shows("double(2)", "array([4])")))
        assert "expect.equal(repr(student.double(2)), 'array([4])')" in made.files.hidden

    def test_exception_based_tests_keep_their_names_and_messages(self, tmp_path: Path) -> None:
        test = "def test_signs(double):\n    for n in (-1, 1):\n        assert double(n) * n > 0, 'the sign stays'"
        made = converted(tmp_path, *question(test))
        assert "def q1_test_signs(student, rng):" in made.files.hidden
        assert "expect.true(student.double(n) * n > 0, 'the sign stays')" in made.files.hidden
        assert "assert double(n) * n > 0, 'the sign stays'" in made.files.solution

    @pytest.mark.parametrize(
        ("test", "said"),
        [
            ("assert 4 == double(2)", "expect.equal(student.double(2), 4)"),
            ("assert np.allclose(double(2), 4, atol=0.1)", "expect.close(student.double(2), 4, atol=0.1)"),
            ("assert double(2) != 5", "expect.true(student.double(2) != 5, 'double(2) != 5 does not hold')"),
            ("assert double(1) < double(2)", "expect.true(student.double(1) < student.double(2), "),
            ("assert_equal(double(1), 2)", "expect.equal(student.double(1), 2)"),
            ("np.testing.assert_allclose(2, double(1), rtol=1e-3)", "expect.close(student.double(1), 2, rtol=0.001)"),
            (
                "try:\n    double({})\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('no')",
                "with expect.raises(TypeError):\n        student.double({})",
            ),
            (
                "try:\n    double({})\n    assert False, 'no'\nexcept TypeError:\n    pass",
                "with expect.raises(TypeError):\n        student.double({})",
            ),
            (
                "with pytest.raises(TypeError):\n    double({})",
                "with expect.raises(TypeError):\n        student.double({})",
            ),
            (
                "np.testing.assert_raises(TypeError, double, {}, n=1)",
                "with expect.raises(TypeError):\n        student.double({}, n=1)",
            ),
            ("assert abs(double(1) - 2) < 1e-3", "expect.close(student.double(1), 2, rtol=0, atol=0.001)"),
            ("assert np.abs(2 - double(1)) <= 0.1", "expect.close(student.double(1), 2, rtol=0, atol=0.1)"),
            ("assert double(np.ones(2)).shape == (2,)", "expect.shape(student.double(np.ones(2)), (2,))"),
        ],
    )
    def test_assertions_say_expect(self, tmp_path: Path, test: str, said: str) -> None:
        made = converted(tmp_path, new_code_cell("import numpy as np"), *question(test))
        assert said in made.files.hidden

    @pytest.mark.parametrize("caught", ["AssertionError", "Exception"])
    def test_a_refusal_that_catches_its_own_failure_stays_as_it_is(self, tmp_path: Path, caught: str) -> None:
        test = f"try:\n    double({{}})\n    assert False\nexcept {caught}:\n    pass"
        assert "expect.raises" not in converted(tmp_path, *question(test)).files.hidden

    def test_comments_alone_are_no_test(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question("# more tests follow", "assert double(1) == 2"))
        assert made.files.hidden.count("@case(") == 1

    def test_a_case_imports_what_it_uses_and_no_more(self, tmp_path: Path) -> None:
        imports = new_code_cell("import numpy as np\nimport math, os.path\nfrom itertools import chain as linked")
        made = converted(tmp_path, imports, *question("assert double(np.pi) == list(linked(os.path.sep))"))
        for text in (made.files.hidden, made.files.solution.partition("def q1_test_1_example")[2]):
            lines = {line.strip() for line in text.splitlines() if "import" in line}
            assert lines >= {"import numpy as np", "import os.path", "from itertools import chain as linked"}
            assert "import math" not in lines

    @pytest.mark.parametrize(
        ("config", "points"),
        [
            ("name: a\npoints: 4", [2.0, 2.0]),
            ("name: a\npoints: [1, 3]", [1.0, 3.0]),
            ("name: a\npoints:\n  each: 2", [2.0, 2.0]),
            ("name: a", [0.5, 0.5]),
            ("name: a\npoints: [0, 3]", [3.0]),
        ],
    )
    def test_points_are_shared_by_otters_rule(self, tmp_path: Path, config: str, points: list[float]) -> None:
        made = converted(tmp_path, *question("assert double(1) == 2", "# hidden\nassert double(2) == 4", config=config))
        assert [f"points={number!r}," in made.files.hidden for number in points] == [True] * len(points)
        assert made.files.points == sum(points)


class TestAnswers:
    @pytest.mark.parametrize(
        ("otters", "ours"),
        [
            ("    return 1 # SOLUTION", "    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION"),
            (
                "    a = 1  # SOLUTION NO PROMPT\n    return a # SOLUTION",
                "    # BEGIN SOLUTION\n    a = 1\n    return a\n    # END SOLUTION",
            ),
            (
                '    # BEGIN SOLUTION NO PROMPT\n    return 1\n    # END SOLUTION\n    """ # BEGIN PROMPT\n    ...\n'
                '    """ # END PROMPT',
                "    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION",
            ),
            ("    return 1", "    return 1"),
        ],
    )
    def test_otters_marks_become_ours(self, otters: str, ours: str) -> None:
        assert with_our_marks(otters) == ours

    def test_an_answer_without_marks_is_marked_below_its_docstring(self, tmp_path: Path) -> None:
        answer = 'def double(n):\n    """Twice."""\n    return 2 * n'
        made = converted(tmp_path, *question("assert double(1) == 2", answer=answer))
        assert '    """Twice."""\n    # BEGIN SOLUTION\n    return 2 * n\n    # END SOLUTION' in made.files.solution


class TestWhatAPersonHasToDo:
    @pytest.mark.parametrize(
        ("test", "remark"),
        [
            ("assert double(table) == 2", "cannot see the notebook's table: make it in the case"),
            ("try:\n    double('a')\nexcept TypeError:\n    pass", "say `with expect.raises(...)`"),
            ("assert_warns(UserWarning, double, {})", "assert_warns has no counterpart"),
            ("assert double(1) + 1 == 3", "q1_test_1 computes with an answer: look at its type first"),
            ("two = double(1)\nassert two.real == 2", "q1_test_1 computes with an answer"),
            ("import math\nassert double(pd.Series([1])) == 2", "a hidden case uses pd: plain values"),
            ("# HIDDEN\nassert double(1) == 2", "no test was public"),
            ("assert double(1) == 2", "3.0 is not 3"),
            ("import random\nassert double(random.random()) > 0", "draw from `rng`"),
        ],
    )
    def test_it_is_said(self, tmp_path: Path, test: str, remark: str) -> None:
        made = converted(
            tmp_path,
            new_code_cell("%matplotlib inline"),
            new_code_cell("import pandas as pd\ntable = 1"),
            *question(test),
        )
        assert remark in "\n".join(made.remarks)

    def test_a_question_marked_by_hand_is_left_out_and_named(self, tmp_path: Path) -> None:
        by_hand = question(config="name: why\nmanual: true")
        made = converted(tmp_path, *by_hand, *question("assert double(1) == 2"))
        assert "question why is marked by hand, and left out" in made.remarks
        assert made.files.solution.count("question=") == 1

    def test_a_question_about_a_value_is_refused_and_all_at_once(self, tmp_path: Path) -> None:
        value = question("assert x == 2", answer="x = 2 # SOLUTION")
        without = question(config="name: b")
        with pytest.raises(CourseError) as refused:
            converted(tmp_path, *value, *without)
        assert "question a" in str(refused.value)
        assert "let students write a function that returns the value" in str(refused.value)
        assert "question b" in str(refused.value)

    @pytest.mark.parametrize("cells", [[], [new_code_cell("1 + 1")]])
    def test_another_notebook_is_refused_with_what_to_name(
        self, tmp_path: Path, cells: list[nbformat.NotebookNode]
    ) -> None:
        with pytest.raises(GraderError, match="name the master or source notebook"):
            converted(tmp_path, *cells)

    def test_no_notebook_is_a_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "x.ipynb"
        path.write_text("{", encoding="utf-8")
        with pytest.raises(GraderError, match="not a notebook"):
            convert(path, SLUG)


def test_marks_in_fenced_markdown_are_read_too(tmp_path: Path) -> None:
    cells = question("assert double(1) == 2")
    fenced = [new_markdown_cell(f"```otter\n{cell.source}\n```") if cell.cell_type == "raw" else cell for cell in cells]
    assert converted(tmp_path, *fenced).files == converted(tmp_path, *cells).files


def test_names_that_are_taken_get_a_number(tmp_path: Path) -> None:
    test = "def test_it(double):\n    assert double(1) == 2"
    made = converted(tmp_path, *question(test, test))
    assert "def q1_test_it(student" in made.files.hidden
    assert "def q1_test_it_2(student" in made.files.hidden


class TestNbgrader:
    ANSWER = "def square(n):\n    ### BEGIN SOLUTION\n    return n * n\n    ### END SOLUTION"
    TESTS = "assert square(3) == 9\n### BEGIN HIDDEN TESTS\nassert square(-4) == 16\n### END HIDDEN TESTS"

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return written(
            tmp_path,
            new_markdown_cell("# Problem set 1"),
            new_markdown_cell("---\n## Squares\n\nSquare it."),
            graded(self.ANSWER, "square", solution=True),
            graded(self.TESTS, "square_tests", grade=True, locked=True, points=3),
            new_markdown_cell("Say why."),
            graded("# your words", "why", grade=True, solution=True, points=2),
        )

    def test_a_source_notebook_validates_as_it_is(self, source: Path, tmp_path: Path) -> None:
        course = new_course(tmp_path / "course", seed=1)
        new_exercise(course, SLUG, convert(source, SLUG).files)
        validation = validate(open_course(course.root), SLUG)
        assert validation.complaints == ()
        assert [check.shown for check in validation.checks] == ["agree", "fresh", "3/3", "0/3", "1/1", "1/1", "none"]

    def test_a_cell_is_one_case_and_what_is_public_in_it_a_check(self, source: Path) -> None:
        made = convert(source, SLUG)
        assert 'question="q1" points=3 title="Squares"' in made.files.solution
        assert "assert square(3) == 9" in made.files.solution
        assert "square(-4)" not in made.files.solution
        assert made.files.hidden.count("@case(") == 1
        assert "student.square(3), 9" in made.files.hidden
        assert "student.square(-4), 16" in made.files.hidden
        assert "question why is marked by hand, and left out" in made.remarks

    def test_tests_that_autotest_makes_are_refused(self, tmp_path: Path) -> None:
        test = graded("### AUTOTEST square(3)", "t", grade=True, points=1)
        with pytest.raises(CourseError, match="made by AUTOTEST"):
            converted(tmp_path, graded(self.ANSWER, "square", solution=True), test)
