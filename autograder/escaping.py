"""Makes text that a student chose harmless: on a terminal, as a path, in a CSV cell, in Markdown."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_NAME_BYTES = 200  # of the 255 that file systems take: room for what is put around it
DIGEST = re.compile(r"-[0-9a-f]{16}\Z")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # Excel takes wide ones, too
# Controls, format characters (bidirectional overrides ...), surrogates, private use, line and paragraph separators.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# What means something inside a line. In snake_case and in 2 * p nothing does, nor in a < b or Q&A.
_INLINE = re.compile(
    r"[\\`\[\]~$|]|(?<! )\*|\*(?! )|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]{1,40};)|#(?=#*\Z)"
)
_LINE_START = re.compile(r"\A([0-9]{1,9})?(?(1)[.)]|[#>+=-])")  # of a heading, a quotation, a list


def printable(text: str, *, keep: str = "") -> str:
    r"""The text with everything that a terminal obeys or hides written out, as \x1b; `keep` names exceptions."""
    if text.isprintable():  # quick, and true of most: nothing that Python calls printable is hidden
        return text
    return "".join(
        character
        if character in keep or unicodedata.category(character) not in HIDDEN_CATEGORIES
        else _written(character)
        for character in text
    )


def visible(text: str) -> str:
    """Text of several lines with what hides or turns text around written out; quick for text that has none of it."""
    if text.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable():
        return text
    return printable(text, keep="\n\t")


def _written(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def path_name(text: str) -> str:
    """One harmless path component for a student's id; ids that differ stay different."""
    cleaned = re.sub(r"[^\w.@+ -]", "_", unicodedata.normalize("NFC", printable(text)), flags=re.UNICODE).strip(" ")
    cleaned = cleaned.encode()[:MAX_NAME_BYTES].decode(errors="ignore").lstrip(".") or "_"
    if cleaned == text and not DIGEST.search(text):  # nobody is called like the file of another
        return cleaned
    return f"{cleaned}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def csv_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def markdown_line(text: str) -> str:
    """Text as a line of Markdown, or a part of one: no markup, no HTML, no line break. Little is marked."""
    plain = printable(text).strip(" ")
    return _LINE_START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", _INLINE.sub(r"\\\g<0>", plain))


def markdown_block(text: str) -> str:
    """Text as a fenced block, with a fence that the text cannot close."""
    shown = printable(text, keep="\n").strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"
