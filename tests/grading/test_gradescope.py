"""What runs on Gradescope, without a sandbox: its results.json, its metadata, which notebook is meant, and faults."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.exports import gradescope
from autograder.gradebook import Entry
from autograder.gradescope.choosing import choose
from autograder.gradescope.container import OURS_MB, container_mb, for_notebook
from autograder.gradescope.grading import FAILED, OK, Layout, Wishes, grade
from autograder.gradescope.messages import FAULT, NOT_ENDED, unscored
from autograder.gradescope.metadata import NOBODY, Metadata, read_metadata
from autograder.gradescope.staff import for_staff
from autograder.intake.opening import Opener
from autograder.late import LatePolicy
from autograder.sandbox.limits import Limits
from autograder.sandbox.tier import MissingLayer, Tier
from autograder.submission import StudentId, Submission
from autograder.task import Plan

from .made import SECRET_EXPECTED, SECRET_INPUT, SLUG, notebook, overridden, packed, plant, row
from .unconfined import TIER, LocalGrader

TEXT, FORMAT = {"type": "string"}, {"enum": ["text", "html", "simple_format", "md", "ansi"]}
SEEN = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
SCORE = {"type": "number", "minimum": 0}
# Gradescope's "Autograder Specifications", as JSON Schema; its texts are cut in the middle beyond 100,000 characters
TEST = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": SCORE,
        "max_score": SCORE,
        "status": {"enum": ["passed", "failed"]},
        "name": TEXT,
        "name_format": FORMAT,
        "number": TEXT,
        "output": {"type": "string", "maxLength": 100_000},
        "output_format": FORMAT,
        "tags": {"type": "array", "items": TEXT},
        "visibility": SEEN,
        "extra_data": {"type": "object"},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": SCORE,
        "execution_time": SCORE,
        "output": {"type": "string", "maxLength": 100_000},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": SEEN,
        "stdout_visibility": SEEN,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
}
# as the documentation's example has it, with the extension of one student and a failed run of the autograder
METADATA: dict[str, Any] = {
    "id": 123456,
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2018-07-31T23:00:00.000000-07:00",
        "group_size": 4,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2018-07-02T00:00:00.000000-07:00",
        "title": "Programming Assignment 1",
        "total_points": "20.0",
    },
    "submission_method": "upload",
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [
        {
            "submission_time": "2017-04-06T14:24:48.087023-07:00",
            "score": "7.5",
            "autograder_error": False,
            "results": {},
        },
        {
            "submission_time": "2017-04-06T15:24:48.087023-07:00",
            "score": 0.0,
            "autograder_error": True,
            "results": None,
        },
    ],
}
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\1\0\0\0\1" + b"\0" * 20).decode()
RIGHT = """
import numpy as np

def patch_mean(patch):
    if np.size(patch) == 0:
        raise ValueError
    return float(np.mean(patch))
"""


def made(entry: Entry, policy: FeedbackPolicy, visibility: str = "visible") -> dict[str, Any]:
    """The file's content, which is as Gradescope wants it."""
    results: dict[str, Any] = json.loads(gradescope.text(gradescope.results(entry, policy, visibility)))
    jsonschema.validate(results, RESULTS)
    return results


def with_case(entry: Entry, **changes: Any) -> Entry:
    """The entry with changes to its second case, which is wrong."""
    document = json.loads(json.dumps(entry.document))
    document["questions"][0]["cases"][1] |= changes
    return replace(entry, document=document)


