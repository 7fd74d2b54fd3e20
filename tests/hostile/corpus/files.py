"""Malformed files, hostile names, links, pipes and zips."""

from __future__ import annotations

import functools
import io
import json
import os
import socket
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from .course import SLUG, after, honest, notebook
from .hostile import ALL, NONE, Hostile, Places, file

NAME = f"{SLUG}.ipynb"
MIB = 2**20


def old_format() -> bytes:
    """A notebook of format 3: worksheets with cells, sources in `input`."""
    cells = [{"cell_type": "code", "input": source, "outputs": []} for source in after()]
    metadata = {"autograder": {"exercise": SLUG}}
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": metadata, "worksheets": [{"cells": cells}]}
    ).encode()


def as_text(change: Callable[[str], str | bytes]) -> bytes:
    """An honest notebook, changed."""
    changed = change(honest().decode())
    return changed.encode() if isinstance(changed, str) else changed


def zipped(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members; names may be anything."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 25, 12, 0, 0)), data, method)
    return packed.getvalue()


def encrypted() -> bytes:
    """A zip whose member says that it is encrypted."""
    data = bytearray(zipped({NAME: honest()}))
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    data[local + 6] |= 1
    data[central + 8] |= 1
    return bytes(data)


def with_link() -> bytes:
    """A zip whose member is a symbolic link."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        member = zipfile.ZipInfo(NAME)
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return packed.getvalue()


def wrong_sum() -> bytes:
    """A zip whose member does not have the bytes that its check sum says."""
    data = bytearray(zipped({NAME: honest()}, method=zipfile.ZIP_STORED))
    data[data.index(b"def add") + 4 : data.index(b"def add") + 7] = b"ADD"
    return bytes(data)


def bomb() -> bytes:
    """A few kilobytes that unpack to a gigabyte; its header says 100 bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(NAME, "w") as member:
        for _ in range(64):
            member.write(bytes(MIB))
    data = bytearray(packed.getvalue())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 100)
    return bytes(data)


def nested_zip(depth: int) -> bytes:
    """An honest notebook in a zip in a zip ..."""
    return functools.reduce(lambda inner, _: zipped({"inner.zip": inner}), range(depth - 1), zipped({NAME: honest()}))


def zip_file(name: str, data: bytes | Callable[[], bytes], says: str, **more: object) -> Hostile:
    """A zip in the class's folder, handed in by `name`."""
    return file(name, data, says, path=f"{name}.zip", **more)  # type: ignore[arg-type]


def special(name: str, make: Callable[[Path, Places], object], says: str) -> Hostile:
    """Something that is no file."""

    def write(folder: Path, places: Places) -> None:
        path = folder / name / NAME
        path.parent.mkdir(parents=True)
        make(path, places)

    return Hostile(name, "files", write, NONE, says, name, "unreadable")


def socket_file(path: Path, places: Places) -> None:
    """A unix socket, bound by a short name: the path may be too long for one."""
    short = places.tmp / "s"
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(short))
    short.rename(path)


def named(name: str, folder: str, *, student: str = "") -> Hostile:
    """An honest notebook in a folder with a hostile name; the student is called that."""
    return file(name, honest(), "", ALL, path=f"{folder}/{NAME}", student=student or folder, status="graded")


def impersonated(name: str, members: Mapping[str, bytes], says: str = "", **more: object) -> Hostile:
    """A zip of one student's that holds files under another student's name."""
    return zip_file(name, zipped(members), says, **more)


WORTHLESS = notebook("print('I am not yours')")

