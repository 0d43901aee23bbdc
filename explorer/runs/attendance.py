"""The server's side of the worker: a process beside it, started again when it dies, ended with the server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer.runs.presence import NEXT, is_there
from explorer.runs.store import Runs
from explorer.runs.training import ROOT

LARGEST_LOG = 2**20  # bytes of worker.log that are kept from one server to the next
LONGEST_PAUSE = 60.0  # seconds between two attempts to start a worker that dies at once


@contextmanager
def attended(home: Path) -> Iterator[None]:
    """A worker is there meanwhile. It outlives a server that is killed until its work is done."""
    keeper = _Keeper(home)
    keeper.start()
    try:
        yield
    finally:
        keeper.end()


class _Keeper(threading.Thread):
    def __init__(self, home: Path) -> None:
        super().__init__(name="worker keeper", daemon=True)
        self._home, self._ended, self._lock = home, threading.Event(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        pause = 1.0
        while not self._ended.is_set():
            began = time.monotonic()
            if process := self._begin():
                process.wait()
            pause = 1.0 if time.monotonic() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            self._ended.wait(pause)

    def end(self) -> None:
        self._ended.set()
        with self._lock:
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """Its stdin is held by this process alone, so that its closing tells of our end."""
        with self._lock, suppress(OSError):
            if self._ended.is_set():
                return None
            log = self._home / "worker.log"
            large = log.exists() and log.stat().st_size > LARGEST_LOG
            with log.open("wb" if large else "ab") as file:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "explorer", "worker", "--while-stdin", "--home", str(self._home.resolve())],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            return self._process
        return None


def farewell(runs: Runs, home_option: str) -> str:
    """What goes on when server and worker have ended, and how to end that too; empty if nothing does."""
    found = [(run, run.status()) for run in runs.own()]
    live = [(run, status) for run, status in found if status.live]
    waiting = sum(status.state == "queued" for _, status in found)
    lines = []
    for run, status in live:
        name = f"{run.label().name} ({run.id})" if run.label().name else run.id
        lines.append(f"{name} trains on, at step {status.step:,} of {status.steps:,}.")
    if live:
        lines.append(
            f"To stop {'it' if len(live) == 1 else 'one'}: python -m explorer runs stop {live[0][0].id}{home_option}"
        )
    if waiting:
        another = is_there(runs.home / NEXT) or runs.attended()
        until = "; another explorer of this home will train them" if another else " for the next start"
        lines.append(f"{waiting} {'run waits' if waiting == 1 else 'runs wait'} in the queue{until}.")
    return "\n".join(lines)
