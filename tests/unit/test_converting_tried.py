"""What is made of another tool's tests is tried on the reference: values, guards, floats, and what fails."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import open_course
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.namespace import notebook_namespace
from autograder.report import Verdict
from autograder.scaffold import new_course, new_exercise
from autograder.scaffold.converting import Converted
from autograder.validate import Validation, validate

from .foreign import SLUG, converted, graded, question, shows

NUMPY = new_code_cell("import numpy as np")
ONES = "def ones(n):\n    return np.ones(n) # SOLUTION"


def validated(folder: Path, made: Converted) -> Validation:
    course = new_course(folder / "course", seed=1)
    new_exercise(course, SLUG, made.files)
    return validate(open_course(course.root), SLUG)


def body(made: Converted) -> str:
    """The last hidden case, without its head."""
    return made.files.hidden.rpartition("(student, rng):\n")[2].rstrip()


class MadeOf(dict[str, Converted]):
    """Each test's conversion, made once."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self.factory = factory

    def __missing__(self, test: str) -> Converted:
        self[test] = converted(self.factory.mktemp("made"), NUMPY, *question(test, answer=ONES))
        return self[test]


@pytest.fixture(scope="module")
def made_of(tmp_path_factory: pytest.TempPathFactory) -> MadeOf:
    return MadeOf(tmp_path_factory)


class TestFloats:
    @pytest.mark.parametrize(
        ("test", "claim"),
        [
            ("assert ones(2).sum() == 2", "expect.close(student.ones(2).sum(), 2)"),
            ("assert ones(2)[0] == 1", "expect.close(student.ones(2)[0], 1)"),
            ("np.testing.assert_array_equal(ones(2), [1, 1])", "expect.close(student.ones(2), [1, 1])"),
            ("assert ones(2).size == 2", "expect.equal(student.ones(2).size, 2)"),
            ("assert ones(3).argmax() == 0", "expect.equal(student.ones(3).argmax(), 0)"),
            ("assert ones(2).tolist() == [1.0, 1.0]", "expect.equal(student.ones(2).tolist(), [1.0, 1.0])"),
            ("assert str(ones(1)) == '[1.]'", "expect.equal(str(student.ones(1)), '[1.]')"),
        ],
    )
    def test_the_reference_decides_between_equal_and_close(self, tmp_path: Path, test: str, claim: str) -> None:
        made = converted(tmp_path, NUMPY, *question(test, answer=ONES))
        assert body(made).strip().removeprefix("with expect.usable():").strip() == claim
        assert validated(tmp_path, made).complaints == ()

    @pytest.mark.parametrize(
        ("shown", "claim"),
        [
            ("np.float64(2.0)", "expect.equal(student.two(), 2.0)"),
            ("np.int64(2)", "expect.close(student.two(), 2)"),
            ("2.0", "expect.equal(student.two(), 2.0)"),
            ("np.datetime64('2026')", "expect.equal(repr(student.two()), "),
        ],
    )
    def test_numbers_as_numpy_shows_them_are_compared_by_value(self, tmp_path: Path, shown: str, claim: str) -> None:
        answer = "def two():\n    return np.float64(2) # SOLUTION"
        assert claim in converted(tmp_path, NUMPY, *question(shows("two()", shown), answer=answer)).files.hidden

    def test_true_as_numpy_shows_it_is_a_condition(self, tmp_path: Path) -> None:
        made = converted(tmp_path, NUMPY, *question(shows("ones(2).sum() > 1", "np.True_"), answer=ONES))
        assert "expect.true(student.ones(2).sum() > 1, " in body(made)
        assert validated(tmp_path, made).complaints == ()

    def test_cases_that_take_no_float_for_a_whole_number_are_named(self, tmp_path: Path) -> None:
        tests = ("assert double(1) == 2", "assert double('a') == 'aa'", "assert np.isclose(double(1), 2)")
        made = converted(tmp_path, NUMPY, *question(*tests))
        assert [one.partition(":")[0] for one in made.remarks if "3.0 is not 3" in one] == ["q1_test_1"]


