"""The package itself as a wheel, made from what is installed: the same bytes each time, and no build tool is needed."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from autograder import __version__
from autograder.errors import GraderError

DISTRIBUTION = "cnn-autograder"
NAME = "cnn_autograder"
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKAGE = Path(__file__).resolve().parent.parent
LEFT_OUT = frozenset({"__pycache__", "course"})  # course: what students may see, which no grader needs
TAG = "Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
    """The wheel's file name."""
    return f"{NAME}-{__version__}-py3-none-any.whl"


def made_wheel() -> bytes:
    """The wheel; raises GraderError where this package runs without being installed."""
    information = f"{NAME}-{__version__}.dist-info"
    files = dict(_package()) | {
        f"{information}/METADATA": _installed("METADATA"),
        f"{information}/entry_points.txt": _installed("entry_points.txt"),
        f"{information}/WHEEL": TAG.encode(),
    }
    record = f"{information}/RECORD"
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    return zipped(files | {record: "\n".join([*lines, f"{record},,", ""]).encode()})


def zipped(files: Mapping[str, bytes], *, executable: frozenset[str] = frozenset()) -> bytes:
    """A zip of these files: the same bytes for the same files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = (0o100755 if name in executable else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data, compresslevel=9)
    return made.getvalue()


def _package() -> Iterator[tuple[str, bytes]]:
    for path in sorted(PACKAGE.rglob("*")):
        below = path.relative_to(PACKAGE)
        if path.is_file() and not LEFT_OUT & set(below.parts) and path.suffix != ".pyc":
            yield f"autograder/{below.as_posix()}", path.read_bytes()


def _installed(name: str) -> bytes:
    try:
        text = metadata.distribution(DISTRIBUTION).read_text(name)
    except metadata.PackageNotFoundError:
        text = None
    if text is None:
        raise GraderError(
            f"{DISTRIBUTION} is not installed here\n    -> `make setup` in a clone, then .venv/bin/autograder"
        )
    return text.encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
