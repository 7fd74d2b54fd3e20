"""Which device notebooks are graded on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.errors import GraderError

PROBE = "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"


def resolve_device(wanted: str) -> str:
    """Turn "auto", "cpu" or "cuda" into one of the last two; raises GraderError for CUDA where there is none."""
    if wanted == "cpu":
        return "cpu"
    usable = cuda_is_usable()
    if wanted == "cuda" and not usable:
        raise GraderError(
            "--device cuda: no CUDA device that torch can use\n"
            "    -> `nvidia-smi` shows the driver; or grade with --device cpu"
        )
    return "cuda" if usable else "cpu"


def device_files() -> tuple[str, ...]:
    """The device files by which CUDA reaches the NVIDIA driver, as this machine has them."""
    return tuple(sorted(str(path) for path in Path("/dev").glob("nvidia*") if path.is_char_device()))


def cuda_is_usable() -> bool:
    """Ask torch, in a process of its own: a CUDA context here would be inherited by every fork."""
    if not Path("/dev/nvidiactl").exists():
        return False
    return subprocess.run([sys.executable, "-c", PROBE], capture_output=True, timeout=120, check=False).returncode == 0
