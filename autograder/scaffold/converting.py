"""A notebook of Otter Assign or nbgrader as the files of an exercise: what can be translated is, the rest is said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import Complaint, CourseError
from autograder.scaffold import Files
from autograder.scaffold.choosing import (
    answers,
    defined_by,
    functions_of,
    kept,
    settable,
    to_mend,
    unaskable,
    values_of,
)
from autograder.scaffold.foreign_tests import Known, Translated, translated
from autograder.scaffold.guarding import strict
from autograder.scaffold.otter_master import Question, Text
from autograder.scaffold.reading import Reading, read_notebook
from autograder.scaffold.trials import Use, use_of
from autograder.scaffold.trying import tried

HIDDEN_HEAD = """\
\"\"\"Hidden cases of exercise {number}. Converted tests: give each a name that is its claim, and a hint.\"\"\"

{imports}from autograder import expect
from autograder.cases import case
"""
MISTAKES_HEAD = """\
\"\"\"Mistakes of exercise {number}. One for each name, to begin with: add those that you know from marking.\"\"\"

from autograder.cases import mistake
"""
MISTAKE = """

@mistake(
    "{question}",
    caught_by="{case}",
    replaces="{name}",
    hint="{name} gives nothing back: is its return missing?",
)
def forgets_to_return_in_{name}(*arguments, **options):
    return None
"""
NO_VALUE = """

@mistake(
    "{question}",
    caught_by="{case}",
    replaces="{name}",
    hint="{name} is None: what it is set to gives nothing back, as print() does.",
)
def sets_{name}_to_nothing():
    return None
