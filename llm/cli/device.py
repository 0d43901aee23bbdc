"""From the word a person gives to a device that is there."""

import torch

from llm.cli.options import CommandError


def pick_device(name: str) -> torch.device:
    """CUDA for "auto" where there is one, else the CPU; CommandError for a device this machine lacks."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"The device {name!r} cannot be used: {reason}; try --device cpu.") from error
    return device