FILES = (
    file("is_empty", b"", r"is empty"),
    file("is_white_space", b" \n\t\n" * 99, r"is empty"),
    file("is_a_letter", b"Dear instructor, please find my solution attached.\n", r"is not JSON"),
    file("is_cut_off", honest()[:-200], r"ends in the middle"),
    file("is_a_list", b"[1, 2, 3]", r"JSON but not a notebook"),
    file("is_a_number", b"42", r"JSON but not a notebook"),
    file("is_of_format_3", old_format(), r"an old format \(3, not 4\)"),
    file("is_of_format_99", notebook(*after(), nbformat=99), r"an unknown format \(99, not 4\)"),
    file("is_of_a_format_in_words", notebook(*after(), nbformat="four"), r"which notebook format"),
    file("has_no_cells", notebook(cells=None), r"no list of cells"),
    file("has_cells_that_are_none", notebook(cells=[1, None]), r"cell 1 of the notebook is not a cell"),
    file("has_a_source_that_is_no_text", notebook({"source": {"a": 1}}), r"the source of cell 1 is not text"),
    file("is_over_the_size_cap", lambda: bytes(33 * MIB), r"larger than 32 MiB"),
    file("is_all_zeros", bytes(10_000), r"UTF-16 or binary"),
    file("has_a_zero_in_the_middle", as_text(lambda text: text.replace("def add", "\0def add")), r"is not JSON"),
    file("has_a_byte_order_mark", b"\xef\xbb\xbf" + honest(), "", ALL, status="graded"),
    file("is_utf_16", as_text(lambda text: text.encode("utf-16")), r"UTF-16"),
    file(
        "is_latin_1", as_text(lambda text: text.replace("# ", "# \xe9").encode("latin-1")), r"not UTF-8 text \(at byte"
    ),
    file("is_nested_deep", b'{"cells":' + b"[" * 10**6, r"nested too deep|ends in the middle"),
    file("is_nested_deep_and_whole", b"[" * 10**5 + b"]" * 10**5, r"nested too deep|too deep"),
    file("has_a_number_of_a_million_digits", b'{"nbformat": ' + b"4" * 10**6 + b"}", r"not JSON"),
    file("has_two_of_each_key", as_text(lambda text: text[:-1] + ', "cells": []}'), r"not defined", status="graded"),
    file(
        "has_sources_in_lists",
        notebook({"source": [f"{line}\n" for cell in after() for line in cell.split("\n")]}),
        "",
        ALL,
        status="graded",
    ),
    file(
        "is_for_no_exercise",
        notebook(*after(), slug=None),
        r"names no exercise",
        path="is_for_no_exercise/x.ipynb",
        student="is_for_no_exercise",
        status="unknown_exercise",
        exercise="unknown-1",
    ),
    file(
        "is_for_an_exercise_elsewhere",
        notebook(*after(), slug="../../etc/passwd"),
        r"names no exercise",
        path="is_for_an_exercise_elsewhere/y.ipynb",
        student="is_for_an_exercise_elsewhere",
        status="unknown_exercise",
        exercise="unknown-1",
    ),
    special("links_to_a_secret", lambda path, places: path.symlink_to("/etc/passwd"), r"a link, not a file"),
    special(
        "links_to_another_student", lambda path, places: path.symlink_to("../honest_01/" + NAME), r"a link, not a file"
    ),
    special(
        "links_to_the_grading_config",
        lambda path, places: path.symlink_to(places.course / "grading_config.yaml"),
        r"a link, not a file",
    ),
    special("links_to_itself", lambda path, places: path.symlink_to(NAME), r"a link, not a file"),
    special("is_a_pipe", lambda path, places: os.mkfifo(path), r"a pipe, not a file"),
    special("is_a_folder", lambda path, places: path.mkdir(), r"a folder, not a file"),
    special("is_a_socket", socket_file, r"a socket, not a file"),
    named("has_a_line_break_in_its_name", "new\nline,99,99,100.00"),
    named("has_terminal_escapes_in_its_name", "\x1b[2J\x1b]0;pwned\x07\x1b[31mred"),
    named("has_dots_for_a_name", "..."),
    named("has_a_path_for_a_name", "..\\..\\results\\scores"),
    named("has_a_formula_for_a_name", "=cmd|' %2fC calc'!A0"),
    named("has_a_plus_for_a_name", "+1+1"),
    named("has_an_at_for_a_name", "@SUM(1+1)"),
    named("has_a_dash_for_a_name", "-rf"),
    named("has_a_tab_for_a_name", "\t=1+1"),
    named("has_an_option_for_a_name", "--output=evil"),
    named("has_quotes_in_its_name", "a\"b'c,d;e"),
    named("has_200_letters_for_a_name", "n" * 200),
    named("has_200_wide_letters_for_a_name", "名" * 80),
    named("has_a_name_from_right_to_left", "\u202egnp.exe\u2066"),
    named("has_html_for_a_name", "<script>alert(1)<\u2215script>"),
    named("has_markdown_for_a_name", "[click](javascript:alert) # 10 of 10"),
    named("has_console_markup_for_a_name", "[bold]x[\u2215] [red on white]"),
    named("has_an_emoji_code_for_a_name", ":bomb: :smile:"),
    named("has_a_space_for_a_name", " "),
    named("has_a_composed_name", "Jos\u00e9"),
    named("has_a_decomposed_name", "Jose\u0301"),
    named("has_a_name_that_is_cleaned_like_another", "a?b"),
    named("has_another_name_that_is_cleaned_like_it", "a*b"),
    named("has_bytes_for_a_name", os.fsdecode(b"caf\xe9 \xff"), student="caf\\udce9 \\udcff"),
    file(
        "has_a_hostile_file_name",
        honest(),
        "",
        ALL,
        path="someone/\x1b[2J=1+1\n.ipynb",
        student="someone",
        status="graded",
    ),
    file("is_a_good_zip", lambda: zipped({NAME: honest()}), "", ALL, path="is_a_good_zip.zip", status="graded"),
    zip_file(
        "is_no_zip",
        b"PK\x03\x04 and nothing else",
        r"not a zip that can be read",
        student="is_no_zip",
        exercise="unknown-1",
        status="unknown_exercise",
    ),
    zip_file(
        "is_half_a_zip",
        lambda: zipped({NAME: honest()})[:-60],
        r"not a zip that can be read",
        exercise="unknown-1",
        status="unknown_exercise",
    ),
    zip_file(
        "is_an_empty_zip", lambda: zipped({}), r"no notebook in it", exercise="unknown-1", status="unknown_exercise"
    ),
    zip_file(
        "is_a_zip_without_a_notebook",
        lambda: zipped({"essay.docx": b"x"}),
        r"no notebook in it",
        exercise="unknown-1",
        status="unknown_exercise",
    ),
    zip_file("is_an_encrypted_zip", encrypted, r"is encrypted"),
    zip_file("is_a_zip_bomb", bomb, r"larger than 32 MiB|cannot be read"),
    zip_file("is_a_zip_with_a_link", with_link, r"a link in a zip"),
    zip_file("is_a_zip_with_a_wrong_sum", wrong_sum, r"cannot be read: Bad CRC"),
    zip_file(
        "is_a_zip_that_climbs_out",
        lambda: zipped({f"../../../{NAME}": honest()}),
        r"its name in the zip leaves the zip",
    ),
    zip_file(
        "is_a_zip_of_absolute_paths", lambda: zipped({f"/etc/{NAME}": honest()}), r"its name in the zip leaves the zip"
    ),
    zip_file(
        "is_a_zip_of_windows_paths",
        lambda: zipped({f"C:\\evil\\{NAME}": honest()}),
        r"its name in the zip leaves the zip",
    ),
    zip_file("is_a_zip_in_a_zip", lambda: nested_zip(2), "", credited=ALL, status="graded"),
    zip_file(
        "is_a_zip_in_a_zip_in_a_zip",
        lambda: nested_zip(3),
        r"a zip in a zip in a zip",
        exercise="unknown-1",
        status="unknown_exercise",
    ),
    impersonated("zips_a_folder_of_another", {f"honest_01/{NAME}": WORTHLESS}, r"not defined", status="graded"),
    impersonated("zips_a_file_of_another", {f"honest_02_{SLUG}.ipynb": WORTHLESS}, r"not defined", status="graded"),
    impersonated(
        "zips_a_moodle_folder_of_another",
        {f"x_honest_01_3_assignsubmission_file/{NAME}": WORTHLESS},
        r"not defined",
        status="graded",
    ),
    impersonated("zips_a_canvas_file_of_another", {f"honest_03_7_{NAME}": WORTHLESS}, r"not defined", status="graded"),
    impersonated(
        "zips_an_nbgrader_folder_of_another",
        {f"submitted/honest_01/{SLUG}/{NAME}": WORTHLESS},
        r"not defined",
        status="graded",
    ),
)
