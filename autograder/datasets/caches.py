"""Where this platform keeps what can be fetched again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def user_cache(environment: Mapping[str, str], platform: str, name: str) -> Path:
    """The user's folder for the data set `name`; `platform` as in `sys.platform`. It need not exist."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.cwd().anchor)
    if environment.get("XDG_CACHE_HOME"):
        base = Path(environment["XDG_CACHE_HOME"])
    elif platform == "darwin":
        base = home / "Library" / "Caches"
    elif platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = home / ".cache"
    return base / "autograder" / name
