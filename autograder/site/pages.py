"""Pages from values: Jinja2 with autoescape, one stylesheet, and a policy that forbids all that is not ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from autograder import __version__
from autograder.config import FeedbackPolicy
from autograder.escaping import visible
from autograder.gradebook import Entry, Override
from autograder.late import in_words
from autograder.pictures import picture
from autograder.reports.disclosure import not_final, not_run, shown_cases, what_it_took
from autograder.reports.document import cell_label
from autograder.site import charts
from autograder.site.analysis import ExerciseSummary, Line
from autograder.site.notebook import ShownNotebook
from autograder.site.safe import shown_text

FIRST = 12  # submissions that are named on top of the class page
SLOW_SECONDS = 1.0  # below it none is worth a look


class Pages:
    """Renders the three kinds of page."""

    def __init__(self, zones: Mapping[str, str] | None = None) -> None:
        known = zones or {}
        folder = resources.files("autograder.site") / "templates"
        self._style = (folder / "style.css").read_text("utf-8").strip()
        self._script = (folder / "table.js").read_text("utf-8").strip()
        self._templates = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        )
        self._templates.filters |= {"number": _number, "shown": shown_text}
        self._templates.filters["moment"] = lambda text, exercise="": in_words(text, known.get(exercise, ""))
        self._templates.globals |= {
            "picture": picture,
            "shown_cases": shown_cases,
            "label": cell_label,
            "not_final": not_final,
            "not_run": not_run,
            "what_it_took": what_it_took,
            "version": __version__,
        }
        self._templates.globals |= {"style": Markup(self._style), "script": Markup(self._script)}  # noqa: S704  (ours)

    def class_page(
        self, title: str, lines: Sequence[Line], exercises: Sequence[ExerciseSummary], made_at: str, refresh: int
    ) -> str:
        """The class: what to look at, what was slow, numbers, charts, and a row for each submission, by student."""
        ordered = sorted(lines, key=lambda one: (one.student.casefold(), one.student, one.exercise))
        to_look_at = sorted((one for one in ordered if one.to_look_at), key=lambda one: not one.to_review)
        slowest = sorted((one for one in lines if one.seconds >= SLOW_SECONDS), key=lambda one: -one.seconds)
        return self._render(
            "class.html",
            policy=self._policy(scripted=True),
            title=title,
            lines=ordered,
            to_look_at=to_look_at[:FIRST],
            more_to_look_at=max(0, len(to_look_at) - FIRST),
            slowest=slowest[: FIRST // 2],
            exercises=exercises,
            settings=_settings(lines),
            histogram=charts.histogram,
            share_bars=charts.shares,
            made_at=made_at,
            refresh=refresh,
        )

    def instructors_page(self, entry: Entry, notebook: ShownNotebook, history: Sequence[Override], home: str) -> str:
        """All that is known about a submission."""
        return self._render(
            "instructor.html",
            policy=self._policy(),
            entry=entry,
            document=entry.document,
            notebook=notebook,
            history=history,
            home=home,
        )

    def students_page(self, entry: Entry, notebook: ShownNotebook, feedback: FeedbackPolicy) -> str:
        """What the student may know about it."""
        return self._render(
            "student.html",
            policy=self._policy(),
            entry=entry,
            document=entry.document,
            notebook=notebook,
            feedback=feedback,
            shows_all=feedback is FeedbackPolicy.FULL,
        )

    def _render(self, name: str, **values: object) -> str:
        return self._templates.get_template(name).render(values) + "\n"

    def _policy(self, *, scripted: bool = False) -> str:
        """Nothing but our own style, and on the class page our own script; pictures only from within the page."""
        script = f"script-src {_hash(self._script)}; " if scripted else ""
        style = f"style-src {_hash(self._style)}; "
        return f"default-src 'none'; {script}{style}img-src data:; base-uri 'none'; form-action 'none'"


def address_of(*names: str) -> str:
    """A relative address of folders and a file."""
    return "/".join(quote(name) for name in names)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _finalize(value: object) -> object:
    """What any template prints: text with nothing in it that hides or turns text around."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: float, digits: int = 2) -> str:
    """Without zeros that say nothing: 3, 3.5, 3.25."""
    return f"{round(value, digits):g}" if abs(value) < 1e6 else f"{value:.0f}"


def _settings(lines: Sequence[Line]) -> dict[str, list[tuple[str, int]]]:
    """On what the class was graded, each value with its number of submissions."""
    found: dict[str, dict[str, int]] = {"sandbox": {}, "device": {}, "data": {}}
    for one in lines:
        for name, value in (("sandbox", one.tier), ("device", one.device), ("data", one.data)):
            if value:
                found[name][value] = found[name].get(value, 0) + 1
    return {name: sorted(counts.items(), key=lambda pair: -pair[1]) for name, counts in found.items() if counts}
