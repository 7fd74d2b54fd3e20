"""Question 9 of exercise 6: the figure that a notebook shows is found, held against its own network, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from autograder.cases import MARK
from autograder.cnn import network
from autograder.course import Course, load_module, open_course
from autograder.judge import case_rng, run_case
from autograder.local import LocalSession
from autograder.namespace import reference_namespace
from autograder.probes import gradcam
from autograder.report import CaseResult
from autograder.sandbox import figures

from . import sign_language_variants as variants
from .test_sign_language import SLUG

Array = np.ndarray[Any, Any]
MAP, SAYS = "the_notebook_shows_a_map_of_its_own_network", "the_notebooks_prediction_is_right_and_says_so"


@dataclass(frozen=True)
class Executed:
    """A notebook whose cells have run: its names, with the network that grades question 8 as the trained one."""

    names: dict[str, Any]
    hidden: ModuleType
    images: Array
    labels: Array

    def place(self, *, right: bool = True) -> int:
        """A picture that the network gets right, or wrong."""
        guesses = self.names["predict"](self.names["trained"], self.images).argmax(axis=1)
        return int(np.flatnonzero((guesses == self.labels) == right)[0])

    def heat(self, place: int, digit: int | None = None) -> Array:
        digit = int(self.labels[place]) if digit is None else digit
        return np.asarray(self.names["grad_cam"](self.names["trained"], self.images[place], digit))

    def results(self) -> dict[str, CaseResult]:
        """What the two cases about the notebook say."""
        session = LocalSession(self.names)
        marks = [getattr(value, MARK) for value in vars(self.hidden).values() if hasattr(value, MARK)]
        asked = [one for one in marks if getattr(one, "of_notebook", False)]
        return {case.name: run_case(case, session, case_rng(1, SLUG, case)) for case in asked}


@pytest.fixture(scope="module")
def course(repository: Path) -> Course:
    return open_course(repository)


@pytest.fixture(scope="module")
def executed(course: Course) -> Executed:
    pytest.importorskip("torch")
    names = reference_namespace(course.exercise(SLUG))
    names["trained"] = gradcam.build("torch", network.trained().arrays(), (32, 32))
    hidden = load_module(course.hidden_path(SLUG))
    pictures, labels, given = hidden._known()
    return Executed(names, hidden, pictures[given][:200], labels[given][:200])


@pytest.fixture(autouse=True)
def shown() -> Iterator[Callable[..., None]]:
    """Shows figures as cells do, the last one last."""
    figures.shown.figures.clear()

    def show(*made: Figure) -> None:
        figures.shown.figures.extend(made)

    yield show
    figures.shown.figures.clear()
    plt.close("all")


def drawn(image: Array | None, heat: Array | None, title: str) -> Figure:
    figure, columns = plt.subplots(1, 2)
    for axes, picture in zip(columns, (image, heat), strict=True):
        if picture is not None:
            axes.imshow(picture, cmap="gray")
    figure.suptitle(title)
    return figure


@pytest.mark.parametrize("name", ["the reference", *variants.EXPLANATION])
def test_a_right_figure_passes_and_is_kept(name: str, executed: Executed, shown: Callable[..., None]) -> None:
    names = dict(executed.names)
    if name != "the reference":
        exec(compile(variants.EXPLANATION[name], "variant", "exec"), names)
    curves = names["plot_history"]({key: [1.0, 2.0] for key in ("loss", "accuracy", "val_loss", "val_accuracy")})
    shown(names["explanation"](names["trained"], executed.images, executed.labels), curves)
    results = executed.results()
    assert {key: one.message for key, one in results.items() if one.credit < 1} == {}
    (figure,) = results[MAP].figures
    assert figure.png.startswith(b"\x89PNG")


def _nothing(executed: Executed) -> list[Figure]:
    return []


def _foreign_hand(executed: Executed) -> list[Figure]:
    image = executed.hidden._pictures(np.random.default_rng(0), 1)[0]
    return [drawn(image, executed.heat(executed.place()), "Predicted 3")]


def _no_map(executed: Executed) -> list[Figure]:
    return [drawn(executed.images[executed.place()], None, f"Predicted {executed.labels[executed.place()]}")]


def _another_digits_map(executed: Executed) -> list[Figure]:
    place = executed.place()
    digit = int(executed.labels[place])
    others = [executed.heat(place, other) for other in range(10) if other != digit]
    heat = min(others, key=lambda one: float(np.corrcoef(one.ravel(), executed.heat(place).ravel() + 1e-9)[0, 1]))
    return [drawn(executed.images[place], heat, f"Predicted {digit}")]


def _random_map(executed: Executed) -> list[Figure]:
    place = executed.place()
    return [drawn(executed.images[place], np.random.default_rng(0).random((32, 32)), f"a {executed.labels[place]}")]


def _only_the_hand_twice(executed: Executed) -> list[Figure]:
    place = executed.place()
    return [drawn(executed.images[place], executed.images[place], f"Predicted {executed.labels[place]}")]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (_nothing, "shown no figure"),
        (_foreign_hand, "has a hand of the data set"),
        (_no_map, "has a hand of the data set and a map"),
        (_another_digits_map, "shows your grad_cam"),
        (_random_map, "shows your grad_cam"),
        (_only_the_hand_twice, "shows your grad_cam"),
    ],
)
def test_a_wrong_map_is_named(
    made: Callable[[Executed], list[Figure]], sentence: str, executed: Executed, shown: Callable[..., None]
) -> None:
    shown(*made(executed))
    result = executed.results()[MAP]
    assert (result.verdict.name, result.credit) == ("WRONG", 0)
    assert sentence in result.message


@pytest.mark.parametrize("title", ["A right prediction", "Predicted {other}", "accuracy 0.{digit}1 of {digit}0"])
def test_a_title_without_the_digit_is_named(title: str, executed: Executed, shown: Callable[..., None]) -> None:
    place = executed.place()
    digit = int(executed.labels[place])
    shown(drawn(executed.images[place], executed.heat(place), title.format(digit=digit, other=(digit + 1) % 10)))
    results = executed.results()
    assert results[MAP].credit == 1, results[MAP].message
    assert results[SAYS].credit == 0
    assert "and says" in results[SAYS].message


def test_a_wrong_prediction_is_named(executed: Executed, shown: Callable[..., None]) -> None:
    place = executed.place(right=False)
    shown(drawn(executed.images[place], executed.heat(place), f"Predicted {executed.labels[place]}"))
    result = executed.results()[SAYS]
    assert result.credit == 0
    assert "your network takes it for" in result.message


def test_without_the_trained_network_the_name_is_asked_for(executed: Executed, shown: Callable[..., None]) -> None:
    place = executed.place()
    shown(drawn(executed.images[place], executed.heat(place), f"Predicted {executed.labels[place]}"))
    names = {key: value for key, value in executed.names.items() if key != "trained"}
    for result in Executed(names, executed.hidden, executed.images, executed.labels).results().values():
        assert result.verdict.name == "RAISED"
        assert "trained is not defined" in result.message
