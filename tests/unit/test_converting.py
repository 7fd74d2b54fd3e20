"""A master notebook of Otter Assign's becomes an exercise: what it asks, what decides, and what a person has to do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.build.assign import assign
from autograder.course import open_course
from autograder.errors import Complaint, CourseError, GraderError
from autograder.exercise import read_exercise
from autograder.namespace import notebook_namespace
from autograder.scaffold import new_course, new_exercise
from autograder.scaffold.converting import Converted, convert
from autograder.scaffold.otter_master import with_our_marks
from autograder.validate import validate

from .foreign import ANSWER, SLUG, converted, graded, question, shows, written

NET = "class Net:\n    def __init__(self, n):\n        self.n = n # SOLUTION"
DOUBLE_WITH_NET = "def double(n):\n    return Net(2).n * n # SOLUTION"


def complaints(folder: Path, made: Converted) -> tuple[Complaint, ...]:
    """What validation says of the exercise that was made."""
    course = new_course(folder / "course", seed=1)
    new_exercise(course, SLUG, made.files)
    return validate(open_course(course.root), SLUG).complaints


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
            ("assert np.equal(double(1), 2)", "expect.true(np.equal(student.double(1), 2), "),
            ("assert torch.equal(double(1), 2)", "expect.close(student.double(1), 2, rtol=0, atol=0)"),
            ("assert double(np.ones(2)).shape == (2,)", "expect.shape(student.double(np.ones(2)), (2,))"),
        ],
    )
    def test_assertions_say_expect(self, tmp_path: Path, test: str, said: str) -> None:
        made = converted(tmp_path, new_code_cell("import numpy as np\nimport numpy as torch"), *question(test))
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
            (
                "x = [] # SOLUTION\nfor n in a: # SOLUTION\n    x.append(n) # SOLUTION\ny = x",
                "# BEGIN SOLUTION\nx = []\nfor n in a:\n    x.append(n)\n# END SOLUTION\ny = x",
            ),
            (
                "def f():\n    return 1 # SOLUTION\nx = f() # SOLUTION",
                "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n"
                "# BEGIN SOLUTION\nx = f()\n# END SOLUTION",
            ),
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
            ("import math\nassert double(pd.Series([1])) == 2", "a hidden case uses pd: plain values"),
            ("# HIDDEN\nassert double(1) == 2", "no test was public"),
            ("assert double(1) == 2", "3.0 is not 3"),
            ("assert accuracy > 0.9", "a case holds accuracy against a bound, and students may write any number there"),
            ("import random\nassert double(random.random()) > 0", "draw from `rng`"),
        ],
    )
    def test_it_is_said(self, tmp_path: Path, test: str, remark: str) -> None:
        made = converted(
            tmp_path,
            new_code_cell("%matplotlib inline"),
            new_code_cell("import pandas as pd\ntable = 1 if pd else pd.read_csv('t.csv')"),
            *question(test, answer=f"{ANSWER}\naccuracy = 1.0 # SOLUTION"),
        )
        assert remark in "\n".join(made.remarks)

    def test_a_question_marked_by_hand_is_left_out_and_named(self, tmp_path: Path) -> None:
        by_hand = question(config="name: why\nmanual: true")
        made = converted(tmp_path, *by_hand, *question("assert double(1) == 2"))
        assert "question why is marked by hand, and left out" in made.remarks
        assert made.files.solution.count("question=") == 1

    @pytest.mark.parametrize(
        ("answer", "test", "remark"),
        [
            (
                "class Net:\n    pass # SOLUTION",
                "assert Net()",
                "question net asks for a class, and is left out: let stud",
            ),
            (
                "x = {1, 2} # SOLUTION",
                "assert x == {1, 2}",
                "question net asks for x, a set, which stays in the student's",
            ),
            (
                "print(3) # SOLUTION",
                "assert 3 == 3",
                "question net asks for no function, and its tests look at no value",
            ),
            (
                "x = [] # SOLUTION\nx += [2] # SOLUTION",
                "assert y == 2",
                "question net asks for no function, and its te",
            ),
        ],
    )
    def test_a_question_that_cannot_be_asked_is_left_out_and_the_rest_is_made(
        self, tmp_path: Path, answer: str, test: str, remark: str
    ) -> None:
        given = new_code_cell("from contextlib import nullcontext\na = nullcontext()")
        net = question(test, config="name: net", answer=answer)
        made = converted(tmp_path, given, *net, *question("assert double(1) == 2"))
        assert [one for one in made.remarks if one.startswith(remark)]
        assert made.files.solution.count("question=") == made.files.hidden.count("@case(") == 1
        assert answer.partition(" #")[0] not in made.files.solution
        assert made.files.points == 4

    def test_an_answer_that_others_use_stays_and_is_not_asked_for(self, tmp_path: Path) -> None:
        net = question("assert Net(2).n == 2", config="name: net", answer=NET)
        made = converted(tmp_path, *net, *question("assert double(1) == 2", answer=DOUBLE_WITH_NET))
        (remark,) = (one for one in made.remarks if one.startswith("question net"))
        assert remark.endswith("; others use its answer, which stays as a part of the next question")
        assert made.files.solution.count("question=") == 1
        assert made.files.solution.index("question=") < made.files.solution.index("class Net")
        assert complaints(tmp_path, made) == ()

    def test_an_object_that_is_handed_on_stays_where_it_is(self, tmp_path: Path) -> None:
        model = question("assert 1 in model", config="name: model", answer="model = {1, 2} # SOLUTION")
        size = question(
            "assert size(model) == 2\nassert size(x=model) == 2", answer="def size(x):\n    return len(x) # SOLUTION"
        )
        made = converted(tmp_path, *model, *size)
        assert "expect.equal(student.size(student.model.ref), 2)" in made.files.hidden
        assert "expect.equal(student.size(x=student.model.ref), 2)" in made.files.hidden
        assert not any("cannot see" in remark for remark in made.remarks)
        assert complaints(tmp_path, made) == ()

    def test_a_value_that_is_set_twice_is_asked_for_once(self, tmp_path: Path) -> None:
        first = question("assert x == 2", answer="x = 2 # SOLUTION")
        again = question("assert x == 3", config="name: b", answer="x = 3 # SOLUTION")
        made = converted(tmp_path, *first, *again)
        assert "question b sets x, for which question a asks, and is left out" in made.remarks
        assert complaints(tmp_path, made) == ()

    def test_where_nothing_is_left_it_is_said_why(self, tmp_path: Path) -> None:
        with pytest.raises(CourseError, match="no question is left\n    -> add one: question a asks for no function"):
            converted(tmp_path, *question("assert 1", answer="print(3) # SOLUTION"))

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
