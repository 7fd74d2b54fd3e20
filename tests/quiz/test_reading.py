"""Quiz files: what is wrong is named with file, line, question and key; what could mislead a reader is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.quiz.proving import unproven
from autograder.quiz.values import Kind, Quiz, draw

MakeQuiz = Callable[[str], Quiz]

SINGLE = """\
  - id: pick
    kind: single
    text: Which one?
    choices:
      - text: This
        right: true
      - text: That
        why: No, that is not it.
    explanation: Because.
"""
NUMBER = """\
  - id: size
    kind: number
    draw: {input_size: {from: 8, to: 20}, kernel_size: [3, 5]}
    where: kernel_size < input_size
    text: A kernel of {kernel_size} on {input_size} pixels.
    answer: conv_output_size(input_size, kernel_size)
    misconceptions:
      - value: answer - 1
        why: The first position counts, which makes {answer}.
    explanation: "{input_size} - {kernel_size} + 1 = {answer}"
"""
WRITING = """\
  - id: tell
    kind: text
    text: Why?
    points:
      - text: It is shared.
        words: [[share, same], [weight]]
    model_answer: Its weights are shared.
    explanation: So it is.
"""


def test_a_file_is_read_in_its_order(make_quiz: MakeQuiz) -> None:
    quiz = make_quiz(SINGLE + NUMBER + WRITING)
    assert (quiz.key, quiz.title) == ("1_sizes", "Sizes")
    assert [(one.id, one.kind) for one in quiz.templates] == [
        ("pick", Kind.SINGLE),
        ("size", Kind.NUMBER),
        ("tell", Kind.TEXT),
    ]
    assert list(unproven(quiz)) == []


def test_numbers_come_from_the_seed_and_the_key_from_the_formula(make_quiz: MakeQuiz) -> None:
    (template,) = make_quiz(NUMBER).templates
    drawn = [draw(template, random.Random(seed)) for seed in range(50)]
    assert drawn == [draw(template, random.Random(seed)) for seed in range(50)]
    assert len({one.answer for one in drawn}) > 5
    for one in drawn:
        assert one.answer == one.names["input_size"] - one.names["kernel_size"] + 1
        assert one.wrong == (one.answer - 1,)
        assert one.fill(template.explanation).endswith(f"= {one.answer}")


# before -> after, and the complaint, without the folder
EDITS = {
    "a typo in a key": (SINGLE, "explanation:", "explanatoin:", [
        "1_sizes.yaml:3: pick.explanation: is missing\n    -> add 'explanation:' with a value",
        "1_sizes.yaml:11: pick.explanatoin: is not a key that is known here\n    -> did you mean 'explanation'?",
    ]),
    "a typo in a choice's key": (SINGLE, "        why:", "        wy:", [
        "1_sizes.yaml:10: pick.choices.1.wy: is not a key that is known here\n    -> did you mean 'why'?",
    ]),
    "an unknown kind": (SINGLE, "kind: single", "kind: singel", [
        "1_sizes.yaml:4: pick.kind: is not known (it says 'singel')\n"
        "    -> kind: one of single, several, number, shape, text",
    ]),
    "no kind": (SINGLE, "    kind: single\n", "", [
        "1_sizes.yaml:3: pick.kind: is missing\n    -> kind: one of single, several, number, shape, text",
    ]),
    "no right choice": (SINGLE, "        right: true\n", "        why: No.\n", [
        "1_sizes.yaml:6: pick.choices: has no right one, so that the answer is missing\n    -> right: true",
    ]),
    "two right choices": (SINGLE, "        why: No, that is not it.", "        right: true", [
        "1_sizes.yaml:6: pick.choices: has 2 right ones\n    -> mark one, or write kind: several",
    ]),
    "a wrong choice without a reason": (SINGLE, "        why: No, that is not it.\n", "", [
        "1_sizes.yaml:9: pick.choices.1.why: is missing: a wrong choice says why it is wrong\n"
        "    -> why: one sentence that tells who chose this what is wrong with it",
    ]),
    "no answer": (NUMBER, "    answer: conv_output_size(input_size, kernel_size)\n", "", [
        "1_sizes.yaml:3: size.answer: is missing\n    -> add 'answer:' with a value",
    ]),
    "a stored answer": (NUMBER, "answer: conv_output_size(input_size, kernel_size)", 'answer: "7"', [
        "1_sizes.yaml:8: size.answer: is a stored number: a key is computed\n"
        "    -> answer: conv_output_size(input_size, kernel_size), a formula and never the number itself",
    ]),
    "an unknown formula": (NUMBER, "answer: conv_output_size", "answer: conv_output", [
        "1_sizes.yaml:8: size.answer: calls 'conv_output', which is not one of: ",
    ]),
    "code instead of a formula": (NUMBER, "answer: conv_output_size(input_size, kernel_size)",
        "answer: input_size.__class__", [
        "1_sizes.yaml:8: size.answer: has 'input_size.__class__' in it; numbers, names, tuples, ",
    ]),
    "an unknown name": (NUMBER, "where: kernel_size <", "where: kernel <", [
        "1_sizes.yaml:6: size.where: uses kernel\n    -> known here: input_size, kernel_size",
    ]),
    "an unknown placeholder": (NUMBER, "text: A kernel of {kernel_size}", "text: A kernel of {kernel}", [
        "1_sizes.yaml:7: size.text: has {kernel} in it, which stands for nothing\n"
        "    -> known here: input_size, kernel_size",
    ]),
    "the answer in the question": (NUMBER, "text: A kernel", "text: Not {answer}. A kernel", [
        "1_sizes.yaml:7: size.text: has {answer} in it, which stands for nothing",
    ]),
    "a range upside down": (NUMBER, "{from: 8, to: 20}", "{from: 20, to: 8}", [
        "1_sizes.yaml:5: size.draw.input_size: goes from 20 to 8\n    -> from the smaller to the larger number",
    ]),
    "a range without an end": (NUMBER, "{from: 8, to: 20}", "{from: 8}", [
        "1_sizes.yaml:5: size.draw.input_size.to: is missing\n    -> add 'to:' with a value",
    ]),
    "no words for a point": (WRITING, "        words: [[share, same], [weight]]\n", "", [
        "1_sizes.yaml:7: tell.points.0.words: is missing\n    -> add 'words:' with a value",
    ]),
    "an id twice": (SINGLE + SINGLE, "", "", [
        "1_sizes.yaml:12: pick.id: is 'pick', as in line 3\n    -> give each question an id of its own",
    ]),
    "a key twice": (SINGLE, "    text: Which one?\n", "    text: Which one?\n    text: Which?\n", [
        "1_sizes.yaml:6: text: is there already, in line 5\n    -> keep one",
    ]),
    "not YAML": (SINGLE, "text: Which one?", 'text: "Which one?', ["1_sizes.yaml:"]),
    "a question that is no mapping": ("  - pick\n", "", "", ["1_sizes.yaml:3: questions.0.kind: is missing"]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_mistake_of_an_author_is_named(name: str, make_quiz: MakeQuiz, tmp_path: Path) -> None:
    text, before, after, expected = EDITS[name]
    with pytest.raises(CourseError) as error:
        make_quiz(text.replace(before, after) if before else text)
    said = [str(complaint).removeprefix(f"{tmp_path}/") for complaint in error.value.complaints]
    assert len(said) == len(expected)
    for one, start in zip(said, expected, strict=True):
        assert one.startswith(start)


UNPROVEN = {
    "a misconception that is right for some numbers": (
        "value: answer - 1", "value: input_size - 2",
        "size.misconceptions: the answer and misconception 1 are both ",
    ),
    "numbers that no layer has": (
        "where: kernel_size < input_size", "where: kernel_size < 4 and input_size < 2",
        "size.where: none of 1000 draws meets ",
    ),
    "a formula that fails": (
        "conv_output_size(input_size, kernel_size)", "conv_output_size(kernel_size, input_size)",
        "size.answer: conv_output_size(kernel_size, input_size) has no value (a kernel that spans ",
    ),
    "a text that leaves out what decides": (
        "text: A kernel of {kernel_size} on {input_size} pixels.", "text: A kernel on {input_size} pixels.",
        "size.text: is ambiguous: the same words have the answers ",
    ),
    "a fraction that nobody types": (
        "answer: conv_output_size(input_size, kernel_size)", "answer: input_size / kernel_size",
        "size.answer: is ",
    ),
    "a shape for a number": (
        "answer: conv_output_size(input_size, kernel_size)", "answer: (input_size, kernel_size)",
        "size.misconceptions.0.value: answer - 1 has no value ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNPROVEN)
def test_a_template_that_could_mislead_is_found(name: str, make_quiz: MakeQuiz, tmp_path: Path) -> None:
    before, after, expected = UNPROVEN[name]
    (complaint,) = unproven(make_quiz(NUMBER.replace(before, after)))
    assert complaint.where.startswith(f"{tmp_path}/1_sizes.yaml:3: size.")
    assert f"{complaint.where.rpartition(': ')[2]}: {complaint.problem}".startswith(expected)
    assert complaint.remedy


def test_choices_that_are_the_same_for_some_numbers_are_found(make_quiz: MakeQuiz) -> None:
    text = SINGLE.replace("    text: Which one?", "    draw: {a: [1, 2], b: [2, 3]}\n    text: Which of {a} and {b}?")
    (complaint,) = unproven(make_quiz(text.replace("text: This", 'text: "{a}"').replace("text: That", 'text: "{b}"')))
    assert complaint.problem == "1 and 2 are both '2', drawn with a = 2, b = 2"


def test_a_draw_that_changes_nothing_is_found(make_quiz: MakeQuiz) -> None:
    (complaint,) = unproven(make_quiz(SINGLE.replace("    text: Which", "    draw: {a: [1, 2]}\n    text: Which")))
    assert "gives the same question" in complaint.problem
