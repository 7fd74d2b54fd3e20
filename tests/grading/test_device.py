"""Which device notebooks are graded on: what was asked for, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import device
from autograder.device import cuda_is_usable, resolve_device
from autograder.errors import GraderError


def test_the_cpu_is_never_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_is_usable", lambda: pytest.fail("it was asked about"))
    assert resolve_device("cpu") == "cpu"


@pytest.mark.parametrize(("usable", "found"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_what_is_there(usable: bool, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_is_usable", lambda: usable)
    assert resolve_device("auto") == found


def test_cuda_where_there_is_none_is_a_sentence_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "cuda_is_usable", lambda: False)
    with pytest.raises(GraderError, match=r"--device cuda: no CUDA device(.|\n)*nvidia-smi(.|\n)*--device cpu"):
        resolve_device("cuda")


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="there is a driver here, so torch would be asked")
def test_without_a_driver_torch_is_not_even_started() -> None:
    assert cuda_is_usable() is False
