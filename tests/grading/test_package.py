"""The zip for Gradescope: what is in it, what is not, and that it is the same each time."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from autograder.config import read_config
from autograder.course import Course, open_course
from autograder.errors import GraderError
from autograder.packaging.archive import Package, made_zip
from autograder.packaging.needs import extras, room
from autograder.packaging.wheel import made_wheel, wheel_name

from .conftest import Command
from .made import SLUG

QUIZ_CASE = """

@case("q1", points=1, hint="Look it up.")
def the_quiz(student, rng, quiz):
    quiz.expect("convolution_layer", student.quiz_answers())
"""


@pytest.fixture(scope="module")
def course(repository: Path) -> Course:
    return open_course(repository)


@pytest.fixture(scope="module")
def packed(course: Course) -> dict[str, bytes]:
    """The members of exercise 3's zip."""
    return members(made_zip(course, Package("03_convolution", "visible")))


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(folder: Path, change: Callable[[dict[str, object]], None]) -> Course:
    path = folder / "grading_config.yaml"
    settings = yaml.safe_load(path.read_text())
    change(settings)
    path.write_text(yaml.safe_dump(settings))
    return open_course(folder)


class TestContents:
    def test_it_holds_the_scripts_this_package_and_one_exercise(self, packed: dict[str, bytes]) -> None:
        assert sorted(packed) == [
            wheel_name(),
            "constraints.txt",
            "course/grading_config.yaml",
            "course/solutions/03_convolution.py",
            "course/tests/hidden/03_convolution.py",
            "course/tests/mistakes/03_convolution.py",
            "run_autograder",
            "setup.sh",
        ]

    def test_nothing_in_it_tells_about_other_exercises(self, course: Course, packed: dict[str, bytes]) -> None:
        others = [slug for slug in course.slugs if slug != "03_convolution"]
        everything = {**packed, **members(packed[wheel_name()])}
        for slug in others:
            assert not [name for name in everything if slug in name]
            assert not [name for name, data in packed.items() if name.startswith("course/") and slug.encode() in data]
            lines = [line for line in course.exercise(slug).solution_lines if len(line) > 50]
            for line in lines[:20]:
                assert not [name for name, data in packed.items() if line.encode() in data], line

    def test_both_scripts_may_be_executed_and_are_bash(self, course: Course, tmp_path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(made_zip(course, Package("01_output_size", "visible")))) as archive:
            for name in ("setup.sh", "run_autograder"):
                assert archive.getinfo(name).external_attr >> 16 & 0o111
                archive.extract(name, tmp_path)
                subprocess.run(["bash", "-n", str(tmp_path / name)], check=True)
                assert "@" not in (tmp_path / name).read_text()

    def test_the_settings_mean_the_same_for_the_exercise(
        self, course: Course, packed: dict[str, bytes], tmp_path: Path
    ) -> None:
        path = tmp_path / "grading_config.yaml"
        path.write_bytes(packed["course/grading_config.yaml"])
        there = read_config(path)
        assert there.exercises == (course.config.exercise("03_convolution"),)
        assert (there.seed, there.title, there.tests_dir) == (
            course.config.seed,
            course.config.title,
            tmp_path / "tests",
        )

    def test_a_due_date_and_a_private_folder_of_tests_come_along(self, course_dir: Path, tmp_path: Path) -> None:
        (course_dir / "tests").rename(tmp_path / "private")

        def change(settings: dict[str, object]) -> None:
            settings |= {"tests_dir": str(tmp_path / "private"), "late": {"percent_per_day": 10}}
            settings["exercises"][SLUG]["due"] = "2026-11-25 23:59"  # type: ignore[index]

        made = changed(course_dir, change)
        path = tmp_path / "grading_config.yaml"
        path.write_bytes(members(made_zip(made, Package(SLUG, "visible")))["course/grading_config.yaml"])
        assert read_config(path).exercises == made.config.exercises
        assert str(tmp_path) not in path.read_text()

    def test_quizzes_come_along_where_one_is_for_credit(self, course_dir: Path, repository: Path) -> None:
        quizzes = course_dir / "exercises" / "quizzes"
        quizzes.mkdir(parents=True)
        quiz = repository / "exercises" / "quizzes" / "2_convolution_layer.yaml"
        (quizzes / quiz.name).write_bytes(quiz.read_bytes())
        without = members(made_zip(open_course(course_dir), Package(SLUG, "visible")))
        with (course_dir / "tests" / "hidden" / f"{SLUG}.py").open("a") as file:
            file.write(QUIZ_CASE)
        found = members(made_zip(open_course(course_dir), Package(SLUG, "visible")))
        assert set(found) - set(without) == {f"course/exercises/quizzes/{quiz.name}"}

    def test_the_pins_are_this_projects(self, packed: dict[str, bytes], repository: Path) -> None:
        assert packed["constraints.txt"] == (repository / "constraints.txt").read_bytes()

    def test_options_reach_the_scripts(self, course: Course) -> None:
        package = Package("01_output_size", "after_published", True, "https://example.org/a b")
        files = members(made_zip(course, package))
        assert b"--visibility after_published --allow-weak-sandbox\n" in files["run_autograder"]
        assert b"--extra-index-url 'https://example.org/a b' " in files["setup.sh"]

    def test_the_same_course_makes_the_same_bytes(self, course: Course) -> None:
        package = Package("01_output_size", "visible")
        assert made_zip(course, package) == made_zip(course, package)

    def test_a_file_that_is_missing_is_named(self, course_dir: Path) -> None:
        (course_dir / "tests" / "mistakes" / f"{SLUG}.py").unlink()
        with pytest.raises(GraderError, match=r"mistakes.*01_demo\.py: cannot be read"):
            made_zip(open_course(course_dir), Package(SLUG, "visible"))


