"""The Sign Language Digits: where they are looked for, what `load` gives, what is held out, and how hands are drawn."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder import training
from autograder.datasets import sign_language_digits
from autograder.datasets.errors import DataError, HeldOutError
from autograder.datasets.sign_language_digits import Kind, downloads, preparing, stratified_split
from autograder.datasets.sign_language_digits.archive import Collection, read_archive, served_order
from autograder.datasets.sign_language_digits.downloads import DownloadError, download
from autograder.datasets.sign_language_digits.drawing import draw, draw_all
from autograder.datasets.sign_language_digits.finding import find, look_around
from autograder.datasets.sign_language_digits.places import PREPARED_VARIABLE, VARIABLE, Places, Source
from autograder.datasets.sign_language_digits.prepared import read_prepared, write_prepared
from autograder.datasets.sign_language_digits.published import COUNTS, RENDERING
from autograder.datasets.sign_language_digits.rendering import rendered, rendered_held_out
from autograder.datasets.sign_language_digits.splits import Split

DIGITS = np.repeat(np.arange(10), 6)


@pytest.fixture(scope="module")
def few() -> Collection:
    """Ten pictures of each digit."""
    return rendered((10,) * 10)


@pytest.fixture
def here(tmp_path: Path) -> Places:
    """A machine with nothing on it."""
    return Places(cache=tmp_path / "cache", tfds=tmp_path / "tfds")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise DownloadError("https://example.org: could not be downloaded (no network)")

    monkeypatch.setattr(preparing, "download", nothing)


# Places


def test_each_place_is_looked_at_in_order(here: Places, tmp_path: Path) -> None:
    named = Places(cache=here.cache, tfds=here.tfds, named=tmp_path)
    assert [look.source for look in look_around(named)] == [Source.NAMED, Source.MANUAL, Source.CACHE, Source.DRAWN]
    assert find(here).kind is Kind.RENDERED
    here.archive.parent.mkdir(parents=True)
    here.archive.touch()
    assert (find(here).source, find(here).path) == (Source.CACHE, here.archive)
    here.manual.mkdir(parents=True)
    (here.manual / "Sign-Language-Digits-Dataset-4b09433.zip").touch()
    assert find(here).source is Source.MANUAL
    (tmp_path / "sign-language-digits.zip").touch()
    assert find(named).path == tmp_path / "sign-language-digits.zip"


def test_an_archive_that_was_named_in_vain_is_never_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "typo.zip"))
    with pytest.raises(DataError, match=r"typo.zip: no such file or folder\n    -> name another archive"):
        sign_language_digits.find()


def test_the_line_says_which_pictures_and_whose(here: Places) -> None:
    assert "RENDERED HANDS INSTEAD OF PHOTOGRAPHS, drawn by autograder" in find(here).sentence
    here.archive.parent.mkdir(parents=True)
    here.archive.touch()
    assert find(here).sentence == f"Sign Language Digits, photographs, from your cache ({here.archive})"


@pytest.mark.usefixtures("offline")
def test_without_a_network_hands_are_drawn_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], few: Collection
) -> None:
    monkeypatch.setattr("autograder.datasets.sign_language_digits.loading.rendered", lambda: few)
    pictures, _ = sign_language_digits.load()
    assert len(pictures) == 100
    told = capsys.readouterr().err
    assert "could not be downloaded (no network)" in told
    assert "RENDERED HANDS INSTEAD OF PHOTOGRAPHS" in told


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="valid"):
        sign_language_digits.load("testing")


# Downloads


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/missing" else 200)
            self.send_header("Content-Length", "900" if self.path == "/short" else "5")
            self.end_headers()
            self.wfile.write(b"bytes")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/missing", "404"), ("/short", "too early|IncompleteRead"), ("/", "gives something else .damaged, truncated")],
)
def test_what_is_not_the_archive_leaves_nothing_behind(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(DownloadError, match=f"{reason}.*set {VARIABLE} to the file"):
        download(tmp_path / "digits.zip", url=server + path, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_a_download_counts_with_the_sum_of_its_photographs(photographs: Path, tmp_path: Path) -> None:
    told: list[int] = []
    url = photographs.absolute().as_uri()
    download(tmp_path / "digits.zip", url=url, progress=told.append)
    assert (tmp_path / "digits.zip").read_bytes() == photographs.read_bytes()
    assert sum(told) == photographs.stat().st_size
    with pytest.raises(DownloadError, match="gives other photographs"):
        download(tmp_path / "other.zip", url=url, sha256="0" * 64)
    assert 3 * photographs.stat().st_size < downloads.MOST_BYTES


# Splits


def test_parts_are_disjoint_and_have_each_digits_share() -> None:
    labels = np.repeat(np.arange(10), COUNTS)
    parts = stratified_split(labels, seed=3)
    joined = np.concatenate([parts.train, parts.validation, parts.test])
    assert np.array_equal(np.sort(joined), np.arange(2_062)), "each picture once"
    for indices, share in ((parts.train, 0.7), (parts.validation, 0.1), (parts.test, 0.2)):
        assert np.abs(np.bincount(labels[indices]) - share * np.array(COUNTS)).max() <= 1
        assert np.array_equal(indices, np.sort(indices))
    other = stratified_split(labels, seed=4)
    assert np.array_equal(parts.test, stratified_split(labels, seed=3).test)
    assert len(np.intersect1d(parts.test, other.test)) < 150, "another seed, other pictures"


def test_a_part_may_be_empty_and_shares_have_limits() -> None:
    parts = stratified_split(DIGITS, seed=0, validation=0, test=0.5)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (30, 0, 30)
    with pytest.raises(ValueError, match="leave nothing"):
        stratified_split(DIGITS, seed=0, validation=0.6, test=0.6)


# The prepared form, and what is held out


def test_the_parts_lie_in_files_of_their_own(few: Collection, tmp_path: Path) -> None:
    write_prepared(few, tmp_path, origin="test")
    shown = read_prepared(tmp_path, Split.ALL, grading=True)
    everything = read_prepared(tmp_path, Split.ALL, grading=False)
    assert (len(shown.labels), everything.names) == (80, few.names), "in the order in which they are served"
    assert np.array_equal(everything.pictures, few.pictures)
    parts = [read_prepared(tmp_path, split, grading=False) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)]
    assert [len(part.labels) for part in parts] == [70, 10, 20]
    assert set(parts[0].names) | set(parts[1].names) == set(shown.names)
    (tmp_path / "held_out.npz").unlink()
    assert read_prepared(tmp_path, Split.ALL, grading=True).names == shown.names, "the training part stands alone"


@pytest.mark.parametrize("damage", [lambda data: data[:5000], lambda data: b"", lambda data: b"PK" + data[:50]])
def test_a_damaged_file_is_named(few: Collection, tmp_path: Path, damage: object) -> None:
    write_prepared(few, tmp_path, origin="test")
    path = tmp_path / "train.npz"
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DataError, match=r"train.npz: .*autograder data --prepare"):
        read_prepared(tmp_path, Split.TRAIN, grading=False)


def test_while_grading_the_training_part_is_all_there_is(
    few: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_prepared(few, tmp_path, origin=RENDERING)
    monkeypatch.setenv(training.TOLD, json.dumps({}))
    monkeypatch.setenv(PREPARED_VARIABLE, str(tmp_path))
    assert len(sign_language_digits.load()[0]) == 80
    assert "RENDERED HANDS INSTEAD OF PHOTOGRAPHS, from the grader's training part" in capsys.readouterr().err
    for ask in (lambda: sign_language_digits.load("test"), lambda: sign_language_digits.held_out(1, 5)):
        with pytest.raises(HeldOutError, match="held-out pictures are not here while grading"):
            ask()


def test_what_is_prepared_is_kept_and_what_is_outdated_is_not(
    monkeypatch: pytest.MonkeyPatch, here: Places, few: Collection
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(preparing, "rendered", lambda: drawn.append("again") or few)
    first = preparing.prepare(find(here), here, tfds=False)
    assert first.path == find(here).path == here.cache / "rendered"
    assert preparing.prepare(find(here), here, tfds=False) == first
    assert drawn == ["again"]
    write_prepared(few, here.cache / "rendered", origin=f"not {RENDERING}")
    assert find(here).path is None
    preparing.prepare(find(here), here, tfds=False)
    assert drawn == ["again", "again"]


def test_a_sandbox_is_given_the_training_part_alone(here: Places, few: Collection) -> None:
    with pytest.raises(DataError, match="not prepared for grading"):
        sign_language_digits.student_paths(find(here))
    write_prepared(few, here.cache / "rendered", origin=RENDERING)
    found = find(here)
    assert sign_language_digits.student_paths(found) == (here.cache / "rendered" / "train.npz",)
    assert found.held_out == (here.cache / "rendered" / "held_out.npz",)
    assert sign_language_digits.student_environment(found)[PREPARED_VARIABLE] == str(here.cache / "rendered")


def test_held_out_photographs_are_altered_by_the_seed(photographs: Path, tmp_path: Path) -> None:
    everything = read_archive(photographs)
    write_prepared(everything, tmp_path, origin="test")
    known = {picture.tobytes() for picture in everything.pictures}
    pictures, digits = sign_language_digits.held_out(5, 200, source=tmp_path)
    assert (pictures.shape, pictures.dtype, digits.dtype) == ((200, 100, 100, 3), np.uint8, np.int64)
    assert np.array_equal(np.bincount(digits), [20] * 10)
    assert not any(picture.tobytes() in known for picture in pictures)
    assert np.array_equal(pictures, sign_language_digits.held_out(5, 200, source=tmp_path)[0])
    assert not np.array_equal(pictures, sign_language_digits.held_out(6, 200, source=tmp_path)[0])
    assert len(sign_language_digits.held_out(5, 9_999, source=tmp_path)[0]) == 411


# Drawn hands


def test_a_picture_depends_on_its_seed_its_digit_and_its_place(few: Collection) -> None:
    assert np.array_equal(draw_all(DIGITS[:6], (1,)), draw_all(DIGITS[:6], (1,)))
    assert not np.array_equal(draw_all(DIGITS[:6], (1,)), draw_all(DIGITS[:6], (2,)))
    assert len({picture.tobytes() for picture in few.pictures}) == 100
    assert (few.pictures.shape, few.pictures.dtype, few.labels.dtype) == ((100, 100, 100, 3), np.uint8, np.int64)
    assert np.array_equal(np.bincount(few.labels), [10] * 10)
    assert few.names == served_order(few.names)
    assert not np.array_equal(few.labels, np.sort(few.labels)), "mixed"


def test_hands_have_light_walls_behind_them_and_fill_the_frame(few: Collection) -> None:
    grey = few.pictures.astype(float).mean(-1)
    assert 60 < grey.mean() < 220
    assert grey.std((1, 2)).min() > 10, "no blank picture"
    assert (grey[:, 40:80, 35:65].mean((1, 2)) < grey[:, 5:40, :12].mean((1, 2))).mean() > 0.9


def test_held_out_hands_are_balanced_and_from_a_stream_of_their_own() -> None:
    first, again, other = rendered_held_out(7, 30), rendered_held_out(7, 30), rendered_held_out(8, 30)
    assert np.array_equal(np.bincount(first.labels), [3] * 10)
    assert np.array_equal(first.pictures, again.pictures)
    assert not np.array_equal(first.pictures, other.pictures)
    public = rendered((3,) * 10)
    assert not {picture.tobytes() for picture in first.pictures} & {picture.tobytes() for picture in public.pictures}


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_can_be_drawn_with_any_seed(digit: int) -> None:
    for seed in range(8):
        picture = draw(digit, np.random.default_rng((seed, digit)))
        assert picture.shape == (100, 100, 3)


# Without TensorFlow


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "tensorflow_datasets"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
import autograder.datasets
from autograder.datasets import sign_language_digits
pictures, labels = sign_language_digits.load("validation", source=sys.argv[1])
print(pictures.shape, sorted(sys.modules).count("tensorflow_datasets"))
"""


def test_photographs_are_read_without_tensorflow(photographs: Path, repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(photographs)], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.stdout == "(208, 100, 100, 3) 0\n", done.stderr[-2000:]
    assert "photographs, from the archive that you named" in done.stderr


def test_importing_our_datasets_imports_no_framework(repository: Path) -> None:
    code = "import sys, autograder.datasets; print({'tensorflow_datasets', 'PIL', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