class TestResults:
    @pytest.mark.parametrize("visibility", gradescope.VISIBILITIES)
    @pytest.mark.parametrize("policy", FeedbackPolicy)
    @pytest.mark.parametrize(
        "entry", [row(), overridden(row()), row(status="unreadable", questions=(), note="is empty")]
    )
    def test_every_one_is_as_gradescope_wants_it(self, entry: Entry, policy: FeedbackPolicy, visibility: str) -> None:
        results = made(entry, policy, visibility)
        assert {test["visibility"] for test in results["tests"]} <= {visibility}
        assert results["stdout_visibility"] == "hidden"

    def test_points_of_all_tests_are_those_of_the_exercise(self) -> None:
        for policy in FeedbackPolicy:
            tests = made(row(), policy)["tests"]
            assert sum(test["max_score"] for test in tests) == 14
            assert sum(test["score"] for test in tests) == 3

    def test_each_case_is_a_test_with_its_own_hint(self) -> None:
        tests = made(row(), FeedbackPolicy.HINT)["tests"]
        assert [test["number"] for test in tests][:2] == ["q1.1", "q1.2"]
        assert [test["output"] for test in tests[1:3]] == ["Add up \\*all\\* values."] * 2  # and not at the first alone
        assert tests[1]["name"] == "Mean of a patch · Two patches"
        assert [test["status"] for test in tests[:3]] == ["passed", "failed", "failed"]

    def test_the_policy_decides_what_is_read(self) -> None:
        texts = {policy: json.dumps(made(row(), policy), ensure_ascii=False) for policy in FeedbackPolicy}
        assert "Two patches" not in texts[FeedbackPolicy.NOTHING]
        assert "Two patches" in texts[FeedbackPolicy.NAME]
        assert "Add up" not in texts[FeedbackPolicy.NAME]
        for policy in (FeedbackPolicy.NOTHING, FeedbackPolicy.NAME, FeedbackPolicy.HINT):
            assert str(SECRET_INPUT) not in texts[policy]
            assert str(SECRET_EXPECTED) not in texts[policy]
        assert str(SECRET_EXPECTED) in texts[FeedbackPolicy.FULL]

    def test_a_question_is_one_test_where_no_cases_are_shown_or_a_person_set_its_points(self) -> None:
        assert [test["number"] for test in made(row(), FeedbackPolicy.NOTHING)["tests"]] == ["q1", "q2"]
        last = made(overridden(row()), FeedbackPolicy.HINT)["tests"][-1]
        assert (last["number"], last["score"]) == ("q2", 4)
        assert last["output"].startswith("Your instructor set these points: A \\*fair\\* point, \\<b>")

    def test_figures_are_pictures_where_the_policy_shows_inputs(self) -> None:
        entry = with_case(
            row(), figures=[{"name": "curve <1>", "png": PIXEL}, {"name": "no picture", "png": "PHN2Zz4="}]
        )
        shown = made(entry, FeedbackPolicy.FULL)["tests"][1]["output"]
        assert shown.endswith(f"\n\n![curve <1>](data:image/png;base64,{PIXEL})")
        assert "base64" not in json.dumps(made(entry, FeedbackPolicy.HINT))

    def test_a_figure_too_large_for_gradescope_is_named_instead(self) -> None:
        large = base64.b64encode(base64.b64decode(PIXEL) + b"\0" * 75_000).decode()
        figures = [{"name": "map", "png": large}, {"name": "curve", "png": PIXEL}]
        shown = made(with_case(row(), figures=figures), FeedbackPolicy.FULL)["tests"][1]["output"]
        assert "(The figure map is too large to be shown here.)" in shown
        assert f"![curve](data:image/png;base64,{PIXEL})" in shown

    def test_a_long_message_is_cut(self) -> None:
        shown = made(with_case(row(), message="x" * 200_000), FeedbackPolicy.FULL)["tests"][1]["output"]
        assert shown.endswith("(What follows is too long to be shown here.)")

    def test_points_that_a_person_is_to_look_at_are_not_final(self) -> None:
        entry = replace(with_case(row(), verdict="review"), needs_review=True)
        results = made(entry, FeedbackPolicy.HINT)
        assert results["score"] == 3
        assert results["tests"][1]["output"] == "Your instructor looks at this."
        assert "These points are not final: your instructor looks at this submission." in results["output"]

    def test_a_fault_of_ours_has_no_score_at_all(self) -> None:
        entry = row(status="error", needs_review=True, note="a hidden case failed by itself")
        for policy in FeedbackPolicy:
            results = made(entry, policy)
            assert "score" not in results
            assert not [test for test in results["tests"] if "score" in test]
            assert "points**" not in results["output"]

    @pytest.mark.parametrize("visibility", ["after_due_date", "after_published", "hidden"])
    def test_points_that_come_later_are_not_told_before(self, visibility: str) -> None:
        said = made(replace(row(), late_percent=10.0), FeedbackPolicy.HINT, visibility)["output"]
        assert gradescope.LATER[visibility] in said
        assert "Handed in late: 10 % off." in said
        assert "14" not in said

    def test_messages_of_ours_are_as_gradescope_wants_them(self) -> None:
        for message in (NOT_ENDED, FAULT):
            jsonschema.validate(unscored(message), RESULTS)
            assert "score" not in unscored(message)


