"""Which checkpoints of a run stay, and which one it goes on from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from llm.checkpoint import thin
from llm.checkpoint_files import (
    MANIFEST,
    CheckpointError,
    CheckpointWriteError,
    drop,
    prune,
    read_json,
    steps,
    verify,
)


def holds_training(checkpoint: Path) -> bool:
    """Whether it was written to be gone on from, rather than to be looked at; a damaged one may have been."""
    try:
        return "state.json" in read_json(checkpoint / MANIFEST)["files"]
    except (CheckpointError, KeyError, TypeError):
        return True


def newest_resumable(checkpoints: Path) -> tuple[Path | None, tuple[str, ...]]:
    """The newest undamaged checkpoint that can be gone on from, None if there is none at all, and a sentence for each
    damaged one passed over, which is removed.

    Raises CheckpointError when all of them are damaged, or hold weights alone.
    """
    found = {step: path for step, path in steps(checkpoints).items() if holds_training(path)}
    damaged: dict[Path, str] = {}
    for step in sorted(found, reverse=True):
        try:
            verify(found[step])
        except CheckpointError as error:
            damaged[found[step]] = f"Checkpoint {found[step].name} is passed over: {error}"
            continue
        for path in damaged:  # as one of the newest it would be kept, and a sound one would go in its place
            drop(path)
        return found[step], tuple(damaged.values())
    if damaged:
        raise CheckpointError(f"{checkpoints} has no undamaged checkpoint; {list(damaged.values())[-1]}")
    if any(step > 0 for step in steps(checkpoints)):
        raise CheckpointError(f"{checkpoints} holds weights to look at, none to go on from; branch a new run off them.")
    return None, ()


def tidy(checkpoints: Path, keep: int, timeline: Collection[int]) -> None:
    """Keep the newest `keep` and the best in full, those of the timeline as weights alone, and nothing else."""
    full = prune(checkpoints, keep, timeline)
    for step, path in steps(checkpoints).items():
        if step not in full and holds_training(path):
            _thin(path)


def _thin(checkpoint: Path) -> None:
    """A damaged one is no reason to end the run; a disk that refuses is."""
    try:
        thin(checkpoint)
    except CheckpointWriteError:
        raise
    except CheckpointError:
        pass
