"""Reading a notebook: its code cells, or a sentence that says what is wrong with the file."""

from __future__ import annotations

import contextlib
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.content import Tree
from autograder.sandbox import notebook
from autograder.sandbox.notebook import NotebookError


def made(**changes: object) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **changes}).encode()


def code(source: object, **metadata: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": metadata}


def test_code_cells_are_counted_from_one_and_others_are_passed_over() -> None:
    cells = [
        code("a = 1"),
        {"cell_type": "markdown", "source": "text"},
        code(["b = 2\n", "c = 3"]),
        {"cell_type": "raw"},
    ]
    found = notebook.parse(made(cells=cells))
    assert [(cell.index, cell.source) for cell in found] == [(1, "a = 1"), (2, "b = 2\nc = 3")]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert notebook.parse(b"\xef\xbb\xbf" + made(cells=[code("1")]))[0].source == "1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"hello", "not JSON"),
        (made(cells=[code("x" * 50)])[:-20], "cut off"),
        (made(cells=[code("x")])[:-1], "cut off"),
        (b"\0\0\0\0", "UTF-16 or binary"),
        (made().decode().encode("utf-16"), "UTF-16"),
        (b'{"nbformat": 4, "cells": [], "x": "\xff"}', "not UTF-8"),
        (b"[1, 2]", "not a notebook"),
        (b"[" * 100_000, "too deep"),
        (made(nbformat=3), r"old format \(3"),
        (made(nbformat=99), r"unknown format \(99"),
        (made(nbformat="4"), "which notebook format"),
        (made(nbformat=True), "which notebook format"),
        (made(nbformat=None), "which notebook format"),
        (made(cells=None), "no list of cells"),
        (made(cells={"a": 1}), "no list of cells"),
        (made(cells=["x"]), "cell 1 of the notebook is not a cell"),
        (made(cells=[code(5)]), "source of cell 1 is not text"),
        (made(cells=[code([1, 2])]), "source of cell 1 is not text"),
        (b'{"nbformat": 4, "cells": [], "n": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, said: str) -> None:
    with pytest.raises(NotebookError, match=said):
        notebook.parse(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_notebook_or_a_sentence(data: bytes) -> None:
    with contextlib.suppress(NotebookError):
        notebook.parse(data)


def test_a_cell_of_ours_counts_as_such_only_while_it_is_untouched() -> None:
    digest = hashlib.sha256(b"check()").hexdigest()
    mark = {"role": "check", "sha256": digest}
    cells = [code("check()", autograder=mark), code("check() ", autograder=mark), code("x", autograder=[1]), code("y")]
    assert [cell.is_untouched for cell in notebook.parse(made(cells=cells))] == [True, False, False, False]


@pytest.mark.parametrize("role", ["answer", "", None, 5, [], ["check"], {}, {"check": 1}], ids=repr)
def test_a_role_that_is_not_ours_is_no_role(role: object) -> None:
    mark = {"role": role, "sha256": hashlib.sha256(b"x").hexdigest()}
    assert notebook.parse(made(cells=[code("x", autograder=mark)]))[0].role == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
CELLS = st.lists(
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["code", "markdown"]) | ANYTHING, "source": st.text(max_size=5) | ANYTHING},
        optional={
            "metadata": st.fixed_dictionaries(
                {}, optional={"autograder": st.fixed_dictionaries({"role": ANYTHING, "sha256": ANYTHING}) | ANYTHING}
            )
            | ANYTHING,
            "outputs": ANYTHING,
            "attachments": ANYTHING,
        },
    )
    | ANYTHING,
    max_size=4,
)


@given(CELLS | ANYTHING, st.dictionaries(st.sampled_from(["metadata", "nbformat_minor"]), ANYTHING))
def test_any_json_in_the_place_of_any_part_is_a_notebook_or_a_sentence(cells: object, more: dict[str, object]) -> None:
    data = json.dumps({"nbformat": 4, "cells": cells} | more).encode()
    with contextlib.suppress(NotebookError):
        notebook.parse(data)
    assert len(Tree.of(data).digest) == 64
