"""The first moments of a forked child: shed what it inherited, put the jail on, then do what it was forked for."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograder.sandbox import jail
from autograder.sandbox.channel import Channel, Kind, json_frame
from autograder.sandbox.limits import Limits

if TYPE_CHECKING:
    from autograder.sandbox.shell import QuietShell


def main(
    ground: jail.Ground,
    shell: QuietShell | None,
    request: Mapping[str, Any],
    descriptors: tuple[int, int],
    folder: str,
    parent: int,
) -> None:
    """Never returns. Whatever fails before the jail is whole is told to the judge and ends the process."""
    connection, output = descriptors
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    jail.close_descriptors([connection])
    channel = Channel(socket.socket(fileno=connection))
    try:
        limits = Limits(**request["limits"])
        jail.confine(ground, folder, limits, slot=request["slot"], threads=request["threads"], parent=parent)
    except BaseException as error:  # half a jail is none
        said = {"error": f"{type(error).__name__}: {error}", "errno": getattr(error, "errno", None)}
        channel.send(json_frame(Kind.EVENT, 0, {"event": "not confined", **said}))
        os._exit(71)
    channel.send(json_frame(Kind.EVENT, 0, {"event": "confined"}))
    gc.enable()
    if request["role"] == "selftest":
        from autograder.sandbox import selftest

        selftest.main(channel)
    elif shell is not None:
        from autograder.sandbox import runner  # the warm process has it already

        runner.main(channel, shell, folder)
    os._exit(0)
