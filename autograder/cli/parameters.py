"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Slugs = Annotated[
    list[str] | None,
    typer.Argument(metavar="SLUG", help="Exercises, as 01_output_size, output_size or 1. None means all."),
]
CourseDir = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course's folder. Default: the current one."),
]
