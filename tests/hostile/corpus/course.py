"""A small course of its own: plain Python, tight limits, and canaries planted wherever a secret is."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SLUG, OTHER = "01_numbers", "02_words"
CELL_SECONDS, CALL_SECONDS = 8.0, 2.0
OUTPUT_KB = 256
QUESTIONS = {"q1": 4.0, "q2": 4.0, "q3": 2.0}
FLOWN = "HIDDEN" + "BIRD"  # how every canary begins; two parts, so that no compiled file of ours holds it


def canary() -> str:
    """A secret that can be told from everything else, wherever it turns up."""
    return FLOWN + secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class Canaries:
    """What must not be found by a student, nor in anything that a student gets; by where it is planted."""

    case: str = field(default_factory=canary)
    expected: str = field(default_factory=canary)
    solution: str = field(default_factory=canary)
    mistake: str = field(default_factory=canary)
    config: str = field(default_factory=canary)
    environment: str = field(default_factory=canary)
    other_student: str = field(default_factory=canary)
    gradebook: str = field(default_factory=canary)

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        return tuple(getattr(self, name) for name in self.__slots__)


ADD = "def add(a, b):\n    return a + b\n"
MEAN = (
    "import numpy as np\n\ndef mean(values):\n    if len(values) == 0:\n        raise ValueError('no values')\n"
    "    return float(np.mean(values))\n"
)
DOUBLED = "import numpy as np\n\ndef doubled(values):\n    return np.asarray(values) * 2\n"
SHOUT = "def shout(text):\n    return text.upper() + '!'\n"
RIGHT = {"add": ADD, "mean": MEAN, "doubled": DOUBLED}

SOLUTION = '''# %% [markdown]
# # Exercise 1 · Numbers
#
# Three small functions.

# %%
import numpy as np

# %% [markdown] question="q1" points=4 title="Sum"
# ## Question 1 · Sum


# %%
def add(a, b):
    """The sum of two things."""
    # BEGIN SOLUTION
    marked = "SOLUTION_CANARY"
    return a + b if marked else None
    # END SOLUTION


# %% tags=["check"]
def two_and_two_are_four(add):
    assert add(2, 2) == 4


# %% [markdown] question="q2" points=4 title="Mean"
# ## Question 2 · Mean


# %%
def mean(values):
    """The mean; raises ValueError for none."""
    # BEGIN SOLUTION
    if len(values) == 0:
        raise ValueError("no values")
    return float(np.mean(values))
    # END SOLUTION


# %% tags=["check"]
def the_mean_of_1_and_3_is_2(mean):
    assert mean([1, 3]) == 2


# %% [markdown] question="q3" points=2 title="Double"
# ## Question 3 · Double


# %%
def doubled(values):
    """Twice each value, as an array."""
    # BEGIN SOLUTION
    return np.asarray(values) * 2
    # END SOLUTION


# %% tags=["check"]
def twice_one_is_two(doubled):
    assert doubled(np.array([1.0]))[0] == 2
'''

HIDDEN = '''"""Hidden cases of exercise 1."""

import numpy as np

from autograder import expect
from autograder.cases import case

SECRET = "CASE_CANARY"


@case("q1", points=2, hint="Add them.")
def random_sums(student, rng):
    for _ in range(3):
        a, b = (int(number) for number in rng.integers(10**6, 10**9, size=2))
        expect.equal(student.add(a, b), a + b)
    assert SECRET


@case("q1", points=2, hint="The plus sign joins texts, too.")
def texts_are_joined(student, rng):
    whole = "EXPECTED_CANARY"
    expect.equal(student.add(whole[:6], whole[6:]), whole)


@case("q2", points=2, hint="Divide the sum by how many there are.")
def random_means(student, rng):
    for _ in range(3):
        values = rng.normal(size=5)
        expect.close(student.mean([float(value) for value in values]), np.mean(values))


@case("q2", points=2, hint="Raise ValueError where there is nothing to average.")
def no_values_are_refused(student, rng):
    with expect.raises(ValueError):
        student.mean([])


@case("q3", points=2, hint="Multiply by two.")
def random_arrays_are_doubled(student, rng):
    values = rng.normal(size=(2, 3))
    expect.close(student.doubled(values), values * 2)
'''

MISTAKES = '''"""Mistakes of exercise 1: MISTAKE_CANARY."""

from autograder.cases import mistake


@mistake("q1", caught_by="random_sums", hint="This takes the second away: add it.")
def subtracts(a, b):
    return a - b


@mistake("q2", caught_by="random_means", hint="This is the sum: divide it.")
def forgets_to_divide(values):
    if len(values) == 0:
        raise ValueError("no values")
    return float(sum(values))
'''

SOLUTION_2 = '''# %% [markdown]
# # Exercise 2 · Words

# %% [markdown] question="q1" points=10 title="Shout"
# ## Question 1 · Shout


# %%
def shout(text):
    """In capitals, with an exclamation mark."""
    # BEGIN SOLUTION
    return text.upper() + "!"
    # END SOLUTION


# %% tags=["check"]
def hey_is_HEY(shout):
    assert shout("hey") == "HEY!"
'''

HIDDEN_2 = '''"""Hidden cases of exercise 2."""

from autograder import expect
from autograder.cases import case


@case("q1", points=10, hint="Capitals, then the mark.")
def words_are_shouted(student, rng):
    expect.equal(student.shout("tree"), "TREE!")
'''

MISTAKES_2 = '''"""Mistakes of exercise 2."""

from autograder.cases import mistake


@mistake("q1", caught_by="words_are_shouted", hint="And the exclamation mark?")
def forgets_the_mark(text):
    return text.upper()
'''

CONFIG = """# CONFIG_CANARY
title: "A [small] :bomb: course"
seed: {seed}
tests_dir: private tests
limits:
  wall_seconds: {wall}
  cpu_seconds: 30
  call_seconds: {call}
  memory_mb: 256
  output_kb: {output}
  disk_mb: 8