class TestGuards:
    @pytest.mark.parametrize(
        ("test", "guarded"),
        [
            (
                "assert np.isclose(ones(2).sum(), 2)",
                "with expect.usable():\n    expect.close(student.ones(2).sum(), 2)",
            ),
            (
                "assert ones(2) @ ones(2) == 2",
                "with expect.usable():\n    expect.close(student.ones(2) @ student.ones(2), 2)",
            ),
            ("assert len(ones(2)) == 2", "with expect.usable():\n    expect.equal(len(student.ones(2)), 2)"),
            (
                "x = ones(2)\nx += 1\nassert x.sum() == 4",
                "x = student.ones(2)\nwith expect.usable():\n    x += 1\n    expect.close(x.sum(), 4)",
            ),
            (
                "x, y = ones(2)\nassert np.isclose(x, y)",
                "with expect.usable():\n    x, y = student.ones(2)\n    expect.close(x, y)",
            ),
            (
                "assert np.allclose(ones(2), ones(2))",
                "with expect.usable():\n    expect.close(student.ones(2), student.ones(2))",
            ),
            ("x = ones(2)\nassert np.allclose(x, [1, 1])", "x = student.ones(2)\nexpect.close(x, [1, 1])"),
            (
                "for n in (1, 2):\n    assert ones(n).shape == (n,)",
                "for n in (1, 2):\n    expect.shape(student.ones(n), (n,))",
            ),
            (
                "with np.testing.assert_raises(ValueError):\n    ones(-1)",
                "with expect.raises(ValueError):\n    student.ones(-1)",
            ),
        ],
    )
    def test_what_computes_with_an_answer_is_guarded_and_no_more(self, tmp_path: Path, test: str, guarded: str) -> None:
        made = converted(tmp_path, NUMPY, *question(test, answer=ONES))
        assert body(made).replace("\n    ", "\n").removeprefix("    ") == guarded

    @pytest.mark.parametrize("answer", [None, "no number", [], {}, ..., np.zeros((2, 3)), {1, 2}, 7, [None, "a"]])
    @pytest.mark.parametrize(
        "test",
        [
            "assert np.isclose(ones(2).sum(), 2)",
            "assert ones(2)[0] + ones(1)[0] == 2",
            "x, y = ones(2)\nassert float(x) == float(y) == 1",
            "assert 0.5 < ones(1) < 1.5",
            "assert [n + 1 for n in ones(2)] == [2, 2]",
            "total = 0\nfor one in ones(2):\n    total += one\nassert abs(total - 2) < 1e-6",
            "np.testing.assert_array_less(ones(2), 1.5)\nassert ones(2).shape == (2,)",
        ],
    )
    def test_no_answer_of_any_type_is_an_error_of_ours(self, made_of: MadeOf, test: str, answer: object) -> None:
        namespace: dict[str, object] = {}
        exec(made_of[test].files.hidden, namespace)
        (case,) = (mark for value in namespace.values() if (mark := getattr(value, "__autograder__", None)))
        result = run_case(case, LocalSession({"ones": lambda n: answer}), case_rng(1, SLUG, case))
        assert result.verdict in (Verdict.WRONG, Verdict.RAISED), result.message


class TestValues:
    def test_a_value_is_fetched_its_stub_is_dots_and_all_of_it_validates(self, tmp_path: Path) -> None:
        tests = ("assert total > 1", shows("# HIDDEN\nmean", "1.5"))
        made = converted(tmp_path, *question(*tests, answer="total = 1 + 2 # SOLUTION\nmean = total / 2 # SOLUTION"))
        assert "expect.equal(student.mean.fetch(), 1.5)" in made.files.hidden
        assert "def q1_test_1_example(total):\n    assert total > 1" in made.files.solution
        assert "def q1_mean_is_set(mean):\n    assert mean is not None" in made.files.solution
        assert "1.5" not in made.files.solution
        assert [check.shown for check in validated(tmp_path, made).checks][2:6] == ["4/4", "0/4", "2/2", "2/2"]
        stub = notebook_namespace(open_course(tmp_path / "course").notebook_path(SLUG))
        assert stub["total"] is ...

    def test_what_is_right_stays_hidden_where_no_test_was_public(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question("# HIDDEN\nassert x == 7850", answer="x = 7840 + 10 # SOLUTION"))
        assert "7850" not in made.files.solution
        assert not any("public" in remark for remark in made.remarks)
        assert validated(tmp_path, made).complaints == ()

    @pytest.mark.parametrize(
        ("answer", "cell"),
        [
            ("x = 2", "# BEGIN SOLUTION\nx = 2\n# END SOLUTION"),
            ("import math\ny = 1\nx = y + 1", "import math\n# BEGIN SOLUTION\ny = 1\nx = y + 1\n# END SOLUTION"),
            (
                "def one():\n    return 1\nx = 2 * one()",
                "def one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n# BEGIN SOLUTION\nx = 2 * one()\n"
                "# END SOLUTION",
            ),
        ],
    )
    def test_a_value_without_marks_is_not_handed_out(self, tmp_path: Path, answer: str, cell: str) -> None:
        made = converted(tmp_path, *question("assert x == 2", answer=answer))
        assert f"# %%\n{cell}\n\n" in made.files.solution
        assert made.files.mistakes.count('replaces="x"') == 1

    def test_nbgraders_values_too(self, tmp_path: Path) -> None:
        answer = graded("# x = ...\n### BEGIN SOLUTION\nx = 2.0\n### END SOLUTION", "x", solution=True)
        test = graded("assert x == 2", "x_test", grade=True, points=1)
        made = converted(tmp_path, new_markdown_cell("## A value"), answer, test)
        assert "expect.close(student.x.fetch(), 2)" in made.files.hidden
        assert validated(tmp_path, made).complaints == ()


