"""What of a notebook makes it another submission: all that grading or a person reads of it, and not its form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.content import MAX_NODES, Tree
from autograder.sandbox import notebook as sandboxed

from .made import SLUG

SOURCE = "def patch_mean(patch):\n    return patch.mean()\n"


def made() -> dict[str, Any]:
    built = "import otter"
    mark = {"role": "setup", "sha256": hashlib.sha256(built.encode()).hexdigest()}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"autograder": {"exercise": SLUG}, "kernelspec": {"name": "python3"}},
        "cells": [
            {"cell_type": "code", "id": "a", "metadata": {"autograder": mark}, "source": built, "outputs": []},
            {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["An *answer*\n", "in prose"]},
            {
                "cell_type": "code",
                "id": "c",
                "metadata": {},
                "source": SOURCE,
                "execution_count": 1,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}],
            },
        ],
    }


def digest(notebook: Any, **form: Any) -> str:
    return Tree.of(json.dumps(notebook, **form).encode()).digest


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    notebook = made()
    change(notebook)
    return digest(notebook)


@pytest.mark.parametrize(
    "change",
    {
        "outputs": lambda nb: nb["cells"][2].update(outputs=[]),
        "a picture among the outputs": lambda nb: nb["cells"][2]["outputs"].append({"data": {"image/png": "A" * 99}}),
        "execution counts": lambda nb: nb["cells"][2].update(execution_count=7),
        "cell ids": lambda nb: nb["cells"][2].pop("id"),
        "a cell's other metadata": lambda nb: nb["cells"][2]["metadata"].update(collapsed=True),
        "the kernel": lambda nb: nb["metadata"].update(kernelspec={"name": "other"}),
        "the minor version": lambda nb: nb.update(nbformat_minor=4),
        "a source as lines": lambda nb: nb["cells"][2].update(source=SOURCE.splitlines(keepends=True)),
        "prose as one text": lambda nb: nb["cells"][1].update(source="An *answer*\nin prose"),
        "no attachments": lambda nb: nb["cells"][1].update(attachments={}),
    }.items(),
    ids=lambda change: change[0],
)
def test_it_leaves_the_digest(change: tuple[str, Callable[[Any], object]]) -> None:
    assert changed(change[1]) == digest(made())


@pytest.mark.parametrize("form", [{"indent": 1}, {"ensure_ascii": False}, {"sort_keys": True}], ids=str)
def test_so_does_the_form_of_the_json(form: dict[str, Any]) -> None:
    assert digest(made(), **form) == digest(made())


@pytest.mark.parametrize(
    "change",
    {
        "code": lambda nb: nb["cells"][2].update(source=SOURCE + "#"),
        "a space in code": lambda nb: nb["cells"][2].update(source=" " + SOURCE),
        "a cell of ours that is not what was built": lambda nb: nb["cells"][0].update(source="import os"),
        "a role that was taken away": lambda nb: nb["cells"][0].update(metadata={}),
        "prose": lambda nb: nb["cells"][1].update(source="Another answer"),
        "a picture in prose": lambda nb: nb["cells"][1].update(attachments={"a.png": {"image/png": "AA"}}),
        "the order of cells": lambda nb: nb["cells"].reverse(),
        "a code cell that became prose": lambda nb: nb["cells"][2].update(cell_type="markdown"),
        "an empty code cell more, since cells are numbered": lambda nb: nb["cells"].insert(
            0, {"cell_type": "code", "source": ""}
        ),
        "a format that is not read": lambda nb: nb.update(nbformat=3),
        "a cell that is none": lambda nb: nb["cells"].append(5),
    }.items(),
    ids=lambda change: change[0],
)
def test_it_changes_the_digest(change: tuple[str, Callable[[Any], object]]) -> None:
    assert changed(change[1]) != digest(made())


def test_two_cells_are_not_one_with_both_texts() -> None:
    def cells(*sources: str) -> str:
        return digest({"nbformat": 4, "cells": [{"cell_type": "code", "source": source} for source in sources]})

    assert len({cells("ab", "c"), cells("a", "bc"), cells("abc"), cells("abc", "")}) == 4


@pytest.mark.parametrize(
    "data",
    [b"", b"no notebook", b"{}", b"[1]", b'{"nbformat": 4, "cells": 5}', "x".encode("utf-16"), b"[" * 100_000],
    ids=repr,
)
def test_what_grading_cannot_read_is_told_apart_by_its_bytes(data: bytes) -> None:
    assert Tree.of(data).digest == hashlib.sha256(data).hexdigest()


def test_no_file_has_the_digest_of_a_content() -> None:
    """Its bytes could be those that a content's digest is made from: the two functions are not the same."""
    stream = b"".join(b"%d:%s" % (len(part), part) for part in (b"code", b"x = 1", b""))
    content = Tree.of(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]}).encode()).digest
    assert content == hashlib.blake2b(stream, digest_size=32, person=b"content").hexdigest()
    assert content not in (hashlib.sha256(stream).hexdigest(), Tree.of(stream).digest)


def test_so_is_what_would_be_too_large_a_tree() -> None:
    data = json.dumps(made() | {"more": [0] * MAX_NODES}).encode()
    assert Tree.of(data).digest == hashlib.sha256(data).hexdigest()


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_equal_digests_are_equal_cells(one: list[str], other: list[str]) -> None:
    datas = [
        json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": text} for text in texts]}).encode()
        for texts in (one, other)
    ]
    first, second = (Tree.of(data).digest for data in datas)
    assert (first == second) == (sandboxed.parse(datas[0]) == sandboxed.parse(datas[1]))
