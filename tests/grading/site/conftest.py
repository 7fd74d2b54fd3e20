"""A gradebook with hostile names and notebooks, and the site that is made of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE

from autograder.config import FeedbackPolicy
from autograder.gradebook import ZONE, Entry, Gradebook, Override, entry
from autograder.site import Plan
from autograder.site.watching import Watch
from autograder.submission import Source, StudentId, Submission

from ..made import SLUG, document
from .browser import Browser
from .hostile import ALERT, PIXEL, hostile_notebook, hostile_outputs

NAME = f"<script>{ALERT}</script>"
FIGURES = [{"name": f"curve <img src=x onerror={ALERT}>", "png": PIXEL}, {"name": "none", "png": "PHN2Zz4="}]


def graded(folder: Path, student: str, notebook: bytes, **changes: Any) -> Entry:
    """A row whose notebook lies in a file."""
    number = hashlib.sha256(student.encode()).hexdigest()[:8]
    path = folder / f"{number}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook)
    digest = hashlib.sha256(notebook).hexdigest()
    made = json.loads(json.dumps(document(**changes).to_json()))
    whose = Submission(StudentId(student, f"{student} the Great"), made["exercise"], Source(path), digest)
    return entry(whose, "key", "2026-09-01T10:00:00+00:00", made, parts={"submission": digest})


def hostile_entry(folder: Path) -> Entry:
    """Everything that a student can put into a report."""
    made = graded(folder, NAME, hostile_notebook(SLUG))
    for question in made.document["questions"]:
        for case in question["cases"]:
            case["message"] = case["error"] = f"</pre><script>{ALERT}</script>"
            case["figures"] = FIGURES
            for call in case["calls"]:
                call["answer"] = f"</pre><img src=x onerror={ALERT}>"
    made.document["run"]["output"] = f"</pre><script>{ALERT}</script>\x1b[2J"
    made.document["run"]["cell_errors"][0]["error"] = f"<img src=x onerror={ALERT}>"
    return replace(made, name=f'"><img src=x onerror={ALERT}>', email=f"<b onclick={ALERT}>", source=NAME)


def ran_entry(folder: Path) -> Entry:
    """Everything that a run may put into one."""
    outputs = hostile_outputs()
    cells = [{"cell_type": "code", "source": f"cell_{number}()"} for number in range(len(outputs))]
    made = graded(folder, "ran", json.dumps({"cells": cells}).encode())
    made.document["run"]["outputs"] = outputs
    return made


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small class: a hostile student, one to review, one late, one set by hand, some plain."""
    folder = tmp_path_factory.mktemp("results")
    plain = json.dumps({"cells": [{"cell_type": "code", "source": "1 + 1", "outputs": []}]}).encode()
    picture = {"output_type": "display_data", "data": {"image/png": PIXEL, "text/plain": "<Figure>"}}
    drawn = json.dumps({"cells": [{"cell_type": "code", "source": "plot()", "outputs": [picture]}]}).encode()
    with Gradebook(folder) as gradebook:
        gradebook.remember_course({f"{ZONE}{SLUG}": "Europe/Berlin"})
        gradebook.put(hostile_entry(folder / "in"))
        gradebook.put(graded(folder / "in", "review", plain, status="error", needs_review=True, note="a case failed"))
        gradebook.put(replace(graded(folder / "in", "late", drawn), late_percent=20.0, submitted_at="2026-11-27T08:00"))
        gradebook.put(ran_entry(folder / "in"))
        for number in range(5):
            gradebook.put(graded(folder / "in", f"plain {number}", plain))
        by_hand = Override(0, "plain 0", SLUG, "q2", 4.0, f"fair </p><script>{ALERT}</script>", "Dr. <b>", "2026-09-03")
        gradebook.add_override(by_hand)
    return folder


def built(results: Path, policy: FeedbackPolicy) -> Path:
    """The site under a policy."""
    site = results / f"site_{policy.value}"
    Watch(Plan(results, site, True, True, {SLUG: policy}, f"A course </title><script>{ALERT}</script>")).step()
    return site


@pytest.fixture(scope="session")
def site(results: Path) -> Path:
    """The site as students get it by default: with hints."""
    return built(results, FeedbackPolicy.HINT)


@pytest.fixture(scope="session")
def open_site(results: Path) -> Path:
    """The site under the policy that shows all: the most that a student's words can reach."""
    return built(results, FeedbackPolicy.FULL)


@pytest.fixture(scope="session")
def browser(chromium: Any) -> Browser:
    """One window for all tests."""
    return new_browser(chromium)


def new_browser(chromium: Any) -> Browser:
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    return Browser(page)
