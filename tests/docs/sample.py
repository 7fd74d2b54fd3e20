"""The class that the documentation's commands work on: three students, and the files that its pages name.

| file | what it stands for |
|---|---|
| `submissions/ada`, `ben`, `eve` | exercise 1: a known mistake in question 1, the right answers, untouched |
| `submissions.zip` | the same as one download of an LMS |
| `Grades.csv`, `Worksheet.csv` | the gradebook that Canvas, and the grading worksheet that Moodle gives an instructor |
| `students.csv` | whose a file is, where its path does not say it |
| `01_output_size.ipynb` | one notebook by itself |
"""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course import Course
from autograder.samples import Sample, sample_class, write_class

SLUG = "01_output_size"
STUDENTS = {"ada": "q1_", "ben": "right_", "eve": "untouched"}
CANVAS = """\
Student,ID,SIS Login ID,Section,Exercise 1 · Output sizes (101)
    Points Possible,,,,100
Lovelace Ada,1,ada,A,
Franklin Ben,2,ben,A,
Noether Eve,3,eve,A,
"""
MOODLE = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 1,Ada Lovelace,ada,ada@example.org,Submitted,,100.00,Yes,"Monday, 23 November 2026, 9:14 AM",-,
Participant 2,Ben Franklin,ben,ben@example.org,Submitted,,100.00,Yes,"Monday, 23 November 2026, 9:15 AM",-,
Participant 3,Eve Noether,eve,eve@example.org,Submitted,,100.00,Yes,"Monday, 23 November 2026, 9:16 AM",-,
"""


def write_sample(course: Course, folder: Path) -> None:
    """Write all of it into `folder`."""
    made = sample_class(course, (SLUG,), 3)
    chosen = [
        Sample(student, SLUG, next(one.data for one in made if one.student.startswith(kind)))
        for student, kind in STUDENTS.items()
    ]
    write_class(chosen, folder / "submissions")
    shutil.make_archive(str(folder / "submissions"), "zip", folder / "submissions")
    (folder / f"{SLUG}.ipynb").write_bytes(chosen[0].data)
    (folder / "students.csv").write_text("file,student\nada,ada\nben,ben\neve,eve\n", encoding="utf-8")
    (folder / "Grades.csv").write_text(CANVAS, encoding="utf-8")
    (folder / "Worksheet.csv").write_text(MOODLE, encoding="utf-8")
