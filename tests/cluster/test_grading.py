"""A class graded by a cluster is graded as on one machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import SLUG, WRONG, Class, Machines

pytestmark = pytest.mark.slow

OF_THE_MOMENT = ("wall_seconds", "cpu_seconds", "peak_memory_mb")


def reports(class_: Class) -> dict[str, Any]:
    found = {}
    for path in sorted((class_.results / "reports").rglob("*.json")):
        report = json.loads(path.read_text())
        report.pop("graded_at")
        for name in OF_THE_MOMENT:
            (report["run"] or {}).pop(name, None)
        found[path.parent.name] = report
    return found


def test_reports_are_the_same_to_the_last_word(class_: Class, machines: Machines) -> None:
    class_.submit("right")
    class_.submit("wrong", last=WRONG)
    class_.submit("raises", last="def patch_mean(patch):\n    raise KeyError(3)\n")
    class_.submit("dies", last="def patch_mean(patch):\n    import os\n    os._exit(3)\n")
    (class_.folder / "class" / "broken").mkdir()
    (class_.folder / "class" / "broken" / f"{SLUG}.ipynb").write_bytes(b"{")
    machines.scheduler()
    machines.worker("one")
    code, out = class_.grade(machines.address)
    assert (code, "cluster: 1 worker, 1 submission at a time" in out) == (1, True)
    there = reports(class_)
    assert class_.grade(regrade=True)[0] == 1
    here = reports(class_)
    assert there == here
    assert {report["setting"]["tier"] for report in there.values()} <= {"full", "inner", "weak"}
