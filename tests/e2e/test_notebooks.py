"""Each built notebook as students meet it: valid, friendly as a stub, satisfied by the solution, and able to travel."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.build import build_exercise
from autograder.course import Course, open_course
from autograder.exercise import CellKind, Exercise, marked_lines

ROOT = Path(__file__).parent.parent.parent
OURS = open_course(ROOT)
SLUGS = ("scaffolded", *OURS.slugs)
FRIENDLY = "replace this line with your own code"
PASSED = re.compile(r"\bpassed!")
ALARMING = re.compile(r"Traceback|site-packages|dist-packages|otter/|\.py\"?, line|File \"|\x1b\[3[01]m")
# What a student's Colab does when a notebook asks for itself.
FAKE_COLAB = """\
import json
from pathlib import Path


def blocking_request(request, timeout_sec=None):
    assert request == "get_ipynb"
    return {"ipynb": json.loads(Path(PATH).read_text(encoding="utf-8"))}
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A built exercise: its source, and the folder that holds what students get."""

    exercise: Exercise
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{self.exercise.slug}.ipynb"

    @property
    def notebook(self) -> nbformat.NotebookNode:
        return nbformat.read(self.path, as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module", params=SLUGS)
def built(request: pytest.FixtureRequest, scaffolded: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    course: Course = OURS if request.param != "scaffolded" else open_course(scaffolded)
    slug = request.param if request.param != "scaffolded" else course.slugs[0]
    folder = tmp_path_factory.mktemp(slug)
    build_exercise(course.exercise(slug), folder)
    return Built(course.exercise(slug), folder)


class TestAsAFile:
    def test_it_is_a_valid_notebook_of_format_4_5(self, built: Built) -> None:
        notebook = built.notebook
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)

    def test_it_opens_with_a_kernel_that_everybody_has(self, built: Built) -> None:
        metadata = built.notebook.metadata
        assert metadata.kernelspec == {"name": "python3", "display_name": "Python 3", "language": "python"}
        assert metadata.language_info.name == "python"
        assert metadata.autograder.exercise == built.exercise.slug

    def test_cells_have_names_of_their_own(self, built: Built) -> None:
        ids = [cell.id for cell in built.notebook.cells]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"(intro|q\d+)-[a-z]+(-\d+)?", name) for name in ids)

    def test_nothing_was_run(self, built: Built) -> None:
        for cell in built.notebook.cells:
            if cell.cell_type == "code":
                assert (cell.outputs, cell.execution_count) == ([], None)

    def test_no_line_of_the_solution_is_in_it(self, built: Built) -> None:
        lines = {line for line in built.exercise.solution_lines if len(line) >= 20}
        assert lines
        for path in built.folder.rglob("*"):
            if path.is_file():
                text = json.dumps(json.loads(path.read_text())) if path.suffix == ".ipynb" else path.read_text()
                assert not [line for line in lines if json.dumps(line)[1:-1] in text or line in text]
        assert "SOLUTION" not in built.path.read_text()

    def test_every_asked_function_is_a_stub_with_its_docstring(self, built: Built) -> None:
        stubs = {
            node.name: node
            for cell in built.notebook.cells
            if "otter_answer_cell" in cell.metadata.get("tags", [])
            for node in ast.parse(cell.source).body
            if isinstance(node, ast.FunctionDef)
        }
        asked = {name: question for question in built.exercise.questions for name in question.names}
        assert asked.keys() <= stubs.keys()
        for name, question in asked.items():
            assert ast.get_docstring(stubs[name])
            assert ast.unparse(stubs[name].body[-1]) == f"raise NotImplementedError('{question.id}: {FRIENDLY}')"

    def test_every_answer_cell_asks_for_something(self, built: Built) -> None:
        answers = [cell for cell in built.notebook.cells if "otter_answer_cell" in cell.metadata.get("tags", [])]
        assert answers
        assert all("NotImplementedError" in cell.source for cell in answers)

    def test_each_question_ends_with_its_check(self, built: Built) -> None:
        checks = [cell.source for cell in built.notebook.cells if cell.source.startswith("grader.check")]
        assert checks == [f'grader.check("{question.id}")' for question in built.exercise.questions]
        carried = built.notebook.metadata.autograder.checks
        assert set(carried) == {question.id for question in built.exercise.questions}

    def test_there_is_one_set_up_cell_and_it_is_the_first_code(self, built: Built) -> None:
        code = [cell for cell in built.notebook.cells if cell.cell_type == "code"]
        roles = [cell.metadata.get("autograder", {}).get("role") for cell in code]
        assert roles.count("setup") == 1
        assert roles[0] == "setup"


class TestRun:
    @pytest.mark.slow
    def test_as_a_stub_every_check_is_friendly(self, built: Built, tmp_path: Path) -> None:
        ran = executed(built.notebook, travel(built, tmp_path))
        assert errors(ran) == []
        shown = checks(ran)
        assert list(shown) == [question.id for question in built.exercise.questions]
        known: list[str] = []
        for question_id, output in shown.items():
            known.append(question_id)
            # a check may need an earlier answer, such as a network to train, and then it is that one which is asked for
            assert any(f"{one}: {FRIENDLY}" in output for one in known)
            assert not PASSED.search(output)
            assert not ALARMING.search(output), output

    @pytest.mark.slow
    def test_with_the_solution_filled_in_every_check_passes(self, built: Built, tmp_path: Path) -> None:
        ran = executed(filled_in(built), travel(built, tmp_path))
        assert errors(ran) == []
        for question_id, output in checks(ran).items():
            assert PASSED.search(output), f"{question_id}: {output}"
            assert "failed" not in output

    @pytest.mark.slow
    def test_alone_and_renamed_it_unpacks_its_checks(self, built: Built, tmp_path: Path) -> None:
        _in_exercise_1_or_wherever(built)
        folder = travel(built, tmp_path, alone=True)
        ran = executed(first_question(built.notebook), folder)
        assert errors(ran) == []
        assert FRIENDLY in checks(ran)["q1"]
        assert unpacked(folder, built) == unpacked(built.folder, built)

    @pytest.mark.slow
    def test_on_colab_it_asks_colab_for_itself(self, built: Built, tmp_path: Path) -> None:
        _in_exercise_1_or_wherever(built)
        folder = tmp_path / "content"
        colab = folder / "google" / "colab"
        colab.mkdir(parents=True)
        (folder / "google" / "__init__.py").write_text("", encoding="utf-8")
        (colab / "__init__.py").write_text("", encoding="utf-8")
        (colab / "_message.py").write_text(FAKE_COLAB.replace("PATH", repr(str(built.path))), encoding="utf-8")
        ran = executed(first_question(built.notebook), folder)
        assert errors(ran) == []
        assert FRIENDLY in checks(ran)["q1"]
        assert unpacked(folder, built) == unpacked(built.folder, built)


def _in_exercise_1_or_wherever(built: Built) -> None:
    if built.exercise.slug[:2] > "03":
        pytest.skip("the set-up cell is the same in every notebook: exercises 1 to 3 have shown it")


def travel(built: Built, folder: Path, *, alone: bool = False) -> Path:
    """A student's folder with the notebook, and with its checks unless it came alone: then it was renamed, too."""
    name = f"{built.exercise.slug} (1).ipynb" if alone else built.path.name  # as a browser names a second download
    shutil.copy(built.path, folder / name)
    if not alone:
        shutil.copytree(built.folder / "checks", folder / "checks")
    return folder


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run all cells as Jupyter would, in `folder`, whatever they raise."""
    client = NotebookClient(
        notebook,
        timeout=900,
        startup_timeout=300,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def errors(notebook: nbformat.NotebookNode) -> list[str]:
    return [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]


def checks(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What each `grader.check` cell shows, in all its forms."""
    shown: dict[str, str] = {}
    for cell in notebook.cells:
        found = re.match(r'grader\.check\("(q\d+)"\)', cell.source)
        if found:
            shown[found.group(1)] = "\n".join(text for output in cell.outputs for text in texts(output))
    return shown


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def filled_in(built: Built) -> nbformat.NotebookNode:
    """The notebook with the reference's answers where the stubs were."""
    answers = iter([cell.source for cell in built.exercise.cells if cell.kind is CellKind.ANSWER])
    notebook = built.notebook
    for cell in notebook.cells:
        if "otter_answer_cell" in cell.metadata.get("tags", []):
            cell.source = "\n".join(line for line, _ in marked_lines(next(answers)))
    assert next(answers, None) is None
    return notebook


def first_question(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook up to its first check, which is enough to see that the set-up works."""
    last = next(index for index, cell in enumerate(notebook.cells) if cell.source.startswith("grader.check"))
    notebook.cells = notebook.cells[: last + 1]
    return notebook


def unpacked(folder: Path, built: Built) -> dict[str, str]:
    checks_dir = folder / "checks" / built.exercise.slug
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(checks_dir.glob("*.py"))}
