"""The notebook to grade among the files that were handed in, or a sentence that tells the student why there is none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.beside import digests_with, weights_beside
from autograder.intake.content import Tree
from autograder.intake.identity import said_exercise
from autograder.intake.opening import Opener
from autograder.intake.reading import Content, Found, find
from autograder.submission import Source, StudentId, Submission, writable

MAX_LISTED = 5  # files, in a sentence
MAX_LOOKED_AT = 20  # notebooks
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class _Candidate:
    found: Found
    content: Content
    said: str | None

    @property
    def name(self) -> str:
        return _short("/".join(self.found.parts[self.found.named + 1 :]) or self.found.parts[-1])


def choose(folder: Path, slug: str, student: StudentId, submitted_at: str, opener: Opener) -> Submission:
    """The submission; with a `problem` where no notebook, or more than one, can be the one that is meant."""
    candidates = [_candidate(found, opener) for found in _first(folder)]
    chosen = _chosen(candidates, slug)
    if isinstance(chosen, str):
        problem = chosen or _nothing(folder, slug)
        return Submission(student, slug, Source(folder), Content(b"", problem).digest, problem, None, submitted_at)
    source, content = chosen.found.source, chosen.content
    weights = weights_beside(source, opener) if content.problem is None else None
    digest, decisive = digests_with((content.digest, Tree.of(content.data).digest), weights, opener)
    known = (content.problem, weights, submitted_at, decisive, content.ours)
    return Submission(student, slug, source, digest, *known)


def _first(folder: Path) -> list[Found]:
    return list(itertools.islice(find(folder), MAX_LOOKED_AT)) if folder.is_dir() else []


def _candidate(found: Found, opener: Opener) -> _Candidate:
    content = opener.read(found)
    return _Candidate(found, content, said_exercise(Tree.of(content.data)))


def _chosen(candidates: list[_Candidate], slug: str) -> _Candidate | str:
    """The one that says it is this exercise's, else the one that says nothing; or why neither is there."""
    mine = _distinct([one for one in candidates if one.said == slug])
    silent = _distinct([one for one in candidates if one.said is None])
    likely = mine or silent
    if len(likely) == 1:
        return likely[0]
    if likely:
        return f"these are {len(likely)} notebooks: {_names(likely)}. Hand in the one that is to be graded, alone"
    if candidates:
        other = candidates[0]
        return f"{other.name} is the notebook of {_short(other.said or '')}. Hand in that of {slug}"
    return ""


def _distinct(candidates: list[_Candidate]) -> list[_Candidate]:
    """The same file twice is one."""
    return list({one.content.digest: one for one in reversed(candidates)}.values())[::-1]


def _nothing(folder: Path, slug: str) -> str:
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    shown = ", ".join(_short(name) for name in files[:MAX_LISTED]) + (" ..." if len(files) > MAX_LISTED else "")
    what = f"no notebook was handed in, only {shown}" if files else "nothing was handed in"
    return f"{what}. Hand in your {slug}.ipynb: the file that you worked in, as it is"


def _names(candidates: list[_Candidate]) -> str:
    more = " ..." if len(candidates) > MAX_LISTED else ""
    return ", ".join(one.name for one in candidates[:MAX_LISTED]) + more


def _short(name: str) -> str:
    shown = writable(name)
    return shown if len(shown) <= MAX_NAME else shown[:MAX_NAME] + "..."
