"""metrics.jsonl: a line per update, appended whole. A resumed run first takes back the lines after its checkpoint."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class MetricsLog:
    """Append-only; the one writer of its file. Readers may meet a torn last line."""

    def __init__(self, path: Path, step: int) -> None:
        """Open for a run that has done `step` updates; lines of later ones, and what follows a torn line, go."""
        self._path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        os.ftruncate(self._handle, _end_of(path.read_bytes(), step))

    def write(self, values: Mapping[str, Any]) -> None:
        """One line in one write, so that a kill tears at most the last; numbers that are not finite become null."""
        plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
        line = (json.dumps(plain, allow_nan=False) + "\n").encode()
        try:
            complete = os.write(self._handle, line) == len(line)
        except OSError as error:
            raise OSError(f"{self._path} could not be written: {error.strerror or error}.") from error
        if not complete:  # only a full disk writes part of a line
            raise OSError(f"{self._path} could not be written: the disk is full.")

    def flush(self) -> None:
        """Make the lines survive a power cut, as a checkpoint that follows them does."""
        os.fsync(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


def _end_of(lines: bytes, step: int) -> int:
    """How many leading bytes are whole lines of updates up to `step`."""
    end = 0
    for line in lines.splitlines(keepends=True):
        try:
            if not line.endswith(b"\n") or json.loads(line)["step"] > step:
                break
        except (ValueError, KeyError, TypeError):
            break
        end += len(line)
    return end
