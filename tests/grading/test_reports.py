"""What is written about a submission: the JSON report, the student's feedback under each policy, and scores.csv."""

from __future__ import annotations

import csv
import io
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.config import FeedbackPolicy
from autograder.errors import GraderError
from autograder.gradebook import Gradebook
from autograder.messages import Death, Died, Exchange, Handle, Raised, Returned
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import SHOWN_CALLS, question_documents, show_answer
from autograder.reports.feedback import feedback
from autograder.reports.files import (
    feedback_path,
    report_path,
    scores_csv,
    write_atomically,
    write_entry,
    write_output,
    write_scores,
)
from autograder.reports.schema import report_schema

from .conftest import Unprivileged
from .made import EXERCISE, RAN, SECRET_EXPECTED, SECRET_INPUT, SECRET_TEXT, call, document, overridden, results, row

GOLDEN = Path(__file__).parent / "golden"
HIDING = [FeedbackPolicy.NOTHING, FeedbackPolicy.NAME, FeedbackPolicy.HINT]


def text(policy: FeedbackPolicy, **changes: Any) -> str:
    return feedback(row(**changes), policy)


class TestTheReport:
    def test_it_is_the_golden_one(self, tmp_path: Path) -> None:
        write_entry(tmp_path, row(run=RAN), FeedbackPolicy.HINT)
        written = (tmp_path / "reports" / "alice" / "01_demo.json").read_text("utf-8")
        assert written == (GOLDEN / "report.json").read_text("utf-8")

    def test_the_deciding_calls_of_a_failed_case_are_in_it_and_no_more_than_the_last_few(self) -> None:
        asked = tuple(Exchange(call("f", number), Returned(number)) for number in range(10))
        failed = CaseResult("q1", "c", "C", 1, Verdict.WRONG, 0.0, exchanges=asked)
        (question, _) = question_documents(EXERCISE, Report("01_demo", (failed,)))
        assert [one.call for one in question.cases[0].calls] == ["f(7)", "f(8)", "f(9)"]
        assert len(question.cases[0].calls) == SHOWN_CALLS

    def test_a_passed_case_shows_no_calls(self) -> None:
        assert question_documents(EXERCISE, Report("01_demo", results()))[0].cases[0].calls == ()

    @pytest.mark.parametrize(
        ("answer", "shown"),
        [
            (Returned([1, "a"]), "[1, 'a']"),
            (Returned(Handle(3, "Model")), "an object of type Model"),
            (Raised(("ValueError", "Exception"), "no"), "raised ValueError: no"),
            (Raised((), "no"), "raised Exception: no"),
            (Raised(("ValueError",), "x" * 1000), "raised ValueError: " + "x" * 200),
            (Died(Death.TIMEOUT, "stopped after 20 s"), "stopped after 20 s"),
        ],
    )
    def test_an_answer_is_a_line_to_read(self, answer: Any, shown: str) -> None:
        assert show_answer(answer) == shown

    def test_only_the_exception_that_ended_the_case_is_named(self) -> None:
        caught = Exchange(call("f"), Raised(("ValueError",), ""))
        passed = CaseResult("q1", "c", "C", 1, Verdict.PASSED, 1.0, exchanges=(caught,))
        wrong = replace(passed, verdict=Verdict.WRONG)
        long = replace(passed, verdict=Verdict.RAISED, exchanges=(Exchange(call("f"), Raised(("E" * 999,), "")),))
        nameless = replace(long, exchanges=(Exchange(call("f"), Raised((), "")),))
        (question, _) = question_documents(EXERCISE, Report("01_demo", (passed, wrong, long, nameless)))
        assert [case.error for case in question.cases] == ["", "", "E" * 100, ""]


