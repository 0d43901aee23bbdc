"""The devices that this machine has, by name and in words, and from the word a person gives to one of them."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from llm.runs.config import RunError


def devices() -> list[tuple[str, str]]:
    """What can be trained on, as (name, words), CUDA before MPS before the CPU, which is always there."""
    found = []
    if torch.cuda.is_available():
        many = torch.cuda.device_count() > 1
        for index in range(torch.cuda.device_count()):
            about = torch.cuda.get_device_properties(index)
            words = f"{about.name}, {about.total_memory / 2**30:.0f} GiB"
            found.append((f"cuda:{index}" if many else "cuda", words))
    if torch.backends.mps.is_available():
        found.append(("mps", f"the GPU of {_processor()}"))
    cores = os.cpu_count() or 1
    return [*found, ("cpu", f"{_processor()}, {cores} core{'' if cores == 1 else 's'}")]


def pick_device(name: str) -> torch.device:
    """CUDA for "auto" where there is one, else the CPU; RunError for a device this machine lacks."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        there = devices()[0][0]
        raise RunError(f"The device {name!r} cannot be used: {reason}; try --device {there}.") from error
    return device


def _processor() -> str:
    """Its name as its maker wrote it where the system tells, else its kind."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
