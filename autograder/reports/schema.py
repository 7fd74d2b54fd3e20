"""The JSON Schema of a report file, made from the dataclasses that are written: docs/report.schema.json.

`python -m autograder.reports.schema > docs/report.schema.json` writes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from autograder.report import Verdict
from autograder.reports.document import SCHEMA_VERSION, ReportDocument, Status


@dataclass(frozen=True, slots=True)
class OverrideFields:
    """Points that a person set for a question instead of the grader."""

    question: str
    """q1, q2, ..."""
    points: float
    """What counts for the question, before lateness."""
    reason: str
    """Why. Students read it, too."""
    by: str
    """Who did it."""
    at: str
    """When: ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file reports/STUDENT/EXERCISE.json: one graded submission. It holds hidden inputs: for instructors only."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    student: str
    """Whose it is: the id that scores.csv has, too."""
    name: str
    """The student's name, where the LMS's download or --students says it; else empty."""
    email: str
    """The student's address, where Gradescope's metadata or --students says it; else empty."""
    file: str
    """The notebook that was graded; `!` stands between a zip and what is in it."""
    key: str
    """A digest of all that the result was made from. The same key again is not graded again."""
    graded_at: str
    """When: ISO 8601, UTC."""
    submitted_at: str
    """When it was handed in, where the LMS, the instructor's zip or --submitted-at says it; else empty."""
    final_score: float
    """The points that count: `score`, with what persons set instead, less what lateness costs."""
    late_percent: float
    """What lateness costs, in percent of the points."""
    overrides: tuple[OverrideFields, ...]
    """Points that a person set, one a question at most."""
    document: ReportDocument
    """What grading gave: in a file its fields stand beside those above."""


def report_schema() -> dict[str, Any]:
    """The schema, with the closed choices that the documents hold as plain texts."""
    schema = TypeAdapter(ReportFile).json_schema(mode="serialization")
    document, case = schema["$defs"].pop("ReportDocument"), schema["$defs"]["CaseDocument"]["properties"]
    del schema["properties"]["document"]
    fields = schema["properties"] = schema["properties"] | document["properties"]
    case["verdict"]["enum"] = [verdict.value for verdict in Verdict]
    fields["status"]["enum"] = [status.value for status in Status]
    fields["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "required": list(fields)}


if __name__ == "__main__":
    print(json.dumps(report_schema(), indent=2))
