"""The parts of the build: prompts in place of solutions, checks that say what is missing, names for cells."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import types
from pathlib import Path

import pytest

from autograder.build import build_exercise, stale_files
from autograder.build.master import check_source, master_notebook, with_prompts
from autograder.build.set_up import set_up_source
from autograder.course import open_course
from autograder.errors import GraderError
from autograder.exercise import Cell, CellKind, Exercise, Question, read_exercise

SENTENCE = "q1: replace this line with your own code"


def exercise(*cells: Cell) -> Exercise:
    return Exercise("01_sizes", "Sizes", (Question("q1", "One", 1, ("size", "half")),), cells, Path("01_sizes.py"))


ADDRESS = "git+https://example.org/course.git@v1#egg=x"
WITH_OUR_PACKAGE = exercise(Cell(CellKind.CODE, "import numpy, torch\nimport autograder.datasets"))


def carrying(slug: str) -> bytes:
    """A notebook with its checks in its metadata."""
    return json.dumps({"metadata": {"autograder": {"exercise": slug, "checks": {"q1": "q1's check"}}}}).encode()


class SetUp:
    """A student's folder in which the set-up cell runs; pip and the search for modules are replaced."""

    def __init__(
        self,
        folder: Path,
        present: set[str],
        *,
        offline: bool = False,
        name: str = "01_sizes.ipynb",
        slug: str = "01_sizes",
    ) -> None:
        self.folder, self.present, self.offline = folder, present, offline
        (folder / name).write_bytes(carrying(slug))
        self.installed: list[str] = []
        self.printed = ""

    def run(self, source: str) -> SetUp:
        python = re.sub(r"%pip install --quiet (.+)", r"pip(f'\1')", source)
        python = python.replace("importlib.util.find_spec", "find_spec").replace("import otter", "")
        otter = types.SimpleNamespace(Notebook=lambda tests_dir: tests_dir)
        names = {"pip": self._pip, "find_spec": self._find, "otter": otter, "Path": None, "print": self._print}
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            exec(python, names)
        finally:
            os.chdir(before)
        return self

    @property
    def checks(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.folder / "checks" / "01_sizes").glob("*")}

    def _pip(self, packages: str) -> None:
        self.installed.append(packages)
        if not self.offline:
            self.present.add("autograder" if packages.startswith('"') else packages)

    def _find(self, module: str) -> object:
        return module if module in self.present else None

    def _print(self, text: str) -> None:
        self.printed += text


class TestPrompts:
    def test_a_mark_within_a_function_leaves_a_sentence(self) -> None:
        source = "def size(n):\n    # BEGIN SOLUTION\n    return n\n    # END SOLUTION"
        assert with_prompts(source, SENTENCE).splitlines() == [
            "def size(n):",
            "    # BEGIN SOLUTION NO PROMPT",
            "    return n",
            "    # END SOLUTION",
            '    """ # BEGIN PROMPT',
            f'    raise NotImplementedError("{SENTENCE}")',
            '    """ # END PROMPT',
        ]

    def test_a_helper_between_marks_leaves_nothing(self) -> None:
        source = "# BEGIN SOLUTION\ndef helper(): ...\n# END SOLUTION"
        assert "PROMPT\n" not in with_prompts(source, SENTENCE).replace("NO PROMPT", "")

    @pytest.mark.parametrize("begin", ["#BEGIN SOLUTION", "#   BEGIN SOLUTION  "])
    def test_marks_of_any_spacing_are_put_in_otters_form(self, begin: str) -> None:
        source = f"def size(n):\n    {begin}\n    return n\n    #END SOLUTION"
        lines = with_prompts(source, SENTENCE).splitlines()
        assert lines[1] == "    # BEGIN SOLUTION NO PROMPT"
        assert "    # END SOLUTION" in lines


class TestChecks:
    def test_a_name_that_is_not_defined_is_said_first(self) -> None:
        source = check_source("def f(size, other):\n    assert size(1) == other", ("size", "half"))
        assert source.startswith('""" # BEGIN TEST CONFIG\nsuccess_message: "')
        function = source[source.index("def f") :]
        assert function == (
            "def f(size, other):\n"
            "    assert size is not None, 'size is not defined yet: run the cell with your answer first'\n"
            "    assert size(1) == other"
        )

    def test_a_docstring_stays_first(self) -> None:
        source = check_source('def f(size):\n    """What holds."""\n    assert size', ("size",))
        function = ast.parse(source[source.index("def f") :]).body[0]
        assert isinstance(function, ast.FunctionDef)
        assert ast.get_docstring(function) == "What holds."
        assert len(function.body) == 3


