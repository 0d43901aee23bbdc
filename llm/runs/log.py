"""A log of a run, a JSON object a line: `JsonLines` is the one writer of its file, `Tail` any of its readers."""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_WINDOW = 4096  # bytes before a reader's place, by which it knows that the file was not cut back


class JsonLines:
    """Append-only; the one writer of its file. Readers may meet a torn last line."""

    def __init__(self, path: Path, step: int | None = None) -> None:
        """Open at the end of its whole lines; for a run that has done `step` updates, lines of later ones go too."""
        self._path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        self._size = _end_of(path.read_bytes(), step)
        os.ftruncate(self._handle, self._size)

    def write(self, values: Mapping[str, Any]) -> None:
        """One line in one write, so that a kill tears at most the last; numbers that are not finite become null.

        Raises OSError, and leaves no part of the line, where the disk refuses it.
        """
        try:
            line = json.dumps(values, allow_nan=False).encode() + b"\n"
        except ValueError:
            line = json.dumps(_finite(values), allow_nan=False).encode() + b"\n"
        try:
            written = os.write(self._handle, line)
            if written < len(line):  # only a full disk writes part of a line
                os.ftruncate(self._handle, self._size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise OSError(error.errno, f"{self._path} could not be written: {error.strerror or error}") from error
        self._size += len(line)

    def flush(self) -> None:
        """Make the lines survive a power cut, as a checkpoint that follows them does."""
        os.fsync(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)


class Tail:
    """Follows a log that another process writes: each `read` gives the rows that are new since the last one."""

    def __init__(self, path: Path) -> None:
        self.restarted = False  # whether the last read began anew: what was read before it no longer stands
        self._path = path
        self._inode, self._offset, self._before = 0, 0, b""

    def read(self) -> list[dict[str, Any]]:
        """New rows, in order; lines that are no JSON object are passed over, an unfinished last one waits.

        A file that was cut back, replaced or removed is read from its start, and `restarted` says so.
        """
        self.restarted = False
        try:
            file = self._path.open("rb")
        except OSError:
            self._restart(0)
            return []
        with file:
            inode = os.fstat(file.fileno()).st_ino
            file.seek(self._offset - len(self._before))
            if inode != self._inode or file.read(len(self._before)) != self._before:
                self._restart(inode)
                file.seek(0)
            found = file.read()
        whole = found[: found.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._before = (self._before + whole[-_WINDOW:])[-_WINDOW:]
        return [row for line in whole.split(b"\n") if (row := _row(line)) is not None]

    def _restart(self, inode: int) -> None:
        self.restarted = self._offset > 0
        self._inode, self._offset, self._before = inode, 0, b""


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _end_of(lines: bytes, step: int | None) -> int:
    """How many leading bytes end with a whole line, of updates up to `step` if one is given.

    A damaged line further up stays where it is, as readers pass over it: the rows after it are sound.
    """
    at = end = 0
    for line in lines.split(b"\n")[:-1]:
        row, at = _row(line), at + len(line) + 1
        if row is None:
            continue
        if step is not None and not (type(row.get("step")) is int and row["step"] <= step):
            break
        end = at
    return end


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(v) for name, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value
