"""How long the report site takes for a large class, and how big its class page gets.

    python bench/report.py --submissions 2000 --jobs 2

The class: real reports of exercise 1's questions, each with a notebook of its own (the exercise's) and outputs of a
run: a plot, a table, some text. Graded by nobody: the documents are written as a batch writes them.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import random
import resource
import struct
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

from autograder.config import FeedbackPolicy
from autograder.course import open_course
from autograder.gradebook import FILE_NAME, Entry, Gradebook, entry
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import (
    SCHEMA_VERSION,
    CellOutputsDocument,
    OutputDocument,
    ReportDocument,
    RunDocument,
    Setting,
    question_documents,
)
from autograder.site import Plan
from autograder.site.watching import Watch
from autograder.submission import Source, StudentId, Submission

ROOT = Path(__file__).parent.parent
SLUG = "01_output_size"
TABLE = "<table><tbody>" + "<tr>" + "<td>0.123</td>" * 6 + "</tr>" * 40 + "</tbody></table>"


def main() -> None:
    """Make the class, build its site, print what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        _grade(results, wanted.submissions)
        plan = Plan(results, results / "site", True, True, {SLUG: FeedbackPolicy.HINT}, "A large class", wanted.jobs)
        started, cpu = time.perf_counter(), _cpu_seconds()
        watch = Watch(plan)
        count = watch.step()
        seconds, cpu = time.perf_counter() - started, _cpu_seconds() - cpu
        class_page = watch.class_page.stat().st_size
        pages = [path.stat().st_size for path in (results / "site").rglob("*.html")]
        again = time.perf_counter()
        watch.step()
        print(f"{count} submissions, both editions, {wanted.jobs} jobs: {seconds:.1f} s, {cpu:.1f} s of processor time")
        print(f"gradebook {(results / FILE_NAME).stat().st_size / 1e6:.0f} MB")
        print(f"once more with nothing new: {time.perf_counter() - again:.2f} s")
        print(f"class page {class_page / 1e6:.2f} MB, all {len(pages)} pages {sum(pages) / 1e6:.0f} MB")


def _cpu_seconds() -> float:
    """Of this process and of those that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _grade(results: Path, count: int) -> None:
    rng, course = random.Random(1), open_course(ROOT)
    exercise, suite = course.exercise(SLUG), course.suite(SLUG)
    notebook = json.loads(course.notebook_path(SLUG).read_text("utf-8"))
    picture = base64.b64encode(_noise(rng)).decode()
    with Gradebook(results) as gradebook:
        for number in range(count):
            results_of = [_result(case, rng, suite.mistakes_of(case.question)) for case in suite.cases]
            report = Report(SLUG, tuple(results_of))
            gradebook.put(_entry(results, number, notebook, picture, exercise, report))


def _entry(results: Path, number: int, notebook: dict[str, Any], picture: str, exercise: Any, report: Report) -> Entry:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[2]["source"] = f"# the answer of number {number}"
    data = json.dumps(notebook).encode()
    path = results / "in" / f"student{number:05}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    shown = (
        OutputDocument("display", "<Figure>", "", picture),
        OutputDocument("display", "a table", TABLE, ""),
        OutputDocument("stdout", "printed\n" * 20, "", ""),
    )
    outputs = tuple(CellOutputsDocument(cell, "ok", (one,)) for cell, one in enumerate(shown, 1))
    run = RunDocument(20, (), 0, 1, 0.1 + number / 1000, 0.1, 90.0, "printed\n" * 20, outputs)
    setting = Setting("cpu", "", "full", (), {}, {})
    document = ReportDocument(
        *(SCHEMA_VERSION, SLUG, exercise.title, "graded", False, "", report.earned, report.possible),
        *(question_documents(exercise, report), run, setting),
    )
    digest = hashlib.sha256(data).hexdigest()
    student = StudentId(f"student{number:05}", f"Number {number} of the Large Class", f"{number}@example.org")
    submission = Submission(student, SLUG, Source(path), digest)
    return entry(submission, "key", "2026-11-26T00:00:00+00:00", document.to_json(), parts={"submission": digest})


def _result(case: Any, rng: random.Random, mistakes: Any) -> CaseResult:
    if rng.random() < 0.7:
        return CaseResult(case.question, case.name, case.title, case.points, Verdict.PASSED, 1.0)
    mistake = rng.choice(mistakes).name if mistakes and rng.random() < 0.5 else None
    said = "conv_output_size(22, kernel_size=1, padding=4): expected 30, got 26"
    return CaseResult(
        case.question, case.name, case.title, case.points, Verdict.WRONG, 0.0, said, case.hint, mistake, ()
    )


def _noise(rng: random.Random, side: int = 120) -> bytes:
    """A PNG of 40 kB, about what a plot takes."""
    rows = b"".join(b"\0" + rng.randbytes(3 * side) for _ in range(side))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    made = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


if __name__ == "__main__":
    main()
