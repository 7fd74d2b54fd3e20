"""The command line: parse, call, print, exit code (0 fine, 1 something to look at, 2 usage or a broken set-up)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from autograder.cli.app import app
from autograder.cli.helping import CLICK_EXCEPTION, usage_sentence
from autograder.errors import GraderError

USAGE, ABORTED = 2, 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default this process' own; errors of ours end in a sentence, not in a traceback."""
    try:
        code = app(sys.argv[1:] if arguments is None else list(arguments), "autograder", standalone_mode=False)
    except GraderError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(USAGE) from None
    except typer.Abort:
        print("error: the input ended before it was all there", file=sys.stderr)
        raise SystemExit(ABORTED) from None
    except CLICK_EXCEPTION as error:
        print(usage_sentence(error), file=sys.stderr)
        raise SystemExit(USAGE) from None
    raise SystemExit(code or 0)
