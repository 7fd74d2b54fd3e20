"""compose.yaml starts what the command line understands, as closed as the line for one container."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from autograder.cli.app import app

SERVICES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())["services"]


def parsed(words: list[str]) -> dict[str, Any]:
    """The parameters that a command gets; wrong usage is an exception."""
    command = typer.main.get_command(app)
    _, chosen, arguments = command.resolve_command(command.make_context("autograder", words[:1]), words)  # type: ignore[attr-defined]
    return dict(chosen.make_context(words[0], arguments).params)


@pytest.mark.parametrize("name", ["scheduler", "worker", "grade"])
def test_each_container_is_as_closed_as_a_single_one(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] == 1024
    assert service["networks"] == ["inside"]
    assert "ports" not in service


def test_workers_and_the_command_meet_at_the_scheduler() -> None:
    worker = [word.replace("${JOBS:-1}", "2") for word in SERVICES["worker"]["command"]]
    program, *command = SERVICES["grade"]["entrypoint"]
    assert program == "autograder"
    assert parsed(worker)["jobs"] == 2
    assert parsed(worker)["address"] == parsed(command)["cluster"] == "tcp://scheduler:8786"
    asked, port = SERVICES["scheduler"]["entrypoint"][:2], SERVICES["scheduler"]["entrypoint"][3]
    assert (asked, port) == (["dask", "scheduler"], "8786")
    mounted = [str(volume).rpartition("}:")[2] for volume in SERVICES["grade"]["volumes"]]
    assert mounted == ["/submissions:ro", "/results"]
    assert [str(path) for path in (*parsed(command)["paths"], parsed(command)["output"])] == [
        "/submissions",
        "/results",
    ]
