"""`autograder quiz` with its input and output piped: plain, the same for the same seed, and never without a summary."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from pathlib import Path

import pytest
from commands import Command
from rich.console import Console

from autograder.cli.quiz import Wishes, _ask
from autograder.quiz.finding import find_quizzes
from autograder.quiz.practice import practice
from autograder.quiz.progress import Progress, load_progress, progress_path, save_progress
from autograder.quiz.terminal import Terminal

GOLDEN = Path(__file__).parent / "golden" / "sitting.txt"
HOSTILE = """\
title: A [bold]title[/bold] \\e
questions:
  - id: markup
    kind: single
    text: "Is [red]this[/red] <b>bold</b> or \\e[31mred\\e[0m?"
    choices:
      - {text: "[link=https://example.org]No[/link]", right: true}
      - {text: "Yes", why: "It is not."}
    explanation: "[blink]never[/blink]"
"""
COURSE = """\
title: Sizes
questions:
  - id: size
    kind: number
    draw: {input_size: {from: 8, to: 20}, kernel_size: [3, 5]}
    text: How many outputs has a kernel of {kernel_size} on {input_size} pixels?
    answer: conv_output_size(input_size, kernel_size)
    misconceptions:
      - value: input_size - kernel_size
        why: The first position counts too.
    explanation: "{input_size} − {kernel_size} + 1 = {answer}."
  - id: pick
    kind: several
    text: "Which are odd, with `n % 2`?"
    choices:
      - {text: one, right: true}
      - {text: two, why: It is even.}
      - {text: three, right: true}
    explanation: Odd numbers leave 1.
  - id: shape
    kind: shape
    text: What comes out?
    code: nn.MaxPool2d(2)
    answer: pool2d_output_shape((1, 3, 8, 8), 2)
    misconceptions:
      - value: (1, 3, 8, 8)
        why: The pool halves.
    explanation: Halved.
  - id: why
    kind: text
    text: Why is a kernel shared?
    points:
      - {text: Fewer parameters., words: [[few, less], [param, weight]]}
      - {text: Found anywhere., words: [[anywhere, everywhere]]}
    model_answer: It needs fewer parameters and finds its pattern anywhere.
    explanation: That is the idea of it.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "1_sizes.yaml").write_text(COURSE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    def type_lines(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_lines


def test_a_sitting_reads_like_the_golden(command: Command, folder: Path, typed) -> None:
    typed("few weights", "", "b c", "nonsense", "17", "torch.Size([1, 3, 4, 4])")
    outcome = command("quiz", "sizes", "--seed", 3, cwd=folder)
    assert outcome.code == 0
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(outcome.out, encoding="utf-8")
    assert outcome.out == GOLDEN.read_text(encoding="utf-8")
    assert "\x1b" not in outcome.out


def test_what_was_missed_comes_back_first_and_review_asks_nothing_else(
    folder: Path, data_folder: Path, command, typed
) -> None:
    path = progress_path(os.environ, sys.platform)
    assert path == data_folder / "autograder" / "quiz.json"
    (quiz,) = find_quizzes("1", folder)
    save_progress(path, Progress({"1_sizes/pick": True, "1_sizes/shape": False}))
    for seed in range(10):
        questions = practice([quiz], seed, load_progress(path))
        assert questions[0].key == "1_sizes/shape"
        assert questions[-1].key == "1_sizes/pick"
    typed("1 3 4 4")
    assert "1 of 1 right" in command("quiz", "--review", cwd=folder).out
    assert load_progress(path).right == {"1_sizes/pick": True, "1_sizes/shape": True}
    assert command("quiz", "--review", cwd=folder).out == "Nothing to repeat: your last answers were all right.\n"


def test_before_any_answer_there_is_nothing_to_repeat_and_nothing_was_right(
    folder: Path, data_folder: Path, command
) -> None:
    said = command("quiz", "--review", cwd=folder).out
    assert said == "Nothing to repeat: you have answered none of these yet. Begin without --review.\n"


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"schema_version": 9, "right": {"a": false}}', '{"right": 3}'])
def test_progress_that_cannot_be_read_starts_anew(tmp_path: Path, kept: str) -> None:
    (tmp_path / "quiz.json").write_text(kept)
    assert load_progress(tmp_path / "quiz.json") == Progress()


def test_a_short_text_counts_as_seen(folder: Path, data_folder: Path, command, typed) -> None:
    typed("few weights", "q")
    command("quiz", "sizes", "--seed", 3, cwd=folder)
    assert load_progress(progress_path(os.environ, sys.platform)).right == {"1_sizes/why": True}


def test_a_data_folder_that_cannot_be_written_is_said_and_the_quiz_goes_on(folder, data_folder, command, typed) -> None:
    data_folder.write_text("a file")
    typed("few weights", "b c")
    out = command("quiz", "--seed", 3, "--questions", 2, cwd=folder).out
    assert out.count("your progress is not kept") == 2
    assert "0 of 1 right, 1 in your own words" in out


@pytest.mark.parametrize("end", [KeyboardInterrupt, EOFError])
def test_however_it_ends_there_is_a_summary(folder: Path, end: type[BaseException], capsys) -> None:
    def read(prompt: str) -> str:
        raise end

    assert _ask(find_quizzes("1", folder), 1, Wishes(section="1"), read) == 0
    assert "Nothing answered." in capsys.readouterr().out


def test_nothing_in_a_quiz_file_is_markup_or_obeyed_by_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "1_hostile.yaml").write_text(HOSTILE.replace("\\\\e", "\\e"), encoding="utf-8")
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, color_system="truecolor")
    questions = practice(find_quizzes("1", tmp_path), 1, Progress())
    Terminal(console, lambda prompt: "a", lambda asked, right: None).ask_all(questions)
    text = shown.getvalue()
    for part in ("[red]this[/red] <b>bold</b>", r"\x1b[31mred\x1b[0m", "[link=https://example.org]No", "[blink]never"):
        assert part in text
    assert "\x1b[31mred" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["quiz", "--html", "."], ".: cannot be written (Is a directory)"),
        (["quiz", "--html", "nope/q.html"], "nope/q.html: there is no folder nope"),
        (["quiz", "9"], "there is no quiz '9'\n    -> one of: 1_sizes"),
        (["quiz", "--web", "--html", "x.html"], "take one of --web, --html, --jupyterquiz and"),
    ],
)
def test_wrong_usage_is_a_sentence(command: Command, folder: Path, arguments: list[str], sentence: str) -> None:
    outcome = command(*arguments, cwd=folder)
    assert outcome.code == 2
    assert sentence in outcome.err