class TestTheSchema:
    def test_the_committed_one_is_what_the_code_makes(self, repository: Path) -> None:
        made = json.loads((repository / "docs" / "report.schema.json").read_text("utf-8"))
        assert made == report_schema(), "mend with: python -m autograder.reports.schema > docs/report.schema.json"

    def test_the_module_prints_it(self) -> None:
        command = [sys.executable, "-m", "autograder.reports.schema"]
        ended = subprocess.run(command, capture_output=True, check=True, text=True)
        assert json.loads(ended.stdout) == report_schema()

    def written(self, folder: Path, **changes: Any) -> Any:
        entry = row(**changes)
        write_entry(folder, entry, FeedbackPolicy.HINT)
        return json.loads(report_path(folder, entry).read_text("utf-8"))

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"run": RAN},
            {"run": None, "questions": (), "status": "unreadable", "note": "is empty"},
            {"status": "error", "needs_review": True, "possible": 0.0},
            {"status": "unknown_exercise", "exercise": "unknown-1"},
        ],
    )
    def test_a_report_keeps_it(self, changes: dict[str, Any], tmp_path: Path) -> None:
        jsonschema.Draft202012Validator.check_schema(report_schema())
        jsonschema.validate(self.written(tmp_path, **changes), report_schema())

    @pytest.mark.parametrize(
        ("key", "value"),
        [("student", None), ("score", "10"), ("status", "fine"), ("schema_version", 2), ("more", 1), ("questions", {})],
    )
    def test_what_is_no_report_does_not(self, key: str, value: Any, tmp_path: Path) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(self.written(tmp_path) | {key: value}, report_schema())

    def test_no_field_may_be_left_out(self, tmp_path: Path) -> None:
        written = self.written(tmp_path)
        assert sorted(report_schema()["required"]) == sorted(written)

    def test_each_field_is_described(self) -> None:
        schema = report_schema()
        for part in (schema, *schema["$defs"].values()):
            assert part["description"]
            for name, field in part["properties"].items():
                assert len(field.get("description", "")) > 10, name


