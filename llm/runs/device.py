"""The devices that this machine has, by name and in words, and from the word a person gives to one of them."""

from __future__ import annotations

import os
import platform
from functools import cache
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


@cache
def usual_threads() -> int:
    """CPU threads that torch takes here when told nothing; to be asked before anything else is told."""
    return torch.get_num_threads()


def pick_device(name: str) -> torch.device:
    """For "auto" the first of CUDA, MPS and CPU that can train; RunError for a device this machine lacks."""
    if name == "auto":
        return torch.device(next(kind for kind in _there() if kind == "cpu" or can_train(kind)))
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        there = devices()[0][0]
        raise RunError(f"The device {name!r} cannot be used: {reason}; try --device {there}.") from error
    return device


def words_of(device: torch.device) -> str:
    """mps, the GPU of Apple M3; as devices() says them."""
    name = next((n for n, _ in devices() if n in (str(device), device.type, f"{device.type}:0")), str(device))
    return ", ".join(filter(None, [name, dict(devices()).get(name)]))


@cache
def can_train(kind: str) -> bool:
    """Whether a small step forward and back ends well there: a GPU may be found that its driver cannot use."""
    try:
        x = torch.ones(4, 4, device=kind, requires_grad=True)
        torch.softmax(x @ x, -1).log().sum().backward()
        return x.grad is not None and bool(torch.isfinite(x.grad).all().item())
    except (RuntimeError, AssertionError, NotImplementedError):
        return False


def _there() -> list[str]:
    """Kinds of device that PyTorch finds, the fastest first."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [kind for kind, here in found.items() if here]


def _processor() -> str:
    """Its name as its maker wrote it where the system tells, else its kind."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
