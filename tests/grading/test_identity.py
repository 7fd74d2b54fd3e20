"""Which exercise a notebook is: only slugs that the course has ever come out."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.content import MAX_NODES, Tree
from autograder.intake.identity import exercise_of
from autograder.intake.reading import Found
from autograder.submission import Source

from .made import SLUG, SLUGS, notebook, plant, taken, whose


def slug_of(data: bytes, name: str = "homework.ipynb") -> str | None:
    return exercise_of(Tree.of(data), Found(Source(Path(name)), ("class", name), 0.0), SLUGS)


def said(metadata: Any) -> bytes:
    return json.dumps({"metadata": metadata, "cells": []}).encode()


class TestWhatSaysIt:
    def test_the_metadata(self) -> None:
        assert slug_of(notebook(SLUG)) == SLUG

    def test_the_metadata_against_the_files_name(self) -> None:
        assert slug_of(notebook("02_more"), "01_demo.ipynb") == "02_more"

    def test_the_bytes_of_a_notebook_cut_short(self) -> None:
        whole = json.dumps({"metadata": {"autograder": {"exercise": SLUG}}, "cells": ["x" * 100]}).encode()
        assert slug_of(whole[:-60]) == SLUG

    @pytest.mark.parametrize("name", ["01_demo.ipynb", "01_demo (1).ipynb", "my 01_demo final.ipynb"])
    def test_the_files_name_where_nothing_else_does(self, name: str) -> None:
        assert slug_of(b"not a notebook", name) == SLUG

    def test_a_name_with_two_slugs_says_nothing(self) -> None:
        assert slug_of(b"", "01_demo and 02_more.ipynb") is None

    def test_a_slug_of_another_course_is_not_overruled_by_the_name(self) -> None:
        assert slug_of(notebook("77_other"), "01_demo.ipynb") is None

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
    def test_other_unicode_encodings_are_read(self, encoding: str) -> None:
        assert slug_of(notebook(SLUG).decode().encode(encoding)) == SLUG


HOSTILE: list[Any] = [None, [], {}, 5, 1e300, True, "", "../../etc", ["01_demo"], {"01_demo": "01_demo"}, "01_demo\n"]


class TestHostileMetadata:
    @pytest.mark.parametrize("value", HOSTILE, ids=repr)
    def test_anything_but_a_slug_is_nothing(self, value: Any) -> None:
        assert slug_of(said({"autograder": {"exercise": value}})) is None

    @pytest.mark.parametrize("value", HOSTILE, ids=repr)
    def test_other_types_on_the_way_are_nothing(self, value: Any) -> None:
        assert slug_of(said({"autograder": value})) is None
        assert slug_of(said(value)) is None
        assert slug_of(json.dumps(value).encode()) is None

    def test_depth_and_huge_numbers_are_nothing(self) -> None:
        assert slug_of(b"[" * 200_000) is None
        assert slug_of(b'{"metadata": ' + b"9" * 20_000 + b"}") is None

    @given(st.binary(max_size=200))
    def test_any_bytes_give_a_slug_of_the_course_or_none(self, data: bytes) -> None:
        assert slug_of(data) in (None, *SLUGS)


class TestWhatIsTooLargeToBeParsed:
    PADDING = "," * MAX_NODES

    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("indent", [None, 1])
    def test_its_bytes_say_it_wherever_the_metadata_is(self, order: int, indent: int | None) -> None:
        cell = {"cell_type": "code", "metadata": {}, "source": self.PADDING}
        whole = {"cells": [cell], "metadata": {"autograder": {"checks": {"q": "y" * 9000}, "exercise": SLUG}}}
        assert slug_of(json.dumps(dict(list(whole.items())[::order]), indent=indent).encode()) == SLUG

    @pytest.mark.parametrize("order", [1, -1])
    def test_a_source_that_quotes_metadata_is_not_it(self, order: int) -> None:
        source = json.dumps({"metadata": {"autograder": {"exercise": "02_more"}}}) + self.PADDING
        whole = {"cells": [{"source": source}], "metadata": {"autograder": {"exercise": SLUG}}}
        assert slug_of(json.dumps(dict(list(whole.items())[::order])).encode()) == SLUG

    def test_without_metadata_its_name_does(self) -> None:
        assert slug_of(b'{"exercise": "02_more"}' + self.PADDING.encode(), "01_demo.ipynb") == SLUG

    def test_no_tree_is_built_of_it(self) -> None:
        data = b'{"cells": [' + b"{}," * (32 * 2**20 // 3)
        tracemalloc.start()
        try:
            assert slug_of(data) is None
            assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
        finally:
            tracemalloc.stop()


class TestUnknownExercises:
    def test_each_is_a_row_of_its_own(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {f"alice/{name}.ipynb": notebook(None) for name in "abc"} | {"bob/a.ipynb": b"{}"})
        assert whose(taken(tmp_path / "class")) == [
            ("alice", "unknown-1"), ("alice", "unknown-2"), ("alice", "unknown-3"), ("bob", "unknown-1"),
        ]  # fmt: skip

    def test_the_instructors_word_counts_most(self, tmp_path: Path) -> None:
        plant(tmp_path / "class", {"alice/a.ipynb": notebook(None), "bob/b.ipynb": notebook("02_more")})
        assert whose(taken(tmp_path / "class", exercise=SLUG)) == [("alice", SLUG), ("bob", SLUG)]
