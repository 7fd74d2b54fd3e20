"""The student as a case sees them: calls, handles, references and probes, all through the wire."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.local import LocalSession
from autograder.messages import Handle, Name, Raised, Returned
from autograder.student import Student, StudentRaised


class Net:
    """An object that is not plain."""

    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, value: int) -> int:
        return self.width * value


def append_one(values: list[int]) -> list[int]:
    values.append(1)
    return values


NAMES: dict[str, Any] = {
    "add": lambda *numbers, bias=0: sum(numbers) + bias,
    "build": Net,
    "width": lambda net: net.width,
    "append_one": append_one,
    "apply": lambda function, value: function(value),
    "echo": lambda value: value,
    "size": np.int64(3),
}


@pytest.fixture
def student() -> Student:
    return Student(LocalSession(NAMES))


def test_a_call_gives_its_value(student: Student) -> None:
    assert student.add(1, 2, bias=3) == 6


def test_the_cases_own_values_are_out_of_the_students_reach(student: Student) -> None:
    mine = [5]
    assert student.append_one(mine) == [5, 1]
    assert mine == [5]


def test_a_change_of_an_argument_can_be_seen(student: Student) -> None:
    handle = student.keep([5])
    student.append_one(handle)
    assert student.fetch(handle) == [5, 1]


def test_what_is_not_plain_comes_back_as_a_handle_that_is_an_argument(student: Student) -> None:
    net = student.build(4)
    assert net == Handle(net.number, "Net")
    assert student.width(net) == 4
    assert student.width(net=net) == 4
    assert student.echo([net, {"net": (net,)}])[0].type_name == "Net"


def test_a_value_can_be_kept_instead_of_sent(student: Student) -> None:
    handle = student.add.keep(1, 2)
    assert isinstance(handle, Handle)
    assert student.add(handle, 10) == 13


def test_a_function_of_the_student_can_be_an_argument(student: Student) -> None:
    assert student.add.ref == Name("add")
    assert student.apply(student.add.ref, 2) == 2


def test_a_value_of_the_notebooks_is_fetched_by_its_name() -> None:
    student = Student(LocalSession({"mean": 1.5, "table": {1, 2}, "later": ...}))
    assert student.mean.fetch() == 1.5
    assert student.table.fetch().type_name == "set"
    with pytest.raises(StudentRaised, match=r"NotImplementedError: it is still `\.\.\.`: set it to your answer"):
        student.later.fetch()
    with pytest.raises(StudentRaised, match="NameError: nothing is not defined in the notebook"):
        student.nothing.fetch()


def test_probes_run_beside_the_students_objects(student: Student) -> None:
    net = student.build(4)
    assert student.probe("basic.call", net, 5) == 20
    assert student.probe("basic.call", student.add.ref, 1, bias=2) == 3
    assert student.probe("basic.make", "fractions.Fraction", 1, 2).type_name == "Fraction"
    assert isinstance(student.probe("basic.call", student.add.ref, keep=True), Handle)


@pytest.mark.parametrize("name", ["basic.nothing", "basic._private", "basic.", "basic"])
def test_a_probe_that_is_not_there_is_named(student: Student, name: str) -> None:
    with pytest.raises(StudentRaised, match="NameError: there is no probe"):
        student.probe(name)


def test_a_library_object_without_a_module_is_refused(student: Student) -> None:
    with pytest.raises(StudentRaised, match=r"'Conv2d' is not of the form 'module\.attribute'"):
        student.probe("basic.make", "Conv2d")


def test_handles_of_an_earlier_case_are_forgotten() -> None:
    session = LocalSession(NAMES)
    net = Student(session).build(4)
    assert session.begin_case() is None
    with pytest.raises(StudentRaised, match="KeyError"):
        Student(session).width(net)


def test_an_answer_that_does_not_cross_is_the_students_exception(student: Student) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(StudentRaised, match="WireError: the value is nested deeper"):
        Student(LocalSession({"endless": lambda: endless})).endless()


def test_calls_are_recorded_with_their_answers(student: Student) -> None:
    student.add(1)
    with pytest.raises(StudentRaised):
        student.add("x")
    first, second = student.exchanges
    assert (first.request.name, first.request.args, first.answer) == ("add", (1,), Returned(1))
    assert isinstance(second.answer, Raised)
    assert second.answer.type_names[0] == "TypeError"
    assert "test_student.py" in second.answer.traceback


def test_an_exception_that_cannot_be_shown_is_still_an_answer() -> None:
    class Hostile(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail() -> None:
        raise Hostile

    with pytest.raises(StudentRaised, match=r"Hostile: \(the exception cannot be shown\)"):
        Student(LocalSession({"fail": fail})).fail()


@pytest.mark.parametrize("name", ["_session", "__wrapped__", "_secret"])
def test_underscored_names_are_no_names_of_the_students(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(Student.__new__(Student), name)


def test_a_name_that_is_no_function_raises_when_it_is_called(student: Student) -> None:
    with pytest.raises(StudentRaised, match="TypeError"):
        student.size()
