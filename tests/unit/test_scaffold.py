"""A new exercise validates at once, and nothing that was there is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.config import read_config
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.exercise import SLUG
from autograder.scaffold import Files, new_course, new_exercise
from autograder.scaffold.undoing import all_or_nothing
from autograder.validate import validate

SLUGS = st.from_regex(SLUG, fullmatch=True).map(lambda slug: slug[:40].rstrip("_"))
CONFIG = """\
# Our course.
title: T  # its title
seed: 1

exercises:
  # the first of many
  01_sizes:
    points: 10 # all of them
  # 02_later: not yet

# Limits follow.
limits:
  memory_mb: 512
"""


def course_with(folder: Path, config: str) -> Course:
    (folder / "grading_config.yaml").write_text(config, encoding="utf-8")
    return open_course(folder)


def test_a_new_exercise_validates(course_dir: Path) -> None:
    validation = validate(open_course(course_dir), "01_demo")
    assert validation.complaints == ()
    shown = ["agree", "fresh", "10/10", "0/10", "2/2", "2/2", "none"]
    assert [check.shown for check in validation.checks] == shown


def test_a_second_exercise_gets_the_next_number_and_both_validate(course_dir: Path) -> None:
    paths = new_exercise(open_course(course_dir), "pooling")
    assert {path.name for path in paths} == {"02_pooling.py", "02_pooling.ipynb", "grading_config.yaml"}
    assert all(path.is_file() for path in paths)
    course = open_course(course_dir)
    assert course.slugs == ("01_demo", "02_pooling")
    assert [validate(course, slug).complaints for slug in course.slugs] == [(), ()]


def test_titles_come_from_the_slug(course_dir: Path) -> None:
    course = open_course(course_dir)
    new_exercise(course, "07_transfer_learning")
    assert course.exercise("07_transfer_learning").title == "Exercise 7 · Transfer learning"


@settings(max_examples=25)
@given(SLUGS)
def test_every_valid_slug_makes_an_exercise_that_can_be_read(slug: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        new_exercise(new_course(Path(folder), seed=1), slug)
        course = open_course(Path(folder))
        assert course.slugs == (slug,)
        assert course.exercise(slug).points == course.config.exercise(slug).points
        assert validate(course, slug).complaints == ()


@pytest.mark.parametrize("slug", ["02_1", "01_007", "10_000"])
def test_a_slug_that_yaml_takes_for_a_number_is_quoted(course_dir: Path, slug: str) -> None:
    new_exercise(open_course(course_dir), slug)
    assert open_course(course_dir).config.exercise(slug).points == 10


@pytest.mark.parametrize("name", ["", "Upper", "1_a", "01", "01_", "a-b", "../a", "01_a/b", "über", "a\n", "01_a\n"])
def test_other_names_are_refused_and_nothing_is_written(course_dir: Path, name: str) -> None:
    before = contents(course_dir)
    with pytest.raises(GraderError, match="is not a slug\n    -> lower-case words"):
        new_exercise(open_course(course_dir), name)
    assert contents(course_dir) == before


def test_a_topic_that_is_there_is_refused_with_its_name_and_nothing_is_written(course_dir: Path) -> None:
    before = contents(course_dir)
    with pytest.raises(GraderError, match="01_demo is there already\n    -> choose another"):
        new_exercise(open_course(course_dir), "demo")
    assert contents(course_dir) == before


@pytest.mark.parametrize(
    "file", ["solutions/02_x.py", "tests/hidden/02_x.py", "tests/mistakes/02_x.py", "exercises/02_x.ipynb"]
)
def test_an_existing_file_is_never_overwritten(course_dir: Path, file: str) -> None:
    (course_dir / file).write_text("mine", encoding="utf-8")
    before = contents(course_dir)
    with pytest.raises(GraderError, match=f"{file} is there already\n    -> choose another slug"):
        new_exercise(open_course(course_dir), "02_x")
    assert contents(course_dir) == before


@pytest.mark.parametrize("solution", ["# %%\n1 +\n", "# %% [markdown]\n# # T\n"])
def test_of_an_exercise_that_cannot_be_built_nothing_is_left(tmp_path: Path, solution: str) -> None:
    course = course_with(tmp_path, CONFIG)
    before = sorted(tmp_path.rglob("*")), contents(tmp_path)
    with pytest.raises(GraderError, match="Nothing was made: what was written is gone again"):
        new_exercise(course, "02_x", Files(solution, "", "", 1))
    assert (sorted(tmp_path.rglob("*")), contents(tmp_path)) == before
    new_exercise(course, "02_x")


class TestAllOrNothing:
    def test_what_was_there_is_there_again_and_the_rest_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("old", encoding="utf-8")
        paths = [tmp_path / name for name in ("config", "a/b/file", "a/c/folder", "never")]

        def interrupted() -> None:
            with all_or_nothing(*paths):
                paths[0].write_text("new", encoding="utf-8")
                paths[1].parent.mkdir(parents=True)
                paths[1].write_text("x", encoding="utf-8")
                paths[2].mkdir(parents=True)
                (paths[2] / "inside").write_text("x", encoding="utf-8")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert list(tmp_path.rglob("*")) == [tmp_path / "config"]
        assert paths[0].read_text(encoding="utf-8") == "old"

    def test_a_folder_that_somebody_else_uses_stays(self, tmp_path: Path) -> None:
        def failing() -> None:
            with all_or_nothing(tmp_path / "a" / "mine"):
                (tmp_path / "a").mkdir()
                (tmp_path / "a" / "theirs").write_text("x", encoding="utf-8")
                raise ValueError("full")

        with pytest.raises(ValueError, match="full"):
            failing()
        assert (tmp_path / "a" / "theirs").is_file()

    def test_where_nothing_fails_all_stays(self, tmp_path: Path) -> None:
        with all_or_nothing(tmp_path / "a" / "mine"):
            (tmp_path / "a").mkdir()
            (tmp_path / "a" / "mine").write_text("x", encoding="utf-8")
        assert (tmp_path / "a" / "mine").read_text(encoding="utf-8") == "x"


def test_a_solution_of_another_name_does_not_disturb_the_numbering(course_dir: Path) -> None:
    (course_dir / "solutions" / "1bad.py").write_text("", encoding="utf-8")
    assert new_exercise(open_course(course_dir), "next")[0].stem == "02_next"


class TestConfig:
    def added(self, folder: Path, config: str, slug: str = "02_new") -> str:
        new_exercise(course_with(folder, config), slug)
        text = (folder / "grading_config.yaml").read_text(encoding="utf-8")
        assert read_config(folder / "grading_config.yaml").exercise(slug).points == 10
        return text

    def test_comments_and_everything_else_stay(self, tmp_path: Path) -> None:
        text = self.added(tmp_path, CONFIG)
        entry = "  02_new:\n    points: 10\n"
        assert text == CONFIG.replace("\n# Limits", f"{entry}\n# Limits")

    @pytest.mark.parametrize(
        ("config", "expected"),
        [
            ("title: T\nseed: 1\nexercises: {}\n", "title: T\nseed: 1\nexercises:\n  02_new:\n    points: 10\n"),
            ("exercises: {}\ntitle: T\nseed: 1", "exercises:\n  02_new:\n    points: 10\ntitle: T\nseed: 1"),
            (
                "title: T\nseed: 1\nexercises: {01_a: {points: 3}}\n",
                "title: T\nseed: 1\nexercises: {01_a: {points: 3}, 02_new: {points: 10}}\n",
            ),
            (
                "title: T\nseed: 1\nexercises:\n    01_a:\n        points: 3",
                "title: T\nseed: 1\nexercises:\n    01_a:\n        points: 3\n    02_new:\n      points: 10\n",
            ),
        ],
    )
    def test_each_way_of_writing_the_exercises_is_kept(self, tmp_path: Path, config: str, expected: str) -> None:
        assert self.added(tmp_path, config) == expected

    def test_an_exercise_that_is_listed_already_is_not_listed_again(self, tmp_path: Path) -> None:
        config = CONFIG.replace("01_sizes", "02_new")
        assert self.added(tmp_path, config) == config


@pytest.mark.parametrize("name", ["my_first-course", "2026", "yes", "a: b", "# x", 'the "best"', "Größe", "[red]"])
def test_a_course_may_have_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    course = new_course(tmp_path / name, seed=123)
    assert course.config.title == name.replace("_", " ").replace("-", " ").capitalize()
    assert course.config.exercises == ()
    assert yaml.safe_load(course.config.path.read_text(encoding="utf-8"))["seed"] == 123


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