class TestMetadata:
    def read(self, tmp_path: Path, said: Any) -> Metadata:
        path = tmp_path / "submission_metadata.json"
        path.write_text(said if isinstance(said, str) else json.dumps(said))
        return read_metadata(path)

    def test_it_is_read_as_gradescope_documents_it(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, METADATA)
        assert found.student == StudentId("student@example.com", "Student User", "student@example.com")
        assert found.due == datetime(2018, 7, 31, 23, tzinfo=timezone(timedelta(hours=-7)))
        assert (found.submitted_at[:10], found.total_points, found.problem) == ("2018-07-01", 20.0, "")

    def test_runs_that_failed_are_no_attempts(self, tmp_path: Path) -> None:
        assert (self.read(tmp_path, METADATA).attempt, self.read(tmp_path, METADATA).before) == (2, 7.5)

    def test_a_group_is_everybody_and_its_latest_due_date_holds(self, tmp_path: Path) -> None:
        extended = {"due_date": "2018-08-03T23:00:00.000000-07:00"}
        users = [{"email": "a@b.c", "id": 1, "name": "A"}, {"email": None, "id": 2, "name": "", "assignment": extended}]
        found = self.read(tmp_path, METADATA | {"users": users})
        assert [one.id for one in found.students] == ["a@b.c", "2"]
        assert found.due is not None
        assert found.due.day == 3

    @pytest.mark.parametrize("said", ["{", "[]", '{"users": 3}', '{"created_at": {}}'])
    def test_what_cannot_be_read_is_told_and_stops_nothing(self, tmp_path: Path, said: str) -> None:
        found = self.read(tmp_path, said)
        assert found.students == (NOBODY,)
        assert found.problem.startswith("submission_metadata.json: ")
        assert "cannot be read" in read_metadata(tmp_path / "nowhere.json").problem

    def test_what_is_null_or_absent_is_unknown(self, tmp_path: Path) -> None:
        for said in ({}, dict.fromkeys(("created_at", "assignment")), {"assignment": {"due_date": "soon"}}):
            assert self.read(tmp_path, said) == Metadata()

    def test_gradescopes_due_date_counts_before_the_courses(self, tmp_path: Path) -> None:
        late = LatePolicy(datetime(2018, 6, 1, tzinfo=timezone.utc), percent_per_day=10, at_most=50)
        found = self.read(tmp_path, METADATA)
        assert found.late_percent(late) == 0  # handed in on the first of July, due on the 31st
        assert replace(found, due=None).late_percent(late) == 50
        assert replace(found, submitted_at="2018-08-01T12:00:00-07:00").late_percent(late) == 10
        assert found.late_percent(None) == 0


