"""The sample class: what students could hand in, each by a student whose name says what it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.cases import Mistake
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.intake.content import Tree
from autograder.intake.identity import exercise_of
from autograder.intake.reading import Found
from autograder.local import LocalSession
from autograder.namespace import notebook_namespace
from autograder.samples import BROKEN, HOSTILE, Sample, sample_class, solved_notebook, write_class
from autograder.scaffold import Files, new_course, new_exercise
from autograder.submission import Source
from autograder.validate import validate

from .conftest import Loaded
from .made import SLUG, students, taken


@pytest.fixture(scope="module")
def course(scaffolded: Path) -> Course:
    return open_course(scaffolded)


class TestAClass:
    @pytest.mark.parametrize("size", [15, 30, 31, 100, 500])
    def test_it_has_the_size_that_was_asked_for(self, course: Course, size: int) -> None:
        assert len(sample_class(course, (SLUG,), size)) == size

    def test_a_small_one_has_some_of_each_all_the_same(self, course: Course) -> None:
        names = [sample.student for sample in sample_class(course, (SLUG,), 3)]
        assert names == [
            "right_01",
            "untouched",
            "q1_divides_by_the_number_of_rows",
            "hostile_reads_the_tests",
            "broken_empty_file",
            "hostile_loops_forever",
        ]

    def test_a_usual_one_has_all_kinds(self, course: Course) -> None:
        kinds = {sample.student.split("_")[0] for sample in sample_class(course, (SLUG,), 40)}
        assert kinds == {"right", "untouched", "q1", "hostile", "broken"}

    def test_a_large_one_has_each_hostile_and_broken_notebook_once(self, course: Course) -> None:
        names = [sample.student for sample in sample_class(course, (SLUG,), 100)]
        assert set(names) >= {f"hostile_{name}" for name in HOSTILE} | {f"broken_{name}" for name in BROKEN}
        assert sum(name.startswith("q1_") for name in names) == 40

    def test_nobody_hands_in_twice(self, course: Course) -> None:
        whose = [(sample.student, sample.slug) for sample in sample_class(course, (SLUG,), 300)]
        assert len(set(whose)) == 300

    def test_the_same_is_made_each_time(self, course: Course) -> None:
        assert sample_class(course, (SLUG,), 30) == sample_class(course, (SLUG,), 30)

    def test_several_exercises_take_turns(self, course_dir: Path) -> None:
        new_exercise(open_course(course_dir), "more")
        slugs = (SLUG, "02_more")
        made = sample_class(open_course(course_dir), slugs, 30)
        assert len(made) == 30
        for kind in ("right", "untouched", "q"):
            assert {sample.slug for sample in made if sample.student.startswith(kind)} == set(slugs), kind

    def test_an_exercise_that_is_not_built_is_a_sentence(self, course_dir: Path) -> None:
        (course_dir / "exercises" / f"{SLUG}.ipynb").unlink()
        with pytest.raises(GraderError, match=r"is not built\n    -> autograder build 01_demo"):
            sample_class(open_course(course_dir), (SLUG,), 30)


class TestOnDisk:
    def test_the_intake_finds_each_student(self, course: Course, tmp_path: Path) -> None:
        made = sample_class(course, (SLUG,), 30)
        assert write_class(made, tmp_path / "new" / "class") == 30
        found = taken(tmp_path / "new" / "class", slugs=course.slugs)
        assert sorted(students(found)) == sorted(sample.student for sample in made)
        assert {one.exercise for one in found.submissions} == {SLUG}

    def test_a_folder_with_something_in_it_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_text("")
        with pytest.raises(GraderError, match=r"is not empty\n    -> name a new folder"):
            write_class([Sample("a", SLUG, b"")], tmp_path)


def namespace_of(sample: Sample, folder: Path) -> LocalSession:
    path = folder / f"{sample.student}.ipynb"
    path.write_bytes(sample.data)
    return LocalSession(notebook_namespace(path))


def _of(question: str, wrong: list[Sample], mistakes: Sequence[Mistake]) -> list[tuple[Sample, Mistake]]:
    pairs = [(one, mistake) for one, mistake in zip(wrong, mistakes, strict=True) if mistake.question == question]
    return [pairs[0], pairs[-1]]


@pytest.mark.parametrize("exercise", ["demo", "output_size"])
def test_each_notebook_gives_the_answers_that_its_student_is_named_after(
    exercise: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    loaded: Loaded = request.getfixturevalue(exercise)
    slug = loaded.exercise.slug
    count = len(loaded.suite.mistakes)
    made = sample_class(loaded.course, (slug,), 4 * count)
    wrong = [one for one in made if one.student.startswith("q") and "_too_" not in one.student][:count]
    assert [one.student for one in wrong] == [f"{one.question}_{one.name}" for one in loaded.suite.mistakes]
    # two of each question are enough here: `validate` runs every mistake, and each is made in the same way
    chosen = [pair for question in loaded.exercise.questions for pair in _of(question.id, wrong, loaded.suite.mistakes)]
    for sample, mistake in chosen:
        report = loaded.judge(namespace_of(sample, tmp_path), scripts=True)
        assert mistake.name in {result.mistake for result in report.results}, sample.student
        assert mistake.question in {result.question for result in report.results if result.credit < 1}
    right = loaded.judge(namespace_of(made[0], tmp_path), scripts=True)
    assert (made[0].student, right.earned) == ("right_01", right.possible)
    (untouched,) = (one for one in made if one.student == "untouched")
    assert loaded.judge(namespace_of(untouched, tmp_path), scripts=True).earned == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_notebooks_hold_their_cell_last_and_the_right_answers_before_it(name: str, course: Course) -> None:
    (sample,) = (one for one in sample_class(course, (SLUG,), 60) if one.student == f"hostile_{name}")
    cells = json.loads(sample.data)["cells"]
    assert cells[-1]["source"] == HOSTILE[name]
    assert cells[:-1] == solved_notebook(course, SLUG)["cells"]
    compile(HOSTILE[name], name, "exec")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_notebooks_are_no_json(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        json.loads(BROKEN[name])


def test_a_made_notebook_says_which_exercise_it_is(course: Course) -> None:
    (sample, *_) = sample_class(course, (SLUG,), 3)
    found = Found(Source(Path("x.ipynb")), ("x.ipynb",), 0.0)
    assert exercise_of(Tree.of(sample.data), found, course.slugs) == SLUG


def test_no_solution_line_stands_in_an_untouched_notebook(course: Course) -> None:
    untouched = next(one for one in sample_class(course, (SLUG,), 3) if one.student == "untouched")
    for line in course.exercise(SLUG).solution_lines:
        assert line not in untouched.data.decode()


VALUES = """\
# %% [markdown]
# # Values

# %% [markdown] question="q1" points=1 title="Total"
# ## Total

# %%
# BEGIN SOLUTION
total = 1 + 2
# END SOLUTION

# %% tags=["check"]
def it_is_positive(total):
    assert total > 0
"""
VALUES_HIDDEN = """\
from autograder import expect
from autograder.cases import case


@case("q1", points=1, hint="Add up both.")
def it_is_three(student, rng):
    expect.equal(student.total.fetch(), 3)
"""
VALUES_MISTAKES = """\
from autograder.cases import mistake


@mistake("q1", caught_by="it_is_three", hint="And the 2?")
def forgets_the_last():
    return 1
"""


def test_a_mistake_in_a_value_is_that_value_in_the_notebook(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course", seed=1)
    new_exercise(course, "01_values", Files(VALUES, VALUES_HIDDEN, VALUES_MISTAKES, 1))
    course = open_course(course.root)
    assert validate(course, "01_values").complaints == ()
    found = {one.student: one for one in sample_class(course, ("01_values",), 3)}
    for student, total in (("right_01", 3), ("untouched", ...), ("q1_forgets_the_last", 1)):
        path = tmp_path / f"{student}.ipynb"
        path.write_bytes(found[student].data)
        assert notebook_namespace(path)["total"] == total
