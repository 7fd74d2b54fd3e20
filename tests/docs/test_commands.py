"""Every command that the documentation shows is run as it stands, or listed here with the reason why it cannot be."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
import typer.main

from autograder.cli.app import app

from .pages import Page, Shown

ENGINE = "needs an engine; the image is built and run by a test of its own where there is one"
# What a test cannot run. Its options, targets and files are looked at all the same: see `test_what_is_not_run`.
NOT_RUN = {
    r"(make|source) ": "sets up, tests or measures the whole project; each target is looked for in the Makefile",
    r"python bench/": "measures for minutes",
    r"(printf .*\| *)?(docker|podman) ": ENGINE,
    r"(sbatch|kubectl|dask) ": "needs a cluster",
    r"(python -m )?pip ": "installs from the network",
    r"jupyter ": "goes on until somebody stops it",
    r"autograder report .*--watch": "goes on until somebody stops it",
    r"autograder quiz .*--web": "goes on until somebody stops it",
    r"autograder data --prepare": "downloads",
    r"autograder (worker |grade .*--cluster)": "needs a cluster",
    r"autograder grade .*--device cuda": "needs a graphics card",
    r"autograder validate$": "minutes; tests/e2e/test_our_course.py proves each exercise, tests/quiz each quiz",
}
SECONDS = 3600  # no promise about speed: only so that nothing waits for ever
Ended: TypeAlias = "subprocess.CompletedProcess[str]"
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*[a-z]|-[a-zA-Z])(?![\w-])")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who types commands in a fresh clone, page by page; what another page had is not typed again."""

    clone: Path
    typed: dict[str, tuple[str, Ended]] = field(default_factory=dict)

    def type(self, shown: Shown) -> str:
        """What is wrong with a command, or nothing."""
        command = shown.text.partition(" #")[0].strip()
        page, ended = self.typed.get(command, ("", None))
        if ended is None or page == shown.page:
            ended = self._run(shown.text)
            self.typed[command] = (shown.page, ended)
        missing = [line for line in shown.printed if not _found(line, ended.stdout)]
        if ended.returncode == 0 and not missing:
            return ""
        return f"{shown}\n  exit code {ended.returncode}, not printed: {missing}\n{ended.stdout[-1500:]}"

    def _run(self, text: str) -> Ended:
        home = self.clone.parent / "home"
        home.mkdir(exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if key in ("LANG", "LC_ALL", "TMPDIR")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.clone,
            env=kept | {"PATH": path, "HOME": str(home), "COLUMNS": "120", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            preexec_fn=_on_one_core,
        )


def _on_one_core() -> None:
    """As many workers start as there are cores, and each imports the frameworks: one is enough here."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _found(line: str, printed: str) -> bool:
    """Whether the line is printed: blanks count as one, and `...` stands for anything."""
    wanted = r".*".join(r"\s+".join(map(re.escape, part.split())) for part in line.split("..."))
    return re.search(wanted, printed) is not None


def commands(pages: list[Page]) -> list[Shown]:
    return [shown for page in pages for shown in page.commands()]


def reason(shown: Shown) -> str | None:
    """Why a command is not run; None for those that are."""
    text = shown.text.partition("#")[0].strip()
    return next((why for pattern, why in NOT_RUN.items() if re.match(pattern, text)), None)


@pytest.mark.slow
def test_every_command_that_is_shown_does_what_the_page_says(pages: list[Page], clone: Path) -> None:
    pytest.importorskip("torch")
    reader = Reader(clone)
    wrong = [reader.type(shown) for shown in commands(pages) if reason(shown) is None]
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_what_is_not_run_names_targets_files_and_options_that_exist(pages: list[Page], repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    wrong = []
    for shown in (shown for shown in commands(pages) if reason(shown) is not None):
        program, *words = shlex.split(shown.text, comments=True)
        if program == "make":
            names = [word.partition("=")[0] for word in itertools.takewhile(lambda word: word != "&&", words)]
            wrong += [f"{shown}: {name}" for name in names if not re.search(rf"^{name}:|\({name}\)", makefile, re.M)]
        scripts = [word for word in words if word.endswith(".py") and "/" in word]
        wrong += [f"{shown}: {script}" for script in scripts if not (repository / script).is_file()]
        if scripts and (repository / scripts[0]).is_file():
            source = (repository / scripts[0]).read_text(encoding="utf-8")
            wrong += [f"{shown}: {word}" for word in words if word.startswith("--") and f'"{word}"' not in source]
    assert not wrong


def test_every_reason_for_not_running_is_needed(pages: list[Page]) -> None:
    used = {reason(shown) for shown in commands(pages)}
    later = {"needs a cluster", ENGINE}
    assert set(NOT_RUN.values()) - used <= later


def options_of(name: str) -> set[str] | None:
    """What `autograder NAME --help` lists; None where there is no such command."""
    commands = vars(typer.main.get_command(app))["commands"]
    if name not in commands:
        return None
    return {option for one in commands[name].params for option in one.opts if option.startswith("-")} | {"--help"}


def test_every_option_of_ours_that_a_page_names_exists(pages: list[Page]) -> None:
    wrong = []
    for page in pages:
        texts = [shown.text.partition(" #")[0] for shown in page.commands()]
        for text in (*texts, *page.codes()):
            for called in re.finditer(r"(?<![\w/.-])autograder ([a-z]+)([^|;&]*)", text):
                known = options_of(called[1])
                named = set(OPTION.findall(re.sub(r"\"[^\"]*\"", "", called[2])))
                wrong += [f"{page.name}: autograder {called[1]}"] * (known is None)
                wrong += [f"{page.name}: autograder {called[1]} {option}" for option in named - (known or named)]
    assert not wrong
