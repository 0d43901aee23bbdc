"""From what a person names, a checkpoint's or a run's directory, to the checkpoint."""

from pathlib import Path

import torch

from llm.checkpoint import Checkpoint, latest, load_checkpoint
from llm.cli.options import CommandError


def open_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """The checkpoint at `path`, or the newest undamaged one of the run at `path`. Raises CheckpointError."""
    checkpoints = path / "checkpoints"
    if checkpoints.is_dir():
        newest = latest(checkpoints)
        if newest is None:
            raise CommandError(f"{path} is a run without a checkpoint yet; wait for its first one.")
        path = newest
    return load_checkpoint(path, device)