class TestGivenValues:
    @pytest.mark.parametrize(
        ("given", "made"),
        [
            (["scores = np.ones(2)"], ["scores = np.ones(2)"]),
            (["a = 2\nb = [a, 1]", "scores = [n for n in b]"], ["a = 2", "b = [a, 1]", "scores = [n for n in b]"]),
            (["scores = np.ones(2)\nscores[0] = 2"], []),
            (["scores = [1]\nscores.append(1)"], []),
            (["scores = 1\nscores = 2"], []),
            (["a = 1\nscores = [a]\na = 2"], []),
            (["scores = np.random.rand(2)"], []),
            (["scores = np.loadtxt('s.csv') if 0 else 1"], []),
            (["def f():\n    return 1\nscores = f()"], []),
        ],
    )
    def test_a_case_makes_what_it_can_make_alone(self, tmp_path: Path, given: list[str], made: list[str]) -> None:
        cells = [new_code_cell(cell) for cell in given]
        found = converted(tmp_path, NUMPY, *cells, *question("assert double(scores) is not None"))
        lines = [line.strip() for line in body(found).splitlines()]
        assert lines[: len(made)] == made
        assert bool(made) != any("cannot see the notebook's scores" in remark for remark in found.remarks)


class TestWhatFails:
    def test_a_check_that_fails_on_the_reference_is_named(self, tmp_path: Path) -> None:
        made = converted(tmp_path, *question("assert double(1) == 2", "assert double(1) == 3, 'no'"))
        assert (
            "q1: the public check q1_test_2_example fails on the reference solution (AssertionError: no)"
            in made.remarks
        )

    def test_a_reference_that_does_not_run_is_a_sentence_and_all_is_made(self, tmp_path: Path) -> None:
        cells = [new_code_cell("import no_such_module"), *question("assert double(1) == 2")]
        made = converted(tmp_path, *cells)
        (remark,) = (one for one in made.remarks if "could not be tried" in one)
        assert remark.endswith(f"{SLUG}.py[code cell 1]: ModuleNotFoundError: No module named 'no_such_module'")
        assert "expect.equal(student.double(1), 2)" in made.files.hidden

    @pytest.mark.parametrize(
        ("cell", "remark"),
        [
            ("raise SystemExit('enough')", "the reference solution could not be tried on these tests: enough"),
            (
                f"import os\nos.kill(os.getpid(), {int(signal.SIGINT)})",
                "was not tried on all of these tests: it was stop",
            ),
        ],
    )
    def test_a_notebook_that_ends_python_or_is_stopped_is_converted_all_the_same(
        self, tmp_path: Path, cell: str, remark: str
    ) -> None:
        made = converted(tmp_path, new_code_cell(cell), *question("assert double(1) == 2"))
        assert remark in "\n".join(made.remarks)
        assert "expect.equal(student.double(1), 2)" in made.files.hidden

    def test_what_a_notebook_prints_is_not_shown(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        converted(tmp_path, new_code_cell("print('a lot')"), *question("assert double(1) == 2"))
        assert capsys.readouterr().out == ""
