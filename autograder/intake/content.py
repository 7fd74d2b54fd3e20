"""What of a notebook decides about its grading, as one digest: saving it again in another form changes nothing.

Code cells count with their sources and roles, and prose with its text and pictures, since a person may read an answer
in it. Outputs, execution counts, cell ids, other metadata and the form of the JSON do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import notebook

MAX_NODES = 300_000  # of JSON: as a tree, they may take 250 bytes each
_BEFORE_NODES = (b",", b"[", b"{")  # a node comes after one of them, or is the value of a key that does


@dataclass(frozen=True, slots=True)
class Tree:
    """A notebook's JSON, parsed once; `root` is None where it is none, or too large a tree.

    `is_notebook` says that grading can read it, too.
    """

    data: bytes
    root: Any
    is_notebook: bool

    @classmethod
    def of(cls, data: bytes) -> Tree:
        """Read whatever the bytes are, in bounded memory."""
        if len(data) > MAX_NODES and sum(map(data.count, _BEFORE_NODES)) > MAX_NODES:
            return cls(data, None, False)
        try:
            return cls(data, notebook.load(data), True)
        except notebook.NotebookError:
            return cls(data, _loaded(data), False)

    @property
    def digest(self) -> str:
        """Of what decides; of the very bytes where grading may not be able to read them."""
        # another function than for bytes: no file's bytes can be made that have the digest of a content
        digest = hashlib.blake2b(digest_size=32, person=b"content")
        try:
            for text in _decisive(self.root) if self.is_notebook else ():
                part = text.encode("utf-8", "surrogatepass")
                digest.update(b"%d:" % len(part))
                digest.update(part)
        except Exception:  # of a file that grading cannot read either, or not in this form
            return hashlib.sha256(self.data).hexdigest()
        return digest.hexdigest() if self.is_notebook else hashlib.sha256(self.data).hexdigest()


def _loaded(data: bytes) -> Any:
    """JSON in another encoding than a notebook's, too."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _decisive(root: dict[str, Any]) -> Iterator[str]:
    code = iter(notebook.code_cells(root))
    for cell in root["cells"]:
        if cell.get("cell_type") == "code":
            mine = next(code)
            yield from ("code", mine.source, mine.role)
        else:
            source = cell.get("source")
            if isinstance(source, list) and all(isinstance(line, str) for line in source):
                source = "".join(source)
            yield from ("prose", source if isinstance(source, str) else json.dumps(source, sort_keys=True))
            yield json.dumps(cell["attachments"], sort_keys=True) if cell.get("attachments") else ""
