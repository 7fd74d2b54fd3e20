"""The table of scores and seconds that the variants got, at the end of the tests' output."""

from __future__ import annotations

import pytest

ROW = "variant of exercise 4"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    rows = [value for one in reports for name, value in one.user_properties if name == ROW]
    if rows:
        terminalreporter.section("right submissions to exercise 4: points for each course seed, CPU seconds a grading")
        for row in rows:
            terminalreporter.line(str(row))