exercises:
  01_numbers:
    points: 10
  02_words:
    points: 10
"""


def write_course(folder: Path, canaries: Canaries, *, seed: int = 20_261_125) -> Path:
    """Write the course; nothing of it needs to be built for grading."""
    files = {
        "grading_config.yaml": CONFIG.format(seed=seed, wall=CELL_SECONDS, call=CALL_SECONDS, output=OUTPUT_KB),
        f"solutions/{SLUG}.py": SOLUTION,
        f"private tests/hidden/{SLUG}.py": HIDDEN,
        f"private tests/mistakes/{SLUG}.py": MISTAKES,
        f"solutions/{OTHER}.py": SOLUTION_2,
        f"private tests/hidden/{OTHER}.py": HIDDEN_2,
        f"private tests/mistakes/{OTHER}.py": MISTAKES_2,
    }
    planted = {
        "SOLUTION_CANARY": canaries.solution,
        "CASE_CANARY": canaries.case,
        "EXPECTED_CANARY": canaries.expected,
        "MISTAKE_CANARY": canaries.mistake,
        "CONFIG_CANARY": canaries.config,
    }
    for name, text in files.items():
        for mark, secret in planted.items():
            text = text.replace(mark, secret)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def notebook(*cells: str | dict[str, Any], slug: str | None = SLUG, **more: Any) -> bytes:
    """The bytes of a notebook with these code cells; `more` replaces its top-level keys."""
    metadata = {"autograder": {"exercise": slug}} if slug else {}
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(map(_cell, cells))}
    return json.dumps(made | more).encode()


def _cell(cell: str | dict[str, Any]) -> dict[str, Any]:
    made = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ""}
    return made | ({"source": cell} if isinstance(cell, str) else cell)


def after(*cells: str) -> Sequence[str]:
    """The right answers, then these cells."""
    return (*RIGHT.values(), *cells)


def instead(*cells: str, **functions: str) -> Sequence[str]:
    """The right answers with some of them replaced, then these cells."""
    return (*(RIGHT | functions).values(), *cells)


def honest(slug: str = SLUG, *, remark: str = "") -> bytes:
    """A notebook that earns full marks."""
    cells = RIGHT.values() if slug == SLUG else (SHOUT,)
    return notebook(f"# {remark}", *cells, slug=slug)
