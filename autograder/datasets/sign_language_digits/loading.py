"""Turns what was found into pictures."""

from __future__ import annotations

from autograder.datasets.errors import HeldOutError
from autograder.datasets.sign_language_digits.archive import Collection, read_archive
from autograder.datasets.sign_language_digits.finding import Found
from autograder.datasets.sign_language_digits.prepared import HELD_OUT_REFUSED, read_prepared
from autograder.datasets.sign_language_digits.rendering import rendered
from autograder.datasets.sign_language_digits.splits import SEED, Split, stratified_split


def load_found(found: Found, split: Split, *, grading: bool) -> Collection:
    """One split in the order in which it is served; all of it, where not prepared, is read or drawn for it.

    Raises:
        HeldOutError: the test part, while grading.
        DataError: a file is damaged, or is not what its name says.
    """
    if grading and split is Split.TEST:
        raise HeldOutError(HELD_OUT_REFUSED)
    if found.path and found.prepared:
        return read_prepared(found.path, split, grading=grading)
    everything = read_archive(found.path) if found.path else rendered()
    if split is Split.ALL and not grading:
        return everything
    parts = stratified_split(everything.labels, seed=SEED)
    indices = {Split.TRAIN: parts.train, Split.VALIDATION: parts.validation, Split.TEST: parts.test}
    return everything.take(parts.shown if split is Split.ALL else indices[split])
