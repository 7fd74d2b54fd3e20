"""A training's history, and whether a figure shows it and says what it shows: for hidden cases.

A history is a dict of four lists with one number an epoch. The figure may have two or four axes, or one with four
curves; a legend or text beside the curves; epochs from 0 or from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder import expect
from autograder.messages import Handle
from autograder.student import Student

KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")
VALIDATION_WORDS = ("val", "dev", "test", "held")
NAMES = {"accuracy": ("acc",), "loss": ("loss", "cross", "entropy")}

History = dict[str, list[float]]
Description = dict[str, Any]


def read(got: Any, epochs: int) -> dict[str, np.ndarray[Any, Any]]:
    """A student's history as arrays: four lists of one finite number an epoch. Further keys are left alone."""
    expect.true(isinstance(got, dict), f"a dict is asked for, got {expect.show(got)}")
    found = {}
    for key in KEYS:
        expect.true(key in got, f"the history has no {key!r}, its keys are {expect.show(list(got))}")
        found[key] = numbers(got[key], key)
        count = len(found[key])
        expect.true(count == epochs, f"{key!r} has {count} entries after {epochs} epochs: one an epoch")
    return found


def numbers(values: Any, key: str) -> np.ndarray[Any, Any]:
    """One list of a student's history, as an array."""
    listed = isinstance(values, list | tuple) or (isinstance(values, np.ndarray) and values.ndim == 1)
    expect.true(listed, f"{key!r} is a list of numbers, got {expect.show(values)}")
    for value in values:
        number = isinstance(value, int | float | np.number) or (isinstance(value, np.ndarray) and value.size == 1)
        expect.true(
            number and not isinstance(value, bool), f"{key!r} holds {expect.show(value)}, a number is asked for"
        )
    try:
        array = np.array([float(np.asarray(value).reshape(())) for value in values])
    except OverflowError:
        raise expect.Wrong(f"{key!r} holds a number that is far too large") from None
    expect.true(bool(np.isfinite(array).all()), f"{key!r} holds numbers that are not finite: {expect.show(array)}")
    return array


def made_up(rng: np.random.Generator, epochs: int) -> History:
    """A history that nobody has seen, whose four curves cannot be taken for each other."""
    falling = np.linspace(1.6, 0.4, epochs)
    return {
        "loss": (falling + rng.uniform(0, 0.1, size=epochs)).tolist(),
        "accuracy": (0.9 - falling / 4 + rng.uniform(0, 0.02, size=epochs)).tolist(),
        "val_loss": (falling + 0.4 + rng.uniform(0, 0.1, size=epochs)).tolist(),
        "val_accuracy": (0.8 - falling / 4 + rng.uniform(0, 0.02, size=epochs)).tolist(),
    }


def drawn(student: Student, history: History | Handle) -> tuple[Handle, Any]:
    """The student's figure of a history, and what the probe says of it."""
    handle = student.plot_history.keep(history)
    return handle, student.probe("figures.describe", handle)


def figure(description: Any) -> Description:
    """The description, once it is that of a figure, with all that is looked at in it of the right types."""
    described = isinstance(description, dict) and isinstance(description.get("type"), str)
    expect.true(described, "the figure could not be described")
    kind = description["type"]
    missing = " (is a return missing?)" if kind == "NoneType" else ""
    expect.true(kind == "Figure", f"a matplotlib Figure is asked for, got a {kind:.60}{missing}")
    whole = _has_texts(description, ("title",), ("texts",)) and _listed(description.get("axes"), dict)
    expect.true(whole and all(map(_is_axes, description["axes"])), "the figure could not be described")
    return dict(description)


def _listed(got: Any, kind: type) -> bool:
    """Whether `got` is a list of values of that type: what a probe answers is the student's process's word, too."""
    return isinstance(got, list) and all(isinstance(item, kind) for item in got)


def _has_texts(entry: dict[str, Any], texts: tuple[str, ...], lists: tuple[str, ...]) -> bool:
    single = all(isinstance(entry.get(key), str) for key in texts)
    return single and all(_listed(entry.get(key), str) for key in lists)


def _is_axes(axes: dict[str, Any]) -> bool:
    whole = _has_texts(axes, ("title", "xlabel", "ylabel"), ("legend", "texts")) and _listed(axes.get("lines"), dict)
    return whole and all(map(_is_line, axes["lines"]))


def _is_line(line: dict[str, Any]) -> bool:
    """A line whose points are no numbers has None for them."""
    plain = all(line.get(key) is None or (isinstance(line[key], np.ndarray) and line[key].ndim == 1) for key in "xy")
    return plain and isinstance(line.get("label"), str) and isinstance(line.get("visible"), bool)


