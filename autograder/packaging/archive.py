"""The zip itself: setup.sh and run_autograder at its root, as Gradescope wants them."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from string import Template

from autograder.course import Course
from autograder.errors import GraderError
from autograder.exercise import read_text
from autograder.gradescope.messages import NOT_ENDED, unscored
from autograder.packaging.course_files import course_files
from autograder.packaging.needs import extras, room
from autograder.packaging.wheel import PACKAGE, made_wheel, wheel_name, zipped

HERE = Path(__file__).resolve().parent
CONSTRAINTS = (HERE / "constraints.txt", PACKAGE.parent / "constraints.txt")  # installed, and in a clone
SCRIPTS = frozenset({"setup.sh", "run_autograder"})
PREPARED = "sign_language_digits"  # of the data sets the one that is fetched or drawn, once for all submissions


@dataclass(frozen=True, slots=True)
class Package:
    """What is packed: an exercise, when students see results, and how it is installed and confined."""

    slug: str
    visibility: str
    allow_weak: bool = False
    extra_index_url: str | None = None


def made_zip(course: Course, package: Package) -> bytes:
    """The zip: the same bytes for the same course, package and options.

    Raises:
        GraderError: a file of the course or of this package is not there.
    """
    slug = package.slug
    names = {
        "exercise": slug,
        "wheel": wheel_name(),
        "extras": ",".join(extras(course, slug)),
        "index": _index(package.extra_index_url),
        "data": _data(course, slug),
        "options": f"--visibility {package.visibility}" + (" --allow-weak-sandbox" if package.allow_weak else ""),
        "minutes": str(room(course.config.exercise(slug)).minutes),
        "began": json.dumps(unscored(NOT_ENDED), indent=1),
    }
    files = {
        "setup.sh": _script("setup.sh", names),
        "run_autograder": _script("run_autograder.sh", names),
        "constraints.txt": _constraints(),
        wheel_name(): made_wheel(),
    }
    files |= {f"course/{name}": data for name, data in course_files(course, slug).items()}
    return zipped(files, executable=SCRIPTS)


def _script(name: str, names: dict[str, str]) -> bytes:
    return _Script(read_text(HERE / name)).substitute(names).encode()


class _Script(Template):
    """Bash has uses of its own for $."""

    delimiter = "@"


def _index(url: str | None) -> str:
    return f"--extra-index-url {shlex.quote(url)}" if url else ""


def _data(course: Course, slug: str) -> str:
    training = course.config.exercise(slug).training
    return training.dataset if training and training.dataset == PREPARED else ""


def _constraints() -> bytes:
    for path in CONSTRAINTS:
        if path.is_file():
            return read_text(path).encode()
    raise GraderError(f"{CONSTRAINTS[0]} is not there: this installation is not whole\n    -> install it again")
