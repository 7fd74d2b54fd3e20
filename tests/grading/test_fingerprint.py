"""What makes a result stale: all that decides about points, and nothing that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import open_course
from autograder.errors import GraderError
from autograder.fingerprint import engine_fingerprint, exercise_parts, fingerprint_of, submission_key

from .made import SLUG

CONFIG = "grading_config.yaml"


def key(folder: Path, *, content: str = "content", engine: str = "engine", device: str = "cpu") -> str:
    return submission_key(content, fingerprint_of(exercise_parts(open_course(folder), SLUG, engine)), device)


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text() + text)

    return change


def exchange(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / CONFIG).read_text()
        assert old in text
        (folder / CONFIG).write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    "change",
    {
        "the solution": append(f"solutions/{SLUG}.py", "\n# x\n"),
        "the hidden cases": append(f"tests/hidden/{SLUG}.py", "\n# x\n"),
        "the mistakes": append(f"tests/mistakes/{SLUG}.py", "\n# x\n"),
        "the seed": exchange("seed: 1 ", "seed: 2 "),
        "the points": exchange("points: 10", "points: 20"),
        "what is warm": append(CONFIG, "    warm: [torch]\n"),
        "a limit": append(CONFIG, "    limits: {wall_seconds: 61}\n"),
        "a limit of all": append(CONFIG, "limits: {memory_mb: 512}\n"),
    }.items(),
    ids=lambda change: change[0],
)
def test_it_changes_the_key(change: tuple[str, Callable[[Path], None]], course_dir: Path) -> None:
    before = key(course_dir)
    change[1](course_dir)
    assert key(course_dir) != before


@pytest.mark.parametrize("change", [{"content": "other"}, {"engine": "other"}, {"device": "cuda"}], ids=str)
def test_so_does_another_content_engine_or_device(change: dict[str, str], scaffolded: Path) -> None:
    assert key(scaffolded, **change) != key(scaffolded)


@pytest.mark.parametrize(
    "change",
    {
        "what students are told": append(CONFIG, "    feedback: full\n"),
        "what all students are told": append(CONFIG, "feedback: nothing\n"),
        "the weight": append(CONFIG, "    weight: 3\n"),
        "another exercise": append(CONFIG, "  09_more:\n    points: 5\n"),
        "the title": exchange("title: ", "title: New "),
        "a comment": append(CONFIG, "# a comment\n"),
        "nothing": lambda folder: None,
    }.items(),
    ids=lambda change: change[0],
)
def test_it_leaves_the_key(change: tuple[str, Callable[[Path], None]], course_dir: Path) -> None:
    before = key(course_dir)
    change[1](course_dir)
    assert key(course_dir) == before


def test_the_same_course_in_another_folder_has_the_same_key(course_dir: Path, scaffolded: Path) -> None:
    assert key(course_dir) == key(scaffolded)


def test_the_engine_is_its_release_and_its_source() -> None:
    assert engine_fingerprint() == engine_fingerprint()
    assert len(engine_fingerprint()) == 64


@pytest.mark.parametrize("folder", ["solutions", "tests/hidden", "tests/mistakes"])
def test_a_file_that_is_not_there_is_a_sentence(folder: str, course_dir: Path) -> None:
    (course_dir / folder / f"{SLUG}.py").unlink()
    with pytest.raises(GraderError, match=rf"{SLUG}.py: cannot be read"):
        key(course_dir)
