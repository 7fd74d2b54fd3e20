"""Somebody else's CSV file, changed in a few cells: everything else in it stays byte for byte.

Encoding, BOM, delimiter, quotes and line ends are the file's own, as Excel or an LMS left them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import GraderError
from autograder.escaping import FORMULA_STARTS

MAX_BYTES = 64 * 2**20
DELIMITERS = ",;\t"
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+\Z")
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(slots=True)
class Sheet:
    """Rows of raw cells, quotes and all. `lead` is what stands before the header: a BOM, Excel's `sep=;` line."""

    path: Path
    encoding: str
    bom: bytes
    lead: str
    delimiter: str
    rows: list[list[str]]
    ends: list[str]
    decimal_comma: bool = False
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a CSV file as it is.

        Raises:
            GraderError: it cannot be read, is too large or empty, or a quote in it is not closed.
        """
        bom, encoding, text = _decoded(path)
        lead = ""
        first, end, rest = text.partition("\n")
        if re.fullmatch(r"sep=.\r?", first):
            lead, text, delimiter = first + end, rest, first[4]
        else:
            delimiter = max(DELIMITERS, key=_unquoted(first).count)
        rows, ends = _split(text, delimiter, path)
        if not rows:
            raise GraderError(f"{path} is empty\n    -> download it from the LMS again")
        made = cls(path, encoding, bom, lead, delimiter, rows, ends)
        made.decimal_comma = delimiter != "," and any(DECIMAL_COMMA.match(value(cell)) for row in rows for cell in row)
        if encoding == "cp1252":
            made.remarks.append(
                f"{path.name} is not UTF-8: it is read, and written, as Windows-1252, as Excel saves it"
            )
        return made

    def header(self, *, lower: bool = True) -> list[str]:
        """The names of its columns."""
        names = [value(cell).strip() for cell in self.rows[0]]
        return [name.lower() for name in names] if lower else names

    def get(self, row: int, column: int | None) -> str:
        """A cell's text without its quotes; nothing where the row is too short, or there is no such column."""
        cells = self.rows[row]
        return value(cells[column]).strip() if column is not None and column < len(cells) else ""

    def put(self, row: int, column: int, text: str) -> None:
        """Set a cell; a short row is filled up."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        quoted = cells[column].startswith('"') or any(mark in text for mark in (self.delimiter, '"', "\n", "\r"))
        cells[column] = f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text

    def put_number(self, row: int, column: int, number: float) -> None:
        """Set a cell to a number, with the file's own decimal mark."""
        text = f"{round(number, 4):.4f}".rstrip("0").rstrip(".")
        self.put(row, column, text.replace(".", ",") if self.decimal_comma else text)

    def defuse(self, columns: Sequence[int]) -> int:
        """Put an apostrophe before names that a spreadsheet would take for formulas; gives how many there were."""
        count = 0
        for row in range(1, len(self.rows)):
            for column in columns:
                text = value(self.rows[row][column]) if column < len(self.rows[row]) else ""
                if text.startswith(FORMULA_STARTS):
                    self.put(row, column, f"'{text}")
                    count += 1
        return count

    def data(self) -> bytes:
        """The file's bytes."""
        lines = (self.delimiter.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.bom + (self.lead + "".join(lines)).encode(self.encoding)


def value(cell: str) -> str:
    """What a raw cell says."""
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _decoded(path: Path) -> tuple[bytes, str, str]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise GraderError(f"{path} is larger than {MAX_BYTES // 2**20} MiB: no gradebook of a class")
        data = path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path}: cannot be read ({error.strerror})") from None
    bom, encoding = next(((bom, name) for bom, name in BOMS if data.startswith(bom)), (b"", "utf-8"))
    try:
        return bom, encoding, data[len(bom) :].decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        return b"", "cp1252", data.decode("cp1252")
    except UnicodeDecodeError:
        raise GraderError(f"{path}: neither UTF-8 nor Windows-1252\n    -> save it as CSV, UTF-8") from None


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _split(text: str, delimiter: str, path: Path) -> tuple[list[list[str]], list[str]]:
    """Raw cells and raw line ends: together with the delimiters they are the whole text."""
    cell = re.compile(rf'("(?:[^"]|"")*"(?=[{delimiter}\r\n]|\Z)|[^{delimiter}\r\n]*)({delimiter}|\r\n|\n|\r|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    row: list[str] = []
    place = 0
    while place < len(text) or row:
        match = cell.match(text, place)
        if match is None or (match[1].startswith('"') and len(match[1]) > 1 and not match[1].endswith('"')):
            raise GraderError(f"{path}: row {len(rows) + 1}: a quote that is not closed\n    -> download it again")
        row.append(match[1])
        place = match.end()
        if match[2] != delimiter:
            rows.append(row)
            ends.append(match[2])
            row = []
            if place >= len(text):
                break
    return rows, ends
