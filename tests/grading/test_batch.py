"""Many submissions: bounded in flight, deaths of workers tried again, nothing lost and nobody blamed for another."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.batch import MAX_TRIES, Elastic, Graded, grade_all
from autograder.errors import ExecutorLost, GraderError, WorkerFault, ZygoteTrouble
from autograder.task import Task

from .made import document

Act = Callable[[Task], Any]


class Scripted(Executor):
    """Runs what is submitted at once, or when `lag` more are there; a death takes all that is in flight with it."""

    def __init__(self, act: Act, log: list[str], *, lag: int = 0) -> None:
        self.act, self.log, self.lag = act, log, lag
        self.queue: list[tuple[Task, Future[Any]]] = []
        self.broken = False
        log.append("start")

    def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
        if self.broken:
            raise BrokenExecutor("a worker died")
        future: Future[Any] = Future()
        self.queue.append((task, future))
        self.log.append(f"submit {task.exercise}")
        if len(self.queue) > self.lag:
            self.run()
        return future

    def run(self) -> None:
        """End what is in flight, the oldest first."""
        queue, self.queue = self.queue, []
        for task, future in queue:
            if self.broken:
                future.set_exception(BrokenExecutor("a worker died"))
                continue
            try:
                future.set_result(self.act(task))
            except BrokenExecutor as error:
                self.broken = True
                future.set_exception(error)
            except Exception as error:
                future.set_exception(error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.log.append(f"shutdown wait={wait} cancel={cancel_futures}")


def tasks(*names: str) -> list[Callable[[], Task]]:
    return [partial(Task, name, b"") for name in names]


def fine(task: Task) -> Any:
    return document(exercise=task.exercise)


def dying(*names: str, times: int = 99) -> Act:
    """Kills its worker at these tasks, that many times."""
    deaths = dict.fromkeys(names, times)

    def act(task: Task) -> Any:
        if deaths.get(task.exercise, 0) > 0:
            deaths[task.exercise] -= 1
            raise BrokenExecutor("a worker died")
        return fine(task)

    return act


def graded(names: Sequence[str], act: Act, *, lag: int = 0, in_flight: int = 3) -> tuple[dict[str, Graded], list[str]]:
    """The outcomes by task, and what was asked of the executors."""
    log: list[str] = []
    outcomes = list(grade_all(tasks(*names), lambda: Scripted(act, log, lag=lag), in_flight=in_flight))
    assert sorted(outcome.index for outcome in outcomes) == list(range(len(names)))
    return {names[outcome.index]: outcome for outcome in outcomes}, log


class TestOrdinarily:
    def test_each_task_has_one_outcome(self) -> None:
        outcomes, log = graded("abcde", fine)
        assert all(outcome.document and outcome.document.exercise == name for name, outcome in outcomes.items())
        assert log.count("start") == 1

    def test_threads_do_as_well_as_processes(self) -> None:
        class Threads(ThreadPoolExecutor):
            def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                return super().submit(fine, *args, **kwargs)

        outcomes = list(grade_all(tasks(*"abcdefghij"), partial(Threads, 3), in_flight=4))
        assert sorted(outcome.index for outcome in outcomes) == list(range(10))
        assert not any(outcome.fault for outcome in outcomes)

    def test_no_task_is_no_outcome_and_the_executor_is_stopped(self) -> None:
        outcomes, log = graded("", fine)
        assert (outcomes, log) == ({}, ["start", "shutdown wait=False cancel=True"])

    @given(st.integers(1, 9), st.integers(1, 20))
    def test_no_more_are_made_than_are_in_flight(self, in_flight: int, count: int) -> None:
        alive = most = 0

        def make(name: str) -> Task:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return Task(name, b"")

        outcomes = grade_all(
            [partial(make, str(number)) for number in range(count)], lambda: Scripted(fine, []), in_flight=in_flight
        )
        for _ in outcomes:
            alive -= 1
        assert most <= in_flight


class TestFaults:
    def test_an_exception_of_ours_is_a_fault_of_that_task_with_its_traceback(self) -> None:
        def act(task: Task) -> Any:
            if task.exercise == "b":
                raise ZeroDivisionError("in the grader")
            return fine(task)

        outcomes, log = graded("abc", act)
        assert outcomes["b"].document is None
        assert "ZeroDivisionError: in the grader" in outcomes["b"].fault
        assert "Traceback" in outcomes["b"].fault
        assert outcomes["a"].fault == outcomes["c"].fault == ""
        assert log.count("start") == 1

    def test_what_an_instructor_must_mend_stops_the_batch(self) -> None:
        def act(task: Task) -> Any:
            raise GraderError("torch is missing")

        log: list[str] = []
        with pytest.raises(GraderError, match="torch is missing"):
            list(grade_all(tasks(*"abcdefgh"), lambda: Scripted(act, log), in_flight=2))
        assert log[-1] == "shutdown wait=False cancel=True"
        assert len(log) <= 4

    def test_closing_the_outcomes_stops_the_executor(self) -> None:
        log: list[str] = []
        with contextlib.closing(grade_all(tasks(*"abcdefgh"), lambda: Scripted(fine, log), in_flight=2)) as outcomes:
            next(outcomes)
        assert log == ["start", "submit a", "submit b", "shutdown wait=False cancel=True"]

    def test_so_does_an_exception_while_a_task_is_made(self) -> None:
        def make() -> Task:
            raise KeyboardInterrupt

        log: list[str] = []
        with pytest.raises(KeyboardInterrupt):
            list(grade_all([make], lambda: Scripted(fine, log), in_flight=2))
        assert log[-1] == "shutdown wait=False cancel=True"


class TestDeathsOfWorkers:
    def test_a_task_whose_worker_died_is_tried_again_with_new_workers(self) -> None:
        outcomes, log = graded("abc", dying("b", times=1))
        assert all(outcome.document for outcome in outcomes.values())
        assert log.count("start") == 2

    def test_after_three_deaths_it_is_given_up_and_the_others_are_graded(self) -> None:
        outcomes, log = graded("abc", dying("b"))
        assert outcomes["b"] == Graded(1, None, f"the grader's worker died {MAX_TRIES} times on it (memory?)")
        assert outcomes["a"].document
        assert outcomes["c"].document
        assert log.count("submit b") == MAX_TRIES

    @pytest.mark.parametrize("in_flight", [1, 2, 3, 7])
    @pytest.mark.parametrize("poison", ["a", "d", "g", "ab", "ag", "abcdefg"])
    def test_nobody_is_given_up_for_a_neighbour(self, poison: str, in_flight: int) -> None:
        outcomes, _ = graded("abcdefg", dying(*poison), lag=0, in_flight=in_flight)
        assert {name for name, outcome in outcomes.items() if outcome.fault} == set(poison)

    @pytest.mark.parametrize("poison", ["a", "d", "g", "ad"])
    def test_not_even_where_all_that_is_in_flight_dies_with_it(self, poison: str) -> None:
        """As with processes: one that dies takes the pool and all that was sent to it along."""
        names, log = "abcdefg", list[str]()

        class Pool(Scripted):
            def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
                future = super().submit(function, task)
                # the pool works when as much is in flight as there may be, or nothing more comes
                if len(self.queue) == 3 or task.exercise == "g" or self.log.count("start") > 1:
                    self.run()
                return future

        outcomes = list(grade_all(tasks(*names), lambda: Pool(dying(*poison), log, lag=9), in_flight=3))
        assert {names[outcome.index] for outcome in outcomes if outcome.fault} == set(poison)
        assert sorted(outcome.index for outcome in outcomes) == list(range(len(names)))

    def test_suspects_are_tried_one_at_a_time_and_then_as_many_as_before(self) -> None:
        outcomes, log = graded("abcdefg", dying("a", times=1), in_flight=3)
        assert all(outcome.document for outcome in outcomes.values())
        assert log == [
            *("start", "submit a", "shutdown wait=False cancel=True"),
            *("start", "submit a", "submit b", "submit c", "submit d", "submit e", "submit f", "submit g"),
            "shutdown wait=False cancel=True",
        ]

    @given(st.data())
    def test_whatever_dies_when_every_task_has_one_outcome(self, data: st.DataObject) -> None:
        names = "abcdefgh"[: data.draw(st.integers(0, 8))]
        poison = data.draw(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 4), max_size=3))
        left = dict(poison)

        def act(task: Task) -> Any:
            if left.get(task.exercise, 0):
                left[task.exercise] -= 1
                raise BrokenExecutor
            return fine(task)

        outcomes, _ = graded(names, act, in_flight=data.draw(st.integers(1, 4)))
        assert {name for name, one in outcomes.items() if one.fault} == {
            name for name, times in poison.items() if times >= MAX_TRIES and name in names
        }


def test_a_notebook_that_the_warm_process_cannot_take_is_ours_and_stops_nobody_else() -> None:
    def act(task: Task) -> Any:
        if task.exercise == "b":
            raise ZygoteTrouble("the warm process failed 3 times on this notebook")
        return fine(task)

    outcomes, log = graded("abc", act)
    assert [name for name in "abc" if outcomes[name].document is None] == ["b"]
    assert "failed 3 times" in outcomes["b"].fault
    assert log.count("start") == 1


class TestWorkersElsewhere:
    """A cluster's: one that dies takes nothing else along, and all of them may be lost at once."""

    def test_a_fault_of_a_worker_is_tried_again_and_nothing_else_is_stopped(self) -> None:
        faults = ["disk", "disk"]

        def act(task: Task) -> Any:
            if task.exercise == "b" and faults:
                raise WorkerFault(faults.pop())
            return fine(task)

        outcomes, log = graded("abc", act)
        assert all(outcome.document for outcome in outcomes.values())
        assert (log.count("start"), log.count("submit b"), log.count("submit a")) == (1, 3, 1)

    def test_after_three_of_them_a_person_has_to_look(self) -> None:
        def act(task: Task) -> Any:
            if task.exercise == "b":
                raise WorkerFault("the disk is full")
            return fine(task)

        outcomes, log = graded("abc", act)
        assert outcomes["b"].document is None
        assert "died 3 times on it (the disk is full)" in outcomes["b"].fault
        assert outcomes["c"].document
        assert log.count("submit b") == MAX_TRIES

    @pytest.mark.parametrize("in_flight", [1, 3, 7])
    def test_where_all_are_lost_all_is_sent_again_and_nobody_is_a_suspect(self, in_flight: int) -> None:
        losses = ["c", "e"]

        class Lost(Scripted):
            def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
                if self.broken:
                    raise ExecutorLost("the scheduler is gone")
                return super().submit(function, task)

        def act(task: Task) -> Any:
            if task.exercise in losses:
                losses.remove(task.exercise)
                raise ExecutorLost("the scheduler is gone")
            return fine(task)

        log: list[str] = []
        outcomes = list(grade_all(tasks(*"abcdefgh"), lambda: Lost(act, log), in_flight=in_flight))
        assert sorted(outcome.index for outcome in outcomes) == list(range(8))
        assert not any(outcome.fault for outcome in outcomes)
        assert log.count("start") == 3
        assert {log.count(f"submit {name}") for name in "abdfgh"} == {1}

    def test_where_they_are_lost_again_and_again_it_is_an_error(self) -> None:
        def act(task: Task) -> Any:
            raise ExecutorLost("the scheduler is gone")

        with pytest.raises(GraderError, match=r"the scheduler is gone, \d times with nothing graded between"):
            graded("abc", act)

    def test_what_was_graded_before_the_loss_is_not_graded_again(self) -> None:
        log: list[str] = []

        class Late(Scripted):
            """The second report comes while the first loss is looked at."""

            def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
                self.log.append(f"submit {task.exercise}")
                future: Future[Any] = Future()
                if self.log.count("start") > 1 or task.exercise == "b":
                    future.set_result(fine(task))
                else:
                    future.set_exception(ExecutorLost("the scheduler is gone"))
                return future

        outcomes = list(grade_all(tasks("a", "b"), lambda: Late(fine, log), in_flight=2))
        assert sorted(outcome.index for outcome in outcomes) == [0, 1]
        assert log.count("submit b") == 1

    def test_an_executor_may_say_how_much_it_takes(self) -> None:
        most: list[int] = []

        class Roomy(Scripted, Elastic):
            @property
            def room(self) -> int:
                return 4

            def submit(self, function: Any, /, task: Task, **_: Any) -> Future[Any]:  # type: ignore[override]
                future = super().submit(function, task)
                most.append(len(self.queue))
                if task.exercise == "g":
                    self.lag = 0
                    self.run()
                return future

        outcomes = list(grade_all(tasks(*"abcdefg"), lambda: Roomy(fine, [], lag=3), in_flight=1))
        assert len(outcomes) == 7
        assert max(most) == 3  # of four, the last set them going
