"""One submission: the judge on one side, the notebook on the other, and a report of both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from autograder.course import open_course
from autograder.errors import GraderError, ZygoteTrouble
from autograder.grading import Grader
from autograder.messages import Answer, Request, Target
from autograder.namespace import reference_notebook
from autograder.outcome import versions
from autograder.reports.document import ReportDocument
from autograder.reports.schema import report_schema
from autograder.sandbox.tier import Tier
from autograder.sandbox.warm import ZygoteSpec
from autograder.task import Plan, Task

from .made import SLUG, notebook
from .unconfined import TIER, LocalGrader, Unconfined


@pytest.fixture(scope="module")
def grader(scaffolded: Path) -> LocalGrader:
    return LocalGrader(Plan(scaffolded, TIER, "cpu"))


RIGHT = """
import numpy as np

def patch_mean(patch):
    if np.size(patch) == 0:
        raise ValueError
    return float(np.mean(patch))
"""


def solved(*more: str) -> bytes:
    return notebook(SLUG, RIGHT, *more)


class TestGrade:
    def grade(self, grader: Grader, data: bytes, problem: str | None = None) -> ReportDocument:
        return grader.grade(Task(SLUG, data, problem))

    def test_a_right_notebook_earns_everything(self, grader: LocalGrader) -> None:
        report = self.grade(grader, solved())
        assert (report.status, report.score, report.possible, report.needs_review) == ("graded", 10, 10, False)
        assert report.exercise_title == "Exercise 1 · Demo"

    def test_a_mistake_is_named_with_its_hint(self, grader: LocalGrader) -> None:
        report = self.grade(
            grader, solved("def patch_mean(patch):\n    return np.mean(patch) if np.size(patch) else np.nan")
        )
        failed = report.questions[0].cases[1]
        assert (report.score, failed.mistake) == (6, "gives_nan_for_an_empty_patch")
        assert "NumPy gives nan" in failed.hint

    def test_an_empty_notebook_earns_nothing(self, grader: LocalGrader) -> None:
        report = self.grade(grader, notebook())
        assert (report.status, report.score) == ("graded", 0)
        first = report.questions[0].cases[0]
        assert (first.error, first.undefined) == ("NameError", "patch_mean")
        assert first.hint == "Your notebook defines no patch_mean."

    def test_a_cell_that_stops_is_told_and_costs_nothing_by_itself(self, grader: LocalGrader) -> None:
        report = self.grade(grader, solved("1 / 0"))
        assert report.score == 10
        assert report.run is not None
        assert [(one.cell, one.outcome, one.error) for one in report.run.cell_errors] == [
            (2, "error", "ZeroDivisionError: division by zero")
        ]
        assert (report.run.cells, report.run.output, report.run.wall_seconds) == (2, "hello\n", 0.1235)

    def test_bytes_that_could_not_be_had_are_unreadable_with_the_reason(self, grader: LocalGrader) -> None:
        report = self.grade(grader, b"", "is encrypted")
        assert (report.status, report.note, report.score, report.possible) == ("unreadable", "is encrypted", 0, 10)
        assert (report.run, report.needs_review) == (None, False)
        assert all(question.cases == () for question in report.questions), "the reason is said once, not with each case"

    def test_so_is_what_turns_out_to_be_no_notebook(self, grader: LocalGrader) -> None:
        report = self.grade(grader, b"Dear instructor")
        assert (report.status, report.run) == ("unreadable", None)
        assert report.note.startswith("it is not a notebook")

    def test_a_case_that_fails_by_itself_asks_for_review(self, course_dir: Path) -> None:
        hidden = course_dir / "tests" / "hidden" / "01_demo.py"
        trap = "    if student.patch_mean([7]) != 7:\n        {}['x']\n    with expect.raises(ValueError):"
        hidden.write_text(hidden.read_text().replace("    with expect.raises(ValueError):", trap))
        grader = LocalGrader(Plan(course_dir, TIER, "cpu"))
        report = self.grade(grader, solved("def patch_mean(patch):\n    return 3.0"))
        assert (report.status, report.needs_review) == ("error", True)
        assert report.note == "a hidden case failed by itself: q1, an_empty_patch_is_refused"
        assert [case.verdict for case in report.questions[0].cases] == ["wrong", "judge_error"]
        assert "KeyError" in report.questions[0].cases[1].message

    @pytest.mark.parametrize("problem", [None, "is encrypted"])
    def test_each_report_keeps_the_schema(self, grader: LocalGrader, problem: str | None) -> None:
        report = json.loads(json.dumps(self.grade(grader, solved(), problem).to_json()))
        outer = dict.fromkeys(("student", "name", "email", "file", "key", "graded_at", "submitted_at"), "")
        counts = {"final_score": report["score"], "late_percent": 0, "overrides": []}
        jsonschema.validate(outer | counts | report, report_schema())

    def test_the_same_notebook_gets_the_same_report(self, grader: LocalGrader, scaffolded: Path) -> None:
        other = LocalGrader(Plan(scaffolded, TIER, "cpu", slot=3))
        assert self.grade(grader, solved()) == self.grade(other, solved()) == self.grade(grader, solved())

    def test_the_setting_says_what_another_run_needs(self, grader: LocalGrader) -> None:
        setting = self.grade(grader, solved()).setting
        assert (setting.device, setting.tier, setting.missing_layers) == ("cpu", "inner", ("bubblewrap",))
        assert setting.seeds["course"] == 1
        assert 0 <= setting.seeds["notebook"] < 2**32
        assert setting.versions == versions()
        assert {"autograder", "python", "numpy"} <= set(setting.versions)


class TestReadiness:
    def test_an_exercise_is_loaded_once(self, scaffolded: Path) -> None:
        grader = LocalGrader(Plan(scaffolded, TIER, "cpu"))
        grader.prepare(SLUG)
        first = grader._ready[SLUG]
        grader.grade(Task(SLUG, solved()))
        assert grader._ready[SLUG] is first

    def test_what_the_reference_imports_is_imported_ahead(self, scaffolded: Path) -> None:
        class Importing(Unconfined):
            def ask(self, request: Request) -> Answer:
                if request.target is Target.PROBE and self.facts.cells:
                    from autograder.messages import Returned

                    return Returned(["sys", "lazy.module"])
                return super().ask(request)

        class Preparing(LocalGrader):
            def _session(self, ready: Any, data: bytes) -> Any:
                return Importing(data)

        grader = Preparing(Plan(scaffolded, TIER, "cpu"))
        grader.prepare(SLUG)
        (warm,) = grader._zygotes.values()
        assert warm.imported == ["lazy.module"]  # type: ignore[attr-defined]
        grader.close()
        assert warm.closed  # type: ignore[attr-defined]
        assert grader._zygotes == {}

    def test_a_reference_that_fails_here_stops_the_batch_with_the_case_and_what_to_do(self, scaffolded: Path) -> None:
        class Lacking(LocalGrader):
            def _session(self, ready: Any, data: bytes) -> Any:
                return Unconfined(notebook())

        with pytest.raises(
            GraderError,
            match=r"01_demo, q1, case \w+: the reference solution does not pass(.|\n)*-> `autograder doctor`",
        ):
            Lacking(Plan(scaffolded, TIER, "cpu")).prepare(SLUG)

    def test_an_exercise_that_is_not_there_is_a_sentence(self, scaffolded: Path) -> None:
        with pytest.raises(GraderError):
            LocalGrader(Plan(scaffolded, TIER, "cpu")).prepare("09_none")


class TestZygotesThatEnd:
    class Ending(LocalGrader):
        """Its zygote ends under each notebook that says so, as often as it may."""

        times = 1

        def _session(self, ready: Any, data: bytes) -> Any:
            if b"unlucky" in data and self.times:
                self.times -= 1
                self._zygotes[ready.spec].ended = True  # type: ignore[attr-defined]
                raise ZygoteTrouble("the warm process does not answer")
            return Unconfined(data)

    def test_a_notebook_whose_zygote_ended_is_graded_again_with_a_new_one(self, scaffolded: Path) -> None:
        grader = self.Ending(Plan(scaffolded, TIER, "cpu"))
        grader.prepare(SLUG)
        (old,) = grader._zygotes.values()
        assert grader.grade(Task(SLUG, solved("# unlucky"))).score == 10
        assert old.closed  # type: ignore[attr-defined]
        assert list(grader._zygotes.values()) != [old]

    def test_where_it_ends_again_and_again_that_is_ours_and_costs_this_notebook_alone(self, scaffolded: Path) -> None:
        grader = self.Ending(Plan(scaffolded, TIER, "cpu"))
        grader.times = 99
        with pytest.raises(ZygoteTrouble, match=r"failed 3 times on this notebook, at last: .* does not answer"):
            grader.grade(Task(SLUG, solved("# unlucky")))

    def test_an_error_while_the_zygote_lives_is_not_tried_again(self, scaffolded: Path) -> None:
        class Refusing(LocalGrader):
            def _session(self, ready: Any, data: bytes) -> Any:
                if b"unlucky" in data:
                    raise GraderError("no more processes may be made")
                return Unconfined(data)

        with pytest.raises(GraderError, match="no more processes"):
            Refusing(Plan(scaffolded, TIER, "cpu")).grade(Task(SLUG, solved("# unlucky")))


class TestPlan:
    def test_the_courses_secrets_are_protected(self, scaffolded: Path) -> None:
        course = open_course(scaffolded)
        spec = Plan(scaffolded, TIER, "cpu").zygote_spec(("torch",), course)
        assert spec == ZygoteSpec(
            warm=("torch",), protected=(str(course.root / "solutions"), str(course.config.tests_dir)), wall=False
        )

    def test_the_full_tier_has_its_wall(self, scaffolded: Path) -> None:
        plan = Plan(scaffolded, Tier("full", (), ()), "cpu")
        assert plan.zygote_spec((), open_course(scaffolded)).wall
        assert plan.missing_layers == ()

    def test_nothing_of_a_students_path_crosses(self) -> None:
        assert Task.__slots__ == ("exercise", "notebook", "problem", "ours", "weights", "student")


def test_the_reference_notebook_is_one_that_a_student_could_hand_in(grader: LocalGrader) -> None:
    data = reference_notebook(grader.course.exercise(SLUG))
    assert grader.grade(Task(SLUG, data)).score == 10
