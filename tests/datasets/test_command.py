"""`autograder data` and doctor's row: what is where, what is used, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.cli import data as command
from autograder.cli import doctor
from autograder.cli.app import app
from autograder.datasets.fashion_mnist.downloads import DownloadError
from autograder.datasets.fashion_mnist.finding import Found
from autograder.datasets.fashion_mnist.places import VARIABLE, Places
from autograder.datasets.sign_language_digits import preparing
from autograder.errors import GraderError


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without Debian's package."""
    here = Places.here

    def without_debian(folder: Path | None = None) -> Places:
        found = here(folder)
        return Places(cache=found.cache, explicit=found.explicit, debian=tmp_path / "debian")

    monkeypatch.setattr(Places, "here", without_debian)
    return tmp_path


def test_each_place_is_named_in_order_and_the_used_one_marked(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.data(None, fill=False) == 0
    text, _, digits = capsys.readouterr().out.partition("The Sign Language Digits")
    marks = re.findall(r"^([-✓·]) (your cache|Debian|the official mirrors|the sample)", text, re.MULTILINE)
    assert marks == [("-", "your cache"), ("-", "Debian"), ("-", "the official mirrors"), ("✓", "the sample")]
    assert "Fashion-MNIST from the sample inside autograder" in text
    assert "read 2,000 train and 1,000 test images\n" in text
    marks = re.findall(r"^([-✓·]) (TensorFlow Datasets|your cache|https:|drawn)", digits, re.MULTILINE)
    assert marks == [("-", "TensorFlow Datasets"), ("-", "your cache"), ("-", "https:"), ("✓", "drawn")]
    assert "RENDERED HANDS INSTEAD OF PHOTOGRAPHS" in digits


def test_a_folder_that_was_named_in_vain_is_exit_code_1(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.data(bare / "typo", fill=False) == 1
    text = capsys.readouterr().out
    assert f"- the folder that you named ({bare / 'typo'}): no such folder" in text
    assert "✓ " not in text.partition("used.")[2]
    assert text.endswith(
        f"{bare / 'typo'}: no such folder\n    -> name another folder, or none, to use what there is\n"
    )


def test_prepare_fills_a_folder_that_is_then_used(
    debian: Found, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "srv"
    assert command.data(folder, fill=True) == 0
    text = capsys.readouterr().out
    assert f"All of Fashion-MNIST is in {folder}.\n" in text
    assert f"✓ the folder that you named ({folder}): train and test, all images" in text
    assert "read 60,000 train and 10,000 test images, with the published checksums" in text
    assert sum(path.stat().st_size for path in folder.iterdir()) == 47_040_016 + 60_008 + 7_840_016 + 10_008


def test_a_failed_download_is_said_and_not_hidden(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> Found:
        raise DownloadError("train-images-idx3-ubyte.gz could not be downloaded")

    monkeypatch.setattr(command, "prepare", offline)
    with pytest.raises(GraderError, match="could not be downloaded"):
        command.data(None, fill=True)


def test_help_teaches_order_and_checksums(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        app(["data", "--help"])
    assert end.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for words in ("in this order", VARIABLE, "dataset-fashion-mnist", "without a network", "published checksums"):
        assert words in text


def test_doctor_names_the_source_and_what_would_mend_it(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = doctor._data()
    assert (finding.what, finding.there) == ("Fashion-MNIST", False)
    assert finding.known == "the sample inside autograder (2,000 of 60,000 training images)"
    assert finding.remedy == "autograder data --prepare, or apt install dataset-fashion-mnist"
    monkeypatch.setenv(VARIABLE, str(bare / "typo"))
    (finding,) = doctor._data()
    assert finding.known == f"{bare / 'typo'}: no such folder"
    assert finding.remedy == "name another folder, or none, to use what there is"


@pytest.mark.slow
def test_the_digits_are_prepared_and_what_is_ready_is_said(
    photographs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preparing.importlib.util, "find_spec", lambda name: None)  # as without TensorFlow
    assert command.data(photographs, fill=True, name="sign_language_digits") == 0
    text = capsys.readouterr().out
    assert "Fashion-MNIST" not in text
    assert f"✓ the archive that you named ({photographs}): photographs\n" in text
    assert re.search(r"· your cache \(.*\): photographs, ready for grading\n", text)
    assert text.endswith("read 1,443 train and 208 validation and 411 test pictures\n")


def test_an_archive_of_digits_that_was_named_in_vain_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.data(tmp_path / "typo.zip", fill=False, name="sign_language_digits") == 1
    assert f"{tmp_path / 'typo.zip'}: no such file or folder\n    -> name another archive" in capsys.readouterr().out


def test_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(GraderError, match="no data set 'mnist': there are fashion_mnist and sign_language_digits"):
        command.data(None, fill=False, name="mnist")