class TestChoosing:
    def choose(self, tmp_path: Path, **files: bytes) -> Submission:
        folder = plant(tmp_path / "submission", {name.replace("__", "/"): data for name, data in files.items()})
        folder.mkdir(parents=True, exist_ok=True)
        with Opener() as opener:
            return choose(folder, SLUG, NOBODY, "", opener)

    def test_any_file_name_will_do(self, tmp_path: Path) -> None:
        chosen = self.choose(tmp_path, **{"my homework (final) 2.ipynb": notebook(), "notes.txt": b"hello"})
        assert (chosen.problem, chosen.exercise) == (None, SLUG)
        assert chosen.source.path.name == "my homework (final) 2.ipynb"

    def test_one_that_says_nothing_is_taken_for_this_exercise(self, tmp_path: Path) -> None:
        assert self.choose(tmp_path, **{"a.ipynb": notebook(None)}).problem is None

    def test_of_several_the_one_of_this_exercise_is_graded(self, tmp_path: Path) -> None:
        files = {"other.ipynb": notebook("02_more"), "scratch.ipynb": notebook(None), "work__this.ipynb": notebook()}
        chosen = self.choose(tmp_path, **files)
        assert (chosen.problem, chosen.source.path.name) == (None, "this.ipynb")

    def test_a_zip_is_opened(self, tmp_path: Path) -> None:
        chosen = self.choose(tmp_path, **{"all.zip": packed({"work/01.ipynb": notebook()})})
        assert (chosen.problem, chosen.source.members) == (None, ("work/01.ipynb",))

    def test_the_same_file_twice_is_one(self, tmp_path: Path) -> None:
        assert self.choose(tmp_path, **{"a.ipynb": notebook(), "copy__a.ipynb": notebook()}).problem is None

    def test_two_that_may_be_meant_are_not_guessed_at(self, tmp_path: Path) -> None:
        problem = self.choose(tmp_path, **{"a.ipynb": notebook(), "b__c.ipynb": notebook(SLUG, "x = 1")}).problem
        assert problem == "these are 2 notebooks: a.ipynb, b/c.ipynb. Hand in the one that is to be graded, alone"

    def test_another_exercises_notebook_is_named(self, tmp_path: Path) -> None:
        problem = self.choose(tmp_path, **{"a.ipynb": notebook("02_more")}).problem
        assert problem == "a.ipynb is the notebook of 02_more. Hand in that of 01_demo"

    def test_what_a_student_writes_there_is_cut(self, tmp_path: Path) -> None:
        problem = self.choose(tmp_path, **{"a.ipynb": notebook("x" * 10_000)}).problem
        assert problem is not None
        assert len(problem) < 300

    def test_no_notebook_is_said_with_what_there_is(self, tmp_path: Path) -> None:
        problem = self.choose(tmp_path, **{"answers.py": b"", "sub__plot.png": b""}).problem
        assert problem == (
            "no notebook was handed in, only answers.py, sub/plot.png. Hand in your 01_demo.ipynb: the file that you"
            " worked in, as it is"
        )
        assert (self.choose(tmp_path / "empty").problem or "").startswith("nothing was handed in. ")

    @pytest.mark.parametrize(("name", "data"), [("a.ipynb", b""), ("a.zip", b"PK\3\4 not a zip")])
    def test_an_unreadable_file_is_a_problem_with_a_reason(self, tmp_path: Path, name: str, data: bytes) -> None:
        assert self.choose(tmp_path, **{name: data}).problem

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        plant(tmp_path, {"secret.ipynb": notebook()})
        (tmp_path / "submission").mkdir()
        (tmp_path / "submission" / "a.ipynb").symlink_to(tmp_path / "secret.ipynb")
        assert self.choose(tmp_path).problem == "a link, not a file"


class TestContainer:
    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ({"memory.max": "805306368\n"}, 768),
            ({"memory/memory.limit_in_bytes": "805306368\n"}, 768),
            ({"memory.max": "max\n"}, None),
            ({"memory/memory.limit_in_bytes": "9223372036854771712\n"}, None),
            ({}, None),
        ],
    )
    def test_its_memory_is_read_from_either_kind_of_group(
        self, tmp_path: Path, files: dict[str, str], expected: int | None
    ) -> None:
        for name, said in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(said)
        assert container_mb(tmp_path) == expected

    def test_a_notebook_gets_what_the_rest_leaves(self) -> None:
        assert for_notebook(768) == 768 - OURS_MB
        assert for_notebook(256) == 128
        assert for_notebook(None) == 0

    def test_the_smaller_limit_holds(self, scaffolded: Path) -> None:
        tight, loose = (LocalGrader(Plan(scaffolded, TIER, "cpu", memory_mb=most)) for most in (320, 0))
        assert tight._limits(Limits(memory_mb=1024)).memory_mb == 320
        assert tight._limits(Limits(memory_mb=200)).memory_mb == 200
        assert loose._limits(Limits(memory_mb=1024)).memory_mb == 1024


class Stopping(LocalGrader):
    """Looks at the first case, then fails as a machine may."""

    def grade(self, task: Any, told: Callable[..., None] | None = None) -> Any:
        def stop(result: Any) -> None:
            assert told is not None
            told(result)
            raise OSError("the disk is gone")

        return super().grade(task, stop)


