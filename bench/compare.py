"""Grade the same notebooks with otter run, nbgrader autograde and autograder grade, interleaved on one core.

    make bench                                  all of it, several minutes
    python bench/compare.py --rounds 3 --class-size 100

Otter and nbgrader get the exercise's public checks as their tests, which is less work than the hidden cases that
`autograder grade` asks. Their start-up is part of grading with them; ours is shown apart, and is part of the batch.
The floor is the student's own cells, exec'd in a fork of a process that has imported what they import; then also
the calls of the hidden cases, made by plain Python in that fork: no jail, no shell, no wire, no judge, no comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, find_course
from autograder.diagnosis import Diagnosis
from autograder.exercise import CellKind
from autograder.judge import judge
from autograder.local import LocalSession
from autograder.messages import Target
from autograder.namespace import reference_namespace
from autograder.samples import Notebook, solved_notebook

SLUG = "01_output_size"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a submission, and the peak memory of the largest process in MiB."""

    tool: str
    seconds: float
    peak_mb: float


def main() -> None:
    """Measure, and print a table for the README."""
    options = arguments()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # children inherit the one core
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch:
        rows = measure(Path(scratch), find_course(None), options)
    print_table(rows, options)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved runs of each tool; the median counts")
    parser.add_argument("--class-size", type=int, default=100, help="submissions in each batch of autograder grade")
    parser.add_argument("--exercise", default=SLUG, help="a formula exercise")
    return parser.parse_args()


def measure(scratch: Path, course: Course, options: argparse.Namespace) -> dict[str, list[Timing]]:
    """Interleave the tools, so that a busy minute of the machine slows all of them."""
    notebook = solved_notebook(course, options.exercise)
    tools: list[Callable[[int], Timing]] = [
        otter(scratch / "otter", course, options.exercise, notebook),
        nbgrader(scratch / "nbgrader", course, options.exercise, notebook),
        ours(scratch / "ours", course, options.exercise, notebook, options.class_size),
        floor(course, options.exercise, scratch, calls=False),
        floor(course, options.exercise, scratch, calls=True),
    ]
    rows: dict[str, list[Timing]] = {}
    for number in range(options.rounds):
        for tool in tools:
            timing = tool(number)
            print(f"round {number + 1}: {timing.tool:42s} {timing.seconds:8.4f} s", file=sys.stderr, flush=True)
            rows.setdefault(timing.tool, []).append(timing)
    return rows


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a command; its output is shown where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.perf_counter()
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # nbgrader calls tools of its own by name
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **here})
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return seconds, peak / 1024


def tool_path(name: str) -> str:
    """A command of the environment that runs this script."""
    return str(Path(sys.executable).parent / name)


def otter(folder: Path, course: Course, slug: str, notebook: Notebook) -> Callable[[int], Timing]:
    """`otter run` on one notebook, with the public checks as its tests."""
    folder.mkdir()
    (folder / f"{slug}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    tests = str(course.checks_dir(slug))
    archive = "autograder.zip"
    run([tool_path("otter"), "generate", "-t", tests, "-o", archive, "--no-environment", "--no-requirements"], folder)

    def once(number: int) -> Timing:
        out = f"out{number}"
        (folder / out).mkdir()
        command = [tool_path("otter"), "run", f"{slug}.ipynb", "-a", archive, "-o", out, "--no-logo"]
        seconds, peak = run(command, folder)
        result = json.loads((folder / out / "results.json").read_text())
        scored = [test for test in result["tests"] if "max_score" in test]  # the first says only which were public
        assert scored, result
        assert all(test["score"] == test["max_score"] for test in scored), result
        return Timing("otter run", seconds, peak)

    return once


def nbgrader(folder: Path, course: Course, slug: str, notebook: Notebook) -> Callable[[int], Timing]:
    """`nbgrader autograde` of a small class, with the public checks as its test cells; seconds a submission."""
    students = 3
    for place in ("source/bench", *(f"submitted/student{one}/bench" for one in range(students))):
        path = folder / place / "bench.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(nbgrader_notebook(course, slug, notebook)), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
    run([tool_path("nbgrader"), "generate_assignment", "bench", "--force"], folder)

    def once(number: int) -> Timing:
        seconds, peak = run([tool_path("nbgrader"), "autograde", "bench", "--force"], folder)
        graded = list(folder.glob("autograded/*/bench/bench.ipynb"))
        assert len(graded) == students, graded
        return Timing("nbgrader autograde (batch)", seconds / students, peak)

    return once


def nbgrader_notebook(course: Course, slug: str, notebook: Notebook) -> Notebook:
    """The same cells; the checks, without Otter, as locked test cells."""
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("autograder", {}).get("role") is None]
    exercise = course.exercise(slug)
    for number, cell in enumerate(cell for cell in exercise.cells if cell.kind is CellKind.CHECK):
        name = cell.source.partition("def ")[2].partition("(")[0]
        call = cell.source[cell.source.index("(") : cell.source.index(")") + 1]
        mark = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "points": 1}
        mark |= {"grade_id": f"test{number}", "cell_type": "code"}
        cells.append(code_cell(f"{cell.source}\n\n{name}{call}", {"nbgrader": mark}, f"test{number}"))
    return {**notebook, "cells": cells}


