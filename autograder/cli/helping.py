"""How commands explain themselves: arguments by their names in --help, and wrong usage as a sentence of ours."""

from __future__ import annotations

import re
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand

# typer has a copy of click of its own since 0.26, which has no public name
CLICK_EXCEPTION: type[Exception] = BadParameter.__mro__[2]
REQUIRED = re.compile(r"\{(.*)\}")
REWORDED = (
    (re.compile(r"(^|: )Value error, "), r"\1"),
    (re.compile(r"(^|: )Input should be"), r"\1should be"),
    (re.compile(r", unable to parse .*"), ""),
    (re.compile(r"^Invalid value: "), ""),
)


class Command(TyperCommand):
    """A command whose help names an argument without its type, which is Python's business."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """SLUG where it is required, [SLUG] where it is not."""
        return [REQUIRED.sub(r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then options."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if parameter.param_type_name == "argument":
                sections["Arguments"].append((parameter.metavar or str(parameter.name), record[1]))
            else:
                sections["Options"].append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def usage_sentence(error: Any) -> str:
    """What was wrong with a command line, and where it is explained."""
    text = error.format_message().removesuffix(".")
    if text.startswith("Usage: "):  # nothing was asked for: it is the help
        return str(text)
    for pattern, replacement in REWORDED:
        text = pattern.sub(replacement, text)
    where = f"\n    -> {error.ctx.command_path} --help" if getattr(error, "ctx", None) else ""
    return f"error: {text[:1].lower()}{text[1:]}{where}"
