"""Certificates for Dask's connections: a folder with three files, for the command and for workers alike."""

from __future__ import annotations

from pathlib import Path

from autograder.errors import GraderError

CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"


def certificates(folder: Path) -> tuple[str, str, str]:
    """The authority's certificate, one's own, and its key.

    Raises:
        GraderError: one of them is not there.
    """
    paths = tuple(folder / name for name in (CA, CERTIFICATE, KEY))
    for path in paths:
        if not path.is_file():
            raise GraderError(f"{path} is not there\n    -> --tls needs a folder with {CA}, {CERTIFICATE} and {KEY}")
    authority, certificate, key = map(str, paths)
    return authority, certificate, key
