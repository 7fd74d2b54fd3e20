"""Courses as folders: which one is meant, which exercises it has, and what their files hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course, find_course, load_module, open_course
from autograder.errors import GraderError

CASE = '''
@case("q1", points=1, hint="x")
def {name}(student, rng):
    """A title."""
'''
HEAD = "from autograder.cases import case, mistake\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Three exercises, in name only."""
    (tmp_path / "grading_config.yaml").write_text("title: T\nseed: 1\nexercises: {}\n", encoding="utf-8")
    (tmp_path / "solutions").mkdir()
    for name in ("02_more_layers.py", "01_sizes.py", "12_rest.py", "notes.py"):
        (tmp_path / "solutions" / name).write_text("", encoding="utf-8")
    return open_course(tmp_path)


class TestFinding:
    def test_a_named_folder_is_the_course(self, course_dir: Path) -> None:
        assert find_course(course_dir).root == course_dir.resolve()

    def test_a_folder_without_a_config_is_no_course(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=r"is not a course: it has no grading_config\.yaml\n    -> name a folder"):
            find_course(tmp_path)

    def test_the_current_folder_is_the_default(self, course_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(course_dir)
        assert find_course(None).root == course_dir.resolve()

    def test_where_there_is_none_it_says_what_to_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(GraderError, match=r"no course here: (.|\n)* or name one with --course DIR"):
            find_course(None)

    def test_a_command_needs_an_option_only_elsewhere(
        self, course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert course.option == ""
        monkeypatch.chdir("/")
        assert course.option == f" --course {tmp_path.resolve()}"

    def test_a_folder_with_a_blank_is_quoted(self) -> None:
        assert Course(Path("/my course"), None).option == " --course '/my course'"  # type: ignore[arg-type]


class TestSelecting:
    def test_exercises_are_in_order(self, course: Course) -> None:
        assert course.slugs == ("01_sizes", "02_more_layers", "12_rest")

    @pytest.mark.parametrize(
        ("names", "slugs"),
        [
            ([], ("01_sizes", "02_more_layers", "12_rest")),
            (["1"], ("01_sizes",)),
            (["02", "more_layers"], ("02_more_layers",)),
            (["rest", "solutions/01_sizes.py"], ("12_rest", "01_sizes")),
            (["exercises/12_rest.ipynb"], ("12_rest",)),
        ],
    )
    def test_an_exercise_may_be_named_by_slug_number_topic_or_file(
        self, course: Course, names: list[str], slugs: tuple[str, ...]
    ) -> None:
        assert course.select(names) == slugs

    @pytest.mark.parametrize("name", ["3", "size", "", "01"[:1] + "1_", "more"])
    def test_an_unknown_name_is_answered_with_the_known_ones(self, course: Course, name: str) -> None:
        with pytest.raises(
            GraderError, match=r"there is no exercise '.*'\n    -> one of: 01_sizes, 02_more_layers, 12_rest"
        ):
            course.select([name])

    def test_a_course_without_exercises_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="has no exercise\n    -> make one: autograder new"):
            Course(tmp_path, None).select([])  # type: ignore[arg-type]


class TestSuites:
    def write(self, course: Course, hidden: str, mistakes: str = "") -> None:
        for folder, text in (("hidden", hidden), ("mistakes", mistakes)):
            path = course.config.tests_dir / folder / "01_sizes.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def test_cases_and_mistakes_come_in_the_order_of_the_file(self, course: Course) -> None:
        wrong = HEAD + '\nhelper = 3\n\n@mistake("q1", caught_by="z", hint="x")\ndef wrong(n):\n    return helper\n'
        self.write(course, HEAD + CASE.format(name="z") + CASE.format(name="a"), wrong)
        suite = course.suite("01_sizes")
        assert [case.name for case in suite.cases] == ["z", "a"]
        assert suite.cases_of("q1") == suite.cases
        assert suite.cases_of("q2") == suite.mistakes_of("q2") == ()
        assert suite.mistakes_of("q1")[0].function(1) == 3

    def test_a_case_defined_twice_is_named_with_both_lines(self, course: Course) -> None:
        self.write(course, HEAD + CASE.format(name="a") * 2)
        with pytest.raises(
            GraderError, match=r"01_sizes\.py:8: a is defined in line 4 already.*\n    -> give it a name"
        ):
            course.suite("01_sizes")

    def test_a_file_that_fails_is_named_with_its_line(self, course: Course) -> None:
        self.write(course, HEAD + "\nx = 1\nfrom math import nothing_like_it\n")
        with pytest.raises(GraderError, match=r"hidden/01_sizes\.py:4: ImportError: cannot import name"):
            course.suite("01_sizes")

    def test_points_of_a_wrong_type_are_named_with_their_line(self, course: Course) -> None:
        self.write(course, HEAD + CASE.format(name="a").replace("points=1", "points='1'"))
        with pytest.raises(GraderError, match=r"hidden/01_sizes\.py:3: TypeError: points='1' is not a number"):
            course.suite("01_sizes")

    def test_a_file_that_is_not_python_is_named_with_its_line(self, course: Course) -> None:
        self.write(course, HEAD + "\ndef broken(:\n")
        with pytest.raises(GraderError, match=r"hidden/01_sizes\.py:3: SyntaxError"):
            course.suite("01_sizes")

    def test_a_file_that_is_absent_is_named(self, course: Course) -> None:
        with pytest.raises(GraderError, match=r"hidden/01_sizes\.py: cannot be read"):
            course.suite("01_sizes")

    def test_a_file_that_is_not_utf8_is_named(self, course: Course) -> None:
        self.write(course, "")
        course.hidden_path("01_sizes").write_bytes(b"# \xe9\n")
        with pytest.raises(GraderError, match="byte 2 is not UTF-8"):
            course.suite("01_sizes")

    def test_a_change_within_the_same_second_counts(self, course: Course) -> None:
        for name in ("a", "b", "c"):
            self.write(course, HEAD + CASE.format(name=name))
            assert [case.name for case in course.suite("01_sizes").cases] == [name]


def test_dataclasses_of_a_course_file_find_their_module(tmp_path: Path) -> None:
    path = tmp_path / "shapes.py"
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n\n@dataclass\nclass A:\n    n: int\n"
    path.write_text(text, encoding="utf-8")
    assert load_module(path).A(3).n == 3
