"""What a report says beside its cases: the run, the note, and the releases that a result depends on."""

from __future__ import annotations

import base64
import importlib.metadata
import platform
from collections.abc import Mapping

from autograder import __version__
from autograder.judge import DEATH_VERDICTS
from autograder.report import CaseResult, Report, Verdict
from autograder.reports.document import CellError, CellOutputsDocument, OutputDocument, ReportDocument, RunDocument
from autograder.sandbox.outputs import CellOutputs
from autograder.sandbox.session import RunFacts

DEATHS = frozenset(verdict.value for verdict in DEATH_VERDICTS.values())


def names_a_death(document: ReportDocument) -> bool:
    """Whether a case ended the student's process."""
    return any(case.verdict in DEATHS for question in document.questions for case in question.cases)


def note(report: Report) -> str:
    """Which hidden case failed by itself, or what a person has to look at, if there is such a thing."""
    broken, doubtful = of_verdict(report, Verdict.JUDGE_ERROR), of_verdict(report, Verdict.REVIEW)
    if broken:
        return f"a hidden case failed by itself: {broken[0].question}, {broken[0].case}"
    return f"a person has to look: {doubtful[0].question}, {doubtful[0].message}" if doubtful else ""


def of_verdict(report: Report, verdict: Verdict) -> list[CaseResult]:
    """The results that have it."""
    return [result for result in report.results if result.verdict is verdict]


def run_document(facts: RunFacts) -> RunDocument:
    """What running the notebook took."""
    errors = tuple(CellError(cell.index + 1, cell.outcome, cell.error, cell.line) for cell in facts.cell_errors)
    return RunDocument(
        len(facts.cells),
        errors,
        facts.more_errors,
        facts.attempts,
        round(facts.wall_seconds, 4),
        round(facts.cpu_seconds, 4),
        round(facts.peak_memory_mb, 1),
        facts.output,
        tuple(map(_outputs, facts.outputs)),
    )


def _outputs(cell: CellOutputs) -> CellOutputsDocument:
    shown = (
        OutputDocument(one.kind.value, one.text, one.html, base64.b64encode(one.png).decode()) for one in cell.outputs
    )
    return CellOutputsDocument(cell.cell, cell.outcome, tuple(shown))


def versions() -> Mapping[str, str]:
    """The releases that a result depends on."""
    found: dict[str, str] = {"autograder": __version__, "python": platform.python_version()}
    for name in ("numpy", "torch", "tensorflow", "ipython"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
