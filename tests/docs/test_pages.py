"""What the pages point to exists, and the code that they show runs."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from autograder import expect
from autograder.cases import case, mistake
from autograder.config import read_config
from autograder.config_file import ConfigFile
from autograder.scaffold.converting import convert

from .pages import Page

FILE = re.compile(r"^(autograder|bench|docs|exercises|solutions|tests|tools)/[\w./-]+$")
NOT_HERE = "dask_jobqueue"  # starts jobs on a Slurm cluster: that snippet is only compiled
TEST = re.compile(r"\btest_\w+")


def test_every_link_leads_somewhere(pages: list[Page]) -> None:
    by_path = {page.path.resolve(): page for page in pages}
    wrong = []
    for page in pages:
        for link in (link for link in page.links() if not re.match(r"[a-z]+:", link)):
            name, _, anchor = link.partition("#")
            target = (page.path.parent / name).resolve() if name else page.path.resolve()
            if not target.exists():
                wrong.append(f"{page.name}: {link}")
            elif anchor and anchor not in by_path[target].anchors():
                wrong.append(f"{page.name}: {link} (no such heading)")
    assert not wrong


def test_every_page_is_reached_from_the_readme(pages: list[Page]) -> None:
    by_path = {page.path.resolve(): page for page in pages}
    reached, waiting = set(), [pages[0]]
    while waiting:
        page = waiting.pop()
        reached.add(page.name)
        targets = [(page.path.parent / link.partition("#")[0]).resolve() for link in page.links()]
        waiting += [by_path[path] for path in targets if path in by_path and by_path[path].name not in reached]
    assert reached == {page.name for page in pages}


def test_every_file_that_is_named_exists(pages: list[Page], repository: Path) -> None:
    scaffolded = re.compile(r"07_transfer_learning|01_padding|[A-Z]{4}")
    named = [(page.name, code) for page in pages for code in page.codes() if FILE.match(code)]
    assert [one for one in named if not (repository / one[1]).exists() and not scaffolded.search(one[1])] == []


def test_every_test_that_is_named_exists(pages: list[Page], repository: Path) -> None:
    files = {path: path.read_text(encoding="utf-8") for path in (repository / "tests").rglob("test_*.py")}
    known = {path.stem for path in files} | {name for text in files.values() for name in TEST.findall(text)}
    named = {(page.name, name) for page in pages for code in page.codes() for name in TEST.findall(code)}
    assert sorted(one for one in named if one[1] not in known) == []


def test_every_snippet_of_python_runs(pages: list[Page]) -> None:
    for page in pages:
        for fence in page.fences("python"):
            code = compile("\n" * (fence.line - 1) + fence.text, page.name, "exec")
            if NOT_HERE not in fence.text:
                exec(code, {"case": case, "mistake": mistake, "expect": expect})


def test_every_snippet_of_settings_is_understood(pages: list[Page], repository: Path, tmp_path: Path) -> None:
    settings = yaml.safe_load((repository / "grading_config.yaml").read_text(encoding="utf-8"))
    (tmp_path / "tests").mkdir()
    for page in pages:
        for fence in page.fences("yaml"):
            shown = yaml.safe_load(fence.text)
            if {"questions", "apiVersion"} & set(shown):  # a quiz, Kubernetes'
                continue
            part = shown if set(shown) <= set(ConfigFile.model_fields) else {"exercises": shown}
            exercises = {slug: {"points": 10} | keys for slug, keys in part.get("exercises", {}).items()}
            path = tmp_path / "grading_config.yaml"
            path.write_text(yaml.safe_dump(settings | part | {"exercises": exercises}), encoding="utf-8")
            read_config(path)


def test_what_the_page_for_otters_courses_shows_is_what_comes_out(pages: list[Page], repository: Path) -> None:
    (page,) = (page for page in pages if page.name == "docs/from-otter.md")
    made = convert(repository / "docs" / "examples" / "otter_master.ipynb", "01_padding").files
    for fence, text in zip(page.fences("python"), (made.solution, made.hidden), strict=True):
        shown = [line for line in fence.text.splitlines() if line.strip()]
        assert "\n".join(shown) in "\n".join(line for line in text.splitlines() if line.strip())