class TestGrading:
    """In Gradescope's folders, with a grader without processes."""

    @pytest.fixture
    def layout(self, tmp_path: Path) -> Layout:
        plant(tmp_path, {"submission_metadata.json": json.dumps(METADATA).encode()})
        (tmp_path / "submission").mkdir()
        return Layout(tmp_path)

    def grade(
        self,
        layout: Layout,
        course: Path,
        *cells: str,
        data: bytes | None = None,
        find: Callable[..., Tier] = lambda **_: TIER,
        grader: type[LocalGrader] = LocalGrader,
        **wishes: Any,
    ) -> tuple[int, dict[str, Any], str]:
        """The exit code, the file and what staff read."""
        plant(layout.submission, {"mine.ipynb": notebook(SLUG, *cells) if data is None else data})
        said: list[str] = []
        code = grade(layout, Wishes(course, SLUG, **wishes), said.append, find=find, make_grader=grader)
        results = json.loads(layout.results.read_text())
        jsonschema.validate(results, RESULTS)
        return code, results, "\n".join(said)

    def test_a_right_notebook_gets_its_points(self, layout: Layout, scaffolded: Path) -> None:
        code, results, said = self.grade(layout, scaffolded, RIGHT)
        assert (code, results["score"]) == (OK, 10)
        assert results["output"] == "**10 of 10 points**\n\nThis is submission 2; the one before it had 7.5 points."
        assert "Student User <student@example.com>" in said
        assert "the assignment has 20 points, this exercise 10" in said

    def test_a_wrong_one_reads_the_hint_and_staff_the_values(self, layout: Layout, scaffolded: Path) -> None:
        wrong = "def patch_mean(patch):\n    raise ValueError('31337')\n"
        code, results, said = self.grade(layout, scaffolded, wrong, "1 / 0")
        assert (code, results["score"]) == (OK, 0)
        assert "Add up all the values" in results["tests"][0]["output"]
        assert "31337" not in json.dumps(results)
        assert "ZeroDivisionError" in results["output"]
        assert "31337" in said

    def test_a_later_visibility_tells_no_earlier_points_either(self, layout: Layout, scaffolded: Path) -> None:
        _, results, _ = self.grade(layout, scaffolded, RIGHT, visibility="after_published")
        assert results["output"] == gradescope.LATER["after_published"]

    @pytest.mark.parametrize(
        ("data", "reason"), [(b"{", "not a notebook"), (b" ", "is empty"), (notebook("02_x"), "02")]
    )
    def test_what_is_no_notebook_earns_nothing_and_says_why(
        self, layout: Layout, scaffolded: Path, data: bytes, reason: str
    ) -> None:
        code, results, _ = self.grade(layout, scaffolded, data=data)
        assert (code, results["score"]) == (OK, 0)
        assert "Your notebook could not be run: " in results["output"]
        assert reason in results["output"]

    @pytest.mark.parametrize("found", [GraderError("no Landlock -> upgrade"), RuntimeError("a bug of ours")])
    def test_a_fault_of_ours_is_no_zero(self, layout: Layout, scaffolded: Path, found: Exception) -> None:
        def fail(**_: Any) -> Tier:
            raise found

        code, results, said = self.grade(layout, scaffolded, RIGHT, find=fail)
        assert code == FAILED
        assert results == unscored(FAULT)
        assert str(found) in said
        assert str(found) not in json.dumps(results)

    def test_a_hidden_case_that_fails_by_itself_is_no_zero(self, layout: Layout, course_dir: Path) -> None:
        path = course_dir / "tests" / "hidden" / f"{SLUG}.py"
        broken = '    if student.patch_mean([1.0]) != 1.0:\n        {}["key"]\n'
        path.write_text(path.read_text().replace("    expect.close(student.patch_mean([2.0, 4.0]), 3.0)", broken))
        code, results, said = self.grade(layout, course_dir, "def patch_mean(patch):\n    return 0.0")
        assert code == FAILED
        assert results["output"] == FAULT
        assert "score" not in results
        assert len(results["tests"]) == 2
        assert not [test for test in results["tests"] if "score" in test]
        assert "a hidden case failed by itself" in said

    def test_a_broken_course_is_no_zero(self, layout: Layout, course_dir: Path) -> None:
        (course_dir / "grading_config.yaml").write_text("title: [")
        code, results, said = self.grade(layout, course_dir, RIGHT)
        assert (code, results) == (FAILED, unscored(FAULT))
        assert "grading_config.yaml" in said

    def test_what_is_known_so_far_is_there_if_the_platform_ends_us(self, layout: Layout, scaffolded: Path) -> None:
        written: list[dict[str, Any]] = []

        class Watched(LocalGrader):
            def grade(self, task: Any, told: Callable[..., None] | None = None) -> Any:
                def watch(result: Any) -> None:
                    assert told is not None
                    told(result)
                    written.append(json.loads(layout.results.read_text()))

                written.append(json.loads(layout.results.read_text()))
                return super().grade(task, watch)

        self.grade(layout, scaffolded, RIGHT, grader=Watched)
        assert [len(results["tests"]) for results in written] == [0, 1, 2]
        for results in written:
            jsonschema.validate(results, RESULTS)
            assert results["output"].startswith(NOT_ENDED)
            assert "score" not in json.dumps(results).replace("max_score", "")

    def test_a_fault_in_the_middle_takes_back_what_was_known(self, layout: Layout, scaffolded: Path) -> None:
        code, results, said = self.grade(layout, scaffolded, RIGHT, grader=Stopping)
        assert (code, results) == (FAILED, unscored(FAULT))
        assert "the disk is gone" in said

    def test_a_quiz_for_credit_is_not_graded_where_nobody_knows_whose_it_is(
        self, layout: Layout, course_dir: Path, repository: Path
    ) -> None:
        quizzes = course_dir / "exercises" / "quizzes"
        quizzes.mkdir(parents=True)
        quiz = repository / "exercises" / "quizzes" / "2_convolution_layer.yaml"
        (quizzes / quiz.name).write_bytes(quiz.read_bytes())
        with (course_dir / "tests" / "hidden" / f"{SLUG}.py").open("a") as file:
            file.write("# quiz\n")
        layout.metadata.unlink()
        code, results, said = self.grade(layout, course_dir, RIGHT)
        assert (code, results) == (FAILED, unscored(FAULT))
        assert "a quiz's numbers are each student's own" in said

    def test_lateness_costs_what_the_course_says(self, layout: Layout, course_dir: Path) -> None:
        path = course_dir / "grading_config.yaml"
        due = (
            path.read_text().replace(f"{SLUG}:", f"{SLUG}:\n    due: 2018-06-01 12:00")
            + "late: {percent_per_day: 20}\n"
        )
        path.write_text(due)
        layout.metadata.write_text(json.dumps(METADATA | {"created_at": "2018-08-01T14:22:32-07:00"}))
        _, results, said = self.grade(layout, course_dir, RIGHT)
        assert results["score"] == 8
        assert "Handed in late: 20 % off 10 points." in results["output"]
        assert "10 of 10 points, 8 with lateness" in said

    def test_readable_secrets_are_refused_in_any_tier(self, layout: Layout, scaffolded: Path) -> None:
        (layout.root / "source").mkdir()
        weak = Tier("weak", (), (MissingLayer("self-test", f"a confined process could read {layout.root / 'source'}"),))
        code, results, said = self.grade(layout, scaffolded, RIGHT, find=lambda **_: weak, allow_weak=True)
        assert (code, results) == (FAILED, unscored(FAULT))
        assert "grading refuses, weak sandbox or not" in said

    def test_staff_read_what_can_be_done_about_an_old_kernel(self, layout: Layout, scaffolded: Path) -> None:
        def fail(**_: Any) -> Tier:
            raise GraderError("the sandbox here is 'weak'")

        _, _, said = self.grade(layout, scaffolded, RIGHT, find=fail)
        assert "the sandbox here is 'weak'\n    -> docs/gradescope.md, Confinement there" in said
        _, _, said = self.grade(layout, scaffolded, RIGHT, find=fail, allow_weak=True)
        assert "docs/gradescope.md" not in said

    def test_gradescopes_folders_are_tried_by_the_self_test(self, layout: Layout, scaffolded: Path) -> None:
        asked: dict[str, Any] = {}

        def find(**options: Any) -> Tier:
            asked.update(options)
            return TIER

        (layout.root / "source").mkdir()
        self.grade(layout, scaffolded, RIGHT, find=find)
        for name in ("source", "results", "submission_metadata.json"):
            assert str(layout.root / name) in asked["protected"]
        assert asked["allow_weak"] is False

    def test_staff_read_no_control_characters(self) -> None:
        whose = Metadata((StudentId("a", "\x1b[2J\u202eeve", "e@x"),))
        said = for_staff(row(), whose)
        assert "\\x1b[2J\\u202eeve" in said
        assert "\x1b" not in said
