"""Sign Language Digits: photographs of hands that show 0 to 9, or drawn hands where there are no photographs.

    from autograder.datasets import sign_language_digits
    pictures, labels = sign_language_digits.load()   # bytes (N, 100, 100, 3) and int64 (N,)

The same arrays, in the same order, as `tfds.load("sign_language_digits", split="train", as_supervised=True)` gives
after `import autograder.datasets`, but without TensorFlow. The order of places: an archive that you name (an argument,
or SIGN_DIGITS_ARCHIVE), TensorFlow Datasets' manual folder, your cache, GitHub's archive at a pinned commit, and last
hands that autograder draws. What was used is said in one line.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.datasets.errors import DataError, HeldOutError
from autograder.datasets.sign_language_digits.places import PREPARED_VARIABLE, RENDERED_WORD, VARIABLE, Kind, Places
from autograder.datasets.sign_language_digits.published import CLASSES
from autograder.datasets.sign_language_digits.splits import Parts, Split, stratified_split
from autograder.datasets.supply import Supply

if TYPE_CHECKING:
    from autograder.datasets.sign_language_digits.downloads import Progress
    from autograder.datasets.sign_language_digits.finding import Found
    from autograder.datasets.sign_language_digits.published import Labels, Pictures
    from autograder.datasets.sign_language_digits.splits import Indices

__all__ = [
    "CLASSES",
    "RENDERED_WORD",
    "VARIABLE",
    "DataError",
    "HeldOutError",
    "Kind",
    "Parts",
    "Split",
    "find",
    "held_out",
    "load",
    "prepare",
    "shown_while_grading",
    "stratified_split",
    "student_environment",
    "student_paths",
    "supply",
]


def find(source: Path | str | None = None) -> Found:
    """Where the pictures are, without touching the network; `print(find().sentence)` says it in one line.

    `source` is a zip archive, a folder that has it, a folder that `prepare` filled, or the word "rendered".

    Raises:
        DataError: `source` or SIGN_DIGITS_ARCHIVE names an archive that is not there.
    """
    from autograder.datasets.sign_language_digits.finding import find as look

    return look(Places.here(source))


def load(
    split: str = "all", *, source: Path | str | None = None, download: bool = True, quiet: bool = False
) -> tuple[Pictures, Labels]:
    """Pictures, unsigned bytes (N, 100, 100, 3), and labels, int64 (N,), the digits.

    "all" is what TensorFlow Datasets calls "train": 2,062 pictures; while a notebook is graded, 80 % of them. "train",
    "validation" and "test" are 70, 10 and 20 % of all, the same in every call. Photographs are downloaded (17 MB, once)
    where there are none, unless `download` is False; where that cannot be done, hands are drawn. One line on stderr
    says which it was; `quiet` leaves it out.

    Raises:
        HeldOutError: "test" while a notebook is graded: the held-out pictures are not there.
        DataError: an archive is damaged or is not what its name says; the text names it.
        ValueError: there is no such split.
    """
    from autograder.datasets.sign_language_digits.loading import load_found
    from autograder.datasets.sign_language_digits.preparing import fetch_or_draw

    wanted, places = Split(split), Places.here(source)
    found, problem = fetch_or_draw(places) if download else (find(source), "")
    if not quiet:
        print("\n".join(filter(None, (problem, found.sentence))), file=sys.stderr)
    loaded = load_found(found, wanted, grading=places.grading)
    return loaded.pictures, loaded.labels


def shown_while_grading(labels: Labels) -> Indices:
    """The places, among the labels of all pictures as `load()` gives them, of those that a graded notebook is given."""
    from autograder.datasets.sign_language_digits.splits import SEED

    return stratified_split(labels, seed=SEED).shown


def prepare(
    source: Path | str | None = None, *, download: bool = True, tfds: bool = True, progress: Progress = lambda _: None
) -> Found:
    """Get the pictures ready for grading, in your cache: what students' code may read apart from the held-out part.

    Quick where it is done already. Without a network, or with `download=False`, it is the drawn hands where no
    photographs are here; `found.kind` and `found.sentence` say so. `tfds` prepares them for TensorFlow Datasets too.

    Raises:
        DataError: the archive is not what it should be, or the cache cannot be written.
    """
    from autograder.datasets.sign_language_digits.preparing import fetch_or_draw
    from autograder.datasets.sign_language_digits.preparing import prepare as fill

    places = Places.here(source)
    found = fetch_or_draw(places, progress=progress)[0] if download else find(source)
    return fill(found, places, tfds=tfds)


def held_out(seed: int, count: int, *, source: Path | str | None = None) -> tuple[Pictures, Labels]:
    """For the judge: `count` pictures (N, 100, 100, 3) that no student's code has seen, with their labels (N,).

    Photographs come from the test part (at most 411), altered by the seed; hands are drawn from a stream of the seed's
    own. As many of each digit as can be, in mixed order.

    Raises:
        HeldOutError: while a notebook is graded.
        ValueError: `seed` is negative.
    """
    from autograder.datasets.sign_language_digits.alteration import alter_held_out
    from autograder.datasets.sign_language_digits.loading import load_found
    from autograder.datasets.sign_language_digits.prepared import HELD_OUT_REFUSED
    from autograder.datasets.sign_language_digits.rendering import rendered_held_out

    places, found = Places.here(source), find(source)
    if places.grading:
        raise HeldOutError(HELD_OUT_REFUSED)
    if found.kind is Kind.RENDERED:
        drawn = rendered_held_out(seed, count)
        return drawn.pictures, drawn.labels
    altered = alter_held_out(load_found(found, Split.TEST, grading=False), seed=seed, count=count)
    return altered.pictures, altered.labels


def supply() -> Supply:
    """What grading needs to know about the pictures of this machine; prepares them first, without a download."""
    found = prepare(download=False, tfds=importlib.util.find_spec("tensorflow_datasets") is not None)
    archive = Places.here().archive
    hidden = (*found.held_out, *((archive,) if archive.exists() else ()))
    paths = tuple(map(str, student_paths(found)))
    version = found.kind.value
    return Supply(
        "sign_language_digits", found.sentence, version, paths, tuple(map(str, hidden)), student_environment(found)
    )


def student_paths(found: Found) -> tuple[Path, ...]:
    """What a sandbox must let students' code read: the training part, and no held-out file. `found` is `prepare`'s.

    Raises:
        DataError: it is not prepared, so that there is no file which holds the training part alone.
    """
    from autograder.datasets.sign_language_digits.prepared import TFDS_FOLDER

    if not found.train:
        raise DataError(f"{found.place}: not prepared for grading; run `autograder data --prepare`")
    assert found.path is not None
    tfds = found.path / TFDS_FOLDER
    return (*found.train, tfds) if tfds.is_dir() else found.train


def student_environment(found: Found) -> dict[str, str]:
    """The variables by which a student's process finds the same pictures, with no home and no network."""
    return {PREPARED_VARIABLE: str(found.path), VARIABLE: ""}
