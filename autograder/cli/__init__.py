"""The command line: parse, call, print, exit code (0 fine, 1 something to look at, 2 usage or a broken set-up)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from autograder.cli.app import app
from autograder.errors import GraderError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default this process' own; errors of ours end in a sentence, not in a traceback."""
    try:
        app(arguments, prog_name="autograder")
    except GraderError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
