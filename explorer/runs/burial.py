"""What is said of a run whose process ended without a word: its state and one sentence, with what can be done."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from llm.runs.directory import RunDirectory, Status, stopped_at
from llm.runs.events import Events, now
from llm.runs.process import start_of

End = Literal["stopped", "failed", "killed"]
Sent = Literal["", "stop", "kill"]  # what we sent the process ourselves
_KILLED = (-9, 128 + 9)  # SIGKILL, which Windows does not name
_TAIL = 8192  # bytes of the log in which its last line lies


def is_unburied(status: Status) -> bool:
    """Whether its process is gone and status.json does not say so yet."""
    return status.state == "killed" and status.pid is not None


def bury(run: RunDirectory, code: int | None, sent: Sent = "") -> Status:
    """Write and return how it ended; `code` is its process's exit code, None where that cannot be known."""
    status = run.status()
    if not is_unburied(status):
        return status
    state, what = _verdict(run, status, code, sent)
    kept = max(run.steps(), default=0)
    if state == "stopped":
        rest = ""
    elif kept:
        rest = f" Resume goes on from the checkpoint of step {kept:,}."
    else:
        rest = " It had no checkpoint yet; resume begins anew."
    buried = replace(status, state=state, message=what + rest, pid=None, process_started=None, updated=now())
    with suppress(OSError), Events(run.events) as events:  # the status, which follows, is the truth
        events.record(status.step, state, buried.message)
    run.write_status(buried)
    return buried


def _verdict(run: RunDirectory, status: Status, code: int | None, sent: Sent) -> tuple[End, str]:
    at = f"at step {status.step:,}" if status.step else "before its first step"
    if sent == "kill":
        return "killed", f"It did not end within the time it had to stop, and was killed {at}."
    if sent == "stop" and code in (None, -signal.SIGTERM, 128 + signal.SIGTERM):
        return "stopped", stopped_at(status)
    if code in _KILLED:
        why = "by hand, or by the system where memory ran out, against which a smaller batch or model helps"
        return "killed", f"Its process was killed from outside {at}: {why}."
    if code is None:
        if _of_another_boot(status):
            return "killed", f"The machine was switched off or restarted when the run was {at}."
        return "killed", f"Its process was killed or ended without a word {at}."
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return "killed", f"The signal {name} ended it {at}."
    last = _last_line(run)
    if code == 2 and last.startswith("error: "):
        return "failed", last.removeprefix("error: ")
    return "failed", f"Its process ended with exit code {code} {at}{f' ({last})' if last else ''}; log.txt has it all."


def _of_another_boot(status: Status) -> bool:
    here = start_of(os.getpid()) or ""
    then = status.process_started or ""
    return "/" in here and "/" in then and here.partition("/")[0] != then.partition("/")[0]


def _last_line(run: RunDirectory) -> str:
    try:
        with run.log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