class TestSetUp:
    def test_it_asks_for_what_the_notebook_imports_beyond_python(self) -> None:
        source = set_up_source(
            exercise(
                Cell(CellKind.CODE, "import math\nimport numpy as np\nfrom sklearn.metrics import f1_score"),
                Cell(CellKind.ANSWER, "def size():\n    import torch.nn as nn\n    from . import sibling", "q1"),
                Cell(CellKind.PROSE, "import nothing"),
            )
        )
        assert (
            'needed = {"otter": "otter-grader==7.0.0", "numpy": "numpy", "sklearn": "scikit-learn", "torch": "torch"}'
        ) in source
        assert 'Path("checks/01_sizes")' in source

    @pytest.mark.parametrize("install", ["", ADDRESS])
    def test_no_placeholder_is_left(self, install: str) -> None:
        source = set_up_source(WITH_OUR_PACKAGE, install)
        assert not re.search(r"NEEDED|PACKAGE|SLUG|ADDRESS|MISSING", source.replace("FILE-OR-ADDRESS", ""))

    def test_our_package_is_installed_apart_from_the_others_from_its_address(self, tmp_path: Path) -> None:
        ran = SetUp(tmp_path, present={"numpy", "otter"}).run(set_up_source(WITH_OUR_PACKAGE, ADDRESS))
        assert ran.installed == ["torch", f'"{ADDRESS}"']
        assert ran.printed == ""

    def test_without_an_address_nothing_asks_an_index_for_it_and_a_sentence_says_what_to_do(
        self, tmp_path: Path
    ) -> None:
        ran = SetUp(tmp_path, present={"numpy", "torch", "otter"}).run(set_up_source(WITH_OUR_PACKAGE))
        assert ran.installed == []
        assert ran.printed.startswith("This exercise needs the course's own package, which is not on PyPI: ask your")

    def test_an_address_that_does_not_answer_leaves_a_sentence_and_the_checks(self, tmp_path: Path) -> None:
        ran = SetUp(tmp_path, present={"numpy", "torch", "otter"}, offline=True).run(
            set_up_source(WITH_OUR_PACKAGE, ADDRESS)
        )
        assert ran.printed.startswith("The course's own package could not be installed from its address")
        assert ran.checks == {"q1.py": "q1's check"}

    def test_a_notebook_that_does_not_need_our_package_does_not_ask_for_it(self, tmp_path: Path) -> None:
        quiz = "try:\n    import autograder\nexcept ImportError:\n    pass"
        ran = SetUp(tmp_path, present={"otter"}).run(set_up_source(exercise(Cell(CellKind.CODE, quiz)), ADDRESS))
        assert (ran.installed, ran.printed) == ([], "")

    @pytest.mark.parametrize("name", ["01_sizes.ipynb", "01_sizes (1).ipynb", "Übung von Ada.ipynb"])
    def test_a_notebook_that_came_alone_is_found_under_any_name(self, tmp_path: Path, name: str) -> None:
        set_up = SetUp(tmp_path, present={"otter"}, name=name)
        for number, other in enumerate((b"", b"\xff\xfe\0", b"[]", b'{"metadata": 5}', carrying("02_more"))):
            (tmp_path / f"0{number}.ipynb").write_bytes(other)
        assert set_up.run(set_up_source(exercise())).checks == {"q1.py": "q1's check"}

    def test_where_the_notebook_is_not_a_sentence_says_so(self, tmp_path: Path) -> None:
        set_up = SetUp(tmp_path, present={"otter"}, name="02_more.ipynb", slug="02_more")
        with pytest.raises(FileNotFoundError, match=r"No notebook of this exercise is in .*: save it there as you"):
            set_up.run(set_up_source(exercise()))
        assert not (tmp_path / "checks").exists()


class TestOtter:
    def test_what_otter_refuses_is_an_error_with_a_sentence(self, course_dir: Path, tmp_path: Path) -> None:
        path = course_dir / "solutions" / "01_demo.py"
        late = "\n\n# %%\ndef late():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n"
        path.write_text(path.read_text(encoding="utf-8") + late, encoding="utf-8")
        with pytest.raises(GraderError, match=r"Otter Assign refuses 01_demo: .*outside a question"):
            build_exercise(read_exercise(path), tmp_path)

    def test_without_otter_it_says_what_to_install(
        self, course_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "otter.assign", None)
        with pytest.raises(GraderError, match=r"needs otter-grader .*\n    -> pip install otter-grader=="):
            build_exercise(open_course(course_dir).exercise("01_demo"), tmp_path)

    def test_the_master_opens_each_question_once(self, course_dir: Path) -> None:
        master = master_notebook(open_course(course_dir).exercise("01_demo"))
        raw = [cell.source.splitlines()[0] for cell in master.cells if cell.cell_type == "raw"]
        assert raw == [
            "# ASSIGNMENT CONFIG",
            "# BEGIN QUESTION",
            "# BEGIN SOLUTION",
            "# END SOLUTION",
            "# BEGIN TESTS",
            "# END TESTS",
            "# END QUESTION",
        ]


class TestStale:
    def reasons(self, folder: Path) -> list[str]:
        course = open_course(folder)
        stale = stale_files(course, course.exercise("01_demo"))
        return [f"{file.path.relative_to(course.root)} {file.reason}" for file in stale]

    def test_what_was_just_built_is_fresh(self, course_dir: Path) -> None:
        assert self.reasons(course_dir) == []

    def test_a_missing_file_is_named(self, course_dir: Path) -> None:
        (course_dir / "exercises/checks/01_demo/q1.py").unlink()
        assert self.reasons(course_dir) == ["exercises/checks/01_demo/q1.py is missing"]

    def test_a_check_without_a_question_is_named(self, course_dir: Path) -> None:
        (course_dir / "exercises/checks/01_demo/q9.py").write_text("", encoding="utf-8")
        assert self.reasons(course_dir) == ["exercises/checks/01_demo/q9.py has no source any more"]

    def test_a_change_of_one_byte_is_named(self, course_dir: Path) -> None:
        path = course_dir / "exercises/01_demo.ipynb"
        path.write_bytes(path.read_bytes() + b"\n")
        (reason,) = self.reasons(course_dir)
        assert reason.startswith("exercises/01_demo.ipynb is not what its source makes (edited by hand,")
