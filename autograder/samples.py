"""A sample class: submissions made from reference solutions and mistakes, and notebooks that are broken or hostile.

To try grading with, to show it, and to measure it. What is made is what students could hand in.
"""

from __future__ import annotations

import ast
import copy
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.cases import Mistake
from autograder.course import Course
from autograder.errors import GraderError, writing
from autograder.exercise import CellKind, Exercise
from autograder.marks import marked_lines

Notebook = dict[str, Any]

HOSTILE: Mapping[str, str] = {
    "reads_the_tests": "import pathlib\n\nfor path in pathlib.Path('/').rglob('hidden/*.py'):\n"
    "    print(path.read_text())\n",
    "loops_forever": "while True:\n    pass\n",
    "crashes_python": "import ctypes\nctypes.string_at(0)\n",
    "prints_full_marks": 'print(\'{"score": 100, "max_score": 100, "status": "passed"}\')\n',
    "patches_comparison": "import builtins\n\nclass Anything(int):\n    def __eq__(self, other):\n        return True\n"
    "    __hash__ = int.__hash__\n\nbuiltins.int = Anything\n",
    "calls_home": "import urllib.request\n\nurllib.request.urlopen('http://127.0.0.1:9', timeout=1)\n",
    "fills_the_memory": "hoard = []\nwhile True:\n    hoard.append(bytearray(64 * 2**20))\n",
    "starts_processes": "import os\n\nwhile True:\n    os.fork()\n",
}
BROKEN: Mapping[str, bytes] = {
    "empty_file": b"",
    "half_a_file": b'{"cells": [{"cell_type": "code", "source": "x = 1"',
    "not_a_notebook": b"Dear instructor, please find my solution attached.\n",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One made submission: a student's name that says what it is, the exercise, and the file's bytes."""

    student: str
    slug: str
    data: bytes


def sample_class(course: Course, slugs: tuple[str, ...], size: int) -> list[Sample]:
    """About `size` submissions: half right or untouched, a third with a known mistake, the rest hostile or broken."""
    makers = {slug: _Maker(course, slug) for slug in slugs}
    right = max(1, size // 3)
    mistakes = max(1, size * 2 // 5)
    samples = [makers[slug].right(number) for number, slug in zip(range(right), itertools.cycle(slugs), strict=False)]
    samples += [maker.untouched() for maker in makers.values()]
    wrong = _interleaved([list(_as_in_a_class(list(maker.mistaken()))) for maker in makers.values()])
    samples += itertools.islice(_numbered(wrong), mistakes)
    extra = _interleaved([list(_hostile(makers[slugs[0]])), list(_broken(slugs[0]))])
    samples += itertools.islice(extra, max(3, size - len(samples)))
    more = zip(itertools.count(right), itertools.cycle(slugs), strict=False)
    samples += (makers[slug].right(number) for number, slug in itertools.islice(more, max(0, size - len(samples))))
    return samples


def write_class(samples: list[Sample], folder: Path) -> int:
    """Write `<student>/<slug>.ipynb` below a new folder; raises GraderError where there is one, or none can be."""
    with writing(folder):
        if folder.exists() and any(folder.iterdir()):
            raise GraderError(f"{folder} is not empty\n    -> name a new folder")
        for sample in samples:
            path = folder / sample.student / f"{sample.slug}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample.data)
    return len(samples)


def solved_notebook(course: Course, slug: str) -> Notebook:
    """The built notebook of an exercise with the reference solution in its answer cells."""
    return _Maker(course, slug).solved()


class _Maker:
    """Makes submissions of one exercise from its built notebook."""

    def __init__(self, course: Course, slug: str) -> None:
        self.exercise: Exercise = course.exercise(slug)
        self.suite = course.suite(slug)
        self.mistakes_source = course.mistakes_path(slug).read_text(encoding="utf-8")
        path = course.notebook_path(slug)
        if not path.is_file():
            raise GraderError(f"{path} is not built\n    -> autograder build {slug}")
        self.stub: Notebook = json.loads(path.read_text(encoding="utf-8"))

    def untouched(self) -> Sample:
        return self._sample("untouched", self.stub)

    def right(self, number: int) -> Sample:
        return self._sample(f"right_{number + 1:02d}", self.solved())

    def mistaken(self) -> Iterator[Sample]:
        for mistake in self.suite.mistakes:
            yield self._sample(f"{mistake.question}_{mistake.name}", self.with_cell(self._mistake_cell(mistake)))

    def solved(self) -> Notebook:
        """The notebook with the reference solution in its answer cells."""
        notebook = copy.deepcopy(self.stub)
        answers = [cell for cell in self.exercise.cells if cell.kind is CellKind.ANSWER]
        places = [cell for cell in notebook["cells"] if "otter_answer_cell" in cell["metadata"].get("tags", [])]
        for place, answer in zip(places, answers, strict=True):
            place["source"] = "\n".join(line for line, _ in marked_lines(answer.source))
        return notebook

    def with_cell(self, source: str) -> Notebook:
        """The solved notebook with one more code cell at its end."""
        notebook = self.solved()
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "id": "added",
            "metadata": {},
            "outputs": [],
        }
        notebook["cells"].append(cell | {"source": source})
        return notebook

    def _mistake_cell(self, mistake: Mistake) -> str:
        """The mistake's own code without its mark, and the student's name for it."""
        tree = ast.parse(self.mistakes_source)
        kept = [node for node in tree.body if _belongs(node, mistake.name)]
        for node in kept:
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = [mark for mark in node.decorator_list if not _is_mistake_mark(mark)]
        question = self.exercise.question(mistake.question)
        name = mistake.replaces or question.asked[0]
        call = "()" if name in question.values else ""
        return f"{ast.unparse(ast.Module(kept, []))}\n\n{name} = {mistake.name}{call}\n"

    def _sample(self, what: str, notebook: Notebook) -> Sample:
        return Sample(what, self.exercise.slug, json.dumps(notebook).encode())


def _belongs(node: ast.stmt, name: str) -> bool:
    """Imports and helpers, but of the marked functions only the wanted one, and nothing of this package."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
        return False
    if isinstance(node, ast.FunctionDef) and any(map(_is_mistake_mark, node.decorator_list)):
        return node.name == name
    return True


def _is_mistake_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mistake"


def _hostile(maker: _Maker) -> Iterator[Sample]:
    for name, source in HOSTILE.items():
        yield maker._sample(f"hostile_{name}", maker.with_cell(source))


def _broken(slug: str) -> Iterator[Sample]:
    for name, data in BROKEN.items():
        yield Sample(f"broken_{name}", slug, data)


def _as_in_a_class(samples: list[Sample]) -> Iterator[Sample]:
    """Each mistake once, and the first again after every second one: in a class some are common."""
    for number, sample in enumerate(samples):
        yield sample
        if number % 2:
            yield replace(samples[0], student=f"{samples[0].student}_too_{number // 2 + 1}")


def _numbered(samples: list[Sample]) -> Iterator[Sample]:
    """The samples again and again, by students of other names."""
    yield from samples
    for turn in itertools.count(2) if samples else ():
        yield from (replace(sample, student=f"{sample.student}_{turn}") for sample in samples)


def _interleaved(rows: list[list[Sample]]) -> list[Sample]:
    return [sample for column in itertools.zip_longest(*rows) for sample in column if sample is not None]
