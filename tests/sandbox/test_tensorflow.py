"""TensorFlow in the sandbox: children of a process that imported it train, with equal seeds to equal numbers."""

from __future__ import annotations

import pytest

from autograder.messages import Request, Returned, Target
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote, ZygoteSpec

from .conftest import LIMITS, notebook

CELLS = (
    "import numpy as np\nimport keras\nfrom keras import layers",
    "def train():\n"
    "    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation='relu'), layers.Dense(1)])\n"
    "    model.compile('adam', 'mse')\n"
    "    x = np.arange(40.0).reshape(10, 4)\n"
    "    return model.fit(x, x.sum(1), epochs=2, verbose=0).history['loss']",
    "def save():\n    m = keras.Sequential([layers.Input((4,)), layers.Dense(3)])\n    m.save('m.keras')\n"
    "    return keras.models.load_model('m.keras').count_params()",
)


@pytest.mark.slow
def test_keras_trains_in_a_child_and_seeds_decide(inner_zygote: Zygote) -> None:
    pytest.importorskip("tensorflow")
    losses = []
    with Zygote.start(ZygoteSpec(warm=("tensorflow", "keras"))) as zygote:
        for seed in (7, 7, 8):
            with SandboxSession(zygote, notebook(*CELLS), LIMITS, seed, threads=2) as session:
                assert session.begin_case() is None
                answer = session.ask(Request(Target.STUDENT, "train"))
                assert isinstance(answer, Returned), answer
                losses.append(answer.value)
                assert session.ask(Request(Target.STUDENT, "save")) == Returned(15)
    assert losses[0] == losses[1] != losses[2]
