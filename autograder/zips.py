"""Zips that students made, opened within bounds: the list of members is read whole, and may be all there is of them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BufferedIOBase
from typing import IO

MAX_LIST_BYTES = 48 * 2**20  # of 100,000 members with long names
MAX_INNER_LIST_BYTES = 2 * 2**20


@dataclass(slots=True)
class Budget:
    """How much more may be found in a zip, and in the zips in it."""

    members: int
    notebooks: int  # zips count, too
    inner_bytes: int  # of the zips in it
    of_each: tuple[int, int, int] | None = None  # where each zip in it has such a budget of its own

    def inner(self) -> Budget:
        """That of a zip in it."""
        return self if self.of_each is None else Budget(*self.of_each)

    def take(self, *, members: int = 0, notebooks: int = 0, inner_bytes: int = 0) -> None:
        """Count what was found; raises ValueError where that is too much."""
        self.members -= members
        self.notebooks -= notebooks
        self.inner_bytes -= inner_bytes
        for left, what in ((self.members, "files"), (self.notebooks, "notebooks"), (self.inner_bytes, "zips in it")):
            if left < 0:
                raise ValueError(f"more {what} than are looked at; a zip of several students' has to be named itself")


def of_a_class() -> Budget:
    """What may be in a zip that the instructor named, and in each zip in it."""
    return Budget(1_000_000, 100_000, 2**40, of_each=(10_000, 1_000, 0))


def of_one() -> Budget:
    """What may be in a zip that was found in a folder, together with the zips in it: a student may have made it."""
    return Budget(100_000, 1_000, 2**29)


class _Watched(BufferedIOBase):
    """A file of which no more than `most` bytes are read at a time, until that is lifted."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self.most: int | None = most

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file does; raises ValueError where that is too much."""
        if self.most is not None and size is not None and size > self.most:
            raise ValueError(f"its list of members has {size / 2**20:,.0f} MiB")
        return self._file.read(-1 if size is None else size)

    def seekable(self) -> bool:
        """Like the file below."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Like the file below."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Like the file below."""
        return self._file.tell()

    def close(self) -> None:
        """And the file below."""
        if not self.closed:
            self._file.close()
            super().close()


class BoundedZip(zipfile.ZipFile):
    """A zip whose list of members is no longer than a bound; closes its file with itself.

    Raises:
        ValueError: it is longer. What else is wrong with it, zipfile raises.
    """

    def __init__(self, file: IO[bytes], *, list_bytes: int) -> None:
        self._watched = _Watched(file, list_bytes)
        try:
            super().__init__(self._watched)
        except BaseException:
            self._watched.close()
            raise
        self._watched.most = None

    def close(self) -> None:
        """Close both."""
        super().close()
        self._watched.close()
