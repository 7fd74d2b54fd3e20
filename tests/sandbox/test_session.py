"""What an honest notebook gets: its cells run as in Jupyter, its functions answer, its errors have names."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from autograder.messages import Died, Handle, Name, Raised, Request, Returned, Target
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import SandboxSession
from autograder.sandbox.warm import Zygote

from .conftest import LIMITS, Submit, notebook, submissions


def ours(role: str, source: str) -> dict[str, object]:
    mark = {"role": role, "sha256": hashlib.sha256(source.encode()).hexdigest()}
    return {"source": source, "metadata": {"autograder": mark}}


def test_a_function_of_the_notebook_answers(submit: Submit) -> None:
    session = submit("def f(size, kernel_size, stride=1):\n    return (size - kernel_size) // stride + 1")
    assert session.begin_case() is None
    assert session.value("f", 28, kernel_size=5) == 24
    assert session.facts.cells[0].outcome == "ok"
    assert session.facts.attempts == 1


def test_arrays_handles_and_probes_cross(submit: Submit) -> None:
    session = submit("import numpy as np\ndef f(x):\n    return x * 2\nclass Model:\n    pass\nmake = Model")
    session.begin_case()
    np.testing.assert_array_equal(session.value("f", np.arange(6.0).reshape(2, 3)), np.arange(0, 12.0, 2).reshape(2, 3))
    handle = session.value("make")
    assert handle == Handle(1, "Model")
    kept = session.ask(Request(Target.PROBE, "basic.identity", (handle,)))
    assert isinstance(kept, Returned)
    assert session.ask(Request(Target.PROBE, "basic.call", (Name("f"), 3))) == Returned(6)


def test_a_handle_of_an_earlier_case_is_forgotten(submit_inner: Submit) -> None:
    session = submit_inner("class Model: pass")
    session.begin_case()
    handle = session.value("Model")
    session.begin_case()
    assert isinstance(session.ask(Request(Target.PROBE, "basic.identity", (handle,))), Raised)


def test_cells_after_one_that_raises_run_all_the_same(submit: Submit) -> None:
    session = submit("1 / 0", "def (", "def f(): return 1", "raise SystemExit", "exit()", "def g(): return 2")
    session.begin_case()
    assert (session.value("f"), session.value("g")) == (1, 2)
    assert session.errors[0].startswith("ZeroDivisionError")
    assert session.errors[1].startswith("SyntaxError")
    assert set(session.errors) == {0, 1, 3, 4}
    assert session.facts.attempts == 1


def test_a_name_that_a_failed_cell_should_have_defined_says_so(submit_inner: Submit) -> None:
    session = submit_inner("import math", "print(undefined)\ndef conv_output_size(size):\n    return size")
    session.begin_case()
    answer = session.call("conv_output_size", 3)
    assert isinstance(answer, Raised)
    assert answer.type_names[0] == "NameError"
    assert answer.message.startswith(
        "conv_output_size is not defined: cell 2 · print(undefined) · stopped with NameError: name 'undefined'"
    )


def test_a_name_in_a_cell_that_does_not_compile_says_so(submit_inner: Submit) -> None:
    session = submit_inner("def f(x):\n    return x +")
    session.begin_case()
    answer = session.call("f", 3)
    assert isinstance(answer, Raised)
    assert answer.message.startswith("f is not defined: cell 1 · def f(x) · stopped with SyntaxError")


def test_a_cell_that_failed_and_defines_something_else_is_not_blamed(submit_inner: Submit) -> None:
    session = submit_inner("from nowhere import nothing\nprint('f', f)\nplot(f, end=1)", "f2 = f == 3")
    session.begin_case()
    answer = session.call("f", 3)
    assert isinstance(answer, Raised)
    assert answer.message == "f is not defined in the notebook"


@pytest.mark.parametrize("source", ["f, g = 1 / 0", "from nowhere import f", "f: int = 1 / 0", "class f(g): pass"])
def test_whatever_would_have_defined_a_name_is_named(submit_inner: Submit, source: str) -> None:
    session = submit_inner(source)
    session.begin_case()
    answer = session.call("f", 3)
    assert isinstance(answer, Raised)
    assert answer.message.startswith(f"f is not defined: cell 1 · {source} · stopped with ")


def test_what_a_notebook_defines_is_told_from_its_text_and_cells_have_their_first_line(submit_inner: Submit) -> None:
    session = submit_inner(
        "\n\n  # Größe \u202e\ndef size(): pass\nclass Net: pass\ndef size(): pass",
        f"globals()['f'] = 1{' ' * 90}#",
    )
    session.begin_case()
    assert session.facts.defined == ("size", "Net")
    assert [cell.line for cell in session.facts.cells] == [
        "# Größe \u202e",
        f"globals()['f'] = 1{' ' * 61}…",
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("x = input('?')", "input() is not available while grading"),
        ("import getpass\ngetpass.getpass()", "input() is not available while grading"),
        ("!ls", "processes are not allowed here"),
        ("files = !ls", "processes are not allowed here"),
        ("%%bash\necho 1", "processes are not allowed here"),
        ("%%sh\necho 1", "processes are not allowed here"),
        ("%sx ls", "processes are not allowed here"),
        ("%pip install numpy", "packages cannot be installed while grading"),
        ("%conda install numpy", "packages cannot be installed while grading"),
        ("import subprocess\nsubprocess.run(['ls'])", "processes are not allowed here"),
        ("import os\nos.system('ls')", "processes are not allowed here"),
        ("import os\nos.fork()", "processes are not allowed here"),
        (
            "import multiprocessing as m\nm.get_context('fork').Process(target=print).start()",
            "processes are not allowed",
        ),
    ],
)
def test_what_grading_does_not_offer_is_named(submit_inner: Submit, cell: str, said: str) -> None:
    session = submit_inner(cell, "def f(): return 1")
    session.begin_case()
    assert said in session.errors[0]
    assert session.value("f") == 1


def test_what_jupyter_offers_works(submit: Submit) -> None:
    session = submit(
        "%matplotlib inline",
        "display(3)\nfrom IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))",
        "%%time\nx = 5",
        "%timeit -n1 -r1 x + 1",
        "%%capture out\nprint('hidden')",
        "get_ipython().run_line_magic('who', '')\nx?",
        "x;",
        "import dataclasses, inspect, pickle\n@dataclasses.dataclass\nclass Point:\n    x: int = 1",
        "assert pickle.loads(pickle.dumps(Point())) == Point()",
        "def shown(): return 5\nassert 'return 5' in inspect.getsource(shown)",
        "import tempfile, pathlib\npathlib.Path('mine.txt').write_text('a')\ntempfile.TemporaryFile().write(b'x')",
        "def f():\n    display(1)\n    return __name__",
    )
    session.begin_case()
    assert session.errors == {}
    assert session.value("f") == "__main__"
    assert "3" in session.facts.output


def test_otter_costs_nothing_and_does_nothing(submit_inner: Submit) -> None:
    session = submit_inner(
        "import otter\ngrader = otter.Notebook('x.ipynb')", "grader.check('q1')\ngrader.check_all()\ngrader.export()"
    )
    session.begin_case()
    assert session.errors == {}


def test_our_own_cells_are_skipped_while_they_are_untouched(submit_inner: Submit) -> None:
    changed = ours("check", "raise ValueError('ours')")
    changed["source"] = "def changed(): return 1"
    session = submit_inner(
        ours("setup", "raise ValueError('setup')"), ours("figure", "raise ValueError"), changed, "grader.check('q1')"
    )
    session.begin_case()
    assert [cell.outcome for cell in session.facts.cells] == ["skipped", "skipped", "ok", "ok"]
    assert session.value("changed") == 1


@pytest.mark.parametrize("raw", [b"", b"nonsense", notebook("1")[:-9], b'{"nbformat": 3}', b"\xff\xfe1\x00"])
def test_a_file_that_is_no_notebook_is_said_once_and_for_every_case(submit_inner: Submit, raw: bytes) -> None:
    session = submit_inner(raw=raw)
    first, second = session.begin_case(), session.begin_case()
    assert isinstance(first, Died)
    assert first == second
    assert session.facts.notebook_error == first.message
    assert session.facts.attempts == 1


def test_an_exception_arrives_with_its_bases(submit_inner: Submit) -> None:
    session = submit_inner("class Mine(ValueError): pass\ndef f(): raise Mine('too large')")
    session.begin_case()
    answer = session.call("f")
    assert isinstance(answer, Raised)
    assert answer.type_names[:2] == ("Mine", "ValueError")
    assert answer.message == "too large"


def test_equal_seeds_draw_equal_numbers_and_others_draw_others(submit_inner: Submit) -> None:
    cell = (
        "import random, numpy as np\n"
        "def f(): return [random.random(), np.random.rand(), np.random.default_rng().random(), list({'a', 'b', 'c'})]"
    )
    drawn = []
    for seed in (7, 7, 8):
        session = submit_inner(cell, seed=seed)
        session.begin_case()
        drawn.append(session.value("f"))
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(drawn[1][:3], drawn[2][:3], strict=True))


def test_time_and_memory_are_reported(submit_inner: Submit) -> None:
    session = submit_inner("x = bytearray(200 * 2**20)\nfor _ in range(3_000_000): pass")
    session.begin_case()
    session.close()
    facts = session.facts
    assert facts.peak_memory_mb > 150
    assert facts.cpu_seconds > 0
    assert facts.wall_seconds > 0


def test_what_the_notebook_prints_is_kept_as_evidence(submit: Submit) -> None:
    session = submit(
        "print('héllo')\nimport sys, os\nsys.stderr.write('err')\nos.write(1, b'raw')\nos.write(2, b'\\xff')"
    )
    session.begin_case()
    session.close()
    for piece in ("héllo", "err", "raw"):
        assert piece in session.facts.output


def test_torch_is_warm_seeded_and_one_process(torch_zygote: Zygote) -> None:
    with_torch = submissions(torch_zygote)
    submit = next(with_torch)
    cell = (
        "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = TensorDataset(torch.arange(8.0).reshape(8, 1))\n"
        "def drawn():\n    return torch.rand(3)\n"
        "def batches():\n    return [b[0] for b in DataLoader(data, 4, num_workers=2, persistent_workers=True)]\n"
        "def step():\n    m = nn.Linear(1, 1)\n    o = torch.optim.Adam(m.parameters())\n"
        "    m(torch.ones(1, 1)).sum().backward()\n    o.step()\n    return torch.get_num_threads()"
    )
    drawn = []
    for seed in (7, 7, 8):
        session = submit(cell, seed=seed)
        session.begin_case()
        drawn.append(session.value("drawn").tolist())
        assert session.value("step") == 1
        assert [batch.shape for batch in session.value("batches")] == [(4, 1), (4, 1)]
    with_torch.close()
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_zygote_imports_what_it_is_told_and_names_what_it_cannot(torch_zygote: Zygote, submit: Submit) -> None:
    assert torch_zygote.warm_up(("wave", "tabnanny", "no_such_module_anywhere")) == ("no_such_module_anywhere",)


def test_several_submissions_at_once_do_not_mix(submit: Submit) -> None:
    sessions = [submit(f"def f(): return {number}") for number in range(4)]
    for session in sessions:
        assert session.begin_case() is None
    assert [session.value("f") for session in sessions] == [0, 1, 2, 3]


def test_a_hundred_cells_are_followed(submit_inner: Submit) -> None:
    session = submit_inner(*[f"x{number} = {number}" for number in range(100)], limits=Limits())
    session.begin_case()
    assert [cell.index for cell in session.facts.cells] == list(range(100))
    assert json.dumps(session.facts.output) == '""'


def test_figures_are_drawn_only_on_demand_and_closed_at_the_end_of_a_cell(torch_zygote: Zygote) -> None:
    opened = submissions(torch_zygote)
    session = next(opened)(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "figure, axes = plt.subplots()\naxes.plot([1, 2, 3])\ndisplay(figure)",
        "assert plt.get_fignums() == []\nfigure.savefig('figure.png')",
        "import os\nassert os.path.getsize('figure.png') > 1000",
        "%matplotlib notebook\n%pylab inline",
    )
    session.begin_case()
    assert session.errors == {}
    opened.close()


def test_without_frameworks_nothing_of_them_is_imported(submit_inner: Submit) -> None:
    session = submit_inner("import sys\ndef f(): return [n for n in ('matplotlib', 'torch') if n in sys.modules]")
    session.begin_case()
    assert session.value("f") == []


def test_figures_that_cells_show_are_kept_and_those_of_calls_are_not(torch_zygote: Zygote) -> None:
    pytest.importorskip("matplotlib")
    cells = notebook(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('first')\nplt.show()\nplt.plot([3])",
        "for number in range(20):\n    plt.figure().suptitle(f'many {number}')\n    plt.show()",
        "def later():\n    plt.figure()\n    plt.show()",
        "plt.plot([5])\nplt.title('last')",
    )
    with SandboxSession(torch_zygote, cells, LIMITS, 7) as session:
        assert session.begin_case() is None
        session.ask(Request(Target.STUDENT, "later"))
        assert session.ask(Request(Target.PROBE, "figures.count_shown")) == Returned(16)
        titles = []
        for number in (0, 15):
            figure = session.ask(Request(Target.PROBE, "figures.shown", (number,), keep=True))
            assert isinstance(figure, Returned)
            description = session.ask(Request(Target.PROBE, "figures.describe", (figure.value,)))
            assert isinstance(description, Returned)
            titles.append(description.value["title"] or description.value["axes"][0]["title"])
            assert isinstance(session.ask(Request(Target.PROBE, "figures.png", (figure.value,))), Returned)
    assert titles == ["many 5", "last"]
