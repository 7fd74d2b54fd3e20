"""doctor: what this machine has for grading, and what to do about what is missing."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from autograder import __version__
from autograder.cli.summary import plain_console
from autograder.course import find_course
from autograder.datasets import fashion_mnist
from autograder.device import cuda_is_usable
from autograder.errors import GraderError
from autograder.sandbox import remedies
from autograder.sandbox.tier import Tier, find_tier

OK, TO_MEND = 0, 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A row: what, whether it is there, what is known about it, and what would mend it."""

    what: str
    there: bool
    known: str
    remedy: str = ""


def doctor(folder: Path | None, *, find: Callable[..., Tier] = find_tier) -> int:
    """Print the findings; 1 where grading would refuse, or where the folder that was named is no course."""
    console = plain_console()
    lacks_course = False
    protected: tuple[str, ...] = ()
    findings = list(_frameworks())
    try:
        course = find_course(folder)
        protected = (str(course.root / "solutions"), str(course.config.tests_dir))
        findings.append(Finding("course", True, f"{course.config.title}: {len(course.slugs)} exercises"))
    except GraderError as error:
        lacks_course = folder is not None
        problem, _, remedy = str(error).partition("\n")
        findings.append(Finding("course", False, problem, remedy.strip(" ->\n")))
    findings += _device()
    findings += _data()
    tier, refusal = _sandbox(protected, find)
    findings += _layers(tier)
    console.print(_table(findings))
    if tier:
        console.print(tier.one_line(), soft_wrap=True)
    if refusal:
        console.print(Text(f"grading would refuse: {refusal}", style="bold red"), soft_wrap=True)
    return TO_MEND if refusal or lacks_course else OK


def _frameworks() -> Iterator[Finding]:
    yield Finding("autograder", True, f"{__version__} on Python {platform.python_version()}, {sys.platform}")
    wanted = {
        "torch": remedies.install("torch"),
        "tensorflow": f"{remedies.install('tensorflow', 'tensorflow_datasets')} (only for exercises in Keras)",
        "otter-grader": f"{remedies.install('otter')} (to build notebooks)",
        "ipython": remedies.install("ipython"),
        "pyseccomp": f"{remedies.install('pyseccomp')}, and the library libseccomp2",
    }
    for name, remedy in wanted.items():
        try:
            yield Finding(name, True, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, False, "not installed", remedy)


def _device() -> Iterator[Finding]:
    usable = cuda_is_usable()
    yield Finding("CUDA", usable, "usable" if usable else "none; notebooks are graded on the CPU")


def _data() -> Iterator[Finding]:
    try:
        found = fashion_mnist.find()
    except GraderError as error:
        problem, _, remedy = str(error).partition("\n")
        yield Finding("Fashion-MNIST", False, problem, remedy.strip(" ->"))
        return
    remedy = "" if found.full else "autograder data --prepare, or apt install dataset-fashion-mnist"
    yield Finding("Fashion-MNIST", found.full, found.place, remedy)


def _sandbox(protected: tuple[str, ...], find: Callable[..., Tier]) -> tuple[Tier | None, str]:
    try:
        return find(protected=protected), ""
    except GraderError as refusal:
        try:
            return find(protected=protected, allow_weak=True), str(refusal)
        except GraderError:
            return None, str(refusal)


def _layers(tier: Tier | None) -> Iterator[Finding]:
    if tier is None:
        return
    for name in tier.present:
        yield Finding(f"sandbox: {name}", True, "holds")
    for layer in tier.missing:
        yield Finding(f"sandbox: {layer.name}", False, layer.reason, layer.remedy)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")  # a path or a command that is cut helps nobody
    table.add_column(overflow="fold")
    for finding in findings:
        mark = Text("✓ ", style="green") if finding.there else Text("- ", style="yellow")
        table.add_row(mark + finding.what, finding.known, finding.remedy)
    return table
