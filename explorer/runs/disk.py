"""Directories on a disk that may be full or not ours: filled out of sight, copied whole, refused in a sentence."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer.runs import names
from llm.checkpoint_files import CheckpointError, verify
from llm.runs.config import RunError

_HIDDEN = ".new-"
_LEFT = 86_400  # seconds after which nobody can still be filling a hidden directory


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """What the disk refuses, in a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise RunError(f"The disk of {path} is full; free some space, then try again.") from error
        raise RunError(f"{path} cannot be written to: {error.strerror or error}; see who may write there.") from error


@contextmanager
def hidden(root: Path) -> Iterator[Path]:
    """A directory to fill, on the disk of the runs; gone afterwards unless it was renamed."""
    with disk(root):
        root.mkdir(parents=True, exist_ok=True)
        place = root / f"{_HIDDEN}{names.new_id()}"
        place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(root: Path) -> None:
    """Throw away what was being filled by a process that was killed."""
    for place in root.glob(f"{_HIDDEN}*"):
        with suppress(OSError):
            if time.time() - place.stat().st_mtime > _LEFT:
                shutil.rmtree(place)


def copy_checkpoint(checkpoint: Path, target: Path) -> None:
    """Whole, though a run at work may replace it meanwhile by its weights alone, or throw it away.

    Raises CheckpointError or OSError.
    """
    for attempt in range(3):
        shutil.rmtree(target, ignore_errors=True)
        try:
            shutil.copytree(checkpoint, target)
            verify(target)
            return
        except (FileNotFoundError, shutil.Error, CheckpointError):
            if attempt == 2 or not checkpoint.exists():
                verify(checkpoint)
                raise
