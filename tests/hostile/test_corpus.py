"""The corpus among honest students, through the whole grader, in the fullest and in the weakest tier."""

from __future__ import annotations

import csv
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.escaping import path_name

from .conftest import TIERS, Outcome, World, descendants, left_over, make_world, skip_without_a_sandbox, snapshot
from .corpus import CORPUS, Hostile
from .corpus.course import OTHER, QUESTIONS, SLUG, honest
from .corpus.hostile import put

HONEST = [f"honest_{number:02d}" for number in range(1, 7)]
JOBS = 3


@dataclass(frozen=True, slots=True)
class Graded:
    """The corpus after one grading."""

    world: World
    tier: str
    outcome: Outcome
    before: dict[str, tuple[int, int, bytes]] = field(repr=False)
    after: dict[str, tuple[int, int, bytes]] = field(repr=False)
    processes: dict[int, str] = field(repr=False)

    @property
    def results(self) -> Path:
        return self.world.places.results

    def report(self, student: str, exercise: str) -> dict[str, Any]:
        path = self.results / "reports" / path_name(student) / f"{path_name(exercise)}.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def feedback(self, student: str, exercise: str) -> str:
        path = self.results / "feedback" / path_name(student) / f"{path_name(exercise)}.md"
        return path.read_text(encoding="utf-8")

    def rows(self) -> list[dict[str, str]]:
        with (self.results / "scores.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def gradings() -> Iterator[dict[str, Graded]]:
    """What has been graded so far, by tier."""
    with make_world() as world:
        folder = world.places.submissions
        for name in HONEST:
            put(folder / name / f"{SLUG}.ipynb", honest(remark=world.canaries.other_student))
            put(folder / name / f"{OTHER}.ipynb", honest(OTHER))
        for case in CORPUS:
            case.write(folder, world.places)
        yield _Gradings(world)


class _Gradings(dict[str, Graded]):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def __missing__(self, tier: str) -> Graded:
        self[tier] = _grade(self.world, tier)
        return self[tier]


def _grade(world: World, tier: str) -> Graded:
    shutil.rmtree(world.places.results, ignore_errors=True)
    put(world.places.results / "note.txt", world.canaries.gradebook.encode())
    processes, before = descendants(), snapshot(world.root)
    outcome = world.grade(world.places.submissions, "-o", world.places.results, "--jobs", JOBS, *TIERS[tier])
    left = left_over(processes)
    after = snapshot(world.root)
    kept = world.root / f"results-{tier}"
    shutil.copytree(world.places.results, kept)
    return Graded(replace(world, places=replace(world.places, results=kept)), tier, outcome, before, after, left)


@pytest.fixture(scope="session", params=list(TIERS))
def graded(request: pytest.FixtureRequest, gradings: dict[str, Graded]) -> Graded:
    """The whole corpus, graded once in this tier."""
    skip_without_a_sandbox(request.param)
    return gradings[request.param]


def texts(value: Any) -> Iterator[str]:
    """Every text in a report."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.category}-{case.name}")
def test_what_is_credited_and_what_a_person_reads(graded: Graded, case: Hostile) -> None:
    report = graded.report(case.student, case.exercise)
    assert report["status"] == case.status
    earned = {question["id"]: question["earned"] for question in report["questions"]}
    if case.exercise == SLUG:
        expected = {name: points if name in case.credited else 0.0 for name, points in QUESTIONS.items()}
        if case.partly:
            assert 0 <= earned[case.partly] < QUESTIONS[case.partly]
            expected[case.partly] = earned[case.partly]
        assert earned == expected
        assert report["score"] == sum(expected.values())
    assert "LEAK" not in (report["run"] or {"output": ""})["output"]
    assert re.search(case.says, "\n".join(texts(report))), f"no {case.says!r} in the report"


def test_the_command_ends_well(graded: Graded) -> None:
    assert graded.outcome.code == 1, graded.outcome
    assert graded.outcome.err == ""
    assert "Traceback" not in graded.outcome.out
    allowed = ("full",) if graded.tier == "full" else ("inner", "weak")
    assert graded.outcome.out.startswith(tuple(f"sandbox: {name}" for name in allowed))


def test_honest_students_have_full_marks(graded: Graded) -> None:
    for name in HONEST:
        for exercise in (SLUG, OTHER):
            report = graded.report(name, exercise)
            assert (report["status"], report["score"], report["needs_review"]) == ("graded", 10.0, False)
            assert graded.feedback(name, exercise).count("✗") == 0


def test_each_submission_has_one_row_and_one_report(graded: Graded) -> None:
    rows = graded.rows()
    assert len(rows) == len(CORPUS) + 2 * len(HONEST)
    assert len({(row["student"], row["exercise"]) for row in rows}) == len(rows)
    assert len(list(graded.results.glob("reports/*/*.json"))) == len(rows)
    assert len(list(graded.results.glob("feedback/*/*.md"))) == len(rows)


def test_no_submission_is_a_fault_of_ours(graded: Graded) -> None:
    assert [row["student"] for row in graded.rows() if row["status"] == "error"] == []


def test_no_canary_is_in_what_students_get_or_print(graded: Graded) -> None:
    secrets = graded.world.canaries.all
    for path in (graded.results / "feedback").rglob("*.md"):
        assert [secret for secret in secrets if secret in path.read_text(encoding="utf-8")] == [], path
    for case in CORPUS:
        run = json.dumps(graded.report(case.student, case.exercise)["run"])
        assert [secret for secret in secrets if secret in run] == [], case.name


def test_the_canaries_are_real(graded: Graded) -> None:
    """So that the test above is not empty: the expected one is in the reports that instructors read."""
    report = json.dumps(graded.report("searches_its_memory", SLUG))
    assert graded.world.canaries.expected in report


def test_nothing_outside_the_results_changed(graded: Graded) -> None:
    results = str(graded.world.root / "results")
    outside = [
        {path: facts for path, facts in taken.items() if not path.startswith(results)}
        for taken in (graded.before, graded.after)
    ]
    assert outside[0] == outside[1]
    assert graded.after[f"{results}/note.txt"] == graded.before[f"{results}/note.txt"]


def test_nothing_is_left_in_shared_places(graded: Graded) -> None:
    token = graded.world.places.token
    for folder in ("/dev/shm", "/tmp", "/var/tmp", "/dev", "/run"):
        assert [path.name for path in Path(folder).iterdir() if token in path.name] == []
    for kind in ("shm", "sem", "msg"):
        listed = Path(f"/proc/sysvipc/{kind}")
        if listed.exists():
            keys = {line.split()[0] for line in listed.read_text().splitlines()[1:]}
            assert str(0x6B72) not in keys


def test_no_process_is_left(graded: Graded) -> None:
    assert graded.processes == {}


def test_no_cell_of_the_table_is_a_formula(graded: Graded) -> None:
    text = (graded.results / "scores.csv").read_text(encoding="utf-8")
    for row in csv.reader(text.splitlines()):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "|", "%")), cell
            assert cell.isprintable(), cell
    assert len(text.splitlines()) == len(graded.rows()) + 1, "no cell holds a line break"


def test_no_text_reaches_the_terminal_that_it_would_obey(graded: Graded) -> None:
    for character in set(graded.outcome.out + graded.outcome.err) - {"\n"}:
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"), repr(character)


def test_names_are_printed_as_they_are_and_not_taken_for_markup(graded: Graded) -> None:
    assert "A [small] :bomb: course" in graded.outcome.out


def test_every_file_is_below_the_results_with_a_harmless_name(graded: Graded) -> None:
    for path in graded.results.rglob("*"):
        assert not path.is_symlink()
        assert path.resolve().is_relative_to(graded.results.resolve())
        assert path.name.isprintable()


def test_feedback_holds_no_html_and_no_forged_heading(graded: Graded) -> None:
    for path in (graded.results / "feedback").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        outside = re.sub(r"(?ms)^ *(`{3,})text\n.*?^ *\1$", "", text)
        assert not re.search(r"(?<!\\)<[a-zA-Z/!]", outside), path
        assert not re.search(r"(?<!\\)\]\(", outside), path
        assert "10 of 10 points\n" not in outside or "**10 of 10 points**" in outside
        assert {unicodedata.category(character) for character in text if character != "\n"} & {
            "Cc",
            "Cf",
            "Cs",
        } == set()


def test_both_tiers_give_identical_scores(gradings: dict[str, Graded]) -> None:
    skip_without_a_sandbox("full")
    scores = [[_without_setting(row) for row in gradings[tier].rows()] for tier in TIERS]
    assert scores[0] == scores[1]


def _without_setting(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in ("tier", "graded_at", "device")}
