"""status.json as its one writer keeps it: at once when the state changes, now and then while it trains."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, replace

from llm.runs.directory import LIVE, RunDirectory, RunState
from llm.runs.events import now
from llm.runs.process import start_of

EVERY = 0.5  # seconds between two writes while only the step changes


class Standing:
    """Where this process's run stands. Never raises: a disk that refuses a status is told by what else it refuses."""

    def __init__(self, run: RunDirectory) -> None:
        """Preparing, with the figures of the run's earlier life if it had one."""
        pid, before = os.getpid(), run.status()
        self._run = run
        self._here = {"pid": pid, "process_started": start_of(pid)}
        self.status = replace(before, state="preparing", message="", **self._here)  # type: ignore[arg-type]
        self._write()

    def be(self, state: RunState, message: str = "") -> None:
        """A new state, written at once."""
        process = self._here if state in LIVE else {"pid": None, "process_started": None}
        self.status = replace(self.status, state=state, message=message, **process)
        self._write()

    def begin(self, step: int, steps: int, seconds: float) -> None:
        """What was found when the run was prepared; written with the next state."""
        self.status = replace(self.status, step=step, steps=steps, seconds=seconds)

    def trained(self, step: int, seconds: float) -> None:
        """Another update, and how long it took; written if the last time is a while ago."""
        self.status = replace(self.status, step=step, seconds=self.status.seconds + seconds)
        if time.monotonic() - self._written >= EVERY:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        self.status = replace(self.status, updated=now())
        try:
            self._run.write_status(self.status)
        except OSError:
            with suppress(OSError, AttributeError):  # Windows has no pwrite
                self._write_in_place()

    def _write_in_place(self) -> None:
        """On a full disk: into the block that the file already has, in one write."""
        values = asdict(replace(self.status, message=self.status.message[:1000]))
        handle = os.open(self._run.path / "status.json", os.O_WRONLY)
        try:
            text = json.dumps(values, allow_nan=False, ensure_ascii=False).encode() + b"\n"
            os.pwrite(handle, text.ljust(os.fstat(handle).st_size), 0)
        finally:
            os.close(handle)
