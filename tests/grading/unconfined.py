"""A grader without processes: notebooks run here, and an executor grades what it is handed at once."""

from __future__ import annotations

import json
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from autograder.grading import Grader
from autograder.local import LocalSession
from autograder.sandbox.session import CellFact, RunFacts
from autograder.sandbox.tier import MissingLayer, Tier
from autograder.task import Plan, Task

TIER = Tier("inner", ("Landlock",), (MissingLayer("bubblewrap", "it is not there"),))


class Unconfined(LocalSession):
    """Stands in for the sandbox: runs the notebook in this process."""

    def __init__(self, data: bytes) -> None:
        namespace, cells, self.error = dict[str, Any](), [], None
        try:
            sources = [cell["source"] for cell in json.loads(data)["cells"]]
        except ValueError as error:
            sources, self.error = [], f"it is not a notebook: {error}"
        for index, source in enumerate(sources):
            try:
                exec("".join(source), namespace)
                cells.append(CellFact(index, "ok", "", 0.0))
            except Exception as error:
                cells.append(CellFact(index, "error", f"{type(error).__name__}: {error}", 0.0))
        self.facts = RunFacts(tuple(cells), "hello\n", 1, 0.123456, 0.01, 80.0, self.error)
        super().__init__(namespace)

    def __enter__(self) -> Unconfined:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Warm:
    """Stands in for a zygote."""

    def __init__(self) -> None:
        self.imported: list[str] = []
        self.closed = False
        self.ended = False

    def warm_up(self, names: Any) -> None:
        self.imported += names

    def close(self) -> None:
        self.closed = True


class LocalGrader(Grader):
    """A grader without processes."""

    def _zygote(self, spec: tuple[str, ...]) -> Any:
        return self._zygotes.setdefault(spec, Warm())  # type: ignore[arg-type]

    def _has_ended(self, spec: tuple[str, ...]) -> bool:
        return bool(self._zygote(spec).ended)

    def _session(self, ready: Any, data: bytes) -> Any:
        return Unconfined(data)


class InProcess(Executor):
    """Grades what it is handed at once; `trouble` may raise first what a worker would."""

    def __init__(self, plan: Plan, jobs: int) -> None:
        self.grader = LocalGrader(plan)

    def trouble(self, task: Task) -> None:
        """Nothing, ordinarily."""

    def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        try:
            self.trouble(task)
            future.set_result(self.grader.grade(task))
        except KeyboardInterrupt:
            raise
        except (BrokenExecutor, Exception) as error:
            future.set_exception(error)
        return future
