"""What staff read in the autograder's output, which students do not see: every case, and what decided it."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.escaping import visible
from autograder.gradebook import Entry
from autograder.gradescope.metadata import Metadata
from autograder.report import Verdict
from autograder.reports.document import cell_label

MAX_PRINTED = 2_000
MAX_TEXT = 60_000  # characters: Gradescope cuts the middle out of what is longer than 100,000


def for_staff(entry: Entry, metadata: Metadata) -> str:
    """The report as text. Names, outputs and messages may be a student's own words, so what hides is written out."""
    text = visible("\n".join(_lines(entry, metadata)))
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n... (the rest is left out)"


def _lines(entry: Entry, metadata: Metadata) -> Iterator[str]:
    document = entry.document
    people = ", ".join(f"{one.name or one.id} <{one.email}>" for one in metadata.students)
    yield f"{people}: {entry.source}"
    yield f"{document['status']}: {entry.raw:g} of {entry.possible:g} points, {entry.final:g} with lateness"
    if metadata.problem:
        yield f"note: {metadata.problem}: whose it is and when it came is not known"
    if metadata.total_points is not None and metadata.total_points != entry.possible:
        yield (
            f"note: the assignment has {metadata.total_points:g} points, this exercise {entry.possible:g}:"
            " without points for manual grading, set the autograder's to the same"
        )
    if document["note"]:
        yield f"note: {document['note']}"
    for question in document["questions"]:
        yield f"\n{question['id']} {question['title']}: {question['earned']:g} of {question['possible']:g}"
        for case in question["cases"]:
            yield from _case(case)
    yield from _run(document["run"])


def _case(case: dict[str, object]) -> Iterator[str]:
    mistake = f", as the mistake {case['mistake']}" if case["mistake"] else ""
    yield f"  {case['verdict']:<8} {case['case']}{mistake}"
    if case["verdict"] != Verdict.PASSED.value and case["message"]:
        yield from (f"             {line}" for line in str(case["message"]).splitlines())


def _run(run: dict[str, object] | None) -> Iterator[str]:
    if run is None:
        return
    yield (
        f"\n{run['cells']} cells in {run['attempts']} attempts, {run['wall_seconds']} s, {run['cpu_seconds']} s of"
        f" processor time, {run['peak_memory_mb']} MiB"
    )
    for error in run["cell_errors"]:  # type: ignore[attr-defined]
        yield f"  cell {cell_label(error)}: {str(error['error'])[:MAX_PRINTED]}"
    if run["output"]:
        yield f"\nit printed (evidence of nothing):\n{str(run['output'])[:MAX_PRINTED]}"