def code_cell(source: str, metadata: dict[str, object], name: str) -> dict[str, object]:
    """A code cell."""
    empty = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**empty, "id": name, "metadata": metadata, "source": source}


def ours(folder: Path, course: Course, slug: str, notebook: Notebook, size: int) -> Callable[[int], Timing]:
    """`autograder grade` of a class, everything included: start, self-test, rehearsal, database, reports."""
    for number in range(size):
        path = folder / "submissions" / f"student{number:04d}" / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    def once(number: int) -> Timing:
        results = folder / f"results{number}"
        command = [tool_path("autograder"), "grade", str(folder / "submissions"), "-o", str(results), "--jobs", "1"]
        seconds, peak = run([*command, "--allow-weak-sandbox"], course.root)
        scores = (results / "scores.csv").read_text().splitlines()[1:]
        assert len(scores) == size, scores[:3]
        assert all(",100.00,graded," in row for row in scores), scores[:3]
        shutil.rmtree(results)
        return Timing(f"autograder grade (batch of {size}, all included)", seconds / size, peak)

    return once


def hidden_calls(course: Course, slug: str) -> list[tuple[str, tuple[object, ...], dict[str, object]]]:
    """What the hidden cases ask of the reference's functions, without what needs an object of an earlier answer."""
    reference, suite = reference_namespace(course.exercise(slug)), course.suite(slug)
    diagnosis = Diagnosis(course.exercise(slug), suite, reference)
    report = judge(slug, suite, LocalSession(reference), diagnosis, seed=course.config.seed)
    asked = (exchange.request for result in report.results for exchange in result.exchanges)
    return [
        (one.name, one.args, dict(one.kwargs))
        for one in asked
        if one.target is Target.STUDENT and "Handle(" not in repr((one.args, one.kwargs))
    ]


def floor(course: Course, slug: str, scratch: Path, *, calls: bool) -> Callable[[int], Timing]:
    """The student's own cells, exec'd in a bare fork, with or without the calls of the hidden cases."""
    exercise = course.exercise(slug)
    kinds = (CellKind.CODE, CellKind.ANSWER)
    program = "\n\n".join(cell.source for cell in exercise.cells if cell.kind in kinds)
    listed = scratch / f"calls{calls}.pickle"
    listed.write_bytes(pickle.dumps(hidden_calls(course, slug) if calls else []))
    program = f"{FLOOR_HEAD}\nSOURCE, CALLS = {program!r}, {str(listed)!r}\n{FLOOR_BODY}"
    name = "bare fork, the cells and the hidden calls" if calls else "bare fork and exec of the cells"

    def once(number: int) -> Timing:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return Timing(name, float(done.stdout), 0.0)

    return once


FLOOR_HEAD = "import os, pickle, time, numpy, torch"
FLOOR_BODY = """
CODE = compile(SOURCE, "cells", "exec")
CALLS = pickle.load(open(CALLS, "rb"))
times = []
for _ in range(50):
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        namespace = {"__name__": "__main__"}
        exec(CODE, namespace)
        for name, args, kwargs in CALLS:
            try:
                namespace[name](*args, **kwargs)
            except ValueError:
                pass
        os._exit(0)
    os.waitpid(child, 0)
    times.append(time.perf_counter() - started)
print(sorted(times)[25])
"""


def print_table(rows: dict[str, list[Timing]], options: argparse.Namespace) -> None:
    """Medians, and how often ours fits into theirs."""
    medians = {tool: statistics.median(one.seconds for one in timings) for tool, timings in rows.items()}
    own = next(seconds for tool, seconds in medians.items() if tool.startswith("autograder"))
    print(f"`python bench/compare.py --rounds {options.rounds} --class-size {options.class_size}`: {options.exercise},")
    print(f"one core, medians of {options.rounds} interleaved rounds\n")
    print("| | seconds a submission | ours is faster | peak memory of one process |\n|---|---:|---:|---:|")
    for tool, seconds in medians.items():
        peak = max(one.peak_mb for one in rows[tool])
        print(f"| {tool} | {seconds:.3f} | {seconds / own:.1f} x | {f'{peak:.0f} MiB' if peak else ''} |")


if __name__ == "__main__":
    main()
