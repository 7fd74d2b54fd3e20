"""Canvas' gradebook CSV: a fresh one, or the instructor's own export with a column filled in.

Canvas finds students by the column ID, and an assignment by `Title (id)`; a title that it does not know becomes a new
assignment. Rows after the header that open with `    Points Possible` or say nothing are Canvas' own.
"""

from __future__ import annotations

import csv
import io
import re

from autograder.errors import GraderError
from autograder.escaping import csv_cell
from autograder.exports.filling import Column, Filled, Fit, Ours, fill_in, finished
from autograder.exports.matching import Person, folded, match
from autograder.exports.sheet import Sheet
from autograder.gradebook import Entry

STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"
ID_COLUMNS = ("id", "sis user id", "sis login id", "integration id")
NAME_COLUMNS = ("student", "lastname", "firstname", "last name", "first name")
ASSIGNMENT = re.compile(r"^(?P<title>.*?)\s*(?:\((?P<id>[0-9]+)\))?$", re.DOTALL)
READ_ONLY = "(read only)"
EXCUSED = "EX"
TEST_STUDENT = "student, test"  # Canvas' own, in each course that was looked at as a student


def fresh(ours: Ours) -> str:
    """A gradebook with a column for each exercise, which Canvas imports as new assignments."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*STUDENT_COLUMNS, *(csv_cell(ours.titles[slug]) for slug in ours.slugs)])
    writer.writerow([POINTS_POSSIBLE, "", "", "", "", *(f"{ours.possible(slug):g}" for slug in ours.slugs)])
    for student, entries in ours.by_student().items():
        first = next(iter(entries.values()))
        grades = [_grade(entries.get(slug)) for slug in ours.slugs]
        number, login = (student, "") if student.isdigit() else ("", first.email or student)
        who = [csv_cell(first.name or student), number, "", csv_cell(login), ""]
        writer.writerow([*who, *grades])
    return text.getvalue()


def _grade(entry: Entry | None) -> str:
    return f"{entry.final:g}" if entry and entry.is_settled else ""


def fill(sheet: Sheet, ours: Ours, column: str | None, fit: Fit = Fit.EXACT) -> Filled:
    """Put one exercise's points into an export of Canvas'.

    Raises:
        GraderError: it is no such export, no column of it is the exercise's, or its points do not fit there.
    """
    header = sheet.header()
    if "id" not in header or not {"student", "lastname"} & set(header):
        raise GraderError(
            f"{sheet.path}: no gradebook of Canvas' (its header has no Student and ID)\n"
            "    -> Grades, Export, Export Entire Gradebook"
        )
    place, slug = _assignment(sheet, ours, column)
    first = _first_student(sheet)
    matches = match(
        ours.of(slug), [_person(sheet, row) for row in range(first, len(sheet.rows)) if _is_student(sheet, row)]
    )
    excused = {
        row: f"{entry.student} is excused ({EXCUSED}) there: left as it is"
        for row, entry in matches.rows.items()
        if sheet.get(row, place).upper() == EXCUSED
    }
    filled = fill_in(sheet, matches, Column(place, slug, _points_possible(sheet, first, place)), ours, fit, excused)
    return finished(sheet, filled, [index for index, name in enumerate(header) if name in NAME_COLUMNS])


def _assignment(sheet: Sheet, ours: Ours, column: str | None) -> tuple[int, str]:
    """The column and the exercise: as named, else the only exercise whose title or slug a column has."""
    header = sheet.header(lower=False)
    titles = {index: folded(_title(name)) for index, name in enumerate(header) if index > 1 and READ_ONLY not in name}
    if column is not None:
        slug = ours.only()
        places = [index for index in titles if column in (header[index], _title(header[index]))]
    else:
        named = {slug: {folded(ours.titles[slug]), folded(slug), folded(slug.replace("_", " "))} for slug in ours.slugs}
        pairs = [(index, slug) for slug, names in named.items() for index, title in titles.items() if title in names]
        slug = pairs[0][1] if len({slug for _, slug in pairs}) == 1 else ours.only()
        places = [index for index, _ in pairs]
    if len(places) != 1:
        what = "several columns are" if places else "no column is"
        names = ", ".join(repr(header[index]) for index in titles if _is_assignment(header[index])) or "(none)"
        raise GraderError(f"{sheet.path}: {what} the exercise's\n    -> name one with --column: {names}")
    return places[0], slug


def _title(name: str) -> str:
    found = ASSIGNMENT.match(name.strip())
    return found["title"] if found else name


def _is_assignment(name: str) -> bool:
    found = ASSIGNMENT.match(name.strip())
    return bool(found and found["id"])


def _is_student(sheet: Sheet, row: int) -> bool:
    """Not an empty row."""
    return bool(sheet.get(row, sheet.header().index("id")) or sheet.get(row, 0))


def _first_student(sheet: Sheet) -> int:
    """The row after `Points Possible`; above it are Canvas' own."""
    for row in range(1, min(4, len(sheet.rows))):
        if folded(sheet.get(row, 0)) == folded(POINTS_POSSIBLE):
            return row + 1
    return 1


def _points_possible(sheet: Sheet, first: int, column: int) -> float | None:
    try:
        return float(sheet.get(first - 1, column).replace(",", ".")) if first > 1 else None
    except ValueError:
        return None


def _person(sheet: Sheet, row: int) -> Person:
    header = sheet.header()
    where = {name: header.index(name) for name in (*ID_COLUMNS, *NAME_COLUMNS) if name in header}
    name = sheet.get(row, where.get("student"))
    if "student" not in where:
        name = f"{sheet.get(row, where.get('lastname'))}, {sheet.get(row, where.get('firstname'))}"
    login = sheet.get(row, where.get("sis login id"))
    ids = tuple(sheet.get(row, where[column]) for column in ID_COLUMNS if column in where)
    is_test = folded(name) == TEST_STUDENT and not sheet.get(row, where.get("sis user id"))
    return Person(row, ids, login if "@" in login else "", name, expected=not is_test)
