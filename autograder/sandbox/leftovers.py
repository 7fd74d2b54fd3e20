"""Counts and removes folders that student code has shaped: never through a link, also without rights."""

# Descriptors, not paths.
# ruff: noqa: PTH101, PTH119, PTH120, PTH208

from __future__ import annotations

import contextlib
import itertools
import os
import stat

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MAX_DEPTH = 64  # each level holds a descriptor


def remove_folder(path: str) -> None:
    """Remove a folder and all that is in it; what cannot be removed is left, and is never followed."""
    with contextlib.suppress(OSError):
        parent = os.open(os.path.dirname(path) or ".", _FOLDER)
        try:
            _remove_folder(parent, os.path.basename(path))
        finally:
            os.close(parent)


def _remove_folder(parent: int, name: str) -> None:
    top = _open(parent, name)
    try:
        os.fchmod(top, 0o700)
        for number in itertools.count():  # what lies too deep is moved up here, and removed in the next round
            before = os.listdir(top)
            _empty(top, top, f"deep-{number}-", 0)
            if not before or before == os.listdir(top):
                break
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=parent)


def folder_bytes(path: str, enough: int) -> int:
    """What the files in a folder take, counted until it is `enough`. Folders too deep to be counted are enough."""
    try:
        parent = os.open(os.path.dirname(path) or ".", _FOLDER)
    except OSError:
        return 0
    try:
        return _bytes(parent, os.path.basename(path), enough, 0)
    finally:
        os.close(parent)


def _bytes(parent: int, name: str, enough: int, depth: int) -> int:
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        total = max(status.st_blocks * 512, 512)
        if not stat.S_ISDIR(status.st_mode):
            return total
        if depth >= MAX_DEPTH:
            return enough
        folder = _open(parent, name)
    except OSError:
        return 0
    try:
        for child in os.listdir(folder):
            if total >= enough:
                break
            total += _bytes(folder, child, enough - total, depth + 1)
    except OSError:
        return total
    finally:
        os.close(folder)
    return total


def _empty(folder: int, top: int, prefix: str, depth: int) -> None:
    """By descriptors only: a name is looked up in a folder that is held open, so that it cannot be swapped."""
    for number, name in enumerate(os.listdir(folder)):
        with contextlib.suppress(OSError):
            if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=folder)
            elif depth >= MAX_DEPTH:
                os.rename(name, f"{prefix}{folder}-{number}-{os.urandom(4).hex()}", src_dir_fd=folder, dst_dir_fd=top)
            else:
                _empty_and_remove(folder, name, top, prefix, depth)


def _empty_and_remove(parent: int, name: str, top: int, prefix: str, depth: int) -> None:
    folder = _open(parent, name)
    try:
        os.fchmod(folder, 0o700)
        _empty(folder, top, prefix, depth + 1)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=parent)


def _open(parent: int, name: str) -> int:
    """The folder, also where it may not be read: its rights are changed through a descriptor, never by a path."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        handle = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
        finally:
            os.close(handle)
        return os.open(name, _FOLDER, dir_fd=parent)