def test_a_folder_without_quizzes_gets_those_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [quiz.key[0] for quiz in find_quizzes(None)] == ["1", "2", "3", "6"]


def test_asking_imports_no_framework(repository: Path, tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys; from autograder.cli import main; sys.argv = ['autograder', 'quiz', '2']\n"
        "try: main()\nexcept SystemExit: print('IMPORTED', *sys.modules)"
    )
    started = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=repository, input="q\n", capture_output=True, text=True, check=True
    )
    print(f"{time.perf_counter() - started:.2f} s")  # for the eye: no test depends on the clock
    imported = set(ended.stdout.partition("IMPORTED")[2].split())
    assert "autograder.quiz.terminal" in imported
    assert not imported & {"torch", "tensorflow", "numpy", "jupytext", "nbformat", "IPython", "otter", "matplotlib"}


def test_the_export_is_what_jupyterquiz_reads(command: Command, folder: Path) -> None:
    outcome = command("quiz", "1", "--seed", 1, "--jupyterquiz", "quiz.json", cwd=folder)
    assert "left out, as jupyterquiz has no short texts that are not scored: why" in outcome.out
    number, several, shape = json.loads((folder / "quiz.json").read_text(encoding="utf-8"))
    assert number["type"] == "numeric"
    assert [one.get("correct") for one in number["answers"]] == [True, False, None]
    assert number["answers"][0]["value"] == number["answers"][1]["value"] + 1
    assert number["answers"][-1]["type"] == "default"
    assert (several["type"], [one["correct"] for one in several["answers"]]) == ("many_choice", [True, False, True])
    assert several["answers"][1]["feedback"] == "It is even."
    assert (shape["type"], shape["code"]) == ("multiple_choice", "nn.MaxPool2d(2)")
    assert [one["answer"] for one in shape["answers"]] == ["(1, 3, 4, 4)", "(1, 3, 8, 8)"]
