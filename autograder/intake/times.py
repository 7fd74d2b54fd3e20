"""When a submission was handed in, as somebody else than its student says it: an LMS's file or zip, the instructor."""

from __future__ import annotations

import csv
import unicodedata
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.errors import GraderError
from autograder.exercise import read_text
from autograder.intake.reading import UNREADABLE, Found
from autograder.late import read_moment
from autograder.listing import listing
from autograder.submission import StudentId
from autograder.zips import MAX_LIST_BYTES, BoundedZip

MOODLE_FORMATS = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p", "%d/%m/%Y %H:%M")
TIME_COLUMNS = ("submitted_at", "last modified (submission)", "timestamp", "submission time")
WHO_COLUMNS = ("student", "student_id", "identifier", "id number", "sid", "email address", "email", "id", "full name")


@dataclass(frozen=True, slots=True)
class Times:
    """--submitted-at: one time for all, or a time for each who is named in a CSV file."""

    everybody: str = ""
    by_name: Mapping[str, str] | None = None
    rows: tuple[tuple[str, ...], ...] = ()  # the names in each row of the file that has a time

    @classmethod
    def read(cls, said: str) -> Times:
        """A time in ISO 8601, or the name of a CSV file such as Moodle's grading worksheet.

        Raises:
            GraderError: it is neither, or the file has no column of times or of students.
        """
        if read_moment(said):
            return cls(said)
        path = Path(said)
        if not path.is_file():
            raise GraderError(
                f"--submitted-at {said}: no time and no file\n    -> as 2026-11-25T23:59+01:00, or FILE.csv"
            )
        rows = _rows(path)
        by_name = {name: moment for names, moment in rows for name in names}
        return cls("", by_name, tuple(names for names, _ in rows))

    def of(self, student: StudentId) -> str:
        """The time that is said of a student."""
        if self.by_name is None:
            return self.everybody
        return next((self.by_name[key] for key in self.key(student)), "")

    def key(self, student: StudentId) -> list[str]:
        """The name by which the file knows a student, in a list; an empty one where it does not."""
        names = (student.id, f"Participant {student.id}", student.email, student.name)
        return [key for key in map(_key, filter(None, names)) if key in (self.by_name or ())][:1]

    def left_over(self, used: Collection[str]) -> Iterator[str]:
        """What the instructor should know of rows whose names nobody's submission has."""
        idle = [names[-1] for names in self.rows if not any(name in used for name in names)]
        if idle:
            yield f"--submitted-at: {len(idle):,} of {len(self.rows):,} rows name nobody who is graded: {listing(idle)}"


def _rows(path: Path) -> list[tuple[tuple[str, ...], str]]:
    """The names in each row that has a time, the weakest first, and the time."""
    lines = read_text(path).lstrip("\ufeff").splitlines()
    reader = csv.DictReader(lines, delimiter=";" if lines and lines[0].count(";") > lines[0].count(",") else ",")
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    times = next((columns[name] for name in TIME_COLUMNS if name in columns), None)
    people = [columns[name] for name in WHO_COLUMNS if name in columns]
    if times is None or not people:
        raise GraderError(
            f"{path}: its header is {lines[0] if lines else '(nothing)'!r}\n    -> columns: student,submitted_at"
        )
    found = []
    for row in reader:
        moment = _moment(row.get(times) or "", f"{path}:{reader.line_num}")
        # an id counts more than a name that others may have, too
        names = tuple(_key(row[name]) for name in reversed(people) if (row.get(name) or "").strip())
        found += [(names, moment)] if moment and names else []
    return found


def _moment(text: str, place: str) -> str:
    words = " ".join(text.split())
    if words in ("", "-"):
        return ""
    moment = read_moment(words)
    for form in MOODLE_FORMATS if moment is None else ():
        try:
            moment = moment or datetime.strptime(words, form)  # its zone is the course's
        except ValueError:
            continue
    if moment is None:
        raise GraderError(f"{place}: {words!r} is no time that is known here\n    -> as 2026-11-25 23:59")
    return moment.isoformat()


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def times_in_zip(path: Path) -> dict[str, str]:
    """When each member of an LMS's own zip was handed in. Such times have no zone."""
    if not zipfile.is_zipfile(path):
        return {}
    found = {}
    try:
        with BoundedZip(path.open("rb"), list_bytes=MAX_LIST_BYTES) as archive:
            for member in archive.infolist():
                found[member.filename] = _zip_moment(member)
    except UNREADABLE:
        return {}
    return found


def _zip_moment(member: zipfile.ZipInfo) -> str:
    try:
        moment = datetime(*member.date_time)
    except ValueError:
        return ""
    return moment.isoformat() if moment.year > 1980 else ""  # 1980 is what a zip without times says


def zip_time(found: Found, times: Mapping[str, str]) -> str:
    """The time of the outermost member: what lies in a student's own zip, the student dated."""
    return times.get(found.source.members[0], "") if found.source.members else ""
