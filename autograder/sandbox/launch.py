"""How the warm process is started: its command line, its environment, its folder. Nothing in them is the judge's."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.sandbox import figures
from autograder.sandbox.paths import PACKAGE

_BOOT = (
    "import sys; sys.path[0] = sys.argv[3]; import autograder; del sys.path[0]; "
    "from autograder.sandbox.zygote import main; main()"
)


def command(control: int, judge: int) -> list[str]:
    """Python without user site-packages and without writing bytecode, on two inherited descriptors."""
    return [sys.executable, "-sB", "-c", _BOOT, str(control), str(judge), str(PACKAGE.parent)]


def own_folder() -> str:
    """A folder for all attempts where there is no wall; removed by the zygote or, if that was killed, here."""
    folder = tempfile.mkdtemp(prefix="autograder-")
    Path(folder).chmod(0o711)  # children with a user id of their own pass through, and list nothing
    return folder


def environment(base: str, *, devices: bool) -> dict[str, str]:
    """Nothing of the judge's own: no key, no path, no name."""
    home = f"{base}/home"
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",  # the order of a set of strings is the same in every grading
        "PYTHONNOUSERSITE": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "MPLCONFIGDIR": home,
        "MPLBACKEND": figures.BACKEND,
        "IPYTHONDIR": home,
        "KERAS_HOME": home,
        "HDF5_USE_FILE_LOCKING": "FALSE",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **({"CUDA_CACHE_DISABLE": "1"} if devices else {"CUDA_VISIBLE_DEVICES": ""}),
    }


class Processes:
    """The process that was started and, inside bubblewrap, the one whose end ends all others in there."""

    def __init__(self, process: subprocess.Popen[bytes], info: int) -> None:
        self.process = process
        self._info = info

    def wait_or_kill(self, seconds: float) -> None:
        """Give it time to end by itself; then leave it none."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            for pid in (self._inside(), self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._info)

    def _inside(self) -> int:
        """The first process of the wall's own pid namespace, as bubblewrap told; itself without a wall."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            return int(json.loads(os.read(self._info, 4096))["child-pid"])
        return self.process.pid
