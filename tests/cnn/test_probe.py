"""The probe builds what it is told to, and sees what a function has left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.cnn.network import WEIGHTS, Network
from autograder.probes import gradcam as probe

from .frameworks import Framework, framework_of


def test_the_framework_of_a_model_is_seen(framework: Framework) -> None:
    assert probe.framework(framework.empty_model()) == framework.name
    assert probe.framework(np.zeros(3)) == ""


def test_a_built_network_has_the_weights_that_were_sent(framework: Framework, trained: Network) -> None:
    sizes = sorted(array.size for array in probe.state(framework.build(trained))["weights"])
    assert sizes == sorted(array.size for array in trained.arrays().values())


def test_the_convolutions_come_in_running_order(framework: Framework, trained: Network) -> None:
    for fused in (False, True):
        layers = probe.state(framework.build(trained, fused=fused))["layers"]
        kinds = [name for name in layers if "Conv" in name or "Pool" in name or name in ("Linear", "Dense")]
        assert [kind[:3] for kind in kinds] in (
            ["Con", "Max", "Con", "Max", "Ada", "Lin"],
            ["Con", "Max", "Con", "Max", "Glo", "Den"],
        )


def _register_hook(model: Any) -> None:
    model[3].register_forward_hook(lambda *_: None)


def _hook_a_weight(model: Any) -> None:
    model[3].weight.register_hook(lambda gradient: gradient)


def _change_a_weight(model: Any) -> None:
    model[3].bias.data.add_(1e-3)


def _change_a_mode(model: Any) -> None:
    model[2].train()


def _freeze(model: Any) -> None:
    model[0].weight.requires_grad_(False)


def _drop_the_head(model: Any) -> None:
    from torch import nn

    model[-1] = nn.Identity()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (_register_hook, "hooks"),
        (_hook_a_weight, "hooks"),
        (_change_a_weight, "weights"),
        (_change_a_mode, "modes"),
        (_freeze, "trainable"),
        (_drop_the_head, "layers"),
    ],
)
def test_what_was_left_is_seen(change: Any, part: str, trained: Network) -> None:
    model = framework_of("torch").build(trained)
    before = probe.state(model)
    change(model)
    with pytest.raises(AssertionError):
        np.testing.assert_equal(probe.state(model)[part], before[part])


def test_the_weights_file_is_small_and_float32(trained: Network) -> None:
    assert WEIGHTS.stat().st_size < 200_000
    assert {str(array.dtype) for array in trained.arrays().values()} == {"float32"}