def check_numbers(description: Description, history: History) -> None:
    """Each list of the history is a curve that goes epoch by epoch."""
    for key in KEYS:
        _, line = find(description, history, key)
        x = np.array([]) if line.get("x") is None else line["x"].astype(np.float64)
        counts = len(x) == len(history[key]) and x[0] in (0, 1) and np.allclose(x - x[0], np.arange(len(x)))
        expect.true(bool(counts), f"the curve of {key!r} does not go epoch by epoch from 0 or 1")


def check_labels(description: Description, history: History) -> None:
    """The reader sees what is loss and accuracy, what is training and validation, and what the epochs are."""
    for kind, names in NAMES.items():
        places = [find(description, history, key) for key in (kind, f"val_{kind}")]
        for axes, _ in places:
            named = any(name in words(axes, description) for name in names)
            expect.true(named, f"nothing says that the curves of {kind} are the {kind}")
        _check_told_apart(kind, places, description)
    bottom = " ".join([axes["xlabel"] for axes in description["axes"]] + [description["title"], *description["texts"]])
    expect.true(bool(bottom.strip()), "the horizontal axis has no label: what is counted there?")


def check_each_call_has_its_own(student: Student, rng: np.random.Generator) -> None:
    """Two histories are drawn in two figures, and stay as they are."""
    student.probe("figures.close_all")
    histories = [made_up(rng, epochs) for epochs in (4, 7)]
    kept = [student.keep(history) for history in histories]
    handles = [student.plot_history.keep(history) for history in kept]
    descriptions = [student.probe("figures.describe", handle) for handle in handles]
    after = [student.fetch(handle) for handle in kept]
    for said, history in zip(descriptions, histories, strict=True):
        description = figure(said)
        find(description, history, "loss")
        foreign = [len(line["y"]) for _, line in lines(description) if len(line["y"]) != len(history["loss"])]
        expect.true(not foreign, "the figure of one history shows curves of another one, too")
    try:
        expect.equal(after, histories)
    except expect.Wrong:
        raise expect.Wrong("plotting has changed the history") from None


def lines(description: Description) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """All visible lines of more than one point, each with the axes that it is in."""
    for axes in description["axes"]:
        for line in axes["lines"]:
            if line["visible"] and line.get("y") is not None and len(line["y"]) > 1:
                yield axes, line


def find(description: Description, history: History, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The axes and the line that show one list of the history."""
    wanted = np.array(history[key])
    for axes, line in lines(description):
        if line["y"].shape == wanted.shape and np.allclose(line["y"], wanted, rtol=0, atol=1e-6):
            return axes, line
    raise expect.Wrong(f"no curve of the figure shows the numbers of history[{key!r}]")


def words(axes: dict[str, Any], description: Description) -> str:
    """Everything that is written in and over one axes, in small letters."""
    own = [axes["title"], axes["xlabel"], axes["ylabel"], *axes["legend"], *axes["texts"]]
    return " ".join([*own, description["title"], *description["texts"]]).lower()


def _says_validation(text: str) -> bool:
    return any(word in text.lower() for word in VALIDATION_WORDS)


def _check_told_apart(kind: str, places: list[tuple[dict[str, Any], dict[str, Any]]], description: Description) -> None:
    """Of the two curves of one kind, the text says which is which."""
    (axes, train), (other_axes, validation) = places
    if axes is not other_axes and len(axes["lines"]) == 1:  # a picture for each curve
        said = _says_validation(words(other_axes, {"title": "", "texts": []}) + _label(validation))
        expect.true(said, f"nothing says which curve of {kind} belongs to the validation images")
        return
    labels = _label(train), _label(validation)
    # axes with two sides share one legend, or have two
    texts = [text for one in description["axes"] for text in one["legend"]]
    shown = [*texts, *axes["texts"], *description["texts"]]
    if all(label in shown for label in labels if label) and any(labels):
        expect.true(_says_validation(labels[1]), f"nothing says which curve of {kind} belongs to the validation images")
        expect.true(not _says_validation(labels[0]), f"the training curve of {kind} is called {labels[0]!r}")
        return
    told = any(map(_says_validation, shown))  # text beside the curves, which matplotlib does not tie to them
    expect.true(told, f"no legend or text in the figure tells the two curves of {kind} apart")


def _label(line: dict[str, Any]) -> str:
    """A line's label; matplotlib's own names for lines without one start with an underscore."""
    label = str(line["label"])
    return "" if label.startswith("_") else label
