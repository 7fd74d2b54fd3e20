"""Complaints: where, what, and what to do; also on their way from another process."""

from __future__ import annotations

import pickle

from autograder.errors import Complaint, CourseError


def test_a_complaint_is_a_place_a_problem_and_a_remedy() -> None:
    assert str(Complaint("a.py, cell 3", "no title", "write one")) == "a.py, cell 3: no title\n    -> write one"
    assert str(Complaint("a.py", "no title")) == "a.py: no title"


def test_all_complaints_are_said_at_once() -> None:
    error = CourseError([Complaint("a", "one", "mend"), Complaint("b", "two")])
    assert str(error) == "a: one\n    -> mend\nb: two"


def test_complaints_survive_the_way_from_another_process() -> None:
    error = CourseError([Complaint("a", "one", "mend")])
    arrived = pickle.loads(pickle.dumps(error))
    assert (arrived.complaints, str(arrived)) == (error.complaints, str(error))
