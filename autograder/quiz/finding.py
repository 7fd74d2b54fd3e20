"""Where quiz files are: the course's, the current folder's, or those that the package carries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.errors import GraderError
from autograder.quiz.reading import read_quiz
from autograder.quiz.values import Quiz

BESIDE = ("exercises/quizzes", "quizzes")
PACKAGE = Path(__file__).resolve().parent.parent
CARRIED = (PACKAGE / "course" / "exercises" / "quizzes", PACKAGE.parent / "exercises" / "quizzes")
"""In a wheel, and in a checkout."""


def quiz_paths(folder: Path | None = None) -> tuple[Path, ...]:
    """The quiz files of `folder`, a course; for None those of the current folder, else the package's.

    Raises:
        GraderError: there are none.
    """
    here = Path.cwd() if folder is None else folder
    places = [here / name for name in BESIDE] + ([] if folder else [*CARRIED])
    for place in places:
        found = tuple(sorted(place.glob("*.yaml")))
        if found:
            return found
    raise GraderError(f"{here} has no quizzes\n    -> name a course with --course DIR; its quizzes are in {BESIDE[0]}/")


def find_quizzes(section: str | None, folder: Path | None = None) -> tuple[Quiz, ...]:
    """The quiz that `section` means ("2_convolution_layer", "convolution_layer" or "2"); all of them for None.

    Raises:
        GraderError: there is no such section.
        CourseError: a file is wrong.
    """
    paths = quiz_paths(folder)
    return tuple(map(read_quiz, paths if section is None else [_select(section, paths)]))


def _select(section: str, paths: Sequence[Path]) -> Path:
    wanted = section.removesuffix(".yaml").rpartition("/")[2]
    for path in paths:
        number, _, topic = path.stem.partition("_")
        if wanted in (path.stem, topic, number):
            return path
    raise GraderError(f"there is no quiz {section!r}\n    -> one of: {', '.join(path.stem for path in paths)}")