class TestNeeds:
    @pytest.mark.parametrize(
        ("slug", "expected"),
        [
            ("01_output_size", ("run",)),
            ("02_parameters", ("run", "torch")),
            ("03_convolution", ("run", "torch")),  # for its oracle: submissions do without
            ("04_fashion_mnist", ("run", "torch")),
            ("05_debugging", ("run", "torch")),
            ("06_sign_language", ("run", "tensorflow", "torch")),
        ],
    )
    def test_only_frameworks_that_are_imported_are_installed(
        self, course: Course, slug: str, expected: tuple[str, ...]
    ) -> None:
        assert extras(course, slug) == expected

    def test_an_exercise_without_a_framework_needs_none(self, scaffolded: Path) -> None:
        assert extras(open_course(scaffolded), SLUG) == ("run",)

    def test_data_that_is_fetched_or_drawn_is_prepared_once(self, course: Course) -> None:
        assert (
            b'data="sign_language_digits"'
            in members(made_zip(course, Package("06_sign_language", "visible")))["setup.sh"]
        )
        assert b'data=""' in members(made_zip(course, Package("04_fashion_mnist", "visible")))["setup.sh"]

    def test_its_own_time_limit_is_the_one_that_is_named(self, course: Course) -> None:
        for slug in ("01_output_size", "06_sign_language"):
            script = members(made_zip(course, Package(slug, "visible")))["run_autograder"].decode()
            assert f"TIMEOUT_SECONDS:-{room(course.config.exercise(slug)).minutes} * 60}}" in script

    def test_what_trains_needs_more_room(self, course: Course) -> None:
        slugs = ("03_convolution", "05_debugging", "06_sign_language")
        small, middle, large = (room(course.config.exercise(slug)) for slug in slugs)
        assert "768 MB" in small.container
        assert "1.5 GB" in middle.container
        assert "5 GB" in large.container
        assert small.minutes == 10 < large.minutes < 40


class TestWheel:
    def test_pip_installs_it_and_it_runs(self, tmp_path: Path) -> None:
        (tmp_path / wheel_name()).write_bytes(made_wheel())
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target"]
        subprocess.run([*pip, str(tmp_path / "there"), str(tmp_path / wheel_name())], check=True)
        run = [sys.executable, "-m", "autograder", "gradescope", "--help"]
        done = subprocess.run(run, cwd=tmp_path / "there", capture_output=True, text=True, check=True)
        assert "results/results.json" in done.stdout
        assert (tmp_path / "there" / "autograder" / "packaging" / "setup.sh").is_file()
        (information,) = (tmp_path / "there").glob("*.dist-info")
        assert "Provides-Extra: run" in (information / "METADATA").read_text()

    def test_it_leaves_out_caches_and_what_students_may_see(self) -> None:
        names = members(made_wheel())
        assert not [name for name in names if "__pycache__" in name or name.startswith("autograder/course/")]


class TestCommand:
    def test_it_says_what_to_do_with_the_zip(self, command: Command, scaffolded: Path, tmp_path: Path) -> None:
        arguments = ("package", "--gradescope", "1", "-o", "a.zip", "--course", scaffolded)
        outcome = command(*arguments, cwd=tmp_path)
        assert outcome.code == 0
        assert zipfile.is_zipfile(tmp_path / "a.zip")
        for said in ("points    10:", "768 MB", "`feedback: hint`, visible", "Configure Autograder"):
            assert said in outcome.out

    def test_expected_values_wait_for_the_due_date(self, command: Command, course_dir: Path, tmp_path: Path) -> None:
        changed(course_dir, lambda settings: settings.update(feedback="full"))
        arguments = ("package", "--gradescope", "demo", "-o", tmp_path / "a.zip", "--course", course_dir)
        assert "`feedback: full`, after due date" in command(*arguments, cwd=tmp_path).out
        assert "`feedback: full`, visible" in command(*arguments, "--visibility", "visible", cwd=tmp_path).out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--gradescope", "9"), "there is no exercise '9'"),
            (("--gradescope", "1", "-o", "."), ". is a folder"),
            ((), "--gradescope"),
        ],
    )
    def test_wrong_usage_is_exit_code_2(
        self, command: Command, scaffolded: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
    ) -> None:
        outcome = command("package", *arguments, "--course", scaffolded, cwd=tmp_path)
        assert outcome.code == 2
        assert said in outcome.err
