"""Downloads, from a server on this machine: checksums decide, files appear whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.datasets.fashion_mnist.cache import missing_bytes, prepare
from autograder.datasets.fashion_mnist.downloads import DownloadError, download
from autograder.datasets.fashion_mnist.finding import find
from autograder.datasets.fashion_mnist.idx import DataError
from autograder.datasets.fashion_mnist.loading import load_found
from autograder.datasets.fashion_mnist.places import Places, Source
from autograder.datasets.fashion_mnist.published import FASHION_MNIST, Publication, Split

from .conftest import Small

SECONDS = 60.0  # for an answer that comes
Answer = Callable[[http.server.BaseHTTPRequestHandler, bytes], None]


def right(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def truncated(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[:-5])


def short(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    right(handler, data[:-5])


def endless(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(bytes(2**16))


def altered(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    right(handler, data[:-1] + bytes([data[-1] ^ 1]))


def missing(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.send_error(404)


def silent(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.rfile.read(1)  # until the other side goes away


def garbage(handler: http.server.BaseHTTPRequestHandler, data: bytes) -> None:
    handler.wfile.write(b"\0\1\2 no HTTP at all\r\n\r\n")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Mirror:
    """A server of the small files at http://127.0.0.1:PORT/NAME/, which answers as NAME's function does."""

    def __init__(self, small: Small) -> None:
        self.asked: list[str] = []
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                _, answer, name = self.path.split("/")
                with contextlib.suppress(OSError):  # the client has gone
                    globals()[answer](self, small.archives[name.removesuffix(".gz")])

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def __call__(self, *answers: Answer) -> tuple[str, ...]:
        return tuple(f"http://127.0.0.1:{self.server.server_port}/{answer.__name__}/" for answer in answers)


@pytest.fixture(scope="module")
def mirror(small: Small) -> Iterator[Mirror]:
    mirror = Mirror(small)
    thread = threading.Thread(target=mirror.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def published(small: Small, *mirrors: str) -> Publication:
    return dataclasses.replace(small.publication, mirrors=mirrors)


def test_the_first_mirror_that_has_it_is_used_and_progress_adds_up(
    small: Small, mirror: Mirror, tmp_path: Path
) -> None:
    file = small.publication.train.images
    told: list[int] = []
    target = tmp_path / "archive.gz"
    download(file, target, mirror(missing, truncated, right, right), progress=told.append)
    assert target.read_bytes() == small.archives[file.name]
    assert sum(told) == file.archive_bytes
    assert names(tmp_path) == ["archive.gz"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (missing, "404"),
        (truncated, "ended after"),
        (short, "ended after"),
        (endless, "gives more than the"),
        (altered, "gives other contents"),
        (silent, "timed out"),
        (garbage, "no HTTP"),
    ],
)
def test_what_is_not_the_published_file_leaves_nothing_behind(
    small: Small, mirror: Mirror, tmp_path: Path, answer: Answer, reason: str
) -> None:
    file = small.publication.train.images
    told: list[int] = []
    timeout = 0.2 if answer is silent else SECONDS
    with pytest.raises(
        DownloadError, match=rf"{file.name}.gz could not be downloaded\n.*/{answer.__name__}/.*{reason}"
    ):
        download(file, tmp_path / "archive.gz", mirror(answer), progress=told.append, timeout=timeout)
    assert names(tmp_path) == []
    assert sum(told) == 0


def test_without_a_network_each_mirror_is_named(small: Small, tmp_path: Path) -> None:
    nobody = ("http://127.0.0.1:9/a/", "http://127.0.0.1:9/b/")
    with pytest.raises(DownloadError, match=r"127.0.0.1:9/a/(.|\n)*127.0.0.1:9/b/"):
        download(small.publication.train.images, tmp_path / "x", nobody, timeout=0.2)


def test_the_mirrors_are_the_official_ones_and_end_in_a_slash() -> None:
    assert len(FASHION_MNIST.mirrors) == 3
    assert all(url.startswith("http") and url.endswith("/") for url in FASHION_MNIST.mirrors)
    assert all(len(file.archive_md5) == 32 and len(file.archive_sha256) == 64 for file in FASHION_MNIST)


# The cache


def test_the_cache_is_filled_from_the_mirrors_and_then_found(small: Small, mirror: Mirror, places: Places) -> None:
    told: list[int] = []
    publication = published(small, *mirror(right))
    expected = missing_bytes(places, publication)
    found = prepare(places, publication=publication, progress=told.append)
    assert found.source is Source.CACHE
    assert sum(told) == expected == sum(map(len, small.archives.values()))
    assert (names(places.cache)) == sorted(small.contents), "unpacked, and nothing else is left there"
    assert len(load_found(found, Split.TEST, publication=publication)[0]) == 20


def test_a_named_folder_is_filled_instead_of_the_cache(
    small: Small, mirror: Mirror, places: Places, tmp_path: Path
) -> None:
    places = dataclasses.replace(places, explicit=tmp_path / "srv" / "data")
    found = prepare(places, publication=published(small, *mirror(right)))
    assert (found.source, found.folder) == (Source.FOLDER, places.explicit)
    assert not places.cache.exists()


def test_what_this_machine_has_is_not_downloaded(small: Small, mirror: Mirror, places: Places) -> None:
    small.write(places.debian, packed=True)
    mirror.asked.clear()
    publication = published(small, *mirror(right))
    assert missing_bytes(places, publication) == 0
    assert prepare(places, publication=publication).source is Source.CACHE
    assert mirror.asked == []


def test_only_what_is_missing_or_damaged_is_fetched(small: Small, mirror: Mirror, places: Places) -> None:
    small.write(places.cache)
    damaged = places.cache / "t10k-labels-idx1-ubyte"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    mirror.asked.clear()
    publication = published(small, *mirror(right))
    prepare(places, publication=publication)
    assert mirror.asked == ["/right/t10k-labels-idx1-ubyte.gz"]
    assert np.array_equal(
        np.frombuffer(damaged.read_bytes(), np.uint8), np.frombuffer(small.contents[damaged.name], np.uint8)
    )


def test_a_download_that_fails_leaves_no_half_cache(small: Small, mirror: Mirror, places: Places) -> None:
    publication = published(small, *mirror(altered))
    with pytest.raises(DownloadError):
        prepare(places, publication=publication)
    assert names(places.cache) == []
    assert find(places, publication).source is Source.SAMPLE


def test_a_folder_that_cannot_be_written_is_named(small: Small, places: Places, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file/data: cannot be written"):
        prepare(dataclasses.replace(places, explicit=tmp_path / "file" / "data"), publication=small.publication)
