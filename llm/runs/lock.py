"""One process trains a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from llm.runs.config import RunError
from llm.runs.directory import RunDirectory


@contextmanager
def only_writer(run: RunDirectory) -> Iterator[None]:
    """Hold the run's lock; the system frees it when the process ends, however it ends."""
    try:
        run.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(run.lock)
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError(f"{run.path} is being trained by another process; stop that one first.") from None
    except OSError as error:
        raise RunError(f"{run.path} cannot be written to: {error.strerror or error}; name another place.") from error
    try:
        yield
    finally:
        lock.release()