class TestFeedback:
    @pytest.mark.parametrize("policy", FeedbackPolicy)
    def test_it_is_the_golden_one_under_each_policy(self, policy: FeedbackPolicy) -> None:
        assert text(policy) == (GOLDEN / f"feedback_{policy.value}.md").read_text("utf-8")

    @pytest.mark.parametrize("policy", HIDING)
    @pytest.mark.parametrize("secret", [str(SECRET_INPUT), str(SECRET_EXPECTED), SECRET_TEXT])
    def test_no_hidden_input_expected_value_or_exceptions_text_is_in_it(
        self, policy: FeedbackPolicy, secret: str
    ) -> None:
        assert secret in json.dumps(row().document)
        assert secret not in text(policy)

    def test_they_are_in_it_where_the_policy_says_so(self) -> None:
        assert f"patch_mean({SECRET_INPUT}): expected {SECRET_EXPECTED}, got 3" in text(FeedbackPolicy.FULL)

    def test_each_policy_tells_more_than_the_one_before(self) -> None:
        lines = [set(text(policy).splitlines()) for policy in FeedbackPolicy]
        assert all(less < more for less, more in itertools.pairwise(lines))

    @given(st.text(min_size=4), st.sampled_from(HIDING), st.sampled_from(["message", "error"]))
    def test_what_student_code_may_have_made_of_a_hidden_input_is_in_none_of_it(
        self, made: str, policy: FeedbackPolicy, where: str
    ) -> None:
        marked = f"<{made}>"
        written = row()
        for question in written.document["questions"]:
            for case in question["cases"]:
                case[where] = marked
                case["calls"] = [{"call": marked, "answer": marked}]
        assert feedback(written, policy).count(made) == feedback(row(), policy).count(made)

    def test_a_name_that_is_missing_is_said_once_and_without_the_exception(self) -> None:
        made_now = row()
        cases = made_now.document["questions"][0]["cases"]
        for case in cases[-2:]:
            case |= {"undefined": "patch_mean", "hint": "Your notebook defines no patch_mean.", "error": "NameError"}
        text = feedback(made_now, FeedbackPolicy.HINT)
        assert text.count("Your notebook defines no patch") == 1
        assert "NameError here" not in text

    def test_reports_of_releases_that_kept_neither_first_lines_nor_names_are_read(self) -> None:
        old = row()
        del old.document["run"]["cell_errors"][0]["line"]
        for case in old.document["questions"][0]["cases"]:
            del case["undefined"]
        assert "\nCell 2:\n" in feedback(old, FeedbackPolicy.HINT)

    def test_points_that_a_person_set_and_lateness_are_said(self) -> None:
        said = feedback(overridden(row(), late_percent=10.0), FeedbackPolicy.NOTHING)
        assert said == (GOLDEN / "feedback_overridden.md").read_text("utf-8")

    def test_what_a_person_has_to_look_at_is_no_fault_of_ours(self) -> None:
        review = CaseResult("q1", "one", "One patch", 2, Verdict.REVIEW, 1.0, f"audit: {SECRET_INPUT}")
        questions = question_documents(EXERCISE, Report("01_demo", (review,)))
        said = text(FeedbackPolicy.HINT, needs_review=True, note=f"audit: {SECRET_INPUT}", questions=questions)
        assert "These points are not final: your instructor looks at this submission." in said
        assert "One patch (2 of 2)\n  Your instructor looks at this." in said
        assert "went wrong" not in said
        assert str(SECRET_INPUT) not in said

    def test_points_that_are_not_final_are_said_to_be(self) -> None:
        said = text(FeedbackPolicy.HINT, needs_review=True, status="error", note=f"case {SECRET_INPUT} failed")
        assert "these points are not final" in said
        assert str(SECRET_INPUT) not in said

    def test_why_a_notebook_could_not_be_run_is_said_as_text(self) -> None:
        said = text(
            FeedbackPolicy.NOTHING, status="unreadable", note="not JSON: <b>&\n# line 1", run=None, questions=()
        )
        assert "Your notebook could not be run: not JSON: \\<b>&\\\\n# line 1" in said
        assert "q1" not in said

    def test_a_cell_that_stopped_is_a_block_that_its_error_cannot_close(self) -> None:
        run = {
            **row().document["run"],
            "more_errors": 3,
            "cell_errors": [
                {"cell": 2, "outcome": "error", "error": "```\n# 100 points\n\x1b[2J", "line": "# *100* points\x1b"}
            ],
        }
        said = feedback(replace(row(), document=row().document | {"run": run}), FeedbackPolicy.NOTHING)
        assert "\nCell 2 · # \\*100\\* points\\\\x1b:\n" in said
        assert "````text\n```\n# 100 points\n\\x1b[2J\n````" in said

    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            ("ZeroDivisionError", "Your code raised ZeroDivisionError here."),
            (f"Sees{SECRET_INPUT}", "Your code raised an exception here."),
            ("print", "Your code raised an exception here."),
            ("", "Your code raised an exception here."),
            ("NotImplementedError", "Not answered yet."),
        ],
    )
    def test_only_pythons_own_exceptions_are_named(self, error: str, sentence: str) -> None:
        written = row()
        case = next(one for one in written.document["questions"][0]["cases"] if one["case"] == "raises")
        case["error"] = error
        assert f"It raises (0 of 2)\n  {sentence}" in feedback(written, FeedbackPolicy.HINT)


