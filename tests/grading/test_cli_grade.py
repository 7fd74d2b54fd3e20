"""`autograder grade` as a person meets it: sentences for wrong usage, a class from its files to its exit code."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from autograder.cli.grading import INTERRUPTED, OK, TO_LOOK_AT, Wishes, grade
from autograder.course import open_course
from autograder.errors import GraderError, RehearsalError
from autograder.gradebook import Gradebook
from autograder.reports.schema import report_schema
from autograder.samples import solved_notebook
from autograder.sandbox.tier import Tier
from autograder.task import Plan, Task

from .conftest import Command
from .made import SLUG, notebook, packed, plant, row
from .unconfined import TIER, InProcess

WRONG = "def patch_mean(patch):\n    return 0.0\n"


class TestUsage:
    @pytest.fixture
    def here(self, course_dir: Path) -> Path:
        plant(course_dir, {"class/alice/x.ipynb": notebook(), "empty/x.txt": b"", "bad.csv": b"a,b\n", "file": b""})
        return course_dir

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["class", "--device", "gpu"], "'gpu' is not auto, cpu or cuda"),
            (["class", "--require-tier", "fullest"], "'fullest' is not full or inner"),
            (["nowhere"], "nowhere does not exist"),
            (["empty"], "no notebook (.ipynb) in empty"),
            (["class", "--course", "class"], "class is not a course: it has no grading_config.yaml"),
            (["class", "--students", "bad.csv"], "bad.csv: its header is 'a,b'"),
            (["class", "--students", "none.csv"], "none.csv: cannot be read"),
            (["class", "--exercise", "nine"], "there is no exercise 'nine'"),
            (["class", "--jobs", "-1"], "--jobs"),
            ([], "PATH"),
        ],
    )
    def test_wrong_usage_is_a_sentence_and_exit_code_2(
        self, command: Command, here: Path, arguments: list[str], sentence: str
    ) -> None:
        outcome = command("grade", *arguments, cwd=here)
        assert outcome.code == 2
        assert sentence in " ".join(outcome.err.replace("│", " ").split())
        assert "Traceback" not in outcome.out + outcome.err
        assert not (here / "results").exists()

    def test_a_folder_that_is_no_course_says_where_to_go(self, command: Command, here: Path) -> None:
        outcome = command("grade", "alice", cwd=here / "class")
        assert outcome.code == 2
        assert "--course DIR" in outcome.err

    def test_what_the_tests_take_for_granted_holds(self, here: Path) -> None:
        assert open_course(here).slugs == (SLUG,)


class Class:
    """A course with submissions, and the command on them without a sandbox."""

    def __init__(self, course: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.course, self.submissions, self.results = course, folder / "class", folder / "results"
        self._capsys = capsys
        self.right = json.dumps(solved_notebook(open_course(course), SLUG)).encode()

    def wrong(self) -> bytes:
        solved = json.loads(self.right)
        solved["cells"] = [cell for cell in solved["cells"] if cell["cell_type"] == "code" and "otter" not in str(cell)]
        solved["cells"].append({"cell_type": "code", "metadata": {}, "outputs": [], "source": WRONG})
        return json.dumps(solved).encode()

    def grade(
        self, *, find: Callable[..., Tier] = lambda **_: TIER, executor: Any = InProcess, **wishes: Any
    ) -> tuple[int, str]:
        asked = Wishes(
            paths=[self.submissions],
            output=self.results,
            course=self.course,
            exercise=None,
            students=None,
            jobs=2,
            device="cpu",
            regrade=False,
            allow_weak=False,
            require_tier="inner",
            use_wall=True,
        )
        self._capsys.readouterr()
        code = grade(replace(asked, **wishes), find=find, make_executor=executor)
        return code, self._capsys.readouterr().out

    @property
    def scores(self) -> list[dict[str, str]]:
        return list(csv.DictReader((self.results / "scores.csv").read_text("utf-8").splitlines()))


@pytest.fixture
def class_(course_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Class:
    return Class(course_dir, tmp_path, capsys)


class TestAClass:
    def test_everybody_gets_a_row_a_report_and_feedback(self, class_: Class) -> None:
        tree = {
            "alice/x.ipynb": class_.right,
            "bob/x.ipynb": class_.wrong(),
            "carol/01_demo.ipynb": b"",
            "dave/x.ipynb": notebook(None),
            "eve/x.zip": packed({"x.ipynb": class_.right}),
        }
        plant(class_.submissions, tree)
        code, out = class_.grade()
        assert code == TO_LOOK_AT
        shown = [
            (one["student"], one["exercise"], one["score"], one["status"], one["needs_review"]) for one in class_.scores
        ]
        assert shown == [
            ("alice", SLUG, "10", "graded", "no"),
            ("bob", SLUG, "0", "graded", "no"),
            ("carol", SLUG, "0", "unreadable", "no"),
            ("eve", SLUG, "10", "graded", "no"),
            ("dave", "unknown-1", "0", "unknown_exercise", "yes"),
        ]
        assert out.splitlines()[0] == TIER.one_line()
        assert "5 submissions to grade" in out
        assert "carol, 01_demo: unreadable: the file is empty" in out
        assert "dave, unknown-1: unknown_exercise: which exercise is" in out
        for one in class_.scores:
            report = json.loads((class_.results / "reports" / one["student"] / f"{one['exercise']}.json").read_text())
            jsonschema.validate(report, report_schema())
            assert report["student"] == one["student"]
            assert (class_.results / "feedback" / one["student"] / f"{one['exercise']}.md").exists()

    def test_what_we_cannot_read_is_no_zero_and_is_tried_again(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/01_demo.ipynb": b""})
        bad = class_.submissions / "bad.ipynb"
        bad.symlink_to("/proc/self/mem")  # its first byte cannot be read, by nobody
        paths = [class_.submissions / "alice" / "x.ipynb", bad]
        for _ in range(2):
            code, out = class_.grade(paths=paths, exercise=SLUG)
            assert code == TO_LOOK_AT
            assert "1 to grade" in out or "2 submissions to grade" in out
            mine = next(one for one in class_.scores if one["student"] == "mem")
            assert (mine["status"], mine["needs_review"]) == ("error", "yes")
        report = json.loads((class_.results / "reports/mem/01_demo.json").read_text())
        assert report["note"] == "a fault of ours: cannot be read: Input/output error"
        feedback = (class_.results / "feedback/mem/01_demo.md").read_text()
        assert "Something of ours went wrong" in feedback
        assert "/" not in feedback

    def test_a_file_whose_exercise_is_known_at_last_leaves_no_row_of_an_unknown_one(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "dave/x.ipynb": notebook(None)})
        class_.grade()
        class_.grade(exercise=SLUG)
        assert [(one["student"], one["exercise"]) for one in class_.scores] == [("alice", SLUG), ("dave", SLUG)]
        assert not (class_.results / "reports" / "dave" / "unknown-1.json").exists()

    def test_who_handed_in_no_notebook_is_unreadable_and_it_is_said(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "paul/answers.pdf": b"%PDF"})
        code, out = class_.grade()
        assert code == TO_LOOK_AT
        assert "paul, 01_demo: unreadable: handed in no notebook (answers.pdf)" in out
        assert "You handed in no notebook (answers.pdf)." in (class_.results / "feedback/paul/01_demo.md").read_text()

    def test_where_all_is_well_the_exit_code_is_0(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": class_.wrong()})
        assert class_.grade()[0] == OK

    def test_one_submission_is_shown_with_its_cases(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong()})
        _, out = class_.grade()
        assert "alice, 01_demo: 0 of 10 points" in out
        assert "q1  0/10  Mean of a patch" in out
        assert "✗ random patches agree with numpy: patch_mean(" in out

    def test_older_submissions_are_remarked_on(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/a.ipynb": class_.wrong(), "alice/b.ipynb": class_.right})
        _, out = class_.grade()
        assert "note: alice, 01_demo: " in out
        assert class_.scores[0]["score"] == "10"

    @pytest.mark.parametrize("name", ["[bold] :smile: [red]x", "\x1b]0;title\x07\x1b[2J", "\u202eecila", "=1+1"])
    @pytest.mark.parametrize("others", [0, 2])
    def test_a_students_name_is_only_a_name(self, class_: Class, name: str, others: int) -> None:
        tree = {f"{name}/01_demo.ipynb": b"{}"} | {f"s{number}/x.ipynb": class_.right for number in range(others)}
        plant(class_.submissions, tree)
        code, out = class_.grade()
        assert code == TO_LOOK_AT
        assert "\x1b" not in out
        assert "\u202e" not in out
        if name.isprintable():
            assert name in out

    def test_a_name_that_is_not_unicode_is_graded(self, class_: Class) -> None:
        plant(class_.submissions, {"x/x.ipynb": class_.right})
        try:
            (class_.submissions / "x").rename(class_.submissions / "caf\udce9")
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
        assert class_.grade()[0] == OK
        assert class_.scores[0]["student"] == "caf\\udce9"

    def test_students_of_a_csv_share_a_submission(self, class_: Class, tmp_path: Path) -> None:
        plant(class_.submissions, {"team/x.ipynb": class_.right})
        plant(tmp_path, {"s.csv": b"file,student,name\nteam,s1,Jane\nteam,s2,Joe\n"})
        class_.grade(students=tmp_path / "s.csv")
        assert [(one["student"], one["score"]) for one in class_.scores] == [("s1", "10"), ("s2", "10")]


class TestAgain:
    def test_what_is_graded_is_not_graded_again(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": class_.wrong()})
        class_.grade()
        before = class_.scores

        def none(plan: Plan, jobs: int) -> Any:
            pytest.fail("there is nothing to grade")

        code, out = class_.grade(executor=none)
        assert (code, class_.scores) == (OK, before)
        assert "2 submissions: 0 to grade, 2 graded already (same content, tests, settings and engine" in out

    def test_what_is_new_or_changed_is_and_who_changed_is_said(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": class_.wrong()})
        class_.grade()
        plant(class_.submissions, {"bob/x.ipynb": class_.right, "carol/x.ipynb": class_.right})
        _, out = class_.grade()
        assert "3 submissions: 2 to grade, 1 graded already" in out
        assert "bob, 01_demo: 0 -> 10 of 10" in out
        assert "alice, 01_demo:" not in out

    def test_changed_tests_grade_everybody_again(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        class_.grade()
        hidden = class_.course / "tests" / "hidden" / f"{SLUG}.py"
        hidden.write_text(hidden.read_text() + "\n# changed\n")
        assert "1 submission to grade" in class_.grade()[1]

    def test_regrade_grades_everything(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        class_.grade()
        assert "1 submission to grade" in class_.grade(regrade=True)[1]

    def test_what_became_stale_and_why_is_said(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": class_.right})
        assert "stale:" not in class_.grade()[1]
        for folder, what in (("hidden", "hidden cases"), ("mistakes", "known mistakes")):
            path = class_.course / "tests" / folder / f"{SLUG}.py"
            path.write_text(path.read_text() + "\n# changed\n")
            assert f"stale: 01_demo: 2 results (the {what} changed)" in class_.grade()[1]
        config = class_.course / "grading_config.yaml"
        config.write_text(config.read_text().replace("seed: 1", "seed: 2"))
        plant(class_.submissions, {"bob/x.ipynb": class_.wrong()})
        _, out = class_.grade()
        assert "stale: 01_demo: 1 result (points, limits, seed or training in the config changed)" in out
        assert (
            "stale: 01_demo: 1 result (handed in anew, points, limits, seed or training in the config changed)" in out
        )
        assert "stale:" not in class_.grade()[1]
        assert "stale:" not in class_.grade(regrade=True)[1]

    def test_a_notebook_that_was_only_saved_again_is_not_new(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        class_.grade()
        saved = json.loads(class_.right)
        for number, cell in enumerate(saved["cells"]):
            cell["id"] = f"other{number}"
            if cell["cell_type"] == "code":
                cell |= {"execution_count": number, "outputs": [{"output_type": "stream", "text": "hello"}]}
        plant(class_.submissions, {"alice/x.ipynb": json.dumps(saved, indent=1).encode()})
        code, out = class_.grade()
        assert "1 submission: 0 to grade" in out
        assert code == OK
        assert "stale:" not in out

    def test_what_could_not_be_read_is_told_apart_by_its_bytes(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/01_demo.ipynb": b"{"})
        class_.grade()
        assert "1 submission: 0 to grade" in class_.grade()[1]
        plant(class_.submissions, {"alice/01_demo.ipynb": b"{ "})
        assert "1 submission to grade" in class_.grade()[1]

    def test_what_an_earlier_release_graded_is_stale(self, class_: Class) -> None:
        with Gradebook(class_.results) as gradebook:
            gradebook.put(row("alice"))
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        assert "stale: 01_demo: 1 result (an earlier release graded it)" in class_.grade()[1]

    def test_regrading_shows_old_and_new_of_each_student_who_changed(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong(), "bob/x.ipynb": class_.right})
        class_.grade()
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        _, out = class_.grade(regrade=True)
        assert "alice, 01_demo: 0 -> 10 of 10 (q1 0 -> 10)" in out
        assert "bob, 01_demo:" not in out
        assert "graded again: 1 higher, 1 the same" in out

    def test_raise_only_never_lowers_and_does_not_ask_again(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": class_.wrong()})
        class_.grade()
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong(), "bob/x.ipynb": class_.right})
        _, out = class_.grade(regrade=True, raise_only=True)
        assert "alice, 01_demo: 10 -> 0 of 10 (q1 10 -> 0), not taken: 10 stays" in out
        assert "bob, 01_demo: 0 -> 10 of 10" in out
        assert "graded again: 1 higher, 1 lower and not taken (--raise-only)" in out
        assert [one["score"] for one in class_.scores] == ["10", "10"]
        assert json.loads((class_.results / "reports/alice/01_demo.json").read_text())["score"] == 10
        assert "2 submissions: 0 to grade" in class_.grade()[1]
        class_.grade(regrade=True)
        assert [one["score"] for one in class_.scores] == ["0", "10"]

    def test_raise_only_keeps_a_graded_result_where_grading_fails_now(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong()})
        class_.grade()
        plant(class_.submissions, {"alice/x.ipynb": b""})
        class_.grade(raise_only=True)
        assert class_.scores[0]["status"] == "graded"

    def test_points_set_by_hand_survive_regrading(self, class_: Class, command: Command) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong()})
        class_.grade()
        arguments = ("override", "alice", 1, "q1", "--points", 6, "--reason", "x", "--results", class_.results)
        assert command(*arguments, cwd=class_.course).code == 0
        class_.grade(regrade=True)
        assert (class_.scores[0]["score"], class_.scores[0]["overridden"]) == ("6", "q1")
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        _, out = class_.grade()
        assert "alice, 01_demo: 6 -> 6 of 10 (q1 0 -> 10)" in out

    def test_lateness_is_taken_off_and_both_scores_are_kept(self, class_: Class) -> None:
        config = class_.course / "grading_config.yaml"
        text = config.read_text().replace("exercises:", "late: {percent_per_day: 10}\nexercises:")
        config.write_text(text.replace("    points: 10", "    points: 10\n    due: 2026-11-25 12:00"))
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        _, out = class_.grade()
        assert "when they handed in is not known, so nothing is taken off: alice" in out
        assert class_.scores[0]["score"] == "10"
        _, out = class_.grade(submitted_at="2026-11-26T18:00")
        assert "1 submission: 0 to grade" in " ".join(out.split())
        kept = [class_.scores[0][name] for name in ("score", "raw_score", "late_percent", "submitted_at")]
        assert kept == ["8", "10", "20", "2026-11-26T18:00"]
        assert "20 % off 10 points" in (class_.results / "feedback" / "alice" / f"{SLUG}.md").read_text()
        assert "is not known" not in class_.grade(regrade=True)[1]
        assert class_.scores[0]["score"] == "8"

    def test_a_worse_notebook_that_came_late_takes_nothing_from_the_one_in_time(self, class_: Class) -> None:
        config = class_.course / "grading_config.yaml"
        text = config.read_text().replace("exercises:", "late: {percent_per_day: 10}\nexercises:")
        config.write_text(text.replace("    points: 10", "    points: 10\n    due: 2026-11-25 12:00"))
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        class_.grade(submitted_at="2026-11-25T11:00")
        plant(class_.submissions, {"alice/x.ipynb": class_.wrong()})
        _, out = class_.grade(submitted_at="2026-11-27T18:00", raise_only=True)
        assert "not taken: 10 stays" in out
        kept = [class_.scores[0][name] for name in ("score", "late_percent", "submitted_at")]
        assert kept == ["10", "0", "2026-11-25T11:00"]

    def test_an_exercise_in_the_making_is_in_nobodys_way(self, class_: Class) -> None:
        solution = class_.course / "solutions" / f"{SLUG}.py"
        (solution.parent / "02_draft.py").write_text(solution.read_text())
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        assert class_.grade()[0] == OK

    def test_files_that_a_killed_run_owes_are_written(self, class_: Class) -> None:
        with Gradebook(class_.results) as gradebook:
            gradebook.put(row("zoe"))
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        class_.grade()
        assert (class_.results / "reports" / "zoe" / f"{SLUG}.json").exists()
        assert [one["student"] for one in class_.scores] == ["alice", "zoe"]


class TestTrouble:
    def test_ctrl_c_keeps_what_is_done(self, class_: Class) -> None:
        class Interrupted(InProcess):
            def trouble(self, task: Task) -> None:
                if b"stop here" in task.notebook:
                    raise KeyboardInterrupt

        plant(class_.submissions, {f"{name}/x.ipynb": class_.right for name in "abcd"})
        plant(class_.submissions, {"e/x.ipynb": notebook(SLUG, "stop here"), "f/x.ipynb": class_.right})
        code, out = class_.grade(executor=Interrupted, jobs=1)
        assert code == INTERRUPTED
        assert len(class_.scores) >= 2
        assert f"stopped: {len(class_.scores)} graded and kept, {6 - len(class_.scores)} left." in out
        _, out = class_.grade()
        assert f"{6 - len(class_.scores) if len(class_.scores) < 6 else ''}" in out
        assert [one["student"] for one in class_.scores] == list("abcdef")

    def test_a_fault_of_ours_is_a_row_that_asks_for_review(self, class_: Class) -> None:
        class Faulty(InProcess):
            def trouble(self, task: Task) -> None:
                raise ZeroDivisionError("in the grader")

        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        code, out = class_.grade(executor=Faulty)
        assert code == TO_LOOK_AT
        (one,) = class_.scores
        assert (one["status"], one["needs_review"], one["score"], one["possible"]) == ("error", "yes", "0", "10")
        assert "alice, 01_demo: error: ZeroDivisionError: in the grader" in out
        assert "in the grader" not in (class_.results / "feedback" / "alice" / f"{SLUG}.md").read_text()

    def test_and_the_same_command_tries_it_again(self, class_: Class) -> None:
        class Faulty(InProcess):
            def trouble(self, task: Task) -> None:
                if b"alas" in task.notebook:
                    raise ZeroDivisionError("in the grader")

        alas = class_.right.replace(b'"nbformat"', b'"alas": 1, "nbformat"', 1)
        plant(class_.submissions, {"alice/x.ipynb": alas, "bob/x.ipynb": class_.right})
        class_.grade(executor=Faulty)
        assert [one["status"] for one in class_.scores] == ["error", "graded"]
        code, out = class_.grade()
        assert "2 submissions: 1 to grade, 1 graded already" in " ".join(out.split())
        assert (code, [one["score"] for one in class_.scores]) == (OK, ["10", "10"])

    def test_so_is_a_submission_that_kills_its_worker(self, class_: Class) -> None:
        class Dying(InProcess):
            def trouble(self, task: Task) -> None:
                if b"kill" in task.notebook:
                    raise BrokenExecutor

        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": notebook(SLUG, "kill")})
        class_.grade(executor=Dying)
        assert [(one["student"], one["status"]) for one in class_.scores] == [("alice", "graded"), ("bob", "error")]

    def test_what_an_instructor_must_mend_stops_it_and_keeps_what_is_done(self, class_: Class) -> None:
        class Lacking(InProcess):
            def trouble(self, task: Task) -> None:
                if b"lacking" in task.notebook:
                    raise GraderError("torch is missing")

        plant(class_.submissions, {"alice/x.ipynb": class_.right, "bob/x.ipynb": notebook(SLUG, "lacking")})
        with pytest.raises(GraderError, match="torch is missing"):
            class_.grade(executor=Lacking, jobs=1)
        assert [one["student"] for one in class_.scores] in ([], ["alice"])

    def test_a_sandbox_that_is_too_weak_stops_it_before_anything_is_written(self, class_: Class) -> None:
        asked: dict[str, Any] = {}

        def find(**wanted: Any) -> Tier:
            asked.update(wanted)
            raise GraderError("the sandbox here is 'weak'")

        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        with pytest.raises(GraderError, match="weak"):
            class_.grade(find=find, allow_weak=True, require_tier="full", use_wall=False)
        course = open_course(class_.course)
        assert asked == {
            "protected": (str(course.root / "solutions"), str(course.config.tests_dir)),
            "allow_weak": True,
            "required": "full",
            "use_wall": False,
        }
        assert not class_.results.exists()

    def test_a_second_one_on_the_same_results_is_refused(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        with Gradebook(class_.results), pytest.raises(GraderError, match="another autograder is writing"):
            class_.grade()

    def test_a_notebook_that_goes_away_after_it_was_found_is_a_fault_of_ours(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/01_demo.ipynb": class_.right})

        def find(**_: Any) -> Tier:
            (class_.submissions / "alice" / "01_demo.ipynb").unlink()
            return TIER

        assert class_.grade(find=find)[0] == TO_LOOK_AT
        assert class_.scores[0]["status"] == "error"


class OnTheCpuOnly(InProcess):
    """A machine whose CUDA is there, and fails in the sandbox."""

    def __init__(self, plan: Plan, jobs: int) -> None:
        super().__init__(plan, jobs)
        self.device = plan.device

    def trouble(self, task: Task) -> None:
        if self.device == "cuda":
            raise RehearsalError("01_demo, q1: the reference solution does not pass")


class TestCudaThatFails:
    @pytest.fixture(autouse=True)
    def there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "autograder.cli.grading.resolve_device", lambda wanted: "cuda" if wanted != "cpu" else "cpu"
        )

    def test_auto_grades_on_the_cpu_and_says_so(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        code, out = class_.grade(executor=OnTheCpuOnly, device="auto")
        assert code == OK
        assert "CUDA is here, but of no use: 01_demo, q1: the reference solution does not pass" in out
        assert "grading on the CPU instead" in out
        assert [(one["score"], one["device"]) for one in class_.scores] == [(class_.scores[0]["possible"], "cpu")]

    def test_cuda_as_asked_for_is_an_error(self, class_: Class) -> None:
        plant(class_.submissions, {"alice/x.ipynb": class_.right})
        with pytest.raises(RehearsalError):
            class_.grade(executor=OnTheCpuOnly, device="cuda")
