"""A training process as the worker sees it: started in a group of its own, or found at work; tended until it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from explorer.runs.burial import Sent, bury
from llm.runs.directory import RunDirectory, Status
from llm.runs.events import now
from llm.runs.process import is_process, start_of

ROOT = Path(__file__).resolve().parents[2]
GRACE = 10.0  # seconds that a run has to stop
NICE = 5  # so that the explorer answers while all cores train

Command = Callable[[RunDirectory], Sequence[str]]


def command(cache: Path) -> Command:
    """What trains a run's directory."""

    def of(run: RunDirectory) -> Sequence[str]:
        return [sys.executable, "-m", "llm.runs", str(run.path), "--cache", str(cache), "--nice", str(NICE)]

    return of


class Training:
    """One process at work on a run."""

    def __init__(self, run: RunDirectory, slot: str, status: Status, process: subprocess.Popen[bytes] | None) -> None:
        self.run, self.slot = run, slot
        self._pid, self._started, self._process = status.pid, status.process_started, process
        self._asked: float | None = None  # when it was first seen that it is to stop
        self._sent: Sent = ""

    @classmethod
    def start(cls, run: RunDirectory, slot: str, words: Sequence[str], environment: Mapping[str, str]) -> Training:
        """A new process, in a session of its own: no terminal's Ctrl-C and no worker's end reaches it."""
        with run.log.open("ab") as log:
            process = subprocess.Popen(
                words,
                cwd=ROOT,
                env={**os.environ, "OMP_WAIT_POLICY": "passive", **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        here = {"pid": process.pid, "process_started": start_of(process.pid)}
        status = replace(run.status(), state="preparing", message="Starting", updated=now(), **here)  # type: ignore[arg-type]
        with suppress(OSError):  # a full disk; the process, which is there now, will say so
            run.write_status(status)
        return cls(run, slot, status, process)

    @classmethod
    def adopt(cls, run: RunDirectory, slot: str, status: Status) -> Training:
        """One that somebody else started. If it was to stop before, it was told so: a second word would kill it."""
        found = cls(run, slot, status, None)
        if run.control().want == "stop":
            found._asked = time.monotonic()
        return found

    @property
    def at_work(self) -> bool:
        """Whether the process is still there."""
        if self._process is not None:
            return self._process.poll() is None
        return is_process(self._pid, self._started)

    def tend(self) -> None:
        """Hold it to a wish to stop: SIGTERM at once, which also ends a long preparation; SIGKILL when time is up."""
        if self.run.control().want != "stop":
            self._asked = None
        elif self._asked is None:
            self._asked = time.monotonic()
            if not self._sent:
                self._send(signal.SIGTERM, "stop")
        elif time.monotonic() - self._asked > GRACE:
            self._send(getattr(signal, "SIGKILL", signal.SIGTERM), "kill")  # on Windows one that cannot be caught

    def bury(self) -> Status:
        """How it ended, when it has."""
        code = self._process.returncode if self._process is not None else None
        return bury(self.run, code, self._sent)

    def _send(self, number: signal.Signals, sent: Sent) -> None:
        """To its group where it leads one, else to it alone; never to a process that only has its pid."""
        if not self.at_work or self._pid is None:
            return
        try:
            if hasattr(os, "killpg") and os.getpgid(self._pid) == self._pid:
                os.killpg(self._pid, number)
            else:
                os.kill(self._pid, number)
        except ProcessLookupError:
            return
        self._sent = sent