"""
STAYS = "which stays in the student's process: let students compute a plain value or an array of it"


@dataclass(frozen=True, slots=True)
class Converted:
    """The files, and what is left for a person to do."""

    files: Files
    remarks: tuple[str, ...]


def convert(master: Path, slug: str) -> Converted:
    """Translate a master or source notebook, and try the result on its own reference solution.

    A question that cannot be asked here is left out, and named.

    Raises:
        GraderError: it is none, or has something that an author has to mend first; all of that at once.
    """
    reading = read_notebook(master)
    questions = [part for part in reading.parts if isinstance(part, Question)]
    complaints = [*reading.complaints, *to_mend(questions, master)]
    if complaints:
        raise CourseError(complaints)
    left_out = unaskable(questions)
    made, objects = _converted(reading, left_out, master, slug)
    if objects:
        made, _ = _converted(reading, left_out | objects, master, slug)
    return made


def _converted(reading: Reading, left_out: dict[str, str], master: Path, slug: str) -> tuple[Converted, dict[str, str]]:
    """What is made without the questions that are left out, and which others the trial finds to have no plain value."""
    parts = kept(reading.parts, left_out)
    questions = [part for part in parts if isinstance(part, Question) and part.name not in left_out]
    said = [f"question {name} {reason}{_stays(name, parts)}" for name, reason in left_out.items()]
    if not questions:
        raise CourseError([Complaint(str(master), "no question is left", f"add one: {'; '.join(said)}")])
    ids = {question.name: f"q{number}" for number, question in enumerate(questions, 1)}
    asides = [part for part in parts if isinstance(part, Question) and part.name in left_out]
    known = Known.of(parts, *([name for one in some for name in settable(one)] for some in (questions, asides)))
    made = [translated(question, ids[question.name], known) for question in questions]
    uses = _uses(parts)
    trial = tried(_files(parts, ids, made, slug, uses, known), slug)
    objects = {name: f"{trial.objects[id_]}, {STAYS}" for name, id_ in ids.items() if id_ in trial.objects}
    remarks = [*reading.remarks, *said, *_trials(uses), *(remark for one in made for remark in one.remarks)]
    return Converted(trial.files, (*remarks, *trial.remarks, *strict(trial.files.hidden))), objects


def _stays(name: str, parts: Sequence[Question | Text]) -> str:
    stays = any(isinstance(part, Question) and part.name == name for part in parts)
    return "; others use its answer, which stays as a part of the next question" if stays else ""


def _files(
    parts: Sequence[Question | Text],
    ids: dict[str, str],
    made: Sequence[Translated],
    slug: str,
    uses: dict[str, Use],
    known: Known,
) -> Files:
    number = int(slug[:2])
    imports = "\n".join(known.imports_of(made))
    questions = [part for part in parts if isinstance(part, Question) and part.name in ids]
    return Files(
        _script(parts, ids, made, slug, uses),
        HIDDEN_HEAD.format(number=number, imports=imports and f"{imports}\n\n") + "".join(_cases(made)),
        MISTAKES_HEAD.format(number=number) + "".join(_mistakes(questions, ids, made)),
        sum(one.points for one in made),
    )


def _uses(parts: Sequence[Question | Text]) -> dict[str, Use]:
    """What each given cell does with the answers."""
    questions = [part for part in parts if isinstance(part, Question)]
    asked = {name for question in questions for name in defined_by(question)}
    given = [part.source for part in parts if isinstance(part, Text) and not part.prose]
    given += [source for question in questions for source in question.code]
    given += [trial for question in questions for _, trial in answers(question) if trial]
    graded = [answer for question in questions for answer, _ in answers(question)]
    graded += [test.source for question in questions for test in question.tests]
    return {
        source: use_of(source, asked, [*graded, *(other for other in given if other != source)]) for source in given
    }


def _trials(uses: dict[str, Use]) -> Iterator[str]:
    for source, use in uses.items():
        line = next((line for line in source.splitlines() if line.strip() and not line.startswith("#")), "")
        if use is Use.TRIAL:
            yield f"the cell `{line}` tries out an answer, so it has become a figure: folded, and not run by the grader"
        elif use is Use.NEEDED:
            yield f"the cell `{line}` needs an answer, and others need it: it stops a notebook without answers"


def _script(
    parts: Sequence[Question | Text], ids: dict[str, str], made: Sequence[Translated], slug: str, uses: dict[str, Use]
) -> str:
    """The solution script in percent format."""
    cells = list(_cells(parts, ids, {one.question: one for one in made}, uses))
    if not any(re.match(r"# %% \[markdown\]\n# # ", cell) for cell in cells):
        number, _, topic = slug.partition("_")
        cells.insert(0, _prose(f"# Exercise {int(number)} · {topic.replace('_', ' ').capitalize()}"))
    return "\n\n".join(cells) + "\n"


def _cells(
    parts: Sequence[Question | Text], ids: dict[str, str], made: dict[str, Translated], uses: dict[str, Use]
) -> Iterator[str]:
    waiting: list[Question] = []  # parts of the next question
    for part in parts:
        if isinstance(part, Text):
            yield _prose(part.source) if part.prose else _given(part.source, uses)
            continue
        if part.name not in ids:
            waiting.append(part)
            continue
        one = made[ids[part.name]]
        first, *more = part.prose or [f"## {part.name}"]
        heading = re.search(r"^#+[ \t]*(.*\S)", first, re.MULTILINE)
        title = heading[1] if heading else part.name
        said = json.dumps(title, ensure_ascii=False)
        yield _prose(first, f' question="{one.question}" points={one.points:g} title={said}')
        for other in waiting:
            yield from _answered(other.prose, other, uses)
        waiting = []
        yield from _answered(more, part, uses)
        yield from (_code(check, ' tags=["check"]') for check in one.checks)
    for other in waiting:
        yield from _answered(other.prose, other, uses)


def _answered(prose: Sequence[str], question: Question, uses: dict[str, Use]) -> Iterator[str]:
    """The prose of a question, what it gives, and its answer."""
    yield from map(_prose, prose)
    yield from (_given(source, uses) for source in question.code)
    for answer, trial in answers(question):
        yield _code(answer)
        yield from [_given(trial, uses)] if trial else []


def _given(source: str, uses: dict[str, Use]) -> str:
    return _code(source, ' tags=["figure"]' if uses[source] is Use.TRIAL else "")


def _prose(source: str, metadata: str = "") -> str:
    lines = [re.sub(r"^(\s*)%%", r"\1\\%%", line) for line in source.splitlines()]  # or a cell would begin there
    return f"# %% [markdown]{metadata}\n" + "\n".join(f"# {line}".rstrip() for line in lines)


def _code(source: str, metadata: str = "") -> str:
    inner = re.sub(r"^([ \t]*)(# *%%)", r"\1# \2", source, flags=re.MULTILINE)  # an editor's mark of a cell
    return f"# %%{metadata}\n{inner}"


def _cases(made: Sequence[Translated]) -> Iterator[str]:
    for one in made:
        for case in one.cases:
            hint = json.dumps(case.hint, ensure_ascii=False)
            mark = f'@case("{one.question}", points={case.points!r}, hint={hint})'
            yield f"\n\n{mark}\ndef {case.name}(student, rng):\n{case.body}\n"


def _mistakes(questions: Sequence[Question], ids: dict[str, str], made: Sequence[Translated]) -> Iterator[str]:
    for question, one in zip(questions, made, strict=True):
        wanted = [(name, f"student.{name}(", MISTAKE) for name in functions_of(question)]
        wanted += [(name, f"student.{name}.fetch(", NO_VALUE) for name in values_of(question)]
        for name, call, mistake in wanted:
            asking = [case.name for case in one.cases if call in case.body]
            if asking:
                yield mistake.format(question=ids[question.name], case=asking[0], name=name)
