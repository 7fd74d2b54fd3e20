"""What a person sees while and after grading, on a terminal and off it; and what doctor says of a machine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.cli.doctor import OK, TO_MEND, doctor
from autograder.cli.progress import LINE_SECONDS, Meter, rate
from autograder.cli.summary import plain_console, print_summary
from autograder.errors import GraderError
from autograder.gradebook import Entry
from autograder.sandbox.tier import MissingLayer, Tier

from .conftest import Command
from .made import row


def console(*, terminal: bool = False, width: int = 120) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=terminal,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


def text_of(made: Console) -> str:
    assert isinstance(made.file, io.StringIO)
    return made.file.getvalue()


def summary(*entries: Entry, title: str = "A course", **options: Any) -> str:
    made = console(**options)
    print_summary(entries, title, Path("results/scores.csv"), made)
    return text_of(made)


class TestSummary:
    def test_a_class_is_a_line_an_exercise(self) -> None:
        scores = {"a": 14.0, "b": 7.0, "c": 0.0}
        entries = [row(name, "01_demo", score=score) for name, score in scores.items()]
        entries += [row("a", "02_more", status="unreadable", note="is empty")]
        lines = [line.split() for line in summary(*entries).splitlines()]
        assert lines[0] == ["A", "course"]
        assert ["01_demo", "3", "50", "%", "50", "%", "0", "%", "100", "%"] in lines
        assert ["02_more", "0", "-", "-", "-", "-", "1"] in lines

    def test_the_commonest_misconceptions_are_counted_once_a_student(self) -> None:
        lines = summary(row("a"), row("b"), row("c", questions=())).splitlines()
        assert "     2  01_demo q1: counts rows" in lines

    def test_what_is_to_be_looked_at_is_named_and_bounded(self) -> None:
        entries = [
            row(f"s{number:02d}", needs_review=True, status="error", note="Traceback:\nBoom\n") for number in range(13)
        ]
        said = summary(*entries)
        assert "  s09, 01_demo: error: Boom" in said
        assert "s10, 01_demo: error" not in said
        assert "... and 3 more: filter scores.csv" in said

    def test_where_the_files_are_is_the_end(self) -> None:
        assert summary(row("a"), row("b")).splitlines()[-4:] == [
            "scores    results/scores.csv",
            "reports   results/reports   (for you)",
            "feedback  results/feedback   (for students)",
            "pages     autograder report results",
        ]

    def test_nobody_is_only_where_the_files_are(self) -> None:
        assert len(summary().splitlines()) == 4

    def test_one_submission_is_shown_in_full(self) -> None:
        said = summary(row("alice"))
        assert said.startswith("alice, 01_demo: 3 of 14 points\n")
        assert "  code cell 2 · print(x < 2): error: NameError: name 'x' is not defined\n" in said
        assert "  q2  0/4  Its _range_\n" in said
        assert "      ✗ Two patches: patch_mean(31337): expected 27182, got 3\n        Add up *all* values.\n" in said
        assert "One patch:" not in said

    @pytest.mark.parametrize(("message", "end"), [("word " * 100, "word word ..."), ("x" * 400, "xxxx ...")])
    def test_what_is_long_is_cut_behind_a_word(self, message: str, end: str) -> None:
        made = row("alice")
        made.document["questions"][0]["cases"][1]["message"] = message
        (line,) = (line for line in summary(made).splitlines() if "Two patches" in line)
        assert line.endswith(end)
        assert len(line) < 330

    def test_one_without_a_run_is_shown(self) -> None:
        assert "To look at:\n  alice, 01_demo: unreadable: is empty" in summary(
            row("alice", run=None, questions=(), status="unreadable", note="is empty")
        )

    @pytest.mark.parametrize("terminal", [True, False])
    def test_what_students_wrote_is_neither_obeyed_nor_markup(self, terminal: bool) -> None:
        hostile = "[/] [red]x :bomb: \x1b[2J\u202e"
        entries = [row(hostile, note=hostile, status="error", needs_review=True) for _ in range(2)]
        for said in (summary(*entries, terminal=terminal), summary(entries[0], terminal=terminal)):
            assert "[/] [red]x :bomb: \\x1b[2J\\u202e" in said
            assert "\x1b[2J" not in said
            assert "\u202e" not in said

    def test_the_plain_console_takes_nothing_for_markup(self, capsys: pytest.CaptureFixture[str]) -> None:
        plain_console().print("[/x] [bold]a :smile: 1")
        assert capsys.readouterr().out == "[/x] [bold]a :smile: 1\n"


class TestProgress:
    @pytest.mark.parametrize(
        ("per_second", "said"), [(None, "-"), (0.0, "-"), (12.34, "12.3/s"), (1.0, "1.0/s"), (0.5, "2.0 s each")]
    )
    def test_a_rate_is_said_as_people_say_it(self, per_second: float | None, said: str) -> None:
        assert rate(per_second) == said

    def meter(self, made: Console, times: Iterator[float], total: int = 4) -> Meter:
        return Meter(total, made, lambda: next(times))

    def test_off_a_terminal_there_is_a_line_now_and_then(self) -> None:
        made = console()
        with self.meter(made, iter([0.0, LINE_SECONDS, LINE_SECONDS + 1, 2 * LINE_SECONDS, 100.0])) as meter:
            for failed in (True, False, True, False):
                meter.advance(failed=failed)
        assert text_of(made).splitlines() == [
            "1/4 graded, 15.0 s each, 45 s left, 1 to look at",
            "3/4 graded, 10.0 s each, 10 s left, 2 to look at",
            "4/4 graded, 25.0 s each, 0 s left, 2 to look at",
        ]

    def test_what_is_quick_says_nothing_off_a_terminal(self) -> None:
        made = console()
        with self.meter(made, iter([0.0, 1.0, 2.0])) as meter:
            meter.advance(failed=False)
            meter.advance(failed=False)
        assert text_of(made) == ""
        assert (meter.done, meter.failed) == (2, 0)

    def test_on_a_terminal_there_is_a_bar_that_goes_away(self) -> None:
        made = console(terminal=True)
        with self.meter(made, iter([0.0, 1.0, 99.0])) as meter:
            meter.advance(failed=True)
            meter._bar.refresh()
        said = text_of(made)
        assert "1/4" in said
        assert "1 to look at" in said
        assert "graded," not in said
        assert said.endswith("\x1b[2K")  # the bar's line is erased

    def test_nothing_to_grade_draws_no_bar(self) -> None:
        made = console(terminal=True)
        with self.meter(made, iter([0.0]), total=0):
            pass
        assert "0/0" not in text_of(made)


FULL = Tier("full", ("bubblewrap", "Landlock"), ())
WEAK = Tier("weak", (), (MissingLayer("Landlock", "this [kernel] has none", "Linux 5.13"),))


def finding(*, weak: Tier | None = None, tier: Tier | None = None) -> Any:
    """A machine whose tier is `tier`; or one that is refused, and has `weak` where that is allowed."""

    def find(*, protected: tuple[str, ...], allow_weak: bool = False) -> Tier:
        if tier:
            return tier
        if allow_weak and weak:
            return weak
        raise GraderError("the sandbox here is 'weak', and 'inner' is required")

    return find


class TestDoctor:
    def test_where_grading_would_go_on_it_exits_with_0(
        self, scaffolded: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert doctor(scaffolded, find=finding(tier=FULL)) == OK
        said = capsys.readouterr().out
        for word in (
            "autograder",
            "torch",
            "ipython",
            "Small course: 1 exercises",
            "CUDA",
            "Fashion-MNIST",
            "sandbox: Landlock",
        ):
            assert word in said
        assert "sandbox: full (bubblewrap, Landlock)\n" in said
        assert "refuse" not in said

    def test_where_it_would_refuse_it_exits_with_1_and_says_what_is_missing(
        self, scaffolded: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert doctor(scaffolded, find=finding(weak=WEAK)) == TO_MEND
        said = " ".join(capsys.readouterr().out.split())
        assert "- sandbox: Landlock this [kernel] has none Linux 5.13" in said
        assert "sandbox: weak (nothing holds); without Landlock: this [kernel] has none" in said
        assert "grading would refuse: the sandbox here is 'weak', and 'inner' is required" in said

    def test_a_machine_that_can_confine_nothing_is_said_to_be(
        self, scaffolded: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert doctor(scaffolded, find=finding()) == TO_MEND
        assert "grading would refuse" in capsys.readouterr().out

    def test_without_a_course_here_the_rest_is_shown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert doctor(None, find=finding(tier=FULL)) == OK
        assert "- course" in capsys.readouterr().out

    def test_a_named_folder_that_is_no_course_is_to_be_mended(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert doctor(tmp_path, find=finding(tier=FULL)) == TO_MEND
        said = capsys.readouterr().out
        assert "- course" in said
        assert "…" not in said

    def test_the_courses_secrets_are_what_the_self_test_tries(self, scaffolded: Path) -> None:
        asked: list[tuple[str, ...]] = []

        def find(*, protected: tuple[str, ...], allow_weak: bool = False) -> Tier:
            asked.append(protected)
            return FULL

        doctor(scaffolded, find=find)
        assert [Path(path).name for path in asked[0]] == ["solutions", "tests"]


def test_the_commands_of_this_half_explain_themselves(command: Command, tmp_path: Path) -> None:
    for name, words in {
        "grade": ["--students", "--regrade", "scores.csv"],
        "doctor": ["tier"],
        "sample": ["--size"],
    }.items():
        outcome = command(name, "--help", cwd=tmp_path)
        assert outcome.code == 0
        assert all(word in outcome.out for word in words)
