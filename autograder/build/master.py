"""The notebook that Otter Assign takes: an exercise's cells with Otter's raw marker cells around the questions."""

from __future__ import annotations

import ast

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.exercise import Cell, CellKind, Exercise, Question
from autograder.marks import is_in_function, mark_of, values_with_marks

# Otter's own init and export cells are left out: `finish` writes one set-up cell that also works on Colab,
# and students submit the notebook itself. Nothing for Gradescope is generated: hidden cases live in the judge.
ASSIGNMENT_CONFIG = """\
# ASSIGNMENT CONFIG
init_cell: false
check_all_cell: false
export_cell: false
generate: false
run_tests: false
tests:
    files: true
    ok_format: false
"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
RUN_IT = "run the cell with your answer first"
PASSED = "Your answer holds on these public examples. Hidden cases will try many others, edge cases too."


def master_notebook(exercise: Exercise) -> nbformat.NotebookNode:
    """Otter's master notebook for an exercise."""
    cells = [new_raw_cell(ASSIGNMENT_CONFIG)]
    last = {cell.question: index for index, cell in enumerate(exercise.cells) if cell.kind is CellKind.CHECK}
    question_open: str | None = None
    for index, cell in enumerate(exercise.cells):
        made = _master_cells(cell, exercise)
        if cell.question and cell.question != question_open:
            question_open = cell.question
            cells.append(_begin_question(exercise.question(cell.question)))
            made[0].metadata["autograder"] = {"question": cell.question}
        cells += made
        if index == last.get(cell.question):
            cells.append(new_raw_cell("# END QUESTION"))
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def _begin_question(question: Question) -> nbformat.NotebookNode:
    return new_raw_cell(f"# BEGIN QUESTION\nname: {question.id}\n")


def _master_cells(cell: Cell, exercise: Exercise) -> list[nbformat.NotebookNode]:
    if cell.kind is CellKind.PROSE:
        return [new_markdown_cell(cell.source)]
    if cell.kind is CellKind.ANSWER:
        values = exercise.question(cell.question or "").values
        source = with_prompts(cell.source, f"{cell.question}: replace this line with your own code", values)
        return [new_raw_cell("# BEGIN SOLUTION"), new_code_cell(source), new_raw_cell("# END SOLUTION")]
    if cell.kind is CellKind.CHECK:
        question = exercise.question(cell.question or "")
        return [
            new_raw_cell("# BEGIN TESTS"),
            new_code_cell(check_source(cell.source, question)),
            new_raw_cell("# END TESTS"),
        ]
    metadata = {"autograder": {"role": "figure"}} if cell.kind is CellKind.FIGURE else {}
    return [new_code_cell(cell.source, metadata=metadata)]


def with_prompts(source: str, sentence: str, values: tuple[str, ...] = ()) -> str:
    """Solution marks in Otter's form.

    Marks inside a function leave a `raise NotImplementedError` behind, those around a value that is asked for a
    `value = ...`, others in a loop or its like `...`.
    """
    lines: list[str] = []
    asked = _values_by_end(source, values)
    in_function = False
    for number, line in enumerate(source.splitlines(), 1):
        mark = mark_of(line)
        indent = line[: len(line) - len(line.lstrip())]
        if mark == "BEGIN":
            in_function = bool(indent) and is_in_function(number, source)
            lines.append(f"{indent}# BEGIN SOLUTION NO PROMPT")
        elif mark:
            set_here = asked[number] or (["..."] if indent else [])
            prompts = [f'raise NotImplementedError("{sentence}")'] if in_function else set_here
            prompt = [f'{indent}""" # BEGIN PROMPT', *(indent + one for one in prompts), f'{indent}""" # END PROMPT']
            lines += [f"{indent}# END SOLUTION", *(prompt if prompts else [])]
        else:
            lines.append(line)
    return "\n".join(lines)


def _values_by_end(source: str, values: tuple[str, ...]) -> dict[int, list[str]]:
    """The prompts of the values by the line of the mark that they stand at: where a value is set first."""
    prompts: dict[int, list[str]] = {}
    open_values = list(values)
    lines = source.splitlines()
    for number, line in enumerate(lines, 1):
        if mark_of(line) == "END":
            here = set(values_with_marks("\n".join(lines[:number])))
            prompts[number] = [f"{name} = ..." for name in open_values if name in here]
            open_values = [name for name in open_values if name not in here]
    return prompts


def check_source(source: str, question: Question) -> str:
    """A public check that first says so where a name is not defined yet, instead of calling None."""
    tree = ast.parse(source)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)  # the reader saw to it
    arguments = [argument.arg for argument in function.args.args if argument.arg in question.asked]
    guards = [
        f'assert {name} is not {"..." if name in question.values else None}, "{name} is not defined yet: {RUN_IT}"'
        for name in arguments
    ]
    docstring = 1 if ast.get_docstring(function) is not None else 0
    function.body[docstring:docstring] = [ast.parse(guard).body[0] for guard in guards]
    config = f'""" # BEGIN TEST CONFIG\nsuccess_message: "{PASSED}"\n""" # END TEST CONFIG\n'
    return config + ast.unparse(tree)
