"""A course: a folder with grading_config.yaml, solutions/, tests/ and exercises/."""

from __future__ import annotations

import ast
import shlex
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.cases import MARK, Case, Mistake
from autograder.config import CONFIG_NAME, Config, read_config
from autograder.errors import GraderError
from autograder.exercise import Exercise, read_exercise, read_text
from autograder.quiz.credit import PersonalQuiz


@dataclass(frozen=True, slots=True)
class Suite:
    """What decides about one exercise: its hidden cases and its mistakes."""

    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]

    def without(self, unwanted: Callable[[Case], bool]) -> Suite:
        """The suite less some of its cases."""
        return Suite(tuple(case for case in self.cases if not unwanted(case)), self.mistakes)

    def cases_of(self, question_id: str) -> tuple[Case, ...]:
        """The hidden cases of one question, in the order of the file."""
        return tuple(case for case in self.cases if case.question == question_id)

    def with_quiz(self, quiz: PersonalQuiz) -> Suite:
        """The same suite, whose personal cases ask for these numbers."""
        bound = (replace(one, function=partial(one.function, quiz=quiz)) if one.personal else one for one in self.cases)
        return replace(self, cases=tuple(bound))

    def mistakes_of(self, question_id: str) -> tuple[Mistake, ...]:
        """The mistakes of one question, in the order of the file."""
        return tuple(mistake for mistake in self.mistakes if mistake.question == question_id)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a course's files are, and its settings."""

    root: Path
    config: Config

    @property
    def slugs(self) -> tuple[str, ...]:
        """The exercises that have a solution script, in order."""
        return tuple(sorted(path.stem for path in (self.root / "solutions").glob("[0-9]*.py")))

    @property
    def option(self) -> str:
        """What a command typed in the current folder needs in order to mean this course."""
        return "" if self.root == Path.cwd() else f" --course {shlex.quote(str(self.root))}"

    def solution_path(self, slug: str) -> Path:
        """The source of an exercise."""
        return self.root / "solutions" / f"{slug}.py"

    def notebook_path(self, slug: str) -> Path:
        """The generated student notebook."""
        return self.root / "exercises" / f"{slug}.ipynb"

    def checks_dir(self, slug: str) -> Path:
        """The generated public check files."""
        return self.root / "exercises" / "checks" / slug

    def hidden_path(self, slug: str) -> Path:
        """The hidden cases, in `tests_dir`."""
        return self.config.tests_dir / "hidden" / f"{slug}.py"

    def mistakes_path(self, slug: str) -> Path:
        """The mistakes, in `tests_dir`."""
        return self.config.tests_dir / "mistakes" / f"{slug}.py"

    def quiz_paths(self, slug: str) -> tuple[Path, ...]:
        """The quizzes' files, where the exercise has one for credit; else none."""
        if "quiz" not in read_text(self.hidden_path(slug)):
            return ()
        return tuple(sorted((self.root / "exercises" / "quizzes").glob("*.yaml")))

    def exercise(self, slug: str) -> Exercise:
        """Read one exercise; raises GraderError where it is absent or wrong."""
        return read_exercise(self.solution_path(slug))

    def suite(self, slug: str) -> Suite:
        """Load the hidden cases and mistakes of one exercise; raises GraderError."""
        cases = [mark for mark in _marks(self.hidden_path(slug)) if isinstance(mark, Case)]
        mistakes = [mark for mark in _marks(self.mistakes_path(slug)) if isinstance(mark, Mistake)]
        return Suite(tuple(cases), tuple(mistakes)).with_quiz(self.quiz())

    def quiz(self, student: str | None = None) -> PersonalQuiz:
        """The numbers of a student in quizzes for credit; None is the reference solution."""
        return PersonalQuiz(self.root, self.config.seed, student)

    def select(self, names: Sequence[str]) -> tuple[str, ...]:
        """The slugs that `names` mean ("01_output_size", "output_size" or "1"); all of them for none."""
        if not self.slugs:
            raise GraderError(f"{self.root}/solutions has no exercise\n    -> make one: autograder new 01_my_topic")
        return tuple(dict.fromkeys(self._slug(name) for name in names)) or self.slugs

    def _slug(self, name: str) -> str:
        wanted = name.removesuffix(".py").removesuffix(".ipynb").rpartition("/")[2]
        for slug in self.slugs:
            number, _, topic = slug.partition("_")
            if wanted in (slug, topic, number, number.lstrip("0")):
                return slug
        raise GraderError(f"there is no exercise {name!r}\n    -> one of: {', '.join(self.slugs)}")


def find_course(folder: Path | None) -> Course:
    """The course of `folder`; for None the current folder's, else the one that the package carries.

    Raises:
        GraderError: the folder is not a course, or the package's has only what students may see.
    """
    if folder is not None:
        if not (folder / CONFIG_NAME).is_file():
            raise GraderError(f"{folder} is not a course: it has no {CONFIG_NAME}\n    -> name a folder that has one")
        return open_course(folder)
    here = Path.cwd()
    if (here / CONFIG_NAME).is_file():
        return open_course(here)
    carried = Path(__file__).parent / "course"
    if (carried / CONFIG_NAME).is_file():
        return open_course(carried)
    raise GraderError(
        f"no course here: {here} has no {CONFIG_NAME}, and the course that the package carries holds only what students"
        " may see\n    -> go to a course's folder, or name one with --course DIR"
    )


def open_course(root: Path) -> Course:
    """Read a course's settings."""
    root = root.resolve()
    return Course(root, read_config(root / CONFIG_NAME))


def load_module(path: Path) -> ModuleType:
    """Execute a trusted course file; raises GraderError with file and line where it fails."""
    text = read_text(path)
    module = ModuleType(f"autograder_course_{path.stem}_{uuid.uuid4().hex}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and inspect look their module up
    try:
        # not imported: a .pyc beside it would answer for a file that was changed within the same second
        exec(compile(text, str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:  # anything that the author's file raises is about the author's file
        raise GraderError(f"{path}{_line_of(error, path)}: {type(error).__name__}: {error}") from error
    return module


def _line_of(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f":{lines[-1]}" if lines else ""


def _marks(path: Path) -> list[Any]:
    """What the decorators left in a file, in order; the same function name twice is an error."""
    module = load_module(path)
    _refuse_duplicates(path)
    return [getattr(value, MARK) for value in vars(module).values() if hasattr(value, MARK)]


def _refuse_duplicates(path: Path) -> None:
    seen: dict[str, int] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            if node.name in seen:
                raise GraderError(
                    f"{path}:{node.lineno}: {node.name} is defined in line {seen[node.name]} already, so only the last"
                    " would count\n    -> give it a name of its own"
                )
            seen[node.name] = node.lineno
