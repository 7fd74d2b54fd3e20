"""What of the file system student code may read: Python, its libraries, the few files of ours that run beside it."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.errors import GraderError
from autograder.sandbox.landlock import Paths

PACKAGE = Path(__file__).resolve().parent.parent
OURS = (
    "__init__.py",
    "errors.py",
    "messages.py",
    "codec.py",
    "wire.py",
    "training.py",
    "sandbox",
    "probes",
    "datasets",
)
"""Of this package only these: its formulas and its checks would be answers."""

_SYSTEM = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
]
_KERNEL = [
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/filesystems",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
]
_DRIVER = ["/proc/driver/nvidia", "/proc/driver/nvidia-uvm", "/proc/devices", "/proc/sys/vm/mmap_min_addr"]
"""What NVIDIA's driver reads when CUDA starts."""
_DEVICES = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]


def for_student(readable: Iterable[str], *, devices: Iterable[str] = ()) -> Paths:
    """Everything that a child may open, its own folder and /proc/self aside.

    Raises:
        GraderError: a path in `readable` or `devices` does not exist.
    """
    shown, cards = list(map(str, readable)), list(map(str, devices))
    for path in (*shown, *cards):
        if not Path(path).exists():
            raise GraderError(f"the sandbox should let student code read {path}, which does not exist")
    kernel = [*_KERNEL, *(_DRIVER if cards else [])]
    read = [*python_paths(), *_existing(_SYSTEM), *_existing(kernel), *_own(), *shown]
    return Paths(read=_outermost(read), listing=(str(PACKAGE),), device=(*_existing(_DEVICES), *cards))


def python_paths() -> list[str]:
    """The folders that this Python imports from; without what of this package is nobody's business."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {Path(sysconfig.get_path(name)) for name in names}
    folders |= {Path(prefix) / "lib" for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    folders |= {Path(prefix) / "lib64" for prefix in (sys.prefix, sys.base_prefix)}
    folders.add(Path(sys.prefix) / "pyvenv.cfg")
    existing = [str(folder) for folder in sorted(folders) if folder.exists()]
    return [part for path in _outermost(existing) for part in _around_package(Path(path))]


def exposed(paths: Paths, protected: Iterable[str]) -> list[str]:
    """Those of `protected` that lie in something that student code may read."""
    open_paths = [Path(path).resolve() for path in (*paths.read, *paths.write)]
    return [str(target) for target in protected if any(_within(Path(target).resolve(), path) for path in open_paths)]


def _own() -> list[str]:
    return [str(PACKAGE / name) for name in OURS if (PACKAGE / name).exists()]


def _around_package(folder: Path) -> Iterator[str]:
    """`folder` itself or, where this package is installed in it, all that lies beside the package."""
    if not _within(PACKAGE, folder.resolve()):
        yield str(folder)
        return
    for child in sorted(folder.iterdir()):
        if child.resolve() != PACKAGE:
            yield from _around_package(child)


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Without what lies within another: one rule covers both, and rules cost time in every child."""
    kept: list[str] = []
    for path in sorted(set(paths), key=lambda path: (Path(path).is_symlink(), len(path))):
        if not any(_within(Path(path).resolve(), Path(other).resolve()) for other in kept):
            kept.append(path)
    return tuple(kept)


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _existing(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if Path(path).exists()]
