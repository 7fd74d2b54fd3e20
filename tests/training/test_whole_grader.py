"""Training through the whole grader: submitted weights, audits, and a loop that would take an hour."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from commands import Command, command

from autograder.course import open_course
from autograder.datasets import fashion_mnist
from autograder.grading import Grader
from autograder.namespace import reference_namespace, reference_notebook
from autograder.reports.document import CaseDocument, ReportDocument
from autograder.sandbox import seccomp
from autograder.sandbox.landlock import abi
from autograder.sandbox.tier import find_tier
from autograder.task import Plan, Task

__all__ = ["command"]

SLUG = "04_fashion_mnist"
ROOT = Path(__file__).parents[2]
CALL_SECONDS = 15
# A budget that is spent in a moment, and a band that the reference reaches with it.
TRAINING = {
    "dataset": "fashion_mnist",
    "weights": "submitted",
    "audit": 0.5,
    "cpu": {"images": 800, "epochs": 2, "seconds": 30, "full": 0.3, "none": 0.2},
}
# The reference's train, but for more images than the hidden cases of question 5 have.
INSTEAD = """
right = train

def train(model, train_set, validation_set, epochs, device):
    if len(train_set[0]) <= 500:
        return right(model, train_set, validation_set, epochs, device)
    {}
"""
NEVER_ENDS = INSTEAD.format("while True: pass")
LEARNS_NOTHING = INSTEAD.format("return {}")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def course_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of exercise 4 alone that takes weights."""
    root = tmp_path_factory.mktemp("course")
    for name in (
        f"solutions/{SLUG}.py",
        f"exercises/{SLUG}.ipynb",
        f"tests/hidden/{SLUG}.py",
        f"tests/mistakes/{SLUG}.py",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    config = yaml.safe_load((ROOT / "grading_config.yaml").read_text())
    exercise = config["exercises"][SLUG] | {"training": TRAINING}
    exercise["limits"]["call_seconds"] = CALL_SECONDS
    (root / "grading_config.yaml").write_text(yaml.safe_dump(config | {"exercises": {SLUG: exercise}}))
    return root


@pytest.fixture(scope="module")
def grader(course_root: Path) -> Iterator[Grader]:
    pytest.importorskip("torch")
    if abi() < 1 or not seccomp.available():
        pytest.skip("NO SANDBOX HERE: this kernel lacks Landlock or seccomp")
    made = Grader(Plan(course_root, find_tier(use_wall=False), "cpu"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def weights(course_root: Path) -> dict[str, np.ndarray]:
    """What the reference learns."""
    import torch

    from autograder.probes import training as probes

    reference = reference_namespace(open_course(course_root).exercise(SLUG))
    images, labels = fashion_mnist.load("train", first=1_000)
    prepared = probes.prepared(images)
    sets = [probes.labelled(prepared[part], labels[part]) for part in (slice(200, None), slice(200))]
    probes.seed(3)
    model = reference["build_model"]()
    reference["train"](model, *sets, 3, torch.device("cpu"))
    return probes.state(model)


def npz(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def notebook(grader: Grader, *more: str) -> bytes:
    """The reference with more cells at its end."""
    made = json.loads(reference_notebook(grader.course.exercise(SLUG)))
    made["metadata"]["autograder"] = {"exercise": SLUG}
    made["cells"] += [
        {"cell_type": "code", "id": f"m{n}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for n, source in enumerate(more)
    ]
    return json.dumps(made).encode()


def task(grader: Grader, cell: str, data: bytes, *, audited: bool) -> Task:
    """A notebook with that cell and these weights, which is in the audited share or is not."""
    grader.prepare(SLUG)
    for number in range(100):
        made = Task(SLUG, notebook(grader, cell, f"# {number}"), weights=("weights.npz", data))
        training = grader._training(grader._exercise(SLUG), made)
        if training is not None and training.audit == audited:
            return made
    raise AssertionError("a hundred notebooks, and each drew the same")


def accuracy_case(report: ReportDocument) -> CaseDocument:
    (case,) = next(question for question in report.questions if question.id == "q7").cases
    return case


def points(report: ReportDocument) -> dict[str, float]:
    return {question.id: question.earned for question in report.questions}


def test_submitted_weights_get_full_marks_and_nothing_is_trained(grader: Grader, weights: Any) -> None:
    report = grader.grade(task(grader, NEVER_ENDS, npz(weights), audited=False))
    assert (report.score, report.status, report.needs_review) == (100, "graded", False)


def test_a_zip_of_notebook_and_weights_is_a_submission(
    command: Command, grader: Grader, course_root: Path, weights: Any, tmp_path: Path
) -> None:
    """The whole command: nobody waits for a training that never ends."""
    (tmp_path / "class").mkdir()
    made = task(grader, NEVER_ENDS, npz(weights), audited=False)
    with zipfile.ZipFile(tmp_path / "class" / "alice.zip", "w") as archive:
        archive.writestr(f"{SLUG}.ipynb", made.notebook)
        archive.writestr("weights.npz", npz(weights))
    options = ("--no-wall", "--allow-weak-sandbox", "--course", course_root, "--output", "results")
    outcome = command("grade", "class", *options, cwd=tmp_path)
    assert outcome.code == 0, outcome.out + outcome.err
    assert "data: " in outcome.out
    report = json.loads((tmp_path / "results" / "reports" / "alice" / f"{SLUG}.json").read_text())
    assert (report["score"], report["needs_review"]) == (100, False)


def test_weights_of_another_network_cost_the_accuracy_only(grader: Grader, weights: Any) -> None:
    weights = {name: array for name, array in weights.items() if not name.endswith("bias")}
    report = grader.grade(task(grader, NEVER_ENDS, npz(weights), audited=False))
    assert report.score == 86
    assert accuracy_case(report).verdict == "raised"
    assert "Missing key(s) in state_dict" in accuracy_case(report).message


@pytest.mark.parametrize("data", [b"", b"no weights at all", npz({"w": np.array([print], dtype=object)})])
def test_a_file_that_holds_no_weights_is_named(grader: Grader, data: bytes) -> None:
    report = grader.grade(Task(SLUG, notebook(grader), weights=("weights.npz", data)))
    assert (report.status, report.score) == ("unreadable", 0)
    assert report.note.startswith("its weights cannot be used: ")


def test_weights_that_the_code_could_not_have_made_are_looked_at(grader: Grader, weights: Any) -> None:
    report = grader.grade(task(grader, LEARNS_NOTHING, npz(weights), audited=True))
    case = accuracy_case(report)
    assert (report.needs_review, case.verdict, report.score) == (True, "review", 100)
    # no fault of ours
    assert (report.status, report.note) == ("graded", f"a person has to look: q7, {case.message}")
    assert "audit: the submitted weights reach 0." in case.message
    assert "the notebook's own code trains to 0." in case.message


def test_an_audit_of_honest_weights_agrees(grader: Grader, weights: Any) -> None:
    report = grader.grade(task(grader, "", npz(weights), audited=True))
    assert (report.score, report.needs_review) == (100, False)


def test_the_audited_share_is_the_one_asked_for_and_always_the_same(grader: Grader) -> None:
    grader.prepare(SLUG)
    ready, data = grader._exercise(SLUG), npz({"w": np.zeros(2)})
    tasks = [Task(SLUG, str(number).encode(), weights=("weights.npz", data)) for number in range(400)]
    audited = [[getattr(grader._training(ready, one), "audit", None) for one in tasks] for _ in range(2)]
    assert audited[0] == audited[1]
    assert 150 < sum(map(bool, audited[0])) < 250  # five standard deviations of 400 fair coins


def test_a_loop_that_would_take_an_hour_is_stopped_and_the_others_keep_their_points(grader: Grader) -> None:
    report = grader.grade(Task(SLUG, notebook(grader, NEVER_ENDS)))
    case = accuracy_case(report)
    assert points(report) == {question.id: question.possible * (question.id != "q7") for question in report.questions}
    assert case.verdict == "timeout"
    assert f"{CALL_SECONDS} s" in case.message
    assert "training gets 800 images, 2 epochs and 30 s" in case.message
    assert "in batches rather than image by image" in case.message
