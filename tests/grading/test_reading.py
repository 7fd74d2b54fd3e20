"""Opening what students made: regular files and zip members, bounded; anything else is a sentence, not an exception."""

from __future__ import annotations

import io
import os
import socket
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import reading
from autograder.intake.opening import Opener
from autograder.intake.reading import MAX_NOTEBOOK_BYTES, TOO_DEEP, Content, Found, find
from autograder.submission import Source

from .conftest import Unprivileged
from .made import SLUG, notebook, packed, plant

NB = notebook()


def read(found: Found) -> Content:
    with Opener() as opener:
        return opener.read(found)


def open_files() -> set[tuple[str, Path]]:
    """Descriptors, and what they are open on."""
    return {(one.name, one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.exists()}


def problems(path: Path) -> dict[str, str | None]:
    """What is wrong with each thing found, by its last name."""
    return {found.parts[-1]: read(found).problem for found in find(path)}


class TestFiles:
    def test_a_notebook_is_its_bytes(self, tmp_path: Path) -> None:
        plant(tmp_path, {"a.ipynb": NB})
        (found,) = find(tmp_path)
        assert read(found) == Content(NB, None)

    def test_names_in_capitals_count(self, tmp_path: Path) -> None:
        plant(tmp_path, {"A.IPYNB": NB, "B.ZIP": packed({"C.Ipynb": NB})})
        assert problems(tmp_path) == {"A.IPYNB": None, "C.Ipynb": None}

    @pytest.mark.parametrize("data", [b"", b" \n\t"])
    def test_an_empty_file_is_said_to_be(self, data: bytes, tmp_path: Path) -> None:
        plant(tmp_path, {"a.ipynb": data})
        assert problems(tmp_path) == {"a.ipynb": "the file is empty"}

    def test_a_file_beyond_the_bound_is_refused_without_being_read_whole(self, tmp_path: Path) -> None:
        with (tmp_path / "a.ipynb").open("wb") as file:
            file.truncate(MAX_NOTEBOOK_BYTES + 1)  # sparse
        assert problems(tmp_path) == {
            "a.ipynb": "cannot be read: larger than 32 MiB; clear its outputs and hand it in again"
        }

    def test_checkpoints_and_what_macs_add_are_no_submissions(self, tmp_path: Path) -> None:
        plant(tmp_path, dict.fromkeys((".ipynb_checkpoints/a.ipynb", "__MACOSX/a.ipynb", ".git/a.ipynb"), NB))
        hidden = packed({"__MACOSX/._a.ipynb": b"", "x.txt": b"", "b.ipynb": NB})
        plant(tmp_path, {"._a.ipynb": b"\0\5\26\7", "b.txt": b"", "z.zip": hidden})
        assert problems(tmp_path) == {"b.ipynb": None}

    def test_the_order_is_that_of_the_names(self, tmp_path: Path) -> None:
        plant(tmp_path, dict.fromkeys(("c/x.ipynb", "b.ipynb", "a.zip/x.ipynb"), NB))
        assert [found.parts[1] for found in find(tmp_path)] == ["a.zip", "b.ipynb", "c"]

    def test_a_file_that_went_away_is_a_sentence(self, tmp_path: Path) -> None:
        content = read(Found(Source(tmp_path / "gone.ipynb"), ("gone.ipynb",), 0.0))
        assert content.data == b""
        assert "No such file" in (content.problem or "")

    def test_a_name_that_is_not_unicode_is_shown_with_escapes(self, tmp_path: Path) -> None:
        try:
            (tmp_path / os.fsdecode(b"caf\xe9.ipynb")).write_bytes(NB)
        except OSError:
            pytest.skip("this file system takes UTF-8 names only")
        (found,) = find(tmp_path)
        assert found.parts[-1] == "caf\\udce9.ipynb"
        assert str(found.source).endswith("caf\\udce9.ipynb")
        assert read(found).data == NB


def encrypted(data: bytes) -> bytes:
    """A zip whose only member says that it is encrypted, in both of its headers."""
    raw = bytearray(data)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        raw[raw.index(signature) + offset] |= 1
    return bytes(raw)


class TestFoldersInFolders:
    @pytest.fixture(autouse=True)
    def removed(self, tmp_path: Path) -> Iterator[None]:
        yield
        subprocess.run(["rm", "-rf", str(tmp_path)], check=True)  # shutil.rmtree recurses

    def deep(self, folder: Path, depth: int) -> None:
        here = os.open(folder, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("x.ipynb", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.close(here)

    @pytest.mark.parametrize("depth", [41, 1500])
    def test_those_too_deep_are_said_once_for_each_entry(self, depth: int, tmp_path: Path) -> None:
        for student in ("alice", "bob"):
            plant(tmp_path, {f"{student}/y.ipynb": NB})
            self.deep(tmp_path / student, depth)
        found = list(find(tmp_path))
        assert [(one.parts[1], one.problem) for one in found] == [
            ("alice", TOO_DEEP), ("alice", None), ("bob", TOO_DEEP), ("bob", None),
        ]  # fmt: skip

    def test_as_deep_as_anybody_packs_is_read(self, tmp_path: Path) -> None:
        self.deep(tmp_path, 40)
        assert problems(tmp_path) == {"x.ipynb": "the file is empty"}

    def test_names_too_long_for_the_system_are_a_sentence(self, tmp_path: Path) -> None:
        name, here = "n" * 250, os.open(tmp_path, os.O_RDONLY)
        for _ in range(20):
            os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
        assert problems(tmp_path) == {name: "a folder that cannot be read (File name too long)"}

    def test_a_folder_without_permission_is_a_sentence(self, public: Path, unprivileged: Unprivileged) -> None:
        (public / "alice").mkdir(mode=0)
        with unprivileged():
            (found,) = find(public)
        assert (found.parts[-1], found.problem) == ("alice", "a folder that cannot be read (Permission denied)")
        assert found.ours


class TestFaultsOfOurs:
    """What this machine cannot read is nobody's fault who handed it in, and the sentence names no path of ours."""

    @pytest.mark.parametrize("name", ["a.ipynb", "a.zip"])
    def test_no_permission(self, name: str, public: Path, unprivileged: Unprivileged) -> None:
        plant(public, {name: packed({"x.ipynb": NB}) if name.endswith(".zip") else NB})
        (public / name).chmod(0)
        with unprivileged():
            (found,) = find(public)
            content = read(found)
        assert content.ours
        assert "Permission denied" in (content.problem or "")
        assert str(public) not in (content.problem or "")

    def test_a_file_that_went_away(self, tmp_path: Path) -> None:
        content = read(Found(Source(tmp_path / "gone.ipynb"), ("gone.ipynb",), 0.0))
        assert (content.problem, content.ours) == ("cannot be read: No such file or directory", True)

    def test_a_disk_that_fails(self) -> None:
        content = read(Found(Source(Path("/proc/self/mem")), ("x.ipynb",), 0.0))
        assert (content.problem, content.ours) == ("cannot be read: Input/output error", True)

    @pytest.mark.parametrize(
        "data", [b"", b"PK no zip", packed({"x.ipynb": NB})[:-25], encrypted(packed({"x.zip": NB}))]
    )
    def test_what_was_handed_in_damaged_is_none(self, data: bytes, tmp_path: Path) -> None:
        plant(tmp_path, {"a.zip": data, "b.ipynb": b""})
        assert [read(found).ours for found in find(tmp_path)] == [False, False]

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_nor_is_a_damaged_member(self, method: int, tmp_path: Path) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("x.ipynb", os.urandom(500))
        raw = bytearray(file.getvalue())
        raw[60:300] = bytes(240)
        (found,) = find(plant(tmp_path, {"a.zip": bytes(raw)}))
        assert not read(found).ours


class TestWhatIsNoFile:
    def test_links_pipes_sockets_and_folders_are_not_opened(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_bytes(NB)
        (tmp_path / "link.ipynb").symlink_to(tmp_path / "secret.txt")
        (tmp_path / "link.zip").symlink_to(tmp_path / "secret.txt")
        (tmp_path / "loop.ipynb").symlink_to("loop.ipynb")
        (tmp_path / "dir.ipynb").mkdir()
        os.mkfifo(tmp_path / "pipe.ipynb")
        assert problems(tmp_path) == {
            "link.ipynb": "a link, not a file",
            "link.zip": "a link, not a file",
            "loop.ipynb": "a link, not a file",
            "dir.ipynb": "a folder, not a file",
            "pipe.ipynb": "a pipe, not a file",
        }

    def test_a_socket_is_not_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind("s.ipynb")
            assert problems(tmp_path) == {"s.ipynb": "a socket, not a file"}

    def test_a_folder_behind_a_link_is_not_entered(self, tmp_path: Path) -> None:
        plant(tmp_path / "other", {"x.ipynb": NB})
        (tmp_path / "class").mkdir()
        (tmp_path / "class" / "link").symlink_to(tmp_path / "other")
        assert problems(tmp_path / "class") == {}

    def test_what_turns_into_a_pipe_after_it_was_found_does_not_hang(self, tmp_path: Path) -> None:
        plant(tmp_path, {"a.ipynb": NB})
        (found,) = find(tmp_path)
        (tmp_path / "a.ipynb").unlink()
        os.mkfifo(tmp_path / "a.ipynb")
        assert read(found).problem == "cannot be read: not a regular file any more"

    def test_the_instructor_may_name_a_link(self, tmp_path: Path) -> None:
        plant(tmp_path / "there", {"x.ipynb": NB})
        (tmp_path / "y.ipynb").symlink_to(tmp_path / "there" / "x.ipynb")
        (found,) = find(tmp_path / "y.ipynb")
        assert (found.problem, found.parts) == (None, ("there", "x.ipynb"))


def repeated_member(times: int) -> bytes:
    """A zip whose list of members names its only one again and again."""
    whole = packed({"a.ipynb": b""})
    start, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    listed = whole[start:end] * times
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, times & 0xFFFF, times & 0xFFFF, len(listed), start, 0)
    return whole[:start] + listed + tail


def of_size(data: bytes, size: int) -> bytes:
    """A zip whose only member is said to have another size than it has."""
    raw = bytearray(data)
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", raw, raw.index(signature) + offset, size)
    return bytes(raw)


class TestZips:
    def one(self, data: bytes, tmp_path: Path) -> Content:
        plant(tmp_path, {"a.zip": data})
        (found,) = find(tmp_path)
        return read(found)

    def test_a_zip_in_a_zip_is_read_and_one_deeper_is_said(self, tmp_path: Path) -> None:
        inner = packed({"x.ipynb": NB, "more.zip": packed({"y.ipynb": NB})})
        plant(tmp_path, {"class.zip": packed({"alice.zip": inner})})
        assert problems(tmp_path / "class.zip") == {
            "x.ipynb": None,
            "more.zip": "a zip in a zip in a zip, which is not opened",
        }

    @pytest.mark.parametrize(
        "name", ["/etc/x.ipynb", "../x.ipynb", "a/../../x.ipynb", "C:/x.ipynb", "..\\x.ipynb", "C:\\x.ipynb"]
    )
    def test_names_that_leave_the_zip_are_refused(self, name: str, tmp_path: Path) -> None:
        assert self.one(packed({name: NB}), tmp_path).problem == "its name in the zip leaves the zip"

    def test_a_link_in_a_zip_is_refused(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            link = zipfile.ZipInfo("x.ipynb")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        assert self.one(file.getvalue(), tmp_path).problem == "a link in a zip, not a file"

    @pytest.mark.parametrize("name", ["x.ipynb", "x.zip"])
    def test_an_encrypted_member_is_said_to_be(self, name: str, tmp_path: Path) -> None:
        assert self.one(encrypted(packed({name: NB})), tmp_path).problem == "is encrypted"

    @pytest.mark.parametrize("size", [0, 1, 2**31])
    def test_a_member_that_lies_about_its_size_is_bounded(self, size: int, tmp_path: Path) -> None:
        content = self.one(of_size(packed({"x.ipynb": NB}), size), tmp_path)
        assert len(content.data) <= len(NB)

    def test_a_bomb_is_refused_at_the_bound(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.ipynb", b" " * (MAX_NOTEBOOK_BYTES + 1))
        assert len(file.getvalue()) < 100_000
        assert "larger than 32 MiB" in (self.one(file.getvalue(), tmp_path).problem or "")

    def test_more_notebooks_than_a_student_has_are_said_and_not_read(self, tmp_path: Path) -> None:
        content = self.one(packed({f"{number}.ipynb": b"" for number in range(1_001)}), tmp_path)
        assert "more notebooks than are looked at; a zip of several students' has" in (content.problem or "")

    def test_a_zip_of_a_class_may_have_as_many_and_each_zip_in_it_as_many_as_a_student(self, tmp_path: Path) -> None:
        flood = packed({f"{number}.ipynb": b"" for number in range(1_001)})
        class_ = {f"{number}.ipynb": b"" for number in range(1_100)}
        class_ |= {"s/a.zip": flood, "t/b.zip": packed({"x.ipynb": NB})}
        found = list(find(plant(tmp_path, {"class.zip": packed(class_)}) / "class.zip"))
        assert len(found) == 1_102
        assert [one.parts[-1] for one in found if one.problem] == ["a.zip"]

    @pytest.mark.parametrize("members", [200_000, 2_000_000])
    def test_a_list_of_members_that_fills_a_zip_is_not_read(self, tmp_path: Path, members: int) -> None:
        of_nothing = repeated_member(members)
        assert "can be read" in (self.one(of_nothing, tmp_path).problem or "")
        inner = packed({f"{number}.zip": of_nothing for number in range(3)})
        (problem,) = {found.problem for found in find(plant(tmp_path / "in", {"a/x.zip": inner}))}
        assert "its list of members has" in (problem or "")

    def test_a_zip_beyond_the_bound_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "MAX_ZIP_BYTES", 10)
        assert "a zip larger than" in (self.one(packed({"x.ipynb": NB}), tmp_path).problem or "")

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_damaged_data_is_a_sentence_whatever_packed_it(self, method: int, tmp_path: Path) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("x.ipynb", os.urandom(500))
        raw = bytearray(file.getvalue())
        raw[60:300] = bytes(240)
        content = self.one(bytes(raw), tmp_path)
        assert content.data == b""
        assert (content.problem or "").startswith("cannot be read: ")

    @pytest.mark.parametrize("year", [0, 1980, 2107])
    def test_a_date_that_is_none_is_no_reason_to_stop(self, year: int, tmp_path: Path) -> None:
        raw = bytearray(packed({"x.ipynb": NB}))
        at = raw.index(b"PK\1\2") + 12
        struct.pack_into("<HH", raw, at, 0xFFFF, max(0, year - 1980) << 9)
        assert self.one(bytes(raw), tmp_path).data == NB

    def test_bytes_at_the_end_of_a_link_are_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "x.zip").write_bytes(packed({"x.ipynb": NB}))
        (tmp_path / "class").mkdir()
        (tmp_path / "class" / "x.zip").symlink_to(tmp_path / "elsewhere" / "x.zip")
        assert problems(tmp_path / "class") == {"x.zip": "a link, not a file"}


WHOLE = packed({"a/x.ipynb": NB, "b.zip": packed({"y.ipynb": NB}), "c\\z.ipynb": NB})


@given(st.none() | st.integers(0, len(WHOLE)), st.dictionaries(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)))
def test_no_damage_to_a_zip_is_an_exception(cut: int | None, changes: dict[int, int]) -> None:
    raw = bytearray(WHOLE)
    for at, value in changes.items():
        raw[at] = value
    with tempfile.TemporaryDirectory() as folder:
        for found in find(plant(Path(folder), {"x.zip": bytes(raw[:cut])}) / "x.zip"):
            content = read(found)
            assert bool(content.problem) == (not content.data.strip())


def test_contents_that_differ_have_other_digests() -> None:
    contents = [Content(b"a", None), Content(b"b", None), Content(b"", "is empty"), Content(b"", "a link, not a file")]
    assert len({content.digest for content in contents}) == len(contents)


def test_a_problem_that_is_known_is_not_looked_at_again(tmp_path: Path) -> None:
    plant(tmp_path, {"a.ipynb": NB})
    assert read(Found(Source(tmp_path / "a.ipynb"), ("a.ipynb",), 0.0, "is encrypted")) == Content(b"", "is encrypted")


class TestOpenedOnce:
    """The zip of a class is opened once for all that is in it, and never as it was before it changed."""

    def test_what_a_zip_holds_is_read_from_one_descriptor(self, tmp_path: Path, opener: Opener) -> None:
        class_ = {f"s{number}.ipynb": notebook(SLUG, f"x = {number}") for number in range(5)}
        every = list(find(plant(tmp_path, {"class.zip": packed(class_)}) / "class.zip"))
        before = open_files()
        assert opener.read(every[0]).data == class_["s0.ipynb"]
        (mine,) = open_files() - before
        for found in every:
            assert opener.read(found).data == class_[found.parts[-1]]
            assert open_files() - before == {mine}
        opener.close()
        assert open_files() == before

    def test_a_zip_that_was_written_anew_is_opened_again(self, tmp_path: Path, opener: Opener) -> None:
        for number in range(3):
            data = notebook(SLUG, f"x = {number}")
            plant(tmp_path, {"class.zip": packed({"pad": b" " * number, "a.ipynb": data})})
            (found,) = find(tmp_path / "class.zip")
            assert opener.read(found).data == data

    def test_a_folder_that_changed_is_looked_through_again(self, tmp_path: Path, opener: Opener) -> None:
        plant(tmp_path, {"a.ipynb": NB})
        source = Source(tmp_path / "a.ipynb")
        assert opener.folder(source).notebooks == 1
        os.utime(tmp_path, (1, 1))
        plant(tmp_path, {"b.ipynb": NB})
        assert opener.folder(source).notebooks == 2
