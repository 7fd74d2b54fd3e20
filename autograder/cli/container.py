"""What the image starts: `autograder` with your arguments; without any, the class that is mounted is graded.

/submissions mounted, no arguments, or options alone   grade /submissions -o /results OPTIONS, then report /results
nothing mounted, no arguments                          how to run the image, and autograder --help
anything else                                          autograder with these arguments
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.cli import main as command_line
from autograder.errors import GraderError

BROKEN, GRADED = 2, (0, 1)
USER = '--user "$(id -u):$(id -g)"'
HELP = """Grade a class, with Docker or podman:

  mkdir -p results
  docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp \\
    --pids-limit 1024 --memory 8g --user "$(id -u):$(id -g)" \\
    -v "$PWD/submissions:/submissions:ro" -v "$PWD/results:/results" cnn-autograder

Options after the image's name are those of `grade` (--regrade); a word is a command (doctor, report /results).

"""


@dataclass(frozen=True, slots=True)
class Mounts:
    """The folders of the container that count."""

    submissions: Path = Path("/submissions")
    results: Path = Path("/results")
    scratch: Path = Path("/tmp")  # noqa: S108 - the container's own


def main(
    arguments: Sequence[str], mounts: Mounts = Mounts(), run: Callable[[Sequence[str]], object] = command_line
) -> int:
    """Do what the arguments and the mounts ask for; gives the exit code of what was done.

    Raises:
        GraderError: a folder is not mounted, or may not be read or written by this user.
    """
    if not _is_grading(arguments, mounts):
        if not arguments:
            print(HELP, flush=True)
        elif "--help" not in arguments:
            _writable(mounts.scratch, "--tmpfs /tmp")
        return _code(run, arguments or ["--help"])
    if "--help" in arguments:
        return _code(run, ["grade", *arguments])
    _check(mounts)
    code = _code(run, ["grade", str(mounts.submissions), "--output", str(mounts.results), *arguments])
    if code not in GRADED:
        return code
    return max(code, _code(run, ["report", str(mounts.results)]))


def _is_grading(arguments: Sequence[str], mounts: Mounts) -> bool:
    if not arguments:
        return mounts.submissions.exists()
    return arguments[0].startswith("-") and arguments[0] not in ("--help", "--version")


def _code(run: Callable[[Sequence[str]], object], arguments: Sequence[str]) -> int:
    try:
        run(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _check(mounts: Mounts) -> None:
    mount = f'-v "$PWD/{mounts.submissions.name}:{mounts.submissions}:ro"'
    if not mounts.submissions.exists():
        raise GraderError(f"there is no {mounts.submissions}: nothing to grade is mounted\n    -> add {mount}")
    if not os.access(mounts.submissions, os.R_OK | os.X_OK):
        raise GraderError(f"{mounts.submissions} cannot be read by {_whoami()}\n    -> {_as_owner(mounts.submissions)}")
    if not mounts.results.exists():
        raise GraderError(
            f"there is no {mounts.results}: nowhere to write to is mounted\n"
            f'    -> mkdir -p results, and add -v "$PWD/results:{mounts.results}"'
        )
    _writable(mounts.scratch, "--tmpfs /tmp")
    _writable(mounts.results, f"make the folder yourself (mkdir -p results), and {_as_owner(mounts.results)}")


def _writable(folder: Path, remedy: str) -> None:
    """Written to, to know: access rights alone say nothing of a read-only mount or of SELinux."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        raise GraderError(f"{folder} cannot be written by {_whoami()} ({error.strerror})\n    -> {remedy}") from None


def _whoami() -> str:
    return f"uid {os.getuid()}, gid {os.getgid()}"


def _as_owner(folder: Path) -> str:
    facts = folder.stat()
    return (
        f"add {USER}; it belongs to uid {facts.st_uid}, gid {facts.st_gid}, mode {facts.st_mode & 0o777:o}"
        " (rootless podman: --userns keep-id too; with SELinux: end the volume in :z)"
    )


def _stop(number: int, frame: object) -> NoReturn:
    """`docker stop` is Ctrl-C: what is graded is kept. A container's first process ignores it without a handler."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except GraderError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(BROKEN)
