"""Where a run trains: a slot a device, and one run a slot. Found without loading torch."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import psutil

from llm.runs.config import RunConfig

VISIBLE = "CUDA_VISIBLE_DEVICES"
_COUNT = "import torch; print(torch.cuda.device_count())"


def gpus() -> list[str]:
    """The CUDA devices by what CUDA_VISIBLE_DEVICES calls them; torch is asked, elsewhere, if there may be any."""
    if not Path("/dev/nvidiactl").exists() and not Path("/dev/dxg").exists() and not shutil.which("nvidia-smi"):
        return []
    try:
        said = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, text=True, timeout=120, check=True)
        count = int(said.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    named = [name for name in os.environ.get(VISIBLE, "").split(",") if name]
    return (named or [str(index) for index in range(count)])[:count]


def slots_of(config: RunConfig, gpus: Sequence[str]) -> list[str]:
    """The slots that it could train in, the preferred first; a device that is not there fails in the CPU's."""
    device = config.device
    if device in ("auto", "cuda") and gpus:
        return [f"cuda:{gpu}" for gpu in gpus]
    if device == "mps" or (device == "auto" and _is_apple()):
        return ["mps"]
    index = device.removeprefix("cuda:")
    if device.startswith("cuda:") and index.isdecimal() and int(index) < len(gpus):
        return [f"cuda:{gpus[int(index)]}"]
    return ["cpu"]


def _is_apple() -> bool:
    """Whether "auto" means MPS here, as far as that can be told without torch."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


def free_slot(config: RunConfig, gpus: Sequence[str], taken: Collection[str]) -> str | None:
    """Where it can begin now, None if it has to wait."""
    return next((slot for slot in slots_of(config, gpus) if slot not in taken), None)


def environment(config: RunConfig, slot: str) -> dict[str, str]:
    """What a training process is to see: of several CUDA devices its own, unless its recipe names one."""
    if config.device in ("auto", "cuda") and slot.startswith("cuda:"):
        return {VISIBLE: slot.removeprefix("cuda:")}
    return {}


def slot_in_use(config: RunConfig, gpus: Sequence[str], pid: int | None) -> str:
    """The slot of a run that is at work already, as its process's environment tells."""
    possible = slots_of(config, gpus)
    if len(possible) > 1 and pid is not None:
        try:
            sees = psutil.Process(pid).environ().get(VISIBLE, "")
        except (psutil.Error, OSError):
            return possible[0]
        return f"cuda:{sees}" if f"cuda:{sees}" in possible else possible[0]
    return possible[0]