class TestScores:
    def test_it_is_the_golden_one(self, tmp_path: Path) -> None:
        nothing: dict[str, Any] = {"score": 0.0, "possible": 0.0, "questions": ()}
        rows = [
            row("alice"),
            row("=HYPERLINK(1)", "02_more", score=0.123456789, possible=3.0),
            row('zoë, "the" best\n;', "unknown-1", status="unknown_exercise", needs_review=True, **nothing),
            overridden(row("late"), late_percent=20.0, submitted_at="2026-11-27T08:00:00+00:00"),
        ]  # fmt: skip
        assert scores_csv(rows) == (GOLDEN / "scores.csv").read_text("utf-8")

    def test_it_has_a_row_for_each_student_and_exercise_of_the_gradebook(self, tmp_path: Path) -> None:
        with Gradebook(tmp_path) as gradebook:
            for student, exercise in (("b", "01"), ("a", "01"), ("a", "02"), ("a", "01")):
                gradebook.put(row(student, exercise))
            path = write_scores(gradebook)
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
        assert [(one["student"], one["exercise"]) for one in rows] == [("a", "01"), ("b", "01"), ("a", "02")]

    def test_questions_stand_in_the_order_of_their_numbers(self) -> None:
        many = row()
        question = many.document["questions"][0]
        many.document["questions"] = [{**question, "id": name} for name in ("q10", "q2", "q1")]
        header = scores_csv([many]).splitlines()[0].split(",")
        assert header[7:10] == ["q1", "q2", "q10"]

    def test_a_class_of_nobody_is_a_header(self) -> None:
        assert scores_csv([]).splitlines() == [
            "student,exercise,score,possible,percent,status,needs_review,raw_score,late_percent,overridden,"
            "submitted_at,device,tier,graded_at"
        ]

    @pytest.mark.parametrize("student", ["a;=1+1", 'a";=1+1;"', "a;@SUM(A1);b", "a,=1+1"])
    @pytest.mark.parametrize("delimiter", [",", ";"])
    def test_a_student_is_one_cell_wherever_a_spreadsheet_splits(self, student: str, delimiter: str) -> None:
        (_, cells) = csv.reader(scores_csv([row(student)]).splitlines(), delimiter=delimiter)
        assert cells[0].startswith(student)
        assert not any(cell.startswith(("=", "@")) for cell in cells)

    @given(st.lists(st.text(), min_size=1, max_size=4, unique=True))
    def test_whatever_students_are_called_there_is_a_row_for_each(self, names: list[str]) -> None:
        rows = list(csv.DictReader(io.StringIO(scores_csv(row(name) for name in names))))
        assert [one["score"] for one in rows] == ["3"] * len(names)
        assert not any(one["student"].startswith(("=", "+", "-", "@")) for one in rows)


class TestFiles:
    @pytest.mark.parametrize("student", ["../../etc", "a/b", "", "\x1b[2J", "x" * 400, "\U00020000" * 90])
    def test_they_stay_in_their_folder_whatever_a_student_is_called(self, student: str, tmp_path: Path) -> None:
        entry = row(student)
        write_entry(tmp_path / "results", entry, FeedbackPolicy.HINT)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert sorted(files) == sorted(
            [report_path(tmp_path / "results", entry), feedback_path(tmp_path / "results", entry)]
        )
        assert json.loads(report_path(tmp_path / "results", entry).read_text())["student"] == student

    def test_a_file_is_the_old_one_or_the_new_one(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "x.txt"
        write_atomically(path, "old")
        with pytest.raises(TypeError):
            write_atomically(path, None)  # type: ignore[arg-type]
        assert path.read_text() == "old"
        write_atomically(path, "new \ud800")
        assert path.read_bytes() == b"new \\ud800"
        assert [one.name for one in path.parent.iterdir() if one.suffix == ".txt"] == ["x.txt"]

    def test_a_report_is_ascii_so_that_any_program_reads_it(self, tmp_path: Path) -> None:
        entry = replace(row("zoë"), name="\ud800\u202e")
        write_entry(tmp_path, entry, FeedbackPolicy.HINT)
        assert report_path(tmp_path, entry).read_bytes().isascii()
        assert [path.name for path in (tmp_path / "reports").iterdir()] == ["zoë"]


def test_a_document_holds_plain_values_only() -> None:
    assert json.loads(json.dumps(document().to_json())) == row().document


class TestPlacesThatCannotBeWritten:
    def test_a_folder_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match=r"x\.csv: there is no folder .*nope\n    -> make it"):
            write_output(tmp_path / "nope" / "x.csv", b"")
        assert not (tmp_path / "nope").exists()

    def test_what_is_in_the_way_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").mkdir()
        with pytest.raises(GraderError, match=r"x\.csv cannot be written \(Is a directory\)\n    -> move away"):
            write_output(tmp_path / "x.csv", b"")

    def test_no_permission_is_no_lack_of_room(self, public: Path, unprivileged: Unprivileged) -> None:
        public.chmod(0o555)
        with unprivileged(), pytest.raises(GraderError, match=r"\(Permission denied\)\n    -> let this account write"):
            write_output(public / "x.csv", b"")
