"""Throughput of `autograder grade`: 1 job on one core, 2 jobs on two; and the memory of a child above the warm process.

    python bench/jobs.py --class-size 300

The steady state is what a larger class costs beyond a small one: starting the workers is in both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.course import find_course
from autograder.samples import solved_notebook

CORES = sorted(os.sched_getaffinity(0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class-size", type=int, default=300)
    parser.add_argument("--exercise", default="01_output_size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch:
        rates = {jobs: steady(Path(scratch), options.exercise, options.class_size, jobs) for jobs in (1, 2)}
    for jobs, (seconds, peak) in rates.items():
        print(f"{jobs} job{'s' * (jobs > 1)}: {seconds:.4f} s a submission, {peak:.0f} MiB a child at most")
    print(f"2 jobs are {rates[1][0] / rates[2][0]:.2f} x as fast as 1")


def steady(scratch: Path, slug: str, size: int, jobs: int) -> tuple[float, float]:
    """Seconds a submission beyond the start, and a child's memory at the peak in MiB."""
    few, _ = grade(scratch / f"few{jobs}", slug, jobs, jobs)
    many, peak = grade(scratch / f"many{jobs}", slug, size, jobs)
    return (many - few) / (size - jobs), peak


def grade(folder: Path, slug: str, size: int, jobs: int) -> tuple[float, float]:
    """Seconds for a class, and a child's memory at the peak in MiB."""
    data = json.dumps(solved_notebook(find_course(None), slug))
    for number in range(size):
        path = folder / "submissions" / f"student{number:04d}" / f"{slug}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(data, encoding="utf-8")
    command = [str(Path(sys.executable).parent / "autograder"), "grade", str(folder / "submissions")]
    os.sched_setaffinity(0, CORES[:jobs])  # a core for each job: one job alone uses more than one, if it gets them
    started = time.perf_counter()
    subprocess.run(
        [*command, "-o", str(folder / "results"), "--jobs", str(jobs), "--allow-weak-sandbox"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - started
    reports = (folder / "results" / "reports").rglob("*.json")
    return seconds, max(json.loads(report.read_text())["run"]["peak_memory_mb"] for report in reports)


if __name__ == "__main__":
    main()
